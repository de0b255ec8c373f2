//! A step on its way to disk: values with the form they are to be saved in, turned into what the store writes.

use trialscope_store::{NamedTensor, ShapeEntry, StepRecord};
use trialscope_tensor::{Mode, Step, Tensor, TensorName, reduce};

use crate::{error::Error, selection::Form};

/// A step as the training thread hands it over.
#[derive(Debug)]
pub(crate) struct PlannedStep {
    pub(crate) step: Step,
    pub(crate) mode: Mode,
    pub(crate) mode_step: Step,
    pub(crate) wall_time_secs: f64,
    pub(crate) tensors: Vec<PlannedTensor>,
}

/// A value, the names it is found under and the form it is saved in.
#[derive(Debug)]
pub(crate) struct PlannedTensor {
    pub(crate) name: TensorName,
    pub(crate) aliases: Vec<TensorName>,
    pub(crate) tensor: Tensor,
    pub(crate) form: Form,
}

impl PlannedStep {
    pub(crate) fn size_bytes(&self) -> u64 {
        self.tensors.iter().map(|planned| planned.tensor.size_bytes()).sum()
    }

    /// What the store writes, and what could not be reduced.
    pub(crate) fn into_record(self) -> (StepRecord, Vec<String>) {
        let mut problems = Vec::new();
        let mut record = StepRecord {
            step: self.step,
            mode: self.mode,
            mode_step: self.mode_step,
            wall_time_secs: self.wall_time_secs,
            tensors: Vec::with_capacity(self.tensors.len()),
            shapes: Vec::new(),
        };
        for planned in self.tensors {
            if let Err(error) = planned.expand(&mut record) {
                problems.push(error.to_string());
            }
        }
        (record, problems)
    }
}

impl PlannedTensor {
    fn expand(self, record: &mut StepRecord) -> Result<(), Error> {
        let names = || std::iter::once(&self.name).chain(&self.aliases);
        for &reduction in &self.form.reduced.reductions {
            let mut reduced_names =
                names().map(|name| TensorName::parse(&reduction.tensor_name(name.as_str())));
            let Some(name) = reduced_names.next() else { continue };
            let aliases = reduced_names.collect::<Result<_, _>>()?;
            record.tensors.push(NamedTensor {
                name: name?,
                aliases,
                tensor: reduce(&self.tensor, reduction)?,
            });
        }
        if self.form.reduced.save_shape {
            record.shapes.extend(names().map(|name| ShapeEntry {
                name: name.clone(),
                original_name: name.as_str().to_owned(),
                shape: self.tensor.shape().clone(),
            }));
        }
        if self.form.values {
            record.tensors.push(NamedTensor { name: self.name, aliases: self.aliases, tensor: self.tensor });
        }
        Ok(())
    }
}
