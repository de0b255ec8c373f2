use std::fmt;

/// How bad an observation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing is wrong with the data.
    Note,
    /// Data is missing that should be there, or the training did not end.
    Warning,
    /// Data is damaged or lost.
    Error,
}

impl Severity {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Kinds of observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ObservationKind {
    /// A file that could not be read at all.
    Unreadable,
    /// A collections file that is damaged.
    DamagedCollections,
    /// An index file that is damaged.
    DamagedIndex,
    /// A record of an event file that is damaged, or cut off.
    DamagedRecord,
    /// An index entry that points at no record, or at another tensor's.
    IndexMismatch,
    /// An event file that an index file names and that is not there.
    MissingEventFile,
    /// The file of feature names is damaged.
    DamagedFeatureNames,
    /// No collections file.
    MissingCollections,
    /// A pattern of a collection that is not a regular expression.
    InvalidPattern,
    /// Workers that disagree about the mode of a step.
    ModeConflict,
    /// A step that some workers did not save.
    MissingWorker,
    /// Steps that should have been saved by the save configuration.
    MissingSteps,
    /// An event file without an index file: a step that was interrupted while it was written.
    OrphanEventFile,
    /// The training was interrupted: it left a claim, and no end marker.
    Interrupted,
    /// There is no end marker: the training is running, or was interrupted.
    NotEnded,
    /// A record that no index entry points at.
    UnindexedRecord,
    /// A file that was being written when its writer died.
    Leftover,
    /// Files that are none of a trial's.
    ForeignFiles,
}

impl ObservationKind {
    /// The name in machine-readable output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::DamagedCollections => "damaged_collections",
            Self::DamagedIndex => "damaged_index",
            Self::DamagedRecord => "damaged_record",
            Self::IndexMismatch => "index_mismatch",
            Self::MissingEventFile => "missing_event_file",
            Self::DamagedFeatureNames => "damaged_feature_names",
            Self::MissingCollections => "missing_collections",
            Self::InvalidPattern => "invalid_pattern",
            Self::ModeConflict => "mode_conflict",
            Self::MissingWorker => "missing_worker",
            Self::MissingSteps => "missing_steps",
            Self::OrphanEventFile => "orphan_event_file",
            Self::Interrupted => "interrupted",
            Self::NotEnded => "not_ended",
            Self::UnindexedRecord => "unindexed_record",
            Self::Leftover => "leftover",
            Self::ForeignFiles => "foreign_files",
        }
    }

    /// How bad it is.
    pub const fn severity(self) -> Severity {
        match self {
            Self::Unreadable
            | Self::DamagedCollections
            | Self::DamagedIndex
            | Self::DamagedRecord
            | Self::IndexMismatch
            | Self::MissingEventFile
            | Self::DamagedFeatureNames => Severity::Error,
            Self::MissingCollections
            | Self::InvalidPattern
            | Self::ModeConflict
            | Self::MissingWorker
            | Self::MissingSteps
            | Self::OrphanEventFile
            | Self::Interrupted => Severity::Warning,
            Self::NotEnded | Self::UnindexedRecord | Self::Leftover | Self::ForeignFiles => Severity::Note,
        }
    }

    /// What can be done about it, where something can.
    pub const fn advice(self) -> Option<&'static str> {
        Some(match self {
            Self::Unreadable => "check permissions and the disk, then look again",
            Self::DamagedCollections => {
                "tensors are found without it, by name; restore it from a copy if there is one"
            }
            Self::DamagedIndex => {
                "the tensors of this step cannot be found; their values are in the event file of the same name"
            }
            Self::DamagedRecord => {
                "the other tensors of the step can be read; restore the file from a copy if there is one"
            }
            Self::IndexMismatch => {
                "event file and index file are not of one piece; restore both from the same copy"
            }
            Self::MissingEventFile => {
                "names and shapes of the step can be read, values cannot; copy the file if the copy was not finished"
            }
            Self::MissingWorker => "steps count as complete once a later one is, or the training has ended",
            Self::Interrupted => "resume the training into the same folder, or read what is there",
            Self::OrphanEventFile | Self::Leftover => {
                "readers pass it over; it may be deleted once the training is over"
            }
            Self::InvalidPattern => "the collection goes by its other patterns and the names listed in it",
            Self::DamagedFeatureNames => "features are shown as f0, f1, ...",
            Self::MissingCollections
            | Self::ModeConflict
            | Self::MissingSteps
            | Self::NotEnded
            | Self::UnindexedRecord
            | Self::ForeignFiles => return None,
        })
    }
}

/// One thing found in a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Observation {
    /// What kind of thing.
    pub kind: ObservationKind,
    /// File or folder, relative to the trial.
    pub path: String,
    /// Where in the file, in bytes, if a place can be told.
    pub offset: Option<u64>,
    /// What was found, in a sentence.
    pub message: String,
}

impl Observation {
    pub(super) fn new(kind: ObservationKind, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind, path: path.into(), offset: None, message: message.into() }
    }

    pub(super) fn at(mut self, offset: u64) -> Self {
        self.offset = Some(offset);
        self
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.kind.severity()
    }

    /// What can be done about it, where something can.
    pub fn advice(&self) -> Option<&'static str> {
        self.kind.advice()
    }
}
