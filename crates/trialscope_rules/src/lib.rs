//! Rules: conditions on saved tensors, and the findings they come to.
//!
//! Everything here but the [`Evaluator`] is pure. A [`Rule`] names the tensors it looks at and is handed their values step by step; it
//! never fetches one, reads no clock and does no I/O. A [`Session`] holds the rules of a run, says which tensors of a
//! step they need (each once, whatever the number of rules), and turns their judgements into [`Event`]s and
//! [`RuleStatus`]es. Fed with the same steps in the same order it gives the same findings, whether the run is still
//! growing or long over.
//!
//! A rule that could not look says so: [`Diagnosis`] holds every reason, and no status is [`Status::NoIssuesFound`]
//! without a warning when nothing was evaluated.
//!
//! ```
//! use std::collections::BTreeMap;
//! use trialscope_rules::{Loaded, RuleSpec, SavedTensor, Session, Status, StepHeader, StepPoint};
//! use trialscope_tensor::{Tensor, TensorName};
//!
//! let rule = RuleSpec::parse("LossNotDecreasing:tensor_regex=^train-,num_steps=5")?.configure()?;
//! let mut session = Session::new(vec![rule]);
//! let loss = TensorName::parse("train-logloss")?;
//! for (step, value) in [(0, 0.9), (5, 0.9)] {
//!     let header = StepHeader { point: StepPoint::global(step), tensors: vec![SavedTensor::values(loss.clone())] };
//!     let values: BTreeMap<_, _> =
//!         session.required(&header).into_iter().map(|name| (name, Loaded::Value(Tensor::from_f64(value)))).collect();
//!     session.observe(&header, &values)?;
//! }
//! session.finish();
//! assert_eq!(session.statuses()[0].status, Status::IssuesFound);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod builtin;
mod catalogue;
mod coverage;
mod diagnosis;
mod error;
mod eval_sets;
mod evaluation;
mod evaluator;
mod finding;
mod json;
mod loss_blocks;
mod metric;
mod outcome;
mod page;
mod parameter;
mod parameters;
mod pattern;
mod registry;
mod rule;
mod scalars;
mod selection;
mod session;
mod spec;
mod spec_text;
mod status;
mod step;
mod wording;

pub use catalogue::{Catalogue, Collection, TensorEntry};
pub use coverage::{Coverage, Skip};
pub use diagnosis::{Diagnosis, Severity};
pub use error::Error;
pub use evaluator::{Evaluator, Phase, Progress};
pub use finding::{Comparator, Event, Evidence, Finding, Reading};
pub use json::{event_json, finding_json, rule_json, status_json};
pub use page::RuleDoc;
pub use parameter::{Interval, ParameterInfo, ParameterKind};
pub use parameters::{ParameterValue, Parameters};
pub use pattern::Patterns;
pub use registry::{DefaultCollection, RuleInfo, find_rule, rules};
pub use rule::{Interest, Judgement, Rule, Verdict};
pub use selection::Selection;
pub use session::Session;
pub use spec::{ConfiguredRule, RuleSpec, StepRange};
pub use status::{Message, RuleStatus, Status};
pub use step::{Loaded, SavedTensor, StepHeader, StepPoint, StepView};
