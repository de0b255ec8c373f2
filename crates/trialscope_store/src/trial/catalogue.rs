//! Which steps there are, who saved them, and what each holds: the index files of a trial, taken together.
//!
//! Law: the catalogue depends on the files put in, not on their order.

use std::collections::{BTreeMap, HashSet};

use trialscope_tensor::{Mode, Step, Worker};

use super::{
    names::{NameId, Names},
    saved::{SavedStep, SharedTables},
};
use crate::{error::Error, index::IndexFile};

/// The index files of a trial.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    names: Names,
    shared: SharedTables,
    steps: BTreeMap<Step, Workers>,
    /// Mode step to the global steps that claim it. GLOBAL steps are not in here.
    by_mode: BTreeMap<Mode, BTreeMap<Step, Vec<Step>>>,
}

/// What the workers saved at one step, sorted by worker; never empty.
type Workers = Vec<(Worker, SavedStep)>;

impl Catalogue {
    /// Puts in the index file of a worker's step, in place of an earlier one. `path` is for messages.
    pub(super) fn insert(
        &mut self,
        step: Step,
        worker: &Worker,
        index: IndexFile,
        path: &str,
    ) -> Result<(), Error> {
        let saved = SavedStep::new(index, path, &mut self.names, &mut self.shared)?;
        let before = self.mode_of(step);
        let workers = self.steps.entry(step).or_default();
        match workers.binary_search_by(|(known, _)| known.cmp(worker)) {
            Ok(place) => {
                if let Some((_, known)) = workers.get_mut(place) {
                    *known = saved;
                }
            }
            Err(place) => {
                workers.reserve_exact(1);
                workers.insert(place, (worker.clone(), saved));
            }
        }
        self.update_mode(step, before);
        Ok(())
    }

    /// Takes out the index file of a worker's step.
    pub(super) fn remove(&mut self, step: Step, worker: &Worker) {
        let before = self.mode_of(step);
        if let Some(workers) = self.steps.get_mut(&step) {
            workers.retain(|(known, _)| known != worker);
            if workers.is_empty() {
                self.steps.remove(&step);
            }
        }
        self.update_mode(step, before);
    }

    fn update_mode(&mut self, step: Step, before: Option<(Mode, Step)>) {
        let after = self.mode_of(step);
        if before == after {
            return;
        }
        if let Some((mode, mode_step)) = before
            && let Some(mode_steps) = self.by_mode.get_mut(&mode)
            && let Some(claims) = mode_steps.get_mut(&mode_step)
        {
            claims.retain(|&claim| claim != step);
            if claims.is_empty() {
                mode_steps.remove(&mode_step);
            }
        }
        if let Some((mode, mode_step)) = after
            && mode != Mode::Global
        {
            let claims = self.by_mode.entry(mode).or_default().entry(mode_step).or_default();
            let place = claims.partition_point(|&claim| claim < step);
            claims.insert(place, step);
        }
        self.by_mode.retain(|_, mode_steps| !mode_steps.is_empty());
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    /// The mode of a step and its number in that mode: what its first worker says.
    pub(super) fn mode_of(&self, step: Step) -> Option<(Mode, Step)> {
        let (_, saved) = self.steps.get(&step)?.first()?;
        Some((saved.mode, saved.mode_step))
    }

    /// Workers whose index file names another mode or mode step than that of the first worker.
    pub(super) fn mode_conflicts(&self, step: Step) -> impl Iterator<Item = &Worker> {
        let agreed = self.mode_of(step);
        self.workers(step)
            .filter(move |(_, saved)| agreed != Some((saved.mode, saved.mode_step)))
            .map(|(worker, _)| worker)
    }

    /// The global step of a step counted in `mode`. Where a mode step was gone through twice, the later one.
    pub(super) fn global_step(&self, mode: Mode, step: Step) -> Option<Step> {
        if mode == Mode::Global {
            return self.steps.contains_key(&step).then_some(step);
        }
        self.by_mode.get(&mode)?.get(&step)?.last().copied()
    }

    /// Steps of a mode in ascending order, as (step counted in the mode, global step).
    pub(super) fn steps(&self, mode: Mode) -> Box<dyn DoubleEndedIterator<Item = (Step, Step)> + '_> {
        if mode == Mode::Global {
            return Box::new(self.steps.keys().map(|&step| (step, step)));
        }
        let mode_steps = self.by_mode.get(&mode).into_iter().flatten();
        Box::new(mode_steps.filter_map(|(&step, claims)| Some((step, *claims.last()?))))
    }

    /// The first step of a mode that is not below `step`, as (step counted in the mode, global step).
    pub(super) fn step_from(&self, mode: Mode, step: Step) -> Option<(Step, Step)> {
        if mode == Mode::Global {
            return self.steps.range(step..).next().map(|(&step, _)| (step, step));
        }
        let (&found, claims) = self.by_mode.get(&mode)?.range(step..).next()?;
        Some((found, *claims.last()?))
    }

