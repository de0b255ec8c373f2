//! Takes in what came since the last look.

use std::collections::BTreeSet;

use trialscope_tensor::{Step, Worker};

use super::{
    Trial,
    availability::Completeness,
    problem::{Problem, ProblemKind},
    reading::{self, BATCH_FILES},
    tail::Sighting,
};
use crate::{error::Error, feature_names, index::IndexFile, layout};

/// What a refresh brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Refreshed {
    /// Global steps not known before, ascending.
    pub new_steps: Vec<Step>,
    /// Global steps known before of which something came, was replaced or went, ascending. Values of them read earlier
    /// may be outdated.
    pub changed_steps: Vec<Step>,
}

impl Trial {
    /// Reads what is new. Index files read before are not read again, unless they were replaced.
    ///
    /// A file that comes late, with a step below those known, is found too, if not always at once: see the order of
    /// looking in `tail.rs`. Everything is found by the refresh that completes the trial.
    ///
    /// # Errors
    /// [`Error::Storage`] where the place cannot be listed. What was known stays known.
    pub fn refresh(&mut self) -> Result<Refreshed, Error> {
        // Asked first: what is listed after the marker was seen is all there is.
        let ended = self.storage.exists(layout::END_OF_JOB)?;
        if self.definitions.refresh(&self.storage, &mut self.problems)?
            || (self.feature_names.is_none() && ended)
        {
            self.refresh_feature_names();
        }
        let changes = self.tail.look(&self.storage, ended)?;
        let mut touched = BTreeSet::new();
        let mut new = BTreeSet::new();
        for (step, worker) in changes.gone {
            self.drop_file(step, &worker);
            touched.insert(step);
        }
        let mut all_read = true;
        for batch in changes.to_read.chunks(BATCH_FILES) {
            let read = reading::read_index_files(&self.storage, batch);
            for (sighting, result) in batch.iter().zip(read) {
                let step = sighting.step;
                let was_known = self.catalogue.contains(step);
                all_read &= self.take_file(sighting, result);
                if was_known {
                    touched.insert(step);
                } else if self.catalogue.contains(step) {
                    new.insert(step);
                }
            }
        }
        for &step in touched.union(&new) {
            self.report_mode_conflicts(step);
        }
        self.judge(ended && all_read);
        touched.retain(|step| !new.contains(step));
        Ok(Refreshed { new_steps: new.into_iter().collect(), changed_steps: touched.into_iter().collect() })
    }

    fn judge(&mut self, is_over: bool) {
        let num_workers = self.definitions.num_workers().or_else(|| {
            // Damaged collections files do not heal: those who wrote them, or anything, are all there are.
            self.definitions.has_files().then(|| self.workers().len() as u64)
        });
        let patience = self.options.incomplete_step_window;
        self.completeness = Completeness::of(&self.catalogue, num_workers, is_over, patience);
    }

    /// Puts an index file into the catalogue. False where it could not be read and should be tried again.
    fn take_file(&mut self, sighting: &Sighting, read: Result<IndexFile, Error>) -> bool {
        let Sighting { step, worker, path, .. } = sighting;
        self.forget_values(*step, worker);
        self.problems.clear_file(path);
        let taken = read.and_then(|index| self.catalogue.insert(*step, worker, index, path));
        let Err(error) = taken else {
            self.tail.remember(sighting.clone());
            return true;
        };
        self.catalogue.remove(*step, worker);
        // Deleted since it was listed.
        if error.is_missing() {
            return true;
        }
        self.problems.add(Problem::unreadable(path, ProblemKind::DamagedIndex, &error).at(*step, worker));
        let is_final = matches!(error, Error::Damaged { .. });
        if is_final {
            self.tail.remember(sighting.clone());
        } else {
            self.tail.retry(sighting);
        }
        is_final
    }

    fn drop_file(&mut self, step: Step, worker: &Worker) {
        self.forget_values(step, worker);
        self.problems.clear_file(&layout::index_path(step, worker));
        self.catalogue.remove(step, worker);
    }

    fn forget_values(&mut self, step: Step, worker: &Worker) {
        for (saved_by, saved) in self.catalogue.workers(step) {
            if saved_by == worker
                && let Some(event_file) = &saved.event_file
            {
                self.values.forget(event_file);
            }
        }
    }

    fn report_mode_conflicts(&mut self, step: Step) {
        let Some((mode, mode_step)) = self.catalogue.mode_of(step) else { return };
        let conflicts: Vec<Worker> = self.catalogue.mode_conflicts(step).cloned().collect();
        for worker in self.workers_at(step) {
            self.problems.clear_file(&layout::index_path(step, &worker));
        }
        for worker in conflicts {
            let path = layout::index_path(step, &worker);
            let message =
                format!("{path} names another mode or mode step than {mode} {mode_step}, which is taken");
            let kind = ProblemKind::ModeConflict;
            let problem = Problem { path, kind, offset: None, message, step: None, worker: None };
            self.problems.add(problem.at(step, &worker));
        }
    }

    fn refresh_feature_names(&mut self) {
        let path = layout::FEATURE_NAMES;
        self.problems.clear_file(path);
        self.feature_names = None;
        match feature_names::read(&self.storage) {
            Ok(names) => self.feature_names = Some(names),
            Err(error) if error.is_missing() => {}
            Err(error) => {
                self.problems.add(Problem::unreadable(path, ProblemKind::DamagedFeatureNames, &error));
            }
        }
    }
}
