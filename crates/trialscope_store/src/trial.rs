//! The read side of a trial: what was saved, when, by whom, and the values.
//!
//! A trial is read while it grows. [`Trial::refresh`] takes in what came since the last time; nothing that was read is
//! read again. What cannot be read is a [`Problem`], and the rest of the trial stays usable. Nothing here waits or
//! reads a clock.
//!
//! Law: after the last refresh a trial that grew file by file, in whatever order, equals one opened at once.

mod availability;
mod catalogue;
mod contents;
mod definitions;
mod names;
mod problem;
mod query;
mod reading;
mod refresh;
mod saved;
mod tail;
mod tensor;
mod values;
mod wait;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use trialscope_tensor::{Mode, Step, Worker};

use self::{
    availability::Completeness, catalogue::Catalogue, definitions::Definitions, problem::Problems,
    tail::Tail, values::Values,
};
pub use self::{
    availability::StepState,
    contents::SavedForm,
    problem::{Problem, ProblemKind},
    query::NameQuery,
    refresh::Refreshed,
    tensor::TensorHandle,
    values::Verify,
};
use crate::{
    claim::{self, WriterState},
    collections::Collections,
    error::Error,
    layout,
    storage::Storage,
};

/// How a trial is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOptions {
    /// Global steps to look at; `None` for all. Index files of others are not read.
    pub steps: Option<Range<Step>>,
    /// How much of a value is checked.
    pub verify: Verify,
    /// After this many later steps, a step is no longer expected to be completed by further workers.
    pub incomplete_step_window: usize,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { steps: None, verify: Verify::default(), incomplete_step_window: 1000 }
    }
}

/// An open trial.
#[derive(Debug)]
pub struct Trial {
    storage: Storage,
    options: OpenOptions,
    tail: Tail,
    catalogue: Catalogue,
    definitions: Definitions,
    feature_names: Option<Vec<String>>,
    completeness: Completeness,
    values: Values,
    problems: Problems,
}

impl Trial {
    /// Opens a trial and reads all that is there. Returns at once, also where the training has only just begun.
    ///
    /// # Errors
    /// [`Error::NotATrial`] where there is nothing of a trial; [`Error::Storage`] where the place cannot be listed.
    /// Damaged files are not errors but [`Trial::problems`].
    pub fn open(storage: Storage, options: OpenOptions) -> Result<Self, Error> {
        let mut trial = Self {
            tail: Tail::new(options.steps.clone()),
            values: Values::new(options.verify),
            storage,
            options,
            catalogue: Catalogue::default(),
            definitions: Definitions::default(),
            feature_names: None,
            completeness: Completeness::default(),
            problems: Problems::default(),
        };
        trial.refresh()?;
        if trial.has_nothing() && !trial.has_begun()? {
            return Err(Error::NotATrial {
                location: trial.storage.location().to_owned(),
                reason: "it has no collections file, no index file and no mark of a hook".to_owned(),
            });
        }
        Ok(trial)
    }

    fn has_nothing(&self) -> bool {
        self.catalogue.is_empty()
            && !self.definitions.has_files()
            && !self.completeness.is_over
            && self.problems.as_slice().is_empty()
    }

    /// Whether a hook has left any mark, be it that of its presence.
    fn has_begun(&self) -> Result<bool, Error> {
        Ok(self.storage.exists(layout::CLAIM)?
            || self.writer_state() != WriterState::Unknown
            || !self.storage.list_folders(layout::INDEX)?.is_empty()
            || !self.storage.list_folders(layout::EVENTS)?.is_empty())
    }

    /// Where the trial lies.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Whether no more data will come and all of it was read: the end marker was there before the last refresh read
    /// everything else. Data may be missing all the same, see [`Trial::problems`].
    pub fn is_complete(&self) -> bool {
        self.completeness.is_over
    }

    /// Whether somebody is writing the trial, as far as can be told. Asks the storage.
    pub fn writer_state(&self) -> WriterState {
        claim::probe(&self.storage)
    }

