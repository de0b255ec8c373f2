use std::{fmt, path::PathBuf};

use trialscope_tensor::{Mode, Step, Worker};

/// What can go wrong between a trial's files and its tensors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The place is no URL or path that storage can be opened for.
    #[error("cannot use {location:?} as a place for a trial: {reason}")]
    Location {
        /// Path or URL as given.
        location: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is nothing at the place, or nothing of a trial.
    #[error("{location} is not a trial: {reason}")]
    NotATrial {
        /// Path or URL of the supposed trial.
        location: String,
        /// What is missing.
        reason: String,
    },
    /// A finished trial is in the way.
    #[error("{location} already holds a finished trial")]
    TrialExists {
        /// Path or URL of the trial.
        location: String,
    },
    /// Another live process is writing there.
    #[error("{location} is being written by another hook{}", .holder.as_deref().map(|h| format!(" ({h})")).unwrap_or_default())]
    TrialInUse {
        /// Path or URL of the trial.
        location: String,
        /// Who says it holds the trial, if known.
        holder: Option<String>,
    },
    /// A file is not there.
    #[error("there is no file {path} in {location}")]
    FileMissing {
        /// Path or URL of the trial.
        location: String,
        /// Path of the file inside the trial.
        path: String,
    },
    /// Storage refused or failed.
    #[error("cannot {action} {path} in {location}: {source}")]
    Storage {
        /// What was tried: read, write, list, delete.
        action: &'static str,
        /// Path or URL of the trial.
        location: String,
        /// Path of the file inside the trial.
        path: String,
        /// What the storage said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The content of a file is damaged, or not in the format.
    #[error("{path} is damaged at byte {offset}: {reason}")]
    Damaged {
        /// Path of the file inside the trial.
        path: String,
        /// Where the damage shows, from the start of the file.
        offset: u64,
        /// What is wrong.
        reason: String,
    },
    /// A tensor cannot be written.
    #[error("cannot write tensor {tensor:?} at step {step}: {source}")]
    Encode {
        /// Tensor name.
        tensor: String,
        /// Global step.
        step: Step,
        /// Why not.
        source: trialscope_tfevents::Error,
    },
    /// No tensor of that name was saved.
    #[error("no tensor {name:?} was saved{}", Suggestion(.nearest))]
    TensorUnavailable {
        /// The name asked for.
        name: String,
        /// The most similar saved name.
        nearest: Option<String>,
    },
    /// The step was saved, this tensor's value in it was not.
    #[error("tensor {name:?} has no value at step {step} of mode {mode}{}", if *.has_reductions { "; only reductions of it were saved" } else { "" })]
    TensorUnavailableForStep {
        /// Tensor name.
        name: String,
        /// Step asked for, counted in `mode`.
        step: Step,
        /// Mode asked for.
        mode: Mode,
        /// Whether reductions of the tensor were saved at the step.
        has_reductions: bool,
    },
    /// Neither a shape nor a value was saved.
    #[error("tensor {name:?} has no shape at step {step} of mode {mode}")]
    ShapeUnavailableForStep {
        /// Tensor name.
        name: String,
        /// Step asked for, counted in `mode`.
        step: Step,
        /// Mode asked for.
        mode: Mode,
    },
    /// The step was not saved and will not be.
    #[error("step {step} of mode {mode} was not saved{}", nearest_step(*.nearest))]
    StepUnavailable {
        /// Step asked for, counted in `mode`.
        step: Step,
        /// Mode asked for.
        mode: Mode,
        /// The closest saved step of that mode.
        nearest: Option<Step>,
    },
    /// The training has not reached the step.
    #[error("step {step} of mode {mode} is not there yet")]
    StepNotYetAvailable {
        /// Step asked for, counted in `mode`.
        step: Step,
        /// Mode asked for.
        mode: Mode,
    },
    /// The training ended before the step.
    #[error("the training ended before step {step} of mode {mode}; the last saved step is {}", .last.map_or_else(|| "none".to_owned(), |s| s.to_string()))]
    NoMoreData {
        /// Step asked for, counted in `mode`.
        step: Step,
        /// Mode asked for.
        mode: Mode,
        /// Last step of that mode.
        last: Option<Step>,
    },
    /// A worker that saved nothing.
    #[error("no worker {name:?} saved this trial; the workers are {}", list(.workers))]
    InvalidWorker {
        /// The name asked for.
        name: String,
        /// The workers there are.
        workers: Vec<Worker>,
    },
    /// A collection that is not defined.
    #[error("no collection {name:?} is defined{}", Suggestion(.nearest))]
    UnknownCollection {
        /// The name asked for.
        name: String,
        /// The most similar defined name.
        nearest: Option<String>,
    },
    /// A pattern that is not a regular expression.
    #[error("{pattern:?} is not a valid regular expression: {reason}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What the parser said, or the name it gave up on.
        reason: String,
    },
    /// A statistic that cannot be taken.
    #[error("cannot reduce tensor {name:?} at step {step}: {source}")]
    Reduce {
        /// Tensor name.
        name: String,
        /// Step asked for.
        step: Step,
        /// Why not.
        source: trialscope_tensor::Error,
    },
    /// A name or value that the format cannot hold.
    #[error(transparent)]
    Tensor(trialscope_tensor::Error),
}

impl Error {
    /// What the reader of the message can do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::TrialExists { .. } => {
                "choose another folder, or say if_exists=\"overwrite\" or if_exists=\"resume\"".to_owned()
            }
            Self::TrialInUse { .. } => {
                "give each training a folder of its own, or wait for the other to end".to_owned()
            }
            Self::NotATrial { .. } => {
                "a trial is a folder with `collections` and `index` inside, as a hook writes it".to_owned()
            }
            Self::StepUnavailable { .. } => "`trialscope tensors PATH` lists the saved steps".to_owned(),
            Self::TensorUnavailable { .. } => "`trialscope tensors PATH` lists the saved names".to_owned(),
            Self::TensorUnavailableForStep { has_reductions: true, .. } => {
                "ask for a reduction, or save the collection with save_raw_tensor".to_owned()
            }
            Self::Damaged { .. } => "`trialscope doctor PATH` says what can still be read".to_owned(),
            _ => return None,
        })
    }

    /// Whether a file was simply not there.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::FileMissing { .. })
    }
}

impl From<trialscope_tensor::Error> for Error {
    fn from(error: trialscope_tensor::Error) -> Self {
        match error {
            trialscope_tensor::Error::Pattern { pattern, reason } => Self::Pattern { pattern, reason },
            trialscope_tensor::Error::PatternTooHard { pattern, text } => {
                Self::Pattern { pattern, reason: format!("it takes too many attempts on {text:?}") }
            }
            other => Self::Tensor(other),
        }
    }
}

struct Suggestion<'a>(&'a Option<String>);

impl fmt::Display for Suggestion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |name| write!(f, "; did you mean {name:?}?"))
    }
}

fn nearest_step(nearest: Option<Step>) -> String {
    nearest.map_or_else(String::new, |step| format!("; the nearest saved step is {step}"))
}

fn list(workers: &[Worker]) -> String {
    workers.iter().map(Worker::as_str).collect::<Vec<_>>().join(", ")
}

/// A path that is not UTF-8 cannot be told to any reader of the format.
pub(crate) fn not_utf8(path: &std::path::Path) -> Error {
    Error::Location {
        location: PathBuf::from(path).display().to_string(),
        reason: "it is not UTF-8".to_owned(),
    }
}
