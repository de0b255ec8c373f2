//! Findings, statuses and rules as JSON. These key names are stable; keys may be added.
//!
//! Numbers that JSON cannot say are the strings `NaN`, `Infinity` and `-Infinity`.

use serde_json::{Map, Value, json};
use trialscope_tensor::{Step, TensorName};

use crate::{Event, Finding, Message, ParameterValue, Parameters, RuleInfo, RuleStatus};

/// A finding:
///
/// `number`, `rule`, `configuration`, `step`, `mode`, `mode_step`, `subject`, `tensors` (names), `quantity`,
/// `measured`, `comparator`, `threshold`, `readings` (`tensor`, `step`, `value` each), `explanation`, `remedy`,
/// `parameters` (by name), `cleared_at` (step or null).
pub fn finding_json(finding: &Finding) -> Value {
    let evidence = &finding.evidence;
    let readings: Vec<Value> = evidence
        .readings
        .iter()
        .map(|reading| {
            json!({
                "tensor": reading.tensor.as_str(),
                "step": reading.step.0,
                "value": number(reading.value),
            })
        })
        .collect();
    json!({
        "number": finding.number,
        "rule": finding.rule,
        "configuration": finding.configuration,
        "step": finding.point.step.0,
        "mode": finding.point.mode.name(),
        "mode_step": finding.point.mode_step.0,
        "subject": finding.subject,
        "tensors": evidence.tensors().into_iter().map(TensorName::as_str).collect::<Vec<_>>(),
        "quantity": evidence.quantity,
        "measured": number(evidence.measured),
        "comparator": evidence.comparator.sign(),
        "threshold": number(evidence.threshold),
        "readings": readings,
        "explanation": evidence.explanation,
        "remedy": evidence.remedy,
        "parameters": parameters(&finding.parameters),
        "cleared_at": step(finding.cleared_at),
    })
}

/// An event: `event` (`finding_opened` or `finding_cleared`) and `finding`.
pub fn event_json(event: &Event) -> Value {
    let kind = match event {
        Event::Opened(_) => "finding_opened",
        Event::Cleared(_) => "finding_cleared",
    };
    json!({ "event": kind, "finding": finding_json(event.finding()) })
}

/// The status of a rule:
///
/// `rule`, `configuration`, `status`, `details` (text), `evaluated`, `evaluations`, `last_step` (or null),
/// `num_findings`, `first_finding` (or null), `open_findings`, `messages` (`severity`, `code`, `text` each).
pub fn status_json(status: &RuleStatus) -> Value {
    let message = |message: &Message| {
        json!({
            "severity": message.severity.name(),
            "code": message.code,
            "text": message.text,
        })
    };
    json!({
        "rule": status.rule,
        "configuration": status.configuration,
        "status": status.status.name(),
        "details": status.details(),
        "evaluated": status.evaluated,
        "evaluations": status.evaluations,
        "last_step": step(status.last_step),
        "num_findings": status.num_findings,
        "first_finding": status.first_finding.as_ref().map(finding_json),
        "open_findings": status.open_findings.iter().map(finding_json).collect::<Vec<_>>(),
        "messages": status.messages.iter().map(message).collect::<Vec<_>>(),
    })
}

/// A rule of the registry:
///
/// `name`, `summary`, `parameters` (`name`, `type`, `default` as text or null, `accepts`, `meaning` each),
/// `default_collections` (`name`, `save_interval` each), `page` (Markdown).
pub fn rule_json(rule: &RuleInfo) -> Value {
    let parameters: Vec<Value> = rule
        .parameters()
        .into_iter()
        .map(|info| {
            json!({
                "name": info.name,
                "type": info.kind.name(),
                "default": info.kind.default_text(),
                "accepts": info.kind.range(),
                "meaning": info.doc,
            })
        })
        .collect();
    let collections: Vec<Value> = rule
        .default_collections
        .iter()
        .map(|collection| json!({ "name": collection.name, "save_interval": collection.save_interval }))
        .collect();
    json!({
        "name": rule.name,
        "summary": rule.summary,
        "parameters": parameters,
        "default_collections": collections,
        "page": rule.page(),
    })
}

fn step(step: Option<Step>) -> Value {
    step.map_or(Value::Null, |step| step.0.into())
}

fn number(value: f64) -> Value {
    if value.is_finite() {
        value.into()
    } else if value.is_nan() {
        "NaN".into()
    } else if value > 0.0 {
        "Infinity".into()
    } else {
        "-Infinity".into()
    }
}

fn parameters(parameters: &Parameters) -> Value {
    let value = |value: &ParameterValue| match value {
        ParameterValue::Unset => Value::Null,
        ParameterValue::Integer(value) => (*value).into(),
        ParameterValue::Float(value) => number(*value),
        ParameterValue::Boolean(value) => (*value).into(),
        ParameterValue::Text(text) => text.as_str().into(),
        ParameterValue::List(items) => items.clone().into(),
    };
    let by_name: Map<String, Value> =
        parameters.iter().map(|(name, given)| (name.to_owned(), value(given))).collect();
    by_name.into()
}
