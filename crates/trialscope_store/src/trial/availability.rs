//! Whether a step is there, will come, or never will.
//!
//! # Source
//! smdebug 1.0.34, `has_passed_step`, with one repair: it gives up on late workers by comparing a count of steps with
//! a step number; here a step is given up when a set number of later steps are known.

use trialscope_tensor::{Mode, Step};

use super::catalogue::Catalogue;

/// Whether a step can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepState {
    /// Saved, by every worker that ever will.
    Available,
    /// It may still come, or some workers are missing.
    NotYetAvailable,
    /// Not saved, and will not be.
    Unavailable,
}

/// Which steps are complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Completeness {
    /// No more data will come, and all of it was read.
    pub(super) is_over: bool,
    /// The last step that counts as complete though data may still come.
    pub(super) last: Option<Step>,
    /// Workers a step needs; `None` while that is not known.
    pub(super) num_workers: Option<u64>,
}

impl Completeness {
    /// Judges the steps of a catalogue. Of more than `patience` steps that wait for a worker, the older ones are
    /// taken as they are.
    pub(super) fn of(
        catalogue: &Catalogue,
        num_workers: Option<u64>,
        is_over: bool,
        patience: usize,
    ) -> Self {
        let mut judged = Self { is_over, last: None, num_workers };
        let mut newest_first = catalogue.steps(Mode::Global).rev().map(|(_, step)| step);
        judged.last = if is_over {
            newest_first.next()
        } else {
            newest_first.enumerate().find_map(|(waiting, step)| {
                let given_up = num_workers.is_some() && waiting >= patience;
                (given_up || judged.is_full(catalogue, step)).then_some(step)
            })
        };
        judged
    }

    /// Whether a known step is complete: full, or passed over by a later one that is.
    pub(super) fn is_complete(&self, catalogue: &Catalogue, step: Step) -> bool {
        self.is_over || self.has_passed(step) || self.is_full(catalogue, step)
    }

    fn has_passed(&self, step: Step) -> bool {
        self.last.is_some_and(|last| last >= step)
    }

    fn is_full(&self, catalogue: &Catalogue, step: Step) -> bool {
        self.num_workers.is_some_and(|needed| catalogue.num_workers(step) >= needed)
    }

    /// The state of a step counted in `mode`.
    pub(super) fn state(&self, catalogue: &Catalogue, step: Step, mode: Mode) -> StepState {
        match catalogue.step_from(mode, step) {
            None if self.is_over => StepState::Unavailable,
            Some((found, global)) if found > step => {
                if self.has_passed(global) {
                    StepState::Unavailable
                } else {
                    StepState::NotYetAvailable
                }
            }
            Some((_, global)) if self.is_complete(catalogue, global) => StepState::Available,
            None | Some(_) => StepState::NotYetAvailable,
        }
    }
}

#[cfg(test)]
mod tests {
    use trialscope_tensor::Worker;

    use super::*;
    use crate::index::IndexFile;

    const INDEX: &str = r#"{"meta": {"mode": "GLOBAL", "mode_step": 0, "event_file_name": "e"},
        "tensor_payload": [{"tensorname": "a", "start_idx": 0, "length": 10}]}"#;

    fn catalogue(saved: &[(u64, u32)]) -> Catalogue {
        let mut catalogue = Catalogue::default();
        for &(step, rank) in saved {
            let index = IndexFile::parse(INDEX.as_bytes(), "i").unwrap();
            catalogue.insert(Step(step), &Worker::rank(rank), index, "i").unwrap();
        }
        catalogue
    }

    #[test]
    fn a_full_step_passes_over_the_earlier_ones() {
        let catalogue = catalogue(&[(0, 0), (10, 0), (10, 1), (20, 0)]);
        let judged = Completeness::of(&catalogue, Some(2), false, 1000);
        assert_eq!(judged.last, Some(Step(10)));
        let state = |step| judged.state(&catalogue, Step(step), Mode::Global);
        assert_eq!(state(0), StepState::Available);
        assert_eq!(state(5), StepState::Unavailable);
        assert_eq!(state(15), StepState::NotYetAvailable);
        assert_eq!(state(20), StepState::NotYetAvailable);
        assert_eq!(state(25), StepState::NotYetAvailable);
    }

    #[test]
    fn the_end_settles_everything() {
        let catalogue = catalogue(&[(0, 0), (20, 0)]);
        let judged = Completeness::of(&catalogue, Some(2), true, 1000);
        let state = |step| judged.state(&catalogue, Step(step), Mode::Global);
        assert_eq!(
            (judged.last, state(20), state(10), state(21)),
            (Some(Step(20)), StepState::Available, StepState::Unavailable, StepState::Unavailable)
        );
    }

    #[test]
    fn a_dead_worker_is_not_waited_for_for_ever() {
        let saved: Vec<(u64, u32)> = (0..10).map(|n| (n * 5, 0)).collect();
        let catalogue = catalogue(&saved);
        let last = |patience| Completeness::of(&catalogue, Some(2), false, patience).last;
        assert_eq!(last(3), Some(Step(30)));
        assert_eq!(last(10), None);
    }

    #[test]
    fn nothing_is_complete_while_the_number_of_workers_is_unknown() {
        let catalogue = catalogue(&[(0, 0), (1, 0)]);
        assert_eq!(Completeness::of(&catalogue, None, false, 1).last, None);
    }
}
