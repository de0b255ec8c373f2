use std::fmt;

/// A step: the global one, or one counted within a mode where the text says "mode step".
///
/// For boosted trees a step is the index of the boosting round, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Step(pub u64);

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<u64> for Step {
    fn from(step: u64) -> Self {
        Self(step)
    }
}
