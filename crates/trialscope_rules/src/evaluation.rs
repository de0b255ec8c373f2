//! One configured rule at work: what it selected, what it was handed, what it found.

use std::collections::{BTreeMap, BTreeSet};

use trialscope_tensor::{Mode, Reduction, Step, TensorName};

use crate::{
    ConfiguredRule, Coverage, Diagnosis, Error, Event, Finding, Interest, Judgement, Loaded, RuleStatus,
    Skip, Status, StepHeader, StepView, TensorEntry, Verdict,
    outcome::{Outcome, Surroundings},
};

/// A rule with its bookkeeping.
pub(crate) struct Evaluation {
    pub(crate) configured: ConfiguredRule,
    state: State,
    seen: Seen,
    last_step: Option<Step>,
    open: BTreeMap<String, Finding>,
    first: Option<Finding>,
    num_findings: u64,
}

/// How far the evaluation is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Running,
    Finished,
    Stopped,
    Failed(String),
}

/// What the run had for the rule.
#[derive(Debug, Default)]
struct Seen {
    selected: BTreeSet<TensorName>,
    left_out: BTreeMap<TensorName, &'static str>,
    /// Selected names whose values were saved at a step the rule looks at.
    valued: BTreeSet<TensorName>,
    reductions: BTreeMap<TensorName, Vec<Reduction>>,
    unreadable: BTreeMap<TensorName, Unreadable>,
    read: BTreeSet<TensorName>,
    other_modes: BTreeSet<Mode>,
    outside_range: Option<(TensorName, Step)>,
}

#[derive(Debug)]
struct Unreadable {
    count: u64,
    first: Step,
    reason: String,
}

impl Evaluation {
    pub(crate) fn new(configured: ConfiguredRule) -> Self {
        Self {
            configured,
            state: State::Running,
            seen: Seen::default(),
            last_step: None,
            open: BTreeMap::new(),
            first: None,
            num_findings: 0,
        }
    }

    /// Forgets what was selected, before every name is offered again.
    pub(crate) fn reset_selection(&mut self) {
        self.seen.selected.clear();
        self.seen.left_out.clear();
    }

    /// Asks the rule about a name.
    pub(crate) fn offer(&mut self, tensor: &Result<TensorEntry<'_>, Error>) {
        let interest = match tensor {
            Ok(entry) => self.configured.judge.select(entry).map(|interest| (entry.name, interest)),
            Err(error) => Err(error.clone()),
        };
        match interest {
            Ok((_, Interest::Ignore)) => {}
            Ok((name, Interest::LeaveOut(reason))) => {
                self.seen.left_out.insert(name.clone(), reason);
            }
            Ok((name, Interest::Values)) => {
                self.seen.selected.insert(name.clone());
            }
            Err(error) => self.fail(&error),
        }
    }

