//! Examines a trial: every file, every record, and what is missing.
//!
//! Files are gone through one after the other, so that memory does not grow with the trial. Nothing is changed.

mod event_file;
mod inventory;
mod observation;
mod schedule;

use std::collections::{BTreeMap, BTreeSet};

use trialscope_tensor::{Mode, Pattern, Step, TensorName, Worker};

pub use self::observation::{Observation, ObservationKind, Severity};
use self::{event_file::EventFile, inventory::Inventory};
use crate::{
    claim::{self, WriterState},
    collections::Collections,
    error::Error,
    index::IndexFile,
    layout,
    storage::Storage,
};

/// What an examination found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Report {
    /// The worst first, then by file and place.
    pub observations: Vec<Observation>,
    /// Files of any kind.
    pub num_files: u64,
    /// Bytes in them.
    pub num_bytes: u64,
    /// Steps with at least one readable index file.
    pub num_steps: u64,
    /// Workers that saved, or said they would.
    pub workers: Vec<Worker>,
    /// Records in event files that are whole.
    pub num_records: u64,
    /// Whether the training has ended.
    pub has_ended: bool,
}

/// How far an examination has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Files examined.
    pub files_done: u64,
    /// Files to examine.
    pub files_total: u64,
}

/// Examines a trial. `progress` is called after every file.
///
/// # Errors
/// [`Error::NotATrial`] where there is nothing of a trial, [`Error::Storage`] where the place cannot be listed.
/// Everything else is an observation.
pub fn examine(storage: &Storage, progress: &mut dyn FnMut(Progress)) -> Result<Report, Error> {
    let inventory = Inventory::take(storage)?;
    if inventory.is_no_trial() {
        return Err(Error::NotATrial {
            location: storage.location().to_owned(),
            reason: "it has no collections file, no index file and no mark of a hook".to_owned(),
        });
    }
    let mut examination = Examination {
        storage,
        progress,
        done: Progress { files_done: 0, files_total: inventory.num_files },
        observations: Vec::new(),
        steps: BTreeMap::new(),
        tensor_names: BTreeSet::new(),
        num_records: 0,
    };
    let collections = examination.collections(&inventory);
    examination.steps(&inventory);
    examination.tensorboard(&inventory);
    examination.sidecars(&inventory);
    examination.end(&inventory);
    let mut workers: BTreeSet<Worker> = inventory.collections_files.values().cloned().collect();
    workers.extend(inventory.index_files.keys().map(|(_, worker)| worker.clone()));
    let needed = collections.as_ref().map_or(workers.len() as u64, |collections| collections.num_workers);
    examination.missing_workers(needed);
    if let Some(collections) = &collections {
        examination.missing_steps(collections);
    }
    examination.tick(u64::MAX);
    let mut observations = examination.observations;
    observations.sort_by(|a, b| {
        let key = |observation: &Observation| {
            (std::cmp::Reverse(observation.severity()), observation.path.clone(), observation.offset)
        };
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    Ok(Report {
        observations,
        num_files: inventory.num_files,
        num_bytes: inventory.num_bytes,
        num_steps: examination.steps.len() as u64,
        workers: workers.into_iter().collect(),
        num_records: examination.num_records,
        has_ended: inventory.has_end_marker,
    })
}

struct Examination<'a> {
    storage: &'a Storage,
    progress: &'a mut dyn FnMut(Progress),
    done: Progress,
    observations: Vec<Observation>,
    steps: BTreeMap<Step, SavedBy>,
    tensor_names: BTreeSet<TensorName>,
    num_records: u64,
}

/// Who saved a step, and as what.
struct SavedBy {
    mode: Mode,
    mode_step: Step,
    workers: BTreeSet<Worker>,
}

impl Examination<'_> {
    fn find(&mut self, kind: ObservationKind, path: &str, message: impl Into<String>) {
        self.observations.push(Observation::new(kind, path, message));
    }

    /// A file that could not be read: damaged as `kind` says, or out of reach.
    fn unreadable(&mut self, kind: ObservationKind, path: &str, error: &Error) {
        self.observations.push(match error {
            Error::Damaged { offset, .. } => Observation::new(kind, path, error.to_string()).at(*offset),
            _ => Observation::new(ObservationKind::Unreadable, path, error.to_string()),
        });
    }

    fn tick(&mut self, num_files: u64) {
        self.done.files_done = self.done.files_done.saturating_add(num_files).min(self.done.files_total);
        (self.progress)(self.done);
    }

    /// Returns the first collections file that can be read.
    fn collections(&mut self, inventory: &Inventory) -> Option<Collections> {
        let mut first = None;
        for path in inventory.collections_files.keys() {
            match self.storage.get(path).and_then(|text| Collections::parse(&text, path)) {
                Ok(collections) => {
                    for (name, collection) in &collections.by_name {
                        for error in collection.include_regex.iter().filter_map(|p| Pattern::parse(p).err()) {
                            let message = format!("collection {name:?}: {error}");
                            self.find(ObservationKind::InvalidPattern, path, message);
                        }
                    }
                    first.get_or_insert(collections);
                }
                Err(error) => self.unreadable(ObservationKind::DamagedCollections, path, &error),
            }
            self.tick(1);
        }
        if inventory.collections_files.is_empty() {
            let message = "there is no collections file: what was configured is not known";
            self.find(ObservationKind::MissingCollections, layout::COLLECTIONS, message);
        }
        first
    }

    /// Examines index files with the event files they name, then the event files that none names.
    fn steps(&mut self, inventory: &Inventory) {
        let mut indexed = BTreeSet::new();
        for ((step, worker), path) in &inventory.index_files {
            match self.storage.get(path).and_then(|text| IndexFile::parse(&text, path)) {
                Ok(index) => {
                    indexed.extend(self.step(*step, worker, path, &index, inventory));
                    indexed.extend(index.event_file);
                }
                Err(error) => {
                    self.unreadable(ObservationKind::DamagedIndex, path, &error);
                    // Its event file has an index, if a broken one: it is no orphan, but is examined by itself.
                    let event_file = layout::event_path(*step, worker);
                    self.event_file(&event_file, Some(*step), None, inventory);
                    indexed.insert(event_file);
                }
            }
            self.tick(1);
        }
        for path in inventory.event_files.keys().filter(|path| !indexed.contains(*path)) {
            let named = layout::parse_step_file(path, ".tfevents");
            let is_recent = named.as_ref().is_some_and(|(step, worker)| self.is_being_written(*step, worker));
            if !is_recent {
                let message = "no index file names it: its step was interrupted, or the index is lost";
                self.find(ObservationKind::OrphanEventFile, path, message);
            }
            self.event_file(path, named.map(|(step, _)| step), None, inventory);
        }
    }

    /// Whether the index file of a step has come meanwhile, or is just about to.
    fn is_being_written(&self, step: Step, worker: &Worker) -> bool {
        let is_newest = self.steps.last_key_value().is_none_or(|(&newest, _)| step > newest);
        self.storage.exists(&layout::index_path(step, worker)).unwrap_or(false)
            || (is_newest && claim::probe(self.storage) == WriterState::Active)
    }

    /// Examines a step of a worker. Returns the event file that was examined.
    fn step(
        &mut self,
        step: Step,
        worker: &Worker,
        path: &str,
        index: &IndexFile,
        inventory: &Inventory,
    ) -> Option<String> {
        let shaped = index.shapes.iter().map(|entry| &entry.name);
        for name in index.tensors.iter().map(|entry| &entry.name).chain(shaped) {
            if !self.tensor_names.contains(name) {
                self.tensor_names.insert(name.clone());
            }
        }
        let saved = self.steps.entry(step).or_insert_with(|| SavedBy {
            mode: index.mode,
            mode_step: index.mode_step,
            workers: BTreeSet::new(),
        });
        saved.workers.insert(worker.clone());
        if (saved.mode, saved.mode_step) != (index.mode, index.mode_step) {
            let message = format!(
                "it says mode {} step {}, another worker says {} step {}",
                index.mode, index.mode_step, saved.mode, saved.mode_step
            );
            self.find(ObservationKind::ModeConflict, path, message);
        }
        let event_file = index.event_file.clone()?;
        if self.size_of(&event_file, inventory).is_some() {
            self.event_file(&event_file, Some(step), Some(index), inventory);
        } else if !index.tensors.is_empty() {
            let message = format!("{path} names it for {} values; it is not there", index.tensors.len());
            self.find(ObservationKind::MissingEventFile, &event_file, message);
        }
        Some(event_file)
    }

    /// Size of an event file; asked for again where it was not there yet when the inventory was taken.
    fn size_of(&self, path: &str, inventory: &Inventory) -> Option<u64> {
        let known = inventory.event_files.get(path).copied();
        known.or_else(|| self.storage.size_bytes(path).unwrap_or(None))
    }

    fn event_file(
        &mut self,
        path: &str,
        step: Option<Step>,
        index: Option<&IndexFile>,
        inventory: &Inventory,
    ) {
        let Some(size_bytes) = self.size_of(path, inventory) else { return };
        let file = EventFile { storage: self.storage, path, size_bytes, step };
        self.num_records += file.check(index.map(|index| index.tensors.as_slice()), &mut self.observations);
        self.tick(1);
    }

    fn tensorboard(&mut self, inventory: &Inventory) {
        for (path, &size_bytes) in &inventory.tensorboard_files {
            let file = EventFile { storage: self.storage, path, size_bytes, step: None };
            file.check(None, &mut self.observations);
            self.tick(1);
        }
    }

    fn sidecars(&mut self, inventory: &Inventory) {
        if inventory.has_feature_names {
            let path = layout::FEATURE_NAMES;
            if let Err(error) = crate::feature_names::read(self.storage) {
                self.unreadable(ObservationKind::DamagedFeatureNames, path, &error);
            }
        }
        for path in &inventory.leftovers {
            self.find(ObservationKind::Leftover, path, "it was being written, and never finished or not yet");
        }
        for (path, num_files) in &inventory.foreign {
            let message = match num_files {
                1 => "1 file that is none of a trial's".to_owned(),
                more => format!("{more} files that are none of a trial's"),
            };
            self.find(ObservationKind::ForeignFiles, path, message);
        }
    }

    fn end(&mut self, inventory: &Inventory) {
        let path = layout::END_OF_JOB;
        if inventory.has_end_marker {
            return;
        }
        match claim::probe(self.storage) {
            WriterState::Active => {
                self.find(
                    ObservationKind::NotEnded,
                    path,
                    "the training is running: a live process holds the trial",
                );
            }
            WriterState::Gone => {
                let message = "the training was interrupted: its process is gone and left no end marker";
                self.find(ObservationKind::Interrupted, path, message);
            }
            WriterState::Unknown => {
                let message = "there is no end marker: the training is running, or was interrupted";
                self.find(ObservationKind::NotEnded, path, message);
            }
        }
    }
}
