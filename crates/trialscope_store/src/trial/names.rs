//! Every tensor name of a trial once, as a small number.
//!
//! Ten thousand steps repeat the same hundred names; everything else in this module stores numbers. Names are only
//! ever added.

use std::collections::HashMap;

use trialscope_tensor::{Reduction, TensorName};

/// A name of the trial it was made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NameId(usize);

/// What a saved name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A tensor.
    Tensor,
    /// A reduction, saved under a name of its own and listed with its tensor.
    Reduction { of: NameId, reduction: Reduction },
}

/// The names of a trial.
#[derive(Debug, Default)]
pub(super) struct Names {
    ids: HashMap<TensorName, NameId>,
    names: Vec<Named>,
}

#[derive(Debug)]
struct Named {
    name: TensorName,
    role: Role,
    reductions: Vec<NameId>,
}

impl Names {
    pub(super) fn intern(&mut self, name: &TensorName) -> NameId {
        if let Some(&id) = self.ids.get(name) {
            return id;
        }
        let split = Reduction::split_tensor_name(name.as_str());
        let role = match split.and_then(|(reduction, of)| Some((reduction, TensorName::parse(of).ok()?))) {
            Some((reduction, of)) => Role::Reduction { of: self.intern(&of), reduction },
            None => Role::Tensor,
        };
        let id = NameId(self.names.len());
        self.names.push(Named { name: name.clone(), role, reductions: Vec::new() });
        self.ids.insert(name.clone(), id);
        if let Role::Reduction { of, .. } = role
            && let Some(tensor) = self.names.get_mut(of.0)
        {
            tensor.reductions.push(id);
        }
        id
    }

    pub(super) fn find(&self, name: &str) -> Option<NameId> {
        self.ids.get(name).copied()
    }

    /// The text of a name, where `id` is of this trial.
    pub(super) fn name(&self, id: NameId) -> Option<&TensorName> {
        Some(&self.names.get(id.0)?.name)
    }

    pub(super) fn role(&self, id: NameId) -> Role {
        self.names.get(id.0).map_or(Role::Tensor, |named| named.role)
    }

    /// The tensor under which a name is listed: itself, or the one it is a reduction of.
    pub(super) fn tensor_of(&self, id: NameId) -> NameId {
        match self.role(id) {
            Role::Tensor => id,
            Role::Reduction { of, .. } => of,
        }
    }

    /// The reductions of a tensor that were ever saved.
    pub(super) fn reductions_of(&self, id: NameId) -> &[NameId] {
        self.names.get(id.0).map_or(&[], |named| &named.reductions)
    }

    /// The names from the `start`th on, in the order in which they came up.
    pub(super) fn since(&self, start: usize) -> impl Iterator<Item = (NameId, &TensorName)> {
        self.names.iter().enumerate().skip(start).map(|(index, named)| (NameId(index), &named.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reduction_belongs_to_its_tensor() {
        let mut names = Names::default();
        let mut intern = |name: &str| names.intern(&TensorName::parse(name).unwrap());
        let mean = intern("smdebug/reductions/mean/w/dense");
        let dense = intern("w/dense");
        let odd = intern("smdebug/reductions/mode/w");
        assert_eq!(intern("w/dense"), dense);
        assert_eq!(names.tensor_of(mean), dense);
        assert_eq!(names.reductions_of(dense), [mean]);
        assert_eq!(names.role(odd), Role::Tensor);
        assert_eq!(names.since(0).count(), 3);
    }
}
