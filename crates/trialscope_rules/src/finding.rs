use std::{fmt, sync::Arc};

use trialscope_tensor::{Step, TensorName};

use crate::{Parameters, StepPoint};

/// Evidence that the condition of a rule was met.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Counts the findings of one configuration, from 1. With the configuration's name it identifies the finding.
    pub number: u64,
    /// The rule.
    pub rule: String,
    /// The name under which the rule was configured.
    pub configuration: String,
    /// The step at which the condition was first met.
    pub point: StepPoint,
    /// What the condition was met by; see [`Judgement::subject`](crate::Judgement::subject).
    pub subject: String,
    /// What was measured and what it was compared with.
    pub evidence: Evidence,
    /// Every parameter of the configuration.
    pub parameters: Arc<Parameters>,
    /// The step at which the condition was first no longer met; `None` while the finding is open.
    pub cleared_at: Option<Step>,
}

/// What was measured, and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// What was measured, with its unit: `change of the loss in percent`.
    pub quantity: &'static str,
    /// Its value.
    pub measured: f64,
    /// How it was compared.
    pub comparator: Comparator,
    /// What it was compared with.
    pub threshold: f64,
    /// The values the measurement was made from.
    pub readings: Vec<Reading>,
    /// What happened, in one or two sentences.
    pub explanation: String,
    /// What usually helps, in one or two sentences.
    pub remedy: &'static str,
}

impl Evidence {
    /// The tensors the measurement was made from, each once, in the order of the readings.
    pub fn tensors(&self) -> Vec<&TensorName> {
        let mut tensors: Vec<&TensorName> = Vec::new();
        for reading in &self.readings {
            if !tensors.contains(&&reading.tensor) {
                tensors.push(&reading.tensor);
            }
        }
        tensors
    }
}

/// One value a measurement was made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The tensor.
    pub tensor: TensorName,
    /// The global step.
    pub step: Step,
    /// The value, or what the rule made of it (a mean over a block, a share).
    pub value: f64,
}

/// How a measured value relates to its threshold when the condition is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    /// Above it.
    Greater,
    /// At it or above.
    GreaterOrEqual,
    /// Below it.
    Less,
    /// At it or below.
    LessOrEqual,
}

impl Comparator {
    /// The sign: `>`, `>=`, `<` or `<=`.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }
}

impl fmt::Display for Comparator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sign())
    }
}

/// A change in what is found.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A condition is met that was not met before.
    Opened(Finding),
    /// The condition of an open finding is no longer met; `cleared_at` is set.
    Cleared(Finding),
}

impl Event {
    /// The finding, open or cleared.
    pub fn finding(&self) -> &Finding {
        match self {
            Self::Opened(finding) | Self::Cleared(finding) => finding,
        }
    }
}
