//! Runs written out by hand, fed to a session.

use std::collections::BTreeMap;

use trialscope_rules::{
    Catalogue, Collection, Event, Loaded, Patterns, RuleSpec, RuleStatus, SavedTensor, Session, StepHeader,
    StepPoint,
};
use trialscope_tensor::{Mode, Step, Tensor, TensorName};

pub(crate) fn name(text: &str) -> TensorName {
    TensorName::parse(text).unwrap()
}

/// A run: collections, and steps with their values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Run {
    pub(crate) catalogue: Catalogue,
    pub(crate) steps: Vec<(StepHeader, BTreeMap<TensorName, Loaded>)>,
}

impl Run {
    /// A run of which nothing is saved yet, with the collections an XGBoost hook declares.
    pub(crate) fn new() -> Self {
        Self::default()
            .collection("losses", &["^[a-zA-Z0-9_]+-.+", "^loss"])
            .collection("metrics", &["^[a-zA-Z0-9_]+-.+"])
            .collection("feature_importance", &["^feature_importance/"])
            .collection("average_shap", &["^average_shap/"])
    }

    pub(crate) fn collection(mut self, name: &str, patterns: &[&str]) -> Self {
        let include_regex = Patterns::compile(patterns).unwrap();
        let collection = Collection { include_regex, save_interval: Some(5), ..Collection::default() };
        self.catalogue.collections.insert(name.to_owned(), collection);
        self
    }

    pub(crate) fn step(self, step: u64, scalars: &[(&str, f64)]) -> Self {
        self.at(StepPoint::global(step), scalars)
    }

    pub(crate) fn in_mode(self, step: u64, mode: Mode, mode_step: u64, scalars: &[(&str, f64)]) -> Self {
        self.at(StepPoint { step: Step(step), mode, mode_step: Step(mode_step) }, scalars)
    }

    pub(crate) fn at(self, point: StepPoint, scalars: &[(&str, f64)]) -> Self {
        self.tensors(point, scalars.iter().map(|(name, value)| (*name, Tensor::from_f64(*value))))
    }

    pub(crate) fn tensors<'a>(
        mut self,
        point: StepPoint,
        tensors: impl IntoIterator<Item = (&'a str, Tensor)>,
    ) -> Self {
        let values: BTreeMap<_, _> =
            tensors.into_iter().map(|(text, tensor)| (name(text), Loaded::Value(tensor))).collect();
        let saved = values.keys().cloned().map(SavedTensor::values).collect();
        self.steps.push((StepHeader { point, tensors: saved }, values));
        self
    }

    /// One scalar over the steps `0, interval, 2 * interval, ...`.
    pub(crate) fn series(self, tensor: &str, interval: u64, values: &[f64]) -> Self {
        (0..).zip(values).fold(self, |run, (index, &value)| run.step(index * interval, &[(tensor, value)]))
    }
}

/// What became of a run.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) events: Vec<Event>,
    pub(crate) statuses: Vec<RuleStatus>,
}

pub(crate) fn session(rules: &[&str]) -> Session {
    Session::new(rules.iter().map(|spec| RuleSpec::parse(spec).unwrap().configure().unwrap()).collect())
}

/// Replays a finished run.
pub(crate) fn replay(rules: &[&str], run: &Run) -> Outcome {
    let mut session = session(rules);
    session.set_catalogue(run.catalogue.clone());
    let mut events = Vec::new();
    for (header, values) in &run.steps {
        events.extend(feed(&mut session, header, values));
    }
    events.extend(session.finish());
    Outcome { events, statuses: session.statuses() }
}

/// Hands over one step, with exactly the values that are asked for.
pub(crate) fn feed(
    session: &mut Session,
    header: &StepHeader,
    values: &BTreeMap<TensorName, Loaded>,
) -> Vec<Event> {
    let loaded = session
        .required(header)
        .into_iter()
        .filter_map(|name| values.get(&name).cloned().map(|value| (name, value)))
        .collect();
    session.observe(header, &loaded).unwrap()
}

impl Outcome {
    /// Each event as text: `+21 train-logloss` where a finding opens, `-33 train-logloss` where it is cleared.
    pub(crate) fn story(&self) -> Vec<String> {
        self.events
            .iter()
            .map(|event| match event {
                Event::Opened(finding) => format!("+{} {}", finding.point.step, finding.subject),
                Event::Cleared(finding) => {
                    format!("-{} {}", finding.cleared_at.unwrap(), finding.subject)
                }
            })
            .collect()
    }

    pub(crate) fn status(&self) -> &RuleStatus {
        assert_eq!(self.statuses.len(), 1);
        &self.statuses[0]
    }

    /// Severity and code of each message.
    pub(crate) fn codes(&self) -> Vec<String> {
        self.status()
            .messages
            .iter()
            .map(|message| format!("{} {}", message.severity.name(), message.code))
            .collect()
    }
}

/// Replays a run with one rule and compares the events.
pub(crate) fn check(rule: &str, run: &Run, story: &[&str]) -> Outcome {
    let outcome = replay(&[rule], run);
    assert_eq!(outcome.story(), story, "{rule}\n{:#?}", outcome.status());
    outcome
}
