use trialscope_tensor::TensorName;

use crate::Diagnosis;

/// How much a rule could evaluate, and what it could not.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Coverage {
    /// Evaluations of the condition that could have met it.
    pub evaluations: u64,
    /// Tensors that were selected and never evaluated.
    pub skipped: Vec<Skip>,
    /// What should be known about the evaluations that were made: values ignored.
    pub remarks: Vec<Diagnosis>,
}

/// Tensors that were never evaluated, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Skip {
    /// The tensors.
    pub tensors: Vec<TensorName>,
    /// Why.
    pub why: Diagnosis,
}