    /// Steps of a mode, ascending. GLOBAL counts the steps of all modes. Steps that wait for further workers are left
    /// out unless `include_incomplete`.
    pub fn steps(&self, mode: Mode, include_incomplete: bool) -> Vec<Step> {
        self.catalogue
            .steps(mode)
            .filter(|&(_, global)| include_incomplete || self.counts(global))
            .map(|(step, _)| step)
            .collect()
    }

    fn counts(&self, global: Step) -> bool {
        self.completeness.is_complete(&self.catalogue, global)
    }

    /// The last step that all workers saved, or after which nobody waits for the missing ones. `None` before there is
    /// one. In a complete trial the last step.
    pub fn last_complete_step(&self) -> Option<Step> {
        self.completeness.last
    }

    /// Modes other than GLOBAL in which steps were saved.
    pub fn modes(&self) -> Vec<Mode> {
        self.catalogue.modes().collect()
    }

    /// The mode in which a global step was saved, and its number in that mode; `None` where it was not saved.
    pub fn mode_step(&self, global: Step) -> Option<(Mode, Step)> {
        self.catalogue.mode_of(global)
    }

    /// The global step of a step counted in `mode`; `None` where it was not saved. A mode step that a resumed training
    /// went through again is the later one.
    pub fn global_step(&self, mode: Mode, step: Step) -> Option<Step> {
        self.catalogue.global_step(mode, step)
    }

    /// Every worker known, sorted: from its collections file, or from what it saved.
    pub fn workers(&self) -> Vec<Worker> {
        let saved = self.last_saved_steps().into_keys();
        saved.chain(self.definitions.workers().iter().cloned()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// How many workers save; a step is complete when all of them have. `None` before a collections file is there.
    pub fn num_workers(&self) -> Option<u64> {
        self.completeness.num_workers
    }

    /// Workers that saved anything at a global step, sorted.
    pub fn workers_at(&self, global: Step) -> Vec<Worker> {
        self.catalogue.workers(global).map(|(worker, _)| worker.clone()).collect()
    }

    /// The last global step each worker saved: where a resumed training goes on.
    pub fn last_saved_steps(&self) -> BTreeMap<Worker, Step> {
        self.catalogue.last_steps()
    }

    /// What was configured. Empty before a collections file is there.
    pub fn collections(&self) -> &Collections {
        self.definitions.collections()
    }

    /// Whether a collections file was found. A training that ended without one saved nothing.
    pub fn has_collections(&self) -> bool {
        self.definitions.has_files()
    }

    /// The real names of the features `f0`, `f1`, ..., where the user chose to keep them beside the trial.
    pub fn feature_names(&self) -> Option<&[String]> {
        self.feature_names.as_deref()
    }

    /// Whether a step, counted in `mode`, is there, may come, or will not.
    pub fn availability(&self, step: Step, mode: Mode) -> StepState {
        self.completeness.state(&self.catalogue, step, mode)
    }

    /// What could not be read, or does not fit, sorted by file.
    pub fn problems(&self) -> &[Problem] {
        self.problems.as_slice()
    }

    /// Why a step that is not in the catalogue cannot be read.
    fn step_error(&self, step: Step, mode: Mode) -> Error {
        match self.availability(step, mode) {
            StepState::NotYetAvailable => Error::StepNotYetAvailable { step, mode },
            StepState::Available | StepState::Unavailable => {
                Error::StepUnavailable { step, mode, nearest: self.nearest_step(step, mode) }
            }
        }
    }

    fn nearest_step(&self, step: Step, mode: Mode) -> Option<Step> {
        self.catalogue.steps(mode).map(|(saved, _)| saved).min_by_key(|saved| saved.0.abs_diff(step.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_can_be_shared_between_threads() {
        fn check<T: Send + Sync>() {}
        check::<Trial>();
    }
}
