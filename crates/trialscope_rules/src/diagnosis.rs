use trialscope_tensor::{Reduction, Step, TensorName};

use crate::wording::{counted, list};

/// Why a rule could not look, or not look at everything: a code, what is missing, what was found instead, the fix.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Diagnosis {
    /// The run ended and had declared no collections and saved no step.
    NoRunData,
    /// The selection takes no saved tensor.
    NoMatchingTensors {
        /// The selection, in words.
        selection: String,
        /// Collections of which tensors were saved.
        saved_collections: Vec<String>,
        /// Saved names nearest to the selection.
        closest: Vec<String>,
        /// Names that the selection takes and the rule leaves out, with the reason.
        left_out: Vec<(TensorName, &'static str)>,
    },
    /// Values are needed, and only reductions were saved.
    ReductionsOnly {
        /// The tensor.
        tensor: TensorName,
        /// What was saved; empty where it was the shape alone.
        reductions: Vec<Reduction>,
    },
    /// The run ended before there was enough to compare.
    TooFewSteps {
        /// The tensor, for its save interval.
        tensor: TensorName,
        /// What the rule needs: `2 saved steps of train-logloss at least 10 steps apart`.
        needed: String,
        /// What the run has: `1`, `3 from step 0 to step 6`.
        found: String,
        /// Steps between two saves, where the run says.
        save_interval: Option<u64>,
        /// A parameter that could be lowered instead, with its value.
        parameter: Option<(&'static str, u64)>,
    },
    /// Tensors of a mode, or of a data set, are missing.
    ModeMissing {
        /// What the rule needs: `losses in modes TRAIN and EVAL`.
        needed: String,
        /// What the run has.
        found: String,
        /// What to change, as a sentence without a full stop.
        fix: String,
    },
    /// A tensor cannot be used.
    WrongShape {
        /// The tensor.
        tensor: TensorName,
        /// Its shape, and its element type where that matters.
        shape: String,
        /// What would do.
        expected: &'static str,
    },
    /// Labels and predictions do not belong together.
    PairMismatch {
        /// Number of labels.
        labels: u64,
        /// Number of predictions.
        predictions: u64,
        /// The step.
        step: Step,
    },
    /// The model has not what the rule looks at.
    UnsupportedModel {
        /// Kind of booster.
        booster: String,
        /// What it has not.
        lacks: &'static str,
    },
    /// Some of the selected tensors were never evaluated.
    Partial {
        /// How many.
        skipped: u64,
        /// Of how many.
        selected: u64,
        /// Why, one reason per cause.
        reasons: Vec<String>,
    },
    /// Values that are NaN or infinite were left out.
    NonFinite {
        /// The tensor.
        tensor: TensorName,
        /// How many values.
        count: u64,
        /// The first step with one.
        first: Step,
    },
    /// Values could not be read.
    Unreadable {
        /// The tensor.
        tensor: TensorName,
        /// At how many steps.
        count: u64,
        /// The first of them.
        first: Step,
        /// The reason given there.
        reason: String,
    },
    /// The condition says nothing about this run.
    NotApplicable {
        /// Why, as a clause.
        reason: String,
        /// What to change, as a sentence without a full stop.
        fix: &'static str,
    },
    /// The rule itself failed.
    RuleFailed {
        /// The error.
        message: String,
    },
}

/// How much a diagnosis weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something was evaluated, but not everything.
    Warning,
    /// Nothing was evaluated, through no fault of the configuration.
    NotEvaluated,
    /// Nothing was evaluated, and something must be changed.
    Error,
}

impl Severity {
    /// The word in messages and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warning => "Warning",
            Self::NotEvaluated => "NotEvaluated",
            Self::Error => "Error",
        }
    }
}

