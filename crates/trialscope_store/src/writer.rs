//! The write side of a trial: one step at a time, event file first, index file second.

use bytes::Bytes;
use trialscope_tensor::{Mode, Step, Tensor, TensorName, Worker};
use trialscope_tfevents::{TensorEvent, encode_tensor_event};

use crate::{
    claim::Claim,
    collections::Collections,
    error::Error,
    index::{IndexFile, ShapeEntry, TensorEntry},
    layout,
    storage::Storage,
};

/// What to do where a trial is already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IfExists {
    /// Refuse a finished trial; continue one that was interrupted.
    #[default]
    Error,
    /// Continue it, finished or not.
    Resume,
    /// Delete it first.
    Overwrite,
}

/// Everything one worker saves at one step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepRecord {
    /// Global step.
    pub step: Step,
    /// Mode of the step.
    pub mode: Mode,
    /// Step within the mode.
    pub mode_step: Step,
    /// Seconds since the epoch.
    pub wall_time_secs: f64,
    /// Values.
    pub tensors: Vec<NamedTensor>,
    /// Shapes saved without, or beside, their values.
    pub shapes: Vec<ShapeEntry>,
}

/// A value and the names under which it is found. It is written once, whatever the number of names.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedTensor {
    /// Name in the event file.
    pub name: TensorName,
    /// Further names in the index.
    pub aliases: Vec<TensorName>,
    /// The value.
    pub tensor: Tensor,
}

/// What happens to a step that is on disk already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExistingStep {
    /// It is replaced.
    Replace,
    /// It is kept, and added to; a tensor saved again under its name takes the new value.
    Amend,
}

/// What a write left on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Files written.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Values in them.
    pub tensors: u64,
}

/// Writes the steps of one worker of a trial.
///
/// Dropping a writer leaves the trial open, as an interruption would; [`TrialWriter::finish`] ends it.
#[derive(Debug)]
pub struct TrialWriter {
    storage: Storage,
    worker: Worker,
    claim: Option<Claim>,
    /// Whether steps of an interrupted run may lie ahead of the first one written.
    may_rewind: bool,
}

impl TrialWriter {
    /// Opens a trial for writing, and claims it.
    ///
    /// # Errors
    /// [`Error::TrialExists`] for a finished trial and [`IfExists::Error`], [`Error::TrialInUse`] where another live
    /// process writes there, [`Error::Storage`] where the place cannot be written.
    pub fn open(
        storage: Storage,
        worker: Worker,
        num_workers: u64,
        if_exists: IfExists,
    ) -> Result<Self, Error> {
        let ended = storage.exists(layout::END_OF_JOB)?;
        if ended && if_exists == IfExists::Error {
            return Err(Error::TrialExists { location: storage.location().to_owned() });
        }
        let claim = Claim::take(&storage, &worker, num_workers)?;
        let writer = Self { storage, worker, claim, may_rewind: true };
        if if_exists == IfExists::Overwrite {
            writer.delete_trial(num_workers)?;
        } else if ended {
            writer.storage.delete(&[layout::END_OF_JOB.to_owned()])?;
        }
        Ok(writer)
    }

