use trialscope_tensor::{Step, Worker};

use crate::error::Error;

/// Something in a trial that could not be read, or does not fit. The rest of the trial is not affected.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Problem {
    /// File, relative to the trial.
    pub path: String,
    /// What kind of problem.
    pub kind: ProblemKind,
    /// Where in the file, in bytes, if a place can be told.
    pub offset: Option<u64>,
    /// What is wrong, in a sentence that names the file.
    pub message: String,
    /// The step it concerns.
    pub step: Option<Step>,
    /// The worker it concerns.
    pub worker: Option<Worker>,
}

/// Kinds of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A collections file is damaged. Another worker's is used where there is one.
    DamagedCollections,
    /// A pattern of a collection is not a regular expression. The collection goes by its names and other patterns.
    InvalidPattern,
    /// The file of feature names is damaged.
    DamagedFeatureNames,
    /// An index file is damaged. What it lists cannot be found; what other files list can.
    DamagedIndex,
    /// An index file names another mode or mode step than that of another worker for the same step.
    ModeConflict,
    /// A file could not be read this time. It is tried again at the next refresh.
    Unreadable,
}

/// The problems known, sorted by file.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn as_slice(&self) -> &[Problem] {
        &self.0
    }

    pub(super) fn add(&mut self, problem: Problem) {
        let place = self.0.partition_point(|known| known < &problem);
        if self.0.get(place) != Some(&problem) {
            self.0.insert(place, problem);
        }
    }

    /// Forgets what was wrong with a file: it is there no longer, or was read again.
    pub(super) fn clear_file(&mut self, path: &str) {
        let start = self.0.partition_point(|known| known.path.as_str() < path);
        let end = self.0.partition_point(|known| known.path.as_str() <= path);
        self.0.drain(start..end);
    }
}

impl Problem {
    /// A file that could not be read: damaged for good, or out of reach for now.
    pub(super) fn unreadable(path: &str, damaged: ProblemKind, error: &Error) -> Self {
        let (kind, offset) = match error {
            Error::Damaged { offset, .. } => (damaged, Some(*offset)),
            _ => (ProblemKind::Unreadable, None),
        };
        Self { path: path.to_owned(), kind, offset, message: error.to_string(), step: None, worker: None }
    }

    pub(super) fn at(mut self, step: Step, worker: &Worker) -> Self {
        self.step = Some(step);
        self.worker = Some(worker.clone());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_sorted_and_go_with_their_file() {
        let error = Error::Damaged { path: "b".into(), offset: 7, reason: "torn".into() };
        let mut problems = Problems::default();
        for path in ["b", "a", "b", "c"] {
            problems.add(Problem::unreadable(path, ProblemKind::DamagedIndex, &error));
        }
        let paths = |problems: &Problems| -> Vec<String> {
            problems.as_slice().iter().map(|problem| problem.path.clone()).collect()
        };
        assert_eq!(paths(&problems), ["a", "b", "c"]);
        assert_eq!(problems.as_slice()[1].offset, Some(7));
        problems.clear_file("b");
        assert_eq!(paths(&problems), ["a", "c"]);
    }
}
