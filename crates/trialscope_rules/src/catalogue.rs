use std::collections::{BTreeMap, BTreeSet};

use trialscope_tensor::TensorName;

use crate::{Error, Patterns};

/// The collections a run declares. Which tensors exist is learned from the steps, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Catalogue {
    /// By name.
    pub collections: BTreeMap<String, Collection>,
}

/// A named group of tensors.
///
/// A tensor belongs to it by name or by pattern, so that a name first saved late belongs to it from the start.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Collection {
    /// Names that belong to it whatever the patterns say.
    pub tensor_names: BTreeSet<String>,
    /// Patterns searched for in a name.
    pub include_regex: Patterns,
    /// Steps between two saves; `None` where the run does not say.
    pub save_interval: Option<u64>,
}

impl Collection {
    /// Whether `name` belongs to it.
    ///
    /// # Errors
    /// [`Error::PatternTooHard`] where a pattern needs too many attempts.
    pub fn contains(&self, name: &str) -> Result<bool, Error> {
        Ok(self.tensor_names.contains(name) || self.include_regex.found_in(name)?)
    }
}

impl Catalogue {
    /// A saved tensor with the collections it belongs to.
    ///
    /// # Errors
    /// [`Error::PatternTooHard`] where a pattern needs too many attempts.
    pub fn entry<'a>(&'a self, name: &'a TensorName) -> Result<TensorEntry<'a>, Error> {
        let mut collections = BTreeSet::new();
        for (collection, members) in &self.collections {
            if members.contains(name.as_str())? {
                collections.insert(collection.as_str());
            }
        }
        Ok(TensorEntry { name, collections })
    }

    /// The smallest number of steps between two saves of `name` that any of its collections states.
    pub(crate) fn save_interval(&self, name: &str) -> Option<u64> {
        let members = |collection: &&Collection| collection.contains(name).unwrap_or(false);
        self.collections.values().filter(members).filter_map(|collection| collection.save_interval).min()
    }
}

/// A saved tensor, as a rule sees it when it chooses.
#[derive(Debug, Clone)]
pub struct TensorEntry<'a> {
    /// Its name.
    pub name: &'a TensorName,
    /// The collections it belongs to.
    pub collections: BTreeSet<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tensor_belongs_by_name_or_by_pattern() {
        let collection = |names: &[&str], patterns: &[&str]| Collection {
            tensor_names: names.iter().map(|&name| name.to_owned()).collect(),
            include_regex: Patterns::compile(patterns).unwrap(),
            save_interval: None,
        };
        let catalogue = Catalogue {
            collections: [
                ("losses".to_owned(), collection(&["loss"], &[])),
                ("weights".to_owned(), collection(&[], &["^w/"])),
                ("all".to_owned(), collection(&[], &[".*"])),
            ]
            .into(),
        };
        let name = TensorName::parse("w/dense").unwrap();
        assert_eq!(catalogue.entry(&name).unwrap().collections, ["all", "weights"].into());
        let name = TensorName::parse("loss").unwrap();
        assert_eq!(catalogue.entry(&name).unwrap().collections, ["all", "losses"].into());
    }
}
