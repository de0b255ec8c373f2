//! `trialscope rules`: judge a trial by rules, live or afterwards.

use std::{
    thread,
    time::{Duration, Instant},
};

use anstyle::AnsiColor;
use serde_json::{Value, json};
use trialscope_rules::{
    Error as RuleError, Evaluator, Event, Phase, Progress, RuleSpec, RuleStatus, Severity, Status,
    event_json, rule_json, rules, status_json,
};

use crate::{
    args::Rules,
    exit::Exit,
    failure::Failure,
    names,
    output::{Output, paint},
    text, trial,
};

/// Pause between two looks at a growing trial. Short: a rule that fires should be known within the second.
const PAUSE: Duration = Duration::from_millis(100);

/// The trial may not be there yet when the command starts beside a training.
const PATIENCE_FOR_TRIAL: Duration = Duration::from_mins(1);

pub(crate) fn run(arguments: &Rules, output: &Output) -> Result<Exit, Failure> {
    if arguments.list {
        return list(output);
    }
    let specs = arguments.specs.iter().map(|spec| RuleSpec::parse(spec)).collect::<Result<Vec<_>, _>>()?;
    let path = arguments.path.as_deref().unwrap_or_default();
    let trial = if arguments.follow { wait_for_trial(path)? } else { trial::open(path)? };
    let mut evaluator = Evaluator::new(trial, specs)?;
    let events = if arguments.follow {
        follow(&mut evaluator, arguments.timeout.map(Duration::from_secs), output)?
    } else {
        let progress = evaluator.look()?;
        if progress.phase == Phase::Running {
            output.note(
                "the training is not finished; this is what the rules say so far (--follow stays beside it)",
            );
        }
        progress.events
    };
    let statuses = evaluator.statuses();
    if arguments.follow && output.json {
        for status in &statuses {
            output.json_line(&with_event("rule_status", status_json(status)))?;
        }
    } else {
        let document = json!({
            "schema": "trialscope.rules/1",
            "trial": evaluator.trial().storage().location(),
            "rules": statuses.iter().map(status_json).collect::<Vec<_>>(),
            "events": events.iter().map(event_json).collect::<Vec<_>>(),
        });
        output.result(&document, || summary(&statuses, &events, &evaluator, arguments.follow))?;
    }
    Ok(exit(&statuses, arguments))
}

fn exit(statuses: &[RuleStatus], arguments: &Rules) -> Exit {
    if statuses.iter().any(|status| status.status == Status::Error) {
        return Exit::Failure;
    }
    let fired = statuses.iter().any(|status| status.status == Status::IssuesFound);
    if fired && arguments.fail_on_issues { Exit::RuleFired } else { Exit::Success }
}

fn wait_for_trial(path: &str) -> Result<trialscope_store::Trial, Failure> {
    let start = Instant::now();
    loop {
        match trial::open(path) {
            Err(failure) if failure.exit == Exit::NotFound && start.elapsed() < PATIENCE_FOR_TRIAL => {
                thread::sleep(PAUSE);
            }
            result => return result,
        }
    }
}

fn follow(
    evaluator: &mut Evaluator,
    timeout: Option<Duration>,
    output: &Output,
) -> Result<Vec<Event>, Failure> {
    let mut all = Vec::new();
    let mut last_news = Instant::now();
    loop {
        let Progress { events, steps, phase } = evaluator.look()?;
        for event in &events {
            if output.json {
                output.json_line(&event_json(event))?;
            } else {
                output.line(&event_text(event, evaluator))?;
            }
        }
        all.extend(events);
        if let Some(step) = steps.last() {
            last_news = Instant::now();
            if output.json {
                output.json_line(&json!({ "event": "step_evaluated", "step": step.0 }))?;
            }
        }
        if phase != Phase::Running {
            if phase == Phase::Interrupted {
                output.note("the training process is gone without having ended the trial");
            }
            return Ok(all);
        }
        if timeout.is_some_and(|timeout| last_news.elapsed() >= timeout) {
            evaluator.stop();
            output.note("no new step came in time; evaluation stopped");
            return Ok(all);
        }
        thread::sleep(PAUSE);
    }
}

