use std::fmt;

use trialscope_tensor::Step;

use crate::{Finding, Severity};

/// Where a rule stands; the words are those of Amazon SageMaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It waits for steps and has found nothing yet.
    InProgress,
    /// The run is over and the condition was never met; see [`RuleStatus::evaluated`].
    NoIssuesFound,
    /// The condition was met at least once.
    IssuesFound,
    /// It could not look, or failed.
    Error,
    /// It was asked to stop.
    Stopping,
    /// It was stopped before the run was over and had found nothing.
    Stopped,
}

impl Status {
    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::NoIssuesFound => "NoIssuesFound",
            Self::IssuesFound => "IssuesFound",
            Self::Error => "Error",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a configured rule stands, and all there is to say about it.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleStatus {
    /// The rule.
    pub rule: String,
    /// The name under which it was configured.
    pub configuration: String,
    /// Where it stands.
    pub status: Status,
    /// Whether the condition was evaluated at least once.
    pub evaluated: bool,
    /// How often it was evaluated.
    pub evaluations: u64,
    /// The last step that was looked at; `None` before the first.
    pub last_step: Option<Step>,
    /// The first finding, open or cleared.
    pub first_finding: Option<Finding>,
    /// Findings whose condition is still met.
    pub open_findings: Vec<Finding>,
    /// How many findings there were, open and cleared.
    pub num_findings: u64,
    /// What was wrong or left out, the gravest first.
    pub messages: Vec<Message>,
}

/// Something that was wrong or left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// How much it weighs.
    pub severity: Severity,
    /// The code of the [`Diagnosis`](crate::Diagnosis).
    pub code: &'static str,
    /// The sentence.
    pub text: String,
}

impl RuleStatus {
    /// The status in words, one line per fact. The first line of [`Status::IssuesFound`] is the one that Amazon
    /// SageMaker wrote.
    pub fn details(&self) -> String {
        let mut lines = Vec::new();
        if let Some(first) = &self.first_finding {
            lines.push(format!(
                "RuleEvaluationConditionMet: Evaluation of the rule {} at step {} resulted in the condition being met",
                self.rule, first.point.step
            ));
            lines.push(format!("{}: {}", first.subject, first.evidence.explanation));
            if self.num_findings > 1 || self.open_findings.is_empty() {
                lines.push(format!("Findings: {}, open: {}.", self.num_findings, self.open_findings.len()));
            }
        }
        lines.extend(self.messages.iter().map(|message| match message.severity {
            Severity::Error => message.text.clone(),
            severity => format!("{}: {}", severity.name(), message.text),
        }));
        lines.join("\n")
    }
}