    /// The tensors of a step whose values the rule must be handed.
    pub(crate) fn required<'h>(&self, header: &'h StepHeader) -> impl Iterator<Item = &'h TensorName> {
        let looks = self.state == State::Running
            && self.configured.range.contains(header.point.step)
            && self.configured.judge.modes().contains(&header.point.mode);
        header
            .tensors
            .iter()
            .filter(move |tensor| looks && tensor.values && self.seen.selected.contains(&tensor.name))
            .map(|tensor| &tensor.name)
    }

    /// Hands a step over.
    pub(crate) fn observe(
        &mut self,
        header: &StepHeader,
        values: &BTreeMap<TensorName, Loaded>,
    ) -> Vec<Event> {
        if self.state != State::Running || !self.note_saved(header) {
            return Vec::new();
        }
        let wanted: Vec<&TensorName> = self.required(header).collect();
        let mut handed = BTreeMap::new();
        for name in wanted {
            match values.get(name) {
                Some(Loaded::Value(tensor)) => {
                    if !self.seen.read.contains(name) {
                        self.seen.read.insert(name.clone());
                    }
                    handed.insert(name, tensor);
                }
                Some(Loaded::Unreadable(reason)) => self.seen.unreadable(name, header, reason),
                None => self.seen.unreadable(name, header, "its values were not handed over"),
            }
        }
        if handed.is_empty() {
            return Vec::new();
        }
        self.last_step = Some(header.point.step);
        let judged = self.configured.judge.observe(&StepView::new(header.point, handed));
        self.apply(judged)
    }

    /// Ends the evaluation with the run.
    pub(crate) fn finish(&mut self) -> Vec<Event> {
        if self.state != State::Running {
            return Vec::new();
        }
        let judged = self.configured.judge.finish();
        self.state = State::Finished;
        self.apply(judged)
    }

    /// Ends the evaluation before the run.
    pub(crate) fn stop(&mut self) {
        if self.state == State::Running {
            self.state = State::Stopped;
        }
    }

    /// Notes in what form, mode and range the rule's tensors were saved; whether the rule looks at the step at all.
    fn note_saved(&mut self, header: &StepHeader) -> bool {
        let point = header.point;
        let in_range = self.configured.range.contains(point.step);
        let in_modes = self.configured.judge.modes().contains(&point.mode);
        for tensor in header.tensors.iter().filter(|tensor| self.seen.selected.contains(&tensor.name)) {
            if !in_range {
                self.seen.outside_range = Some((tensor.name.clone(), point.step));
            } else if !in_modes {
                self.seen.other_modes.insert(point.mode);
            } else if tensor.values {
                if !self.seen.valued.contains(&tensor.name) {
                    self.seen.valued.insert(tensor.name.clone());
                }
            } else {
                self.seen.reductions.entry(tensor.name.clone()).or_insert_with(|| tensor.reductions.clone());
            }
        }
        in_range && in_modes
    }

    fn apply(&mut self, judged: Result<Vec<Judgement>, Error>) -> Vec<Event> {
        let judgements = match judged {
            Ok(judgements) => judgements,
            Err(error) => {
                self.fail(&error);
                return Vec::new();
            }
        };
        judgements.into_iter().filter_map(|judgement| self.record(judgement)).collect()
    }

    /// Opens or clears a finding; `None` where the judgement changes nothing.
    fn record(&mut self, judgement: Judgement) -> Option<Event> {
        let Judgement { subject, point, verdict } = judgement;
        match verdict {
            Verdict::Met(_) if self.open.contains_key(&subject) => None,
            Verdict::Met(evidence) => {
                self.num_findings += 1;
                let finding = Finding {
                    number: self.num_findings,
                    rule: self.configured.rule.clone(),
                    configuration: self.configured.configuration.clone(),
                    point,
                    subject: subject.clone(),
                    evidence: *evidence,
                    parameters: self.configured.parameters.clone(),
                    cleared_at: None,
                };
                self.first.get_or_insert_with(|| finding.clone());
                self.open.insert(subject, finding.clone());
                Some(Event::Opened(finding))
            }
            Verdict::Clear => {
                let mut finding = self.open.remove(&subject)?;
                finding.cleared_at = Some(point.step);
                if let Some(first) = self.first.as_mut().filter(|first| first.number == finding.number) {
                    first.cleared_at = finding.cleared_at;
                }
                Some(Event::Cleared(finding))
            }
        }
    }

    fn fail(&mut self, error: &Error) {
        self.state = State::Failed(error.to_string());
    }

    /// Where the rule stands.
    pub(crate) fn status(&self, surroundings: &Surroundings<'_>) -> RuleStatus {
        let coverage = self.configured.judge.coverage();
        let evaluated = coverage.evaluations > 0;
        let outcome = match &self.state {
            State::Failed(message) => Outcome::failed(message.clone()),
            State::Finished if evaluated => {
                Outcome::evaluated(self.partial(&coverage), self.remarks(&coverage))
            }
            State::Finished => Outcome::not_evaluated(self.reasons(&coverage, surroundings)),
            State::Running => Outcome::going_on(Status::InProgress, self.remarks(&coverage)),
            State::Stopped => Outcome::going_on(Status::Stopped, self.remarks(&coverage)),
        };
        let found = self.num_findings > 0;
        RuleStatus {
            rule: self.configured.rule.clone(),
            configuration: self.configured.configuration.clone(),
            status: if found { Status::IssuesFound } else { outcome.status },
            evaluated,
            evaluations: coverage.evaluations,
            last_step: self.last_step,
            first_finding: self.first.clone(),
            open_findings: self.open.values().cloned().collect(),
            num_findings: self.num_findings,
            messages: outcome.messages(&self.configured.rule, surroundings),
        }
    }

    /// Why nothing was evaluated; never empty.
    fn reasons(&self, coverage: &Coverage, surroundings: &Surroundings<'_>) -> Vec<Diagnosis> {
        if surroundings.is_empty() {
            return vec![Diagnosis::NoRunData];
        }
        if self.seen.selected.is_empty() {
            return vec![
                surroundings.no_matching_tensors(self.configured.judge.selection(), &self.seen.left_out),
            ];
        }
        let skips: Vec<Diagnosis> = self.skips(coverage).into_iter().map(|skip| skip.why).collect();
        if !skips.is_empty() {
            return skips;
        }
        let names = |modes: &[Mode]| modes.iter().map(|mode| mode.name()).collect::<Vec<_>>();
        if !self.seen.other_modes.is_empty() {
            let modes = names(self.configured.judge.modes()).join(" or ");
            let found: Vec<Mode> = self.seen.other_modes.iter().copied().collect();
            return vec![Diagnosis::ModeMissing {
                needed: format!("{} in mode {modes}", self.configured.judge.selection()),
                found: names(&found).join(", "),
                fix: format!("Call hook.set_mode({modes}), or look at another mode"),
            }];
        }
        match &self.seen.outside_range {
            Some((tensor, step)) => vec![Diagnosis::TooFewSteps {
                tensor: tensor.clone(),
                needed: format!("1 saved step of {tensor} {}", self.configured.range),
                found: format!("none; the last is step {step}"),
                save_interval: None,
                parameter: Some(("start_step", self.configured.range.start.0)),
            }],
            None => vec![Diagnosis::NotApplicable {
                reason: "it came to no evaluation".to_owned(),
                fix: "Look at more steps",
            }],
        }
    }

    fn partial(&self, coverage: &Coverage) -> Option<Diagnosis> {
        const LIMIT: usize = 5;
        let skips = self.skips(coverage);
        if skips.is_empty() {
            return None;
        }
        let skipped: BTreeSet<&TensorName> = skips.iter().flat_map(|skip| &skip.tensors).collect();
        let mut reasons: Vec<String> = skips.iter().take(LIMIT).map(|skip| skip.why.fact()).collect();
        if let Some(more) = skips.len().checked_sub(LIMIT).filter(|&more| more > 0) {
            reasons.push(format!("and {more} more"));
        }
        let selected = self.seen.selected.len() as u64;
        Some(Diagnosis::Partial { skipped: skipped.len() as u64, selected, reasons })
    }

    /// Tensors never evaluated: what the rule says, and what it was never handed.
    fn skips(&self, coverage: &Coverage) -> Vec<Skip> {
        let seen = &self.seen;
        let reductions = seen.reductions.iter().filter(|(name, _)| !seen.valued.contains(*name)).map(
            |(tensor, reductions)| Skip {
                tensors: vec![tensor.clone()],
                why: Diagnosis::ReductionsOnly { tensor: tensor.clone(), reductions: reductions.clone() },
            },
        );
        let unreadable =
            seen.unreadable.iter().filter(|(name, _)| !seen.read.contains(*name)).map(|(tensor, damage)| {
                Skip { tensors: vec![tensor.clone()], why: damage.diagnosis(tensor) }
            });
        coverage.skipped.iter().cloned().chain(reductions).chain(unreadable).collect()
    }

    fn remarks(&self, coverage: &Coverage) -> Vec<Diagnosis> {
        let damaged = self.seen.unreadable.iter().filter(|(name, _)| self.seen.read.contains(*name));
        let unreadable = damaged.map(|(tensor, damage)| damage.diagnosis(tensor));
        coverage.remarks.iter().cloned().chain(unreadable).collect()
    }
}

impl Seen {
    fn unreadable(&mut self, name: &TensorName, header: &StepHeader, reason: &str) {
        let first = header.point.step;
        let damage = self.unreadable.entry(name.clone()).or_insert_with(|| Unreadable {
            count: 0,
            first,
            reason: reason.to_owned(),
        });
        damage.count += 1;
    }
}

impl Unreadable {
    fn diagnosis(&self, tensor: &TensorName) -> Diagnosis {
        Diagnosis::Unreadable {
            tensor: tensor.clone(),
            count: self.count,
            first: self.first,
            reason: self.reason.clone(),
        }
    }
}
