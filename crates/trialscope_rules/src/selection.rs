use std::fmt;

use crate::{Error, Patterns, TensorEntry, wording};

/// Which tensors a rule looks at: the union of collections and patterns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Selection {
    /// Names of collections.
    pub collections: Vec<String>,
    /// Patterns searched for in tensor names.
    pub patterns: Patterns,
}

impl Selection {
    /// Whether the selection takes a tensor.
    ///
    /// # Errors
    /// [`Error::PatternTooHard`] where a pattern needs too many attempts.
    pub fn takes(&self, tensor: &TensorEntry<'_>) -> Result<bool, Error> {
        let by_collection = self.collections.iter().any(|name| tensor.collections.contains(name.as_str()));
        Ok(by_collection || self.patterns.found_in(tensor.name.as_str())?)
    }

    /// What names that were meant probably look like: collection names, and patterns without their special characters.
    pub(crate) fn words(&self) -> impl Iterator<Item = String> {
        let bare = |pattern: &str| {
            pattern.chars().filter(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '@')).collect()
        };
        self.collections.iter().cloned().chain(self.patterns.sources().map(bare))
    }
}

/// `collection losses or regex ^train-`.
impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = |noun: &str, count: usize| if count == 1 { noun.to_owned() } else { format!("{noun}s") };
        let mut parts = Vec::new();
        if !self.collections.is_empty() {
            let noun = many("collection", self.collections.len());
            parts.push(format!("{noun} {}", wording::list(&self.collections)));
        }
        if !self.patterns.is_empty() {
            parts.push(format!("regex {}", self.patterns));
        }
        f.write_str(&if parts.is_empty() { "nothing".to_owned() } else { parts.join(" or ") })
    }
}