    /// Modes other than GLOBAL in which steps were saved.
    pub(super) fn modes(&self) -> impl Iterator<Item = Mode> {
        self.by_mode.keys().copied()
    }

    pub(super) fn contains(&self, step: Step) -> bool {
        self.steps.contains_key(&step)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// What was saved at a global step, by worker in ascending order.
    pub(super) fn workers(&self, step: Step) -> impl Iterator<Item = (&Worker, &SavedStep)> {
        self.steps.get(&step).into_iter().flatten().map(|(worker, saved)| (worker, saved))
    }

    pub(super) fn num_workers(&self, step: Step) -> u64 {
        self.steps.get(&step).map_or(0, |workers| workers.len() as u64)
    }

    /// Every worker that saved anything, with its last step.
    pub(super) fn last_steps(&self) -> BTreeMap<Worker, Step> {
        let mut last = BTreeMap::new();
        for (&step, workers) in &self.steps {
            for (worker, _) in workers {
                match last.get_mut(worker) {
                    Some(latest) => *latest = step,
                    None => {
                        last.insert(worker.clone(), step);
                    }
                }
            }
        }
        last
    }

    /// The tensors that have a value, a shape or a reduction at any of the given global steps.
    pub(super) fn tensors_at(&self, steps: impl Iterator<Item = Step>) -> HashSet<NameId> {
        let mut seen_tables = HashSet::new();
        let mut tensors = HashSet::new();
        for step in steps {
            for (_, saved) in self.workers(step) {
                if seen_tables.insert(saved.names_key()) {
                    tensors.extend(saved.names().map(|name| self.names.tensor_of(name)));
                }
            }
        }
        tensors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(mode: Mode, mode_step: u64) -> IndexFile {
        let text = format!(
            r#"{{"meta": {{"mode": "{mode}", "mode_step": {mode_step}, "event_file_name": "e"}},
                "tensor_payload": [{{"tensorname": "a", "start_idx": 0, "length": 10}}]}}"#
        );
        IndexFile::parse(text.as_bytes(), "i").unwrap()
    }

    fn steps(catalogue: &Catalogue, mode: Mode) -> Vec<(u64, u64)> {
        catalogue.steps(mode).map(|(step, global)| (step.0, global.0)).collect()
    }

    #[test]
    fn modes_map_both_ways_and_global_steps_have_none() {
        let mut catalogue = Catalogue::default();
        for (step, mode, mode_step) in [(7, Mode::Eval, 0), (3, Mode::Train, 3), (9, Mode::Global, 9)] {
            catalogue.insert(Step(step), &Worker::rank(0), index(mode, mode_step), "i").unwrap();
        }
        assert_eq!(steps(&catalogue, Mode::Global), [(3, 3), (7, 7), (9, 9)]);
        assert_eq!(steps(&catalogue, Mode::Eval), [(0, 7)]);
        assert_eq!(catalogue.modes().collect::<Vec<_>>(), [Mode::Train, Mode::Eval]);
        assert_eq!(catalogue.global_step(Mode::Eval, Step(0)), Some(Step(7)));
        assert_eq!(catalogue.step_from(Mode::Global, Step(4)), Some((Step(7), Step(7))));
    }

    #[test]
    fn of_a_mode_step_gone_through_twice_the_later_counts_until_it_goes() {
        let mut catalogue = Catalogue::default();
        for step in [12, 4] {
            catalogue.insert(Step(step), &Worker::rank(0), index(Mode::Train, 4), "i").unwrap();
        }
        assert_eq!(steps(&catalogue, Mode::Train), [(4, 12)]);
        catalogue.remove(Step(12), &Worker::rank(0));
        assert_eq!(steps(&catalogue, Mode::Train), [(4, 4)]);
        catalogue.remove(Step(4), &Worker::rank(0));
        assert!(catalogue.is_empty() && catalogue.modes().next().is_none());
    }

    #[test]
    fn the_first_worker_says_the_mode_whenever_it_comes() {
        let mut catalogue = Catalogue::default();
        catalogue.insert(Step(1), &Worker::rank(1), index(Mode::Eval, 0), "i").unwrap();
        catalogue.insert(Step(1), &Worker::rank(0), index(Mode::Train, 1), "i").unwrap();
        assert_eq!(catalogue.mode_of(Step(1)), Some((Mode::Train, Step(1))));
        assert_eq!(steps(&catalogue, Mode::Eval), []);
        let conflicts: Vec<_> = catalogue.mode_conflicts(Step(1)).collect();
        assert_eq!(conflicts, [&Worker::rank(1)]);
    }
}