    /// Where the trial lies.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Writes what was configured. Written again whenever a collection has gained a name.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn write_collections(&self, collections: &Collections) -> Result<Written, Error> {
        let path = layout::collections_path(&self.worker);
        let text = collections.to_json(&path)?;
        let bytes = text.len() as u64;
        self.storage.put(&path, vec![text.into()])?;
        Ok(Written { files: 1, bytes, tensors: 0 })
    }

    /// Keeps the real names of features beside the trial.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn write_feature_names(&self, names: &[String]) -> Result<(), Error> {
        let text = serde_json::json!({ "feature_names": names }).to_string();
        self.storage.put(layout::FEATURE_NAMES, vec![text.into()])
    }

    /// Writes one step. When this returns, the step is on disk whole; on an error it is not there at all.
    ///
    /// A run that goes back to a step before the last one on disk (resumed from an earlier checkpoint) goes through
    /// the later ones again: those of this worker are deleted at its first write.
    ///
    /// # Errors
    /// [`Error::Encode`] naming the tensor, [`Error::Storage`] naming the file.
    pub fn write_step(&mut self, record: &StepRecord, existing: ExistingStep) -> Result<Written, Error> {
        if self.may_rewind {
            self.delete_steps_after(record.step)?;
            self.may_rewind = false;
        }
        if record.tensors.is_empty() && record.shapes.is_empty() {
            return Ok(Written::default());
        }
        let before = match existing {
            ExistingStep::Replace => None,
            ExistingStep::Amend => self.read_step(record.step)?,
        };
        let index_path = layout::index_path(record.step, &self.worker);
        let event_path = layout::event_path(record.step, &self.worker);
        let (mut index, mut chunks) = before.unwrap_or_else(|| {
            let empty = IndexFile {
                mode: record.mode,
                mode_step: record.mode_step,
                event_file: None,
                tensors: Vec::new(),
                shapes: Vec::new(),
            };
            (empty, Vec::new())
        });
        let mut offset: u64 = chunks.iter().map(|chunk: &Bytes| chunk.len() as u64).sum();
        let mut written = Written::default();
        for named in &record.tensors {
            offset = append(record, named, offset, &mut index, &mut chunks)?;
            written.tensors += 1;
        }
        index.shapes.extend(record.shapes.iter().cloned());
        if !chunks.is_empty() {
            self.storage.put(&event_path, chunks)?;
            index.event_file = Some(event_path);
            written.files += 1;
            written.bytes += offset;
        }
        let text = index.to_json(&index_path)?;
        written.files += 1;
        written.bytes += text.len() as u64;
        self.storage.put(&index_path, vec![text.into()])?;
        Ok(written)
    }

    /// Says that no more data will come, and gives the trial free.
    ///
    /// Of several workers, ranks above 0 leave the marker to rank 0: it ends the job for all of them.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn finish(self) -> Result<(), Error> {
        let follower = self.worker.as_str().strip_prefix("worker_").is_some_and(|rank| rank != "0");
        if !follower {
            self.storage.put(layout::END_OF_JOB, Vec::new())?;
        }
        if let Some(claim) = self.claim {
            claim.release();
        }
        Ok(())
    }

    fn read_step(&self, step: Step) -> Result<Option<(IndexFile, Vec<Bytes>)>, Error> {
        let path = layout::index_path(step, &self.worker);
        let text = match self.storage.get(&path) {
            Ok(text) => text,
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(error),
        };
        let index = IndexFile::parse(&text, &path)?;
        let chunks = match &index.event_file {
            Some(event_file) => vec![self.storage.get(event_file)?],
            None => Vec::new(),
        };
        Ok(Some((index, chunks)))
    }

    /// Index files go first: a step without one does not count.
    fn delete_steps_after(&self, step: Step) -> Result<(), Error> {
        let first_folder = layout::index_folder(step);
        let mut index_files = Vec::new();
        let mut event_files = Vec::new();
        for folder in self.storage.list_folders(layout::INDEX)? {
            if folder < first_folder {
                continue;
            }
            for file in self.storage.list(&folder)? {
                if let Some((later, worker)) = layout::parse_step_file(&file.path, ".json")
                    && later > step
                    && worker == self.worker
                {
                    index_files.push(file.path);
                    event_files.push(layout::event_path(later, &worker));
                }
            }
        }
        self.storage.delete(&index_files)?;
        self.storage.delete(&event_files)
    }

    fn delete_trial(&self, num_workers: u64) -> Result<(), Error> {
        let mut paths = vec![layout::END_OF_JOB.to_owned(), layout::FEATURE_NAMES.to_owned()];
        for folder in [layout::INDEX, layout::EVENTS, layout::COLLECTIONS] {
            let files = self.storage.list(folder)?;
            // Other workers may have begun to write: each deletes its own.
            paths.extend(
                files.into_iter().map(|file| file.path).filter(|path| num_workers == 1 || self.owns(path)),
            );
        }
        self.storage.delete(&paths)
    }

    fn owns(&self, path: &str) -> bool {
        let by_step = [".json", ".tfevents"].iter().find_map(|suffix| layout::parse_step_file(path, suffix));
        let owner = match by_step {
            Some((_, worker)) => Some(worker),
            None => layout::parse_collections_file(path).and_then(Result::ok),
        };
        owner.as_ref() == Some(&self.worker)
    }
}

fn append(
    record: &StepRecord,
    named: &NamedTensor,
    offset: u64,
    index: &mut IndexFile,
    chunks: &mut Vec<Bytes>,
) -> Result<u64, Error> {
    let event = TensorEvent {
        wall_time: record.wall_time_secs,
        step: record.step,
        mode: record.mode,
        mode_step: record.mode_step,
        name: named.name.as_str(),
        tensor: &named.tensor,
    };
    let encoded = encode_tensor_event(&event, offset).map_err(|source| Error::Encode {
        tensor: named.name.as_str().to_owned(),
        step: record.step,
        source,
    })?;
    let crc32c = Some(encoded.crc32c());
    for name in std::iter::once(&named.name).chain(&named.aliases) {
        index.tensors.push(TensorEntry {
            name: name.clone(),
            start_bytes: offset,
            length_bytes: encoded.len(),
            crc32c,
        });
    }
    let end = offset + encoded.len();
    chunks.extend(encoded.chunks());
    Ok(end)
}
