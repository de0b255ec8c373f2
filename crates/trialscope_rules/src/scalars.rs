//! Tensors that should be one finite number, and a record of those that are not.

use std::collections::{BTreeMap, BTreeSet};

use trialscope_tensor::{Step, Tensor, TensorName};

use crate::{Diagnosis, Skip, StepPoint, wording::counted};

/// Reads scalars and remembers what it could not use.
#[derive(Debug, Default)]
pub(crate) struct Scalars {
    finite: BTreeSet<TensorName>,
    non_finite: BTreeMap<TensorName, (u64, Step)>,
    wrong_shape: BTreeMap<TensorName, String>,
}

impl Scalars {
    /// The one number of `tensor`; `None`, and remembered, where it has not one finite number.
    pub(crate) fn read(&mut self, point: StepPoint, name: &TensorName, tensor: &Tensor) -> Option<f64> {
        match tensor.as_scalar() {
            Some(value) if value.is_finite() => {
                if !self.finite.contains(name) {
                    self.finite.insert(name.clone());
                }
                Some(value)
            }
            Some(_) => {
                self.non_finite.entry(name.clone()).or_insert((0, point.step)).0 += 1;
                None
            }
            None => {
                let shape = format!("{} of {}", tensor.shape(), tensor.dtype());
                self.wrong_shape.entry(name.clone()).or_insert(shape);
                None
            }
        }
    }

    /// Names that gave at least one finite number.
    pub(crate) fn names(&self) -> &BTreeSet<TensorName> {
        &self.finite
    }

    /// `" 3 non-finite values ignored."`, or nothing, to stand behind an explanation.
    pub(crate) fn note<'a>(&self, names: impl IntoIterator<Item = &'a TensorName>) -> String {
        let count: u64 =
            names.into_iter().filter_map(|name| self.non_finite.get(name)).map(|(count, _)| count).sum();
        if count == 0 { String::new() } else { format!(" {} ignored.", counted(count, "non-finite value")) }
    }

    /// Names that never gave a finite number.
    pub(crate) fn skipped(&self) -> Vec<Skip> {
        self.diagnoses(|name| !self.finite.contains(name))
            .map(|(name, why)| Skip { tensors: vec![name.clone()], why })
            .collect()
    }

    /// What was ignored of names that also gave finite numbers.
    pub(crate) fn remarks(&self) -> Vec<Diagnosis> {
        self.diagnoses(|name| self.finite.contains(name)).map(|(_, why)| why).collect()
    }

    fn diagnoses<'a>(
        &'a self,
        wanted: impl Fn(&TensorName) -> bool + Copy + 'a,
    ) -> impl Iterator<Item = (&'a TensorName, Diagnosis)> {
        let wrong = self.wrong_shape.iter().map(|(tensor, shape)| {
            let why = Diagnosis::WrongShape {
                tensor: tensor.clone(),
                shape: shape.clone(),
                expected: "one number",
            };
            (tensor, why)
        });
        let non_finite = self.non_finite.iter().map(|(tensor, &(count, first))| {
            (tensor, Diagnosis::NonFinite { tensor: tensor.clone(), count, first })
        });
        wrong.chain(non_finite).filter(move |(name, _)| wanted(name))
    }
}
