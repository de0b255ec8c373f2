use std::collections::BTreeMap;

use trialscope_tensor::{Mode, Reduction, Step, Tensor, TensorName};

/// When something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepPoint {
    /// Global step.
    pub step: Step,
    /// What the training program was doing.
    pub mode: Mode,
    /// Step counted within that mode.
    pub mode_step: Step,
}

impl StepPoint {
    /// A step of a run that does not tell modes apart.
    pub fn global(step: u64) -> Self {
        Self { step: Step(step), mode: Mode::Global, mode_step: Step(step) }
    }
}

/// What was saved at a step, without the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepHeader {
    /// The step.
    pub point: StepPoint,
    /// Every tensor saved at it, each once.
    pub tensors: Vec<SavedTensor>,
}

/// In what form a tensor was saved at a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedTensor {
    /// Its name, without the prefix that names of reductions have on disk.
    pub name: TensorName,
    /// Whether its values were saved.
    pub values: bool,
    /// Reductions saved beside or instead of the values.
    pub reductions: Vec<Reduction>,
}

impl SavedTensor {
    /// A tensor saved as it is.
    pub fn values(name: TensorName) -> Self {
        Self { name, values: true, reductions: Vec::new() }
    }
}

/// What came of loading a tensor.
#[derive(Debug, Clone, PartialEq)]
pub enum Loaded {
    /// Its values; those of the first worker in rank order that saved it.
    Value(Tensor),
    /// It could not be read; the reason, as a clause (`checksum of record at offset 96 is wrong`).
    Unreadable(String),
}

/// A step as one rule sees it: only the tensors that the rule asked for, and only those that could be read.
#[derive(Debug, Clone)]
pub struct StepView<'a> {
    point: StepPoint,
    values: BTreeMap<&'a str, (&'a TensorName, &'a Tensor)>,
}

impl<'a> StepView<'a> {
    pub(crate) fn new(
        point: StepPoint,
        values: impl IntoIterator<Item = (&'a TensorName, &'a Tensor)>,
    ) -> Self {
        let by_name = |(name, tensor): (&'a TensorName, &'a Tensor)| (name.as_str(), (name, tensor));
        Self { point, values: values.into_iter().map(by_name).collect() }
    }

    /// The step.
    pub fn point(&self) -> StepPoint {
        self.point
    }

    /// The tensors in the order of their names; never empty.
    pub fn iter(&self) -> impl Iterator<Item = (&'a TensorName, &'a Tensor)> {
        self.values.values().copied()
    }

    /// The values of one tensor, if it was saved at this step.
    pub fn value(&self, name: &str) -> Option<&'a Tensor> {
        self.values.get(name).map(|(_, tensor)| *tensor)
    }
}
