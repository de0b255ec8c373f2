//! What was saved at a step, and in what form.

use std::collections::BTreeMap;

use trialscope_tensor::{Reduction, Step, TensorName, Worker};

use super::{Trial, names::Role};
use crate::{error::Error, index::IndexFile, layout};

/// In what form a tensor was saved at a step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SavedForm {
    /// Whether its values were saved.
    pub values: bool,
    /// Reductions saved beside or instead of the values, sorted.
    pub reductions: Vec<Reduction>,
}

impl Trial {
    /// The tensors of which anything was saved at a global step, by any worker. Empty for a step that was not saved.
    pub fn contents(&self, step: Step) -> BTreeMap<TensorName, SavedForm> {
        let names = self.catalogue.names();
        let mut contents: BTreeMap<TensorName, SavedForm> = BTreeMap::new();
        for (_, saved) in self.catalogue.workers(step) {
            for id in saved.names() {
                let Some(name) = names.name(names.tensor_of(id)) else { continue };
                let form = contents.entry(name.clone()).or_default();
                match names.role(id) {
                    Role::Tensor => form.values |= saved.location(id).is_some(),
                    Role::Reduction { reduction, .. } => form.reductions.push(reduction),
                }
            }
        }
        for form in contents.values_mut() {
            form.reductions.sort_unstable();
            form.reductions.dedup();
        }
        contents
    }

    /// The names a worker saved values under at a global step, in the order in which it wrote them.
    ///
    /// # Errors
    /// [`Error::FileMissing`] where it did not save the step, [`Error::Damaged`] where its index file cannot be read.
    pub fn names_as_written(&self, step: Step, worker: &Worker) -> Result<Vec<TensorName>, Error> {
        let path = layout::index_path(step, worker);
        let index = IndexFile::parse(&self.storage.get(&path)?, &path)?;
        Ok(index.tensors.into_iter().map(|entry| entry.name).collect())
    }
}