impl Diagnosis {
    /// The code, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoRunData => "NO_RUN_DATA",
            Self::NoMatchingTensors { .. } => "NO_MATCHING_TENSORS",
            Self::ReductionsOnly { .. } => "REDUCTIONS_ONLY",
            Self::TooFewSteps { .. } => "TOO_FEW_STEPS",
            Self::ModeMissing { .. } => "MODE_MISSING",
            Self::WrongShape { .. } => "WRONG_SHAPE",
            Self::PairMismatch { .. } => "PAIR_MISMATCH",
            Self::UnsupportedModel { .. } => "UNSUPPORTED_MODEL",
            Self::Partial { .. } => "PARTIAL",
            Self::NonFinite { .. } => "NON_FINITE",
            Self::Unreadable { .. } => "UNREADABLE",
            Self::NotApplicable { .. } => "NOT_APPLICABLE",
            Self::RuleFailed { .. } => "RULE_FAILED",
        }
    }

    /// What it means for a rule that evaluated nothing.
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Partial { .. } => Severity::Warning,
            Self::TooFewSteps { .. } | Self::NonFinite { .. } | Self::NotApplicable { .. } => {
                Severity::NotEvaluated
            }
            _ => Severity::Error,
        }
    }

    /// The whole sentence.
    pub fn sentence(&self, rule: &str) -> String {
        match self.fix() {
            Some(fix) => format!("{rule}: {}. {fix}.", self.fact()),
            None => format!("{rule}: {}.", self.fact()),
        }
    }

    /// What is the matter, as a clause.
    pub(crate) fn fact(&self) -> String {
        match self {
            Self::NoRunData => "the run saved no tensors at all".to_owned(),
            Self::NoMatchingTensors { selection, .. } => format!("no saved tensor matches {selection}"),
            Self::ReductionsOnly { tensor, reductions } => {
                let names: Vec<String> = reductions.iter().map(ToString::to_string).collect();
                let saved = if names.is_empty() { "its shape".to_owned() } else { list(&names) };
                format!("needs full values of {tensor}; only {saved} were saved")
            }
            Self::TooFewSteps { needed, found, .. } => format!("needs {needed}, the run has {found}"),
            Self::ModeMissing { needed, found, .. } => format!("needs {needed}; found only {found}"),
            Self::WrongShape { tensor, shape, expected } => {
                format!("{tensor} has shape {shape}; expected {expected}")
            }
            Self::PairMismatch { labels, predictions, step } => {
                format!("labels ({labels}) and predictions ({predictions}) at step {step} do not pair up")
            }
            Self::UnsupportedModel { booster, lacks } => format!("booster {booster} has no {lacks}"),
            Self::Partial { skipped, selected, reasons } => {
                format!("{skipped} of {selected} selected tensors were skipped: {}", reasons.join("; "))
            }
            Self::NonFinite { tensor, count, first } => {
                let values = counted(*count, "non-finite value");
                format!("{values} ignored in {tensor}, the first at step {first}")
            }
            Self::Unreadable { tensor, count, first, reason } => {
                format!("{tensor} could not be read at {}, first {first}: {reason}", counted(*count, "step"))
            }
            Self::NotApplicable { reason, .. } => reason.clone(),
            Self::RuleFailed { message } => format!("the rule failed: {message}"),
        }
    }

    fn fix(&self) -> Option<String> {
        match self {
            Self::NoRunData => {
                Some("Check that the hook was created and attached before training".to_owned())
            }
            Self::NoMatchingTensors { saved_collections, closest, left_out, .. } => {
                let mut fix = format!(
                    "Saved collections: {}. Closest names: {}",
                    list(saved_collections),
                    list(closest)
                );
                if let Some((_, reason)) = left_out.first() {
                    let names: Vec<&str> = left_out.iter().map(|(name, _)| name.as_str()).collect();
                    fix = format!("{fix}. Left out ({reason}): {}", list(&names));
                }
                Some(fix)
            }
            Self::ReductionsOnly { .. } => Some("Set save_raw_tensor=true".to_owned()),
            Self::TooFewSteps { save_interval, parameter, .. } => {
                let interval = save_interval.map(|interval| format!(" (now {interval})")).unwrap_or_default();
                let parameter =
                    parameter.map(|(name, value)| format!(" or {name} (now {value})")).unwrap_or_default();
                Some(format!("Lower save_interval{interval}{parameter}"))
            }
            Self::ModeMissing { fix, .. } => Some(fix.clone()),
            Self::NotApplicable { fix, .. } => Some((*fix).to_owned()),
            _ => None,
        }
    }
}