fn list(output: &Output) -> Result<Exit, Failure> {
    let document = json!({
        "schema": "trialscope.rule-list/1",
        "rules": rules().iter().map(rule_json).collect::<Vec<_>>(),
    });
    output.result(&document, || {
        let mut lines = Vec::new();
        for rule in rules() {
            lines.push(format!("{}\n  {}", rule.name, rule.summary));
            for parameter in rule.parameters() {
                let default = parameter.kind.default_text().unwrap_or_else(|| "none".to_owned());
                lines.push(format!("    {} = {default}  {}", parameter.name, parameter.doc));
            }
        }
        lines.join("\n")
    })?;
    Ok(Exit::Success)
}

fn summary(statuses: &[RuleStatus], events: &[Event], evaluator: &Evaluator, already_told: bool) -> String {
    let mut lines = Vec::new();
    if !already_told {
        lines.extend(events.iter().map(|event| event_text(event, evaluator)));
    }
    for status in statuses {
        let color = paint(match status.status {
            Status::NoIssuesFound => AnsiColor::Green,
            Status::IssuesFound => AnsiColor::Yellow,
            Status::Error => AnsiColor::Red,
            _ => AnsiColor::Cyan,
        });
        let looked = format!(
            "{} evaluation{} up to step {}",
            text::count(status.evaluations),
            if status.evaluations == 1 { "" } else { "s" },
            status.last_step.map_or_else(|| "-".to_owned(), |step| step.to_string())
        );
        let findings = match status.num_findings {
            0 => String::new(),
            1 => format!(", 1 finding ({} open)", status.open_findings.len()),
            n => format!(", {n} findings ({} open)", status.open_findings.len()),
        };
        lines
            .push(format!("{}  {color}{}{color:#}  {looked}{findings}", status.configuration, status.status));
        for message in &status.messages {
            let word = match message.severity {
                Severity::Error => "error",
                Severity::NotEvaluated => "not evaluated",
                Severity::Warning => "warning",
            };
            lines.push(format!("  {word}: {}", text::printable(&message.text)));
        }
    }
    lines.join("\n")
}

fn event_text(event: &Event, evaluator: &Evaluator) -> String {
    let finding = event.finding();
    let point = finding.point;
    let place = format!("step {}", point.step);
    let named = |sentence: &str| {
        let mut sentence = text::printable(sentence);
        let mut tensors = finding.evidence.tensors();
        // Longest first: `f1` is the beginning of `f10`.
        tensors.sort_by_key(|tensor| std::cmp::Reverse(tensor.as_str().len()));
        for tensor in tensors {
            let display = names::display(evaluator.trial(), tensor.as_str());
            sentence = sentence.replace(&text::printable(tensor.as_str()), &display);
        }
        sentence
    };
    match event {
        Event::Opened(finding) => {
            let yellow = paint(AnsiColor::Yellow).bold();
            format!(
                "{yellow}{}{yellow:#} fired at {place}: {}\n  {}\n  what helps: {}",
                finding.configuration,
                named(&finding.subject),
                named(&finding.evidence.explanation),
                finding.evidence.remedy
            )
        }
        Event::Cleared(finding) => {
            let green = paint(AnsiColor::Green);
            let cleared_at = finding.cleared_at.unwrap_or(point.step);
            format!(
                "{green}{}{green:#} cleared at step {cleared_at}: {} (fired at {place})",
                finding.configuration,
                named(&finding.subject)
            )
        }
    }
}

fn with_event(event: &str, mut document: Value) -> Value {
    if let Some(fields) = document.as_object_mut() {
        fields.insert("event".to_owned(), event.into());
    }
    document
}

impl From<RuleError> for Failure {
    fn from(error: RuleError) -> Self {
        let exit = if matches!(error, RuleError::Trial { .. }) { Exit::Failure } else { Exit::Usage };
        let failure = Self::new(exit, error.to_string());
        match error.hint() {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}
