//! Which tensors there are, by step, mode, pattern and collection.

use std::collections::HashSet;

use trialscope_tensor::{Mode, Pattern, Step, TensorName, nearest};

use super::Trial;
use crate::error::Error;

/// Which tensor names are asked for. The default asks for all; every field narrows.
#[derive(Debug, Clone)]
pub struct NameQuery {
    /// Only tensors saved in this mode; GLOBAL for any.
    pub mode: Mode,
    /// Only tensors saved at this step, counted in `mode`.
    pub step: Option<Step>,
    /// Only names in which one of these occurs; none for all names.
    pub patterns: Vec<Pattern>,
    /// Only members of this collection.
    pub collection: Option<String>,
}

impl Default for NameQuery {
    fn default() -> Self {
        Self { mode: Mode::Global, step: None, patterns: Vec::new(), collection: None }
    }
}

impl Trial {
    /// The names of the tensors of which a value, a shape or a reduction was saved, sorted. Steps that wait for
    /// further workers count.
    ///
    /// # Errors
    /// [`Error::StepUnavailable`], [`Error::StepNotYetAvailable`], [`Error::UnknownCollection`], or
    /// [`Error::Pattern`] for a pattern that backtracks beyond all bounds.
    pub fn tensor_names(&self, query: &NameQuery) -> Result<Vec<TensorName>, Error> {
        let members = match &query.collection {
            None => None,
            Some(collection) => Some(self.members(collection)?),
        };
        let tensors = match query.step {
            Some(step) => {
                let global = self
                    .catalogue
                    .global_step(query.mode, step)
                    .ok_or_else(|| self.step_error(step, query.mode))?;
                self.catalogue.tensors_at(std::iter::once(global))
            }
            None => self.catalogue.tensors_at(self.catalogue.steps(query.mode).map(|(_, global)| global)),
        };
        let names = self.catalogue.names();
        let mut found: Vec<&TensorName> = tensors
            .iter()
            .filter(|id| members.as_ref().is_none_or(|members| members.contains(id)))
            .filter_map(|&id| names.name(id))
            .collect();
        found.sort_unstable();
        let mut matching = Vec::with_capacity(found.len());
        for name in found {
            if occurs_any(&query.patterns, name)? {
                matching.push(name.clone());
            }
        }
        Ok(matching)
    }

    fn members(&self, collection: &str) -> Result<HashSet<super::names::NameId>, Error> {
        self.definitions.members(collection, self.catalogue.names())?.ok_or_else(|| {
            let defined = self.definitions.collections().by_name.keys().map(String::as_str);
            Error::UnknownCollection {
                name: collection.to_owned(),
                nearest: nearest(collection, defined).map(str::to_owned),
            }
        })
    }
}

fn occurs_any(patterns: &[Pattern], name: &TensorName) -> Result<bool, Error> {
    for pattern in patterns {
        if pattern.occurs_in(name.as_str())? {
            return Ok(true);
        }
    }
    Ok(patterns.is_empty())
}
