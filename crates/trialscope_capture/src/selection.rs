//! Which collections save at a step, and which of them a tensor belongs to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use trialscope_store::{Collection, Collections, ReductionConfig, SaveConfig};
use trialscope_tensor::{Mode, Pattern, Step, nearest};

use crate::{config::CaptureConfig, error::Error};

/// Collections whose tensors are single numbers: reductions of them say nothing, so they are saved as they are.
const SCALAR_COLLECTIONS: [&str; 5] =
    ["losses", "metrics", "feature_importance", "average_shap", "sm_metrics"];

/// The collections of a hook, ready to answer for any tensor name.
#[derive(Debug)]
pub(crate) struct Selection {
    defined: BTreeMap<String, Collection>,
    included: Vec<Included>,
    default_save_config: SaveConfig,
    num_workers: u64,
    /// Indices into `included`, by tensor name.
    members: HashMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct Included {
    name: String,
    patterns: Vec<Pattern>,
}

/// In what form a tensor is saved at a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Form {
    /// The values themselves.
    pub(crate) values: bool,
    /// Reductions and shape.
    pub(crate) reduced: ReductionConfig,
}

impl Form {
    /// Adds what another name of the same value asks for.
    pub(crate) fn merge(&mut self, other: Self) {
        self.values |= other.values;
        self.reduced.save_shape |= other.reduced.save_shape;
        for reduction in other.reduced.reductions {
            if !self.reduced.reductions.contains(&reduction) {
                self.reduced.reductions.push(reduction);
            }
        }
    }
}

impl Selection {
    pub(crate) fn new(config: &CaptureConfig) -> Result<Self, Error> {
        let mut included = Vec::new();
        let names: BTreeSet<&String> = config.include.iter().collect();
        for name in names {
            let collection = config.collections.get(name).ok_or_else(|| Error::UnknownCollection {
                name: name.clone(),
                nearest: nearest(name, config.collections.keys().map(String::as_str)).map(str::to_owned),
            })?;
            let mut patterns = Vec::new();
            for pattern in &collection.include_regex {
                let pattern = Pattern::parse(pattern);
                patterns.push(pattern.map_err(|source| Error::Pattern { collection: name.clone(), source })?);
            }
            included.push(Included { name: name.clone(), patterns });
        }
        Ok(Self {
            defined: config.collections.clone(),
            included,
            default_save_config: config.save_config.clone(),
            num_workers: config.num_workers,
            members: HashMap::new(),
        })
    }

    /// Names of the included collections that save at a step, sorted.
    pub(crate) fn at(&self, step: Step, mode: Mode) -> Vec<&str> {
        self.included.iter().map(|c| c.name.as_str()).filter(|name| self.saves(name, step, mode)).collect()
    }

    /// In what form a tensor is saved at a step; `None` where nobody asks for it.
    pub(crate) fn form(&mut self, name: &str, num_elements: u64, step: Step, mode: Mode) -> Option<Form> {
        let mut form: Option<Form> = None;
        for index in self.members_of(name) {
            let Some(included) = self.included.get(index) else { continue };
            if !self.saves(&included.name, step, mode) {
                continue;
            }
            let form = form.get_or_insert_default();
            let config = self.defined.get(&included.name).and_then(|c| c.reduction_config.as_ref());
            match config {
                Some(config) if num_elements > 1 && !SCALAR_COLLECTIONS.contains(&included.name.as_str()) => {
                    form.merge(Form { values: config.save_raw_tensor, reduced: config.clone() });
                }
                _ => form.values = true,
            }
        }
        form
    }

    /// Makes a tensor a member of a collection, and the collection where it is new. Whether that changed anything.
    pub(crate) fn assign(&mut self, collection: &str, tensor: &str) -> bool {
        let changed =
            self.defined.entry(collection.to_owned()).or_default().tensor_names.insert(tensor.to_owned());
        if changed {
            self.members.remove(tensor);
        }
        changed
    }

    /// The content of the collections file.
    pub(crate) fn to_collections(&self) -> Collections {
        let mut by_name = self.defined.clone();
        for collection in by_name.values_mut() {
            let mut config = self.default_save_config.clone();
            if let Some(own) = &collection.save_config {
                config.0.extend(own.0.clone());
            }
            collection.save_config = Some(config);
        }
        Collections { by_name, num_workers: self.num_workers }
    }

    fn saves(&self, collection: &str, step: Step, mode: Mode) -> bool {
        let own =
            self.defined.get(collection).and_then(|c| c.save_config.as_ref()).and_then(|c| c.0.get(&mode));
        own.or_else(|| self.default_save_config.0.get(&mode)).is_some_and(|config| config.saves(step))
    }

    fn members_of(&mut self, name: &str) -> Vec<usize> {
        if let Some(found) = self.members.get(name) {
            return found.clone();
        }
        let is_member = |included: &Included| {
            let listed = self
                .defined
                .get(&included.name)
                .is_some_and(|collection| collection.tensor_names.contains(name));
            // A pattern that gives up on a name (too much backtracking) does not match it.
            listed || included.patterns.iter().any(|pattern| pattern.occurs_in(name).unwrap_or(false))
        };
        let found: Vec<usize> =
            self.included.iter().enumerate().filter(|(_, c)| is_member(c)).map(|(index, _)| index).collect();
        self.members.insert(name.to_owned(), found.clone());
        found
    }
}
