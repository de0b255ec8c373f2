//! Rules over a trial that grows, or has long ended: the one module that reads tensors from the store.
//!
//! Steps are handed to the rules in rising order, once all workers have saved them; each tensor is read once per step
//! whatever the number of rules. A step that comes late, or is replaced by a resumed run, starts the evaluation over:
//! the findings are always those of the trial as it is, and one that was told is not told again.

use std::collections::{BTreeMap, BTreeSet};

use trialscope_store::{Trial, WriterState};
use trialscope_tensor::{Mode, Step, TensorName};

use crate::{
    Catalogue, Collection, Error, Event, Loaded, Patterns, RuleSpec, RuleStatus, SavedTensor, Session,
    StepHeader, StepPoint,
};

/// Rules over one trial.
pub struct Evaluator {
    trial: Trial,
    specs: Vec<RuleSpec>,
    session: Session,
    told: BTreeSet<EventKey>,
    phase: Phase,
}

/// What tells one event from another when an evaluation starts over.
type EventKey = (bool, String, String, Step, Option<Step>);

/// Where the trial, and with it the evaluation, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// More steps may come.
    Running,
    /// The training ended, and every step of it was looked at.
    Ended,
    /// The process that wrote the trial is gone without having ended it.
    Interrupted,
}

/// What one look at the trial brought.
#[derive(Debug)]
pub struct Progress {
    /// Findings opened and cleared, in the order of their steps.
    pub events: Vec<Event>,
    /// Steps the rules looked at.
    pub steps: Vec<Step>,
    /// Where the trial stands.
    pub phase: Phase,
}

impl Evaluator {
    /// Puts rules in front of a trial.
    ///
    /// # Errors
    /// Those of [`RuleSpec::configure`].
    pub fn new(trial: Trial, specs: Vec<RuleSpec>) -> Result<Self, Error> {
        let session = start(&trial, &specs)?;
        Ok(Self { trial, specs, session, told: BTreeSet::new(), phase: Phase::Running })
    }

    /// Takes in what is new and lets the rules look at it. Once the trial is over, ends the evaluation.
    ///
    /// # Errors
    /// [`Error::Trial`] where the trial cannot be listed; the next look may succeed.
    pub fn look(&mut self) -> Result<Progress, Error> {
        // Asked before the last steps are read: what a process wrote before it went is seen.
        let writer = self.trial.writer_state();
        let refreshed = self.trial.refresh().map_err(|error| Error::Trial { reason: error.to_string() })?;
        let last = self.session.last_step();
        let seen = |step: &Step| last.is_some_and(|last| *step <= last);
        if refreshed.changed_steps.iter().chain(&refreshed.new_steps).any(seen) {
            self.session = start(&self.trial, &self.specs)?;
        }
        self.session.set_catalogue(catalogue(&self.trial));
        let mut events = Vec::new();
        let mut steps = Vec::new();
        for step in self.waiting() {
            events.extend(self.judge(step)?);
            steps.push(step);
        }
        if self.phase == Phase::Running {
            self.phase = match writer {
                _ if self.trial.is_complete() => Phase::Ended,
                WriterState::Gone => Phase::Interrupted,
                WriterState::Active | WriterState::Unknown => Phase::Running,
            };
            if self.phase != Phase::Running {
                events.extend(self.finish());
            }
        }
        events.retain(|event| self.told.insert(key(event)));
        Ok(Progress { events, steps, phase: self.phase })
    }

    /// Ends the evaluation with what is there: of a trial that is not over, or over and not marked so.
    pub fn finish(&mut self) -> Vec<Event> {
        self.session.finish()
    }

    /// Ends the evaluation before the trial is over.
    pub fn stop(&mut self) {
        self.session.stop();
    }

    /// Where each rule stands, in the order in which they were given.
    pub fn statuses(&self) -> Vec<RuleStatus> {
        self.session.statuses()
    }

    /// The trial.
    pub fn trial(&self) -> &Trial {
        &self.trial
    }

    /// Steps to look at next. Which tensors are losses is written in the collections: without them, rules would guess.
    fn waiting(&self) -> Vec<Step> {
        if !self.trial.has_collections() && !self.trial.is_complete() {
            return Vec::new();
        }
        let last = self.session.last_step();
        self.trial
            .steps(Mode::Global, false)
            .into_iter()
            .filter(|step| last.is_none_or(|last| *step > last))
            .collect()
    }

    fn judge(&mut self, step: Step) -> Result<Vec<Event>, Error> {
        let header = header(&self.trial, step);
        let required = self.session.required(&header);
        let values: BTreeMap<TensorName, Loaded> =
            required.into_iter().map(|name| (name.clone(), load(&self.trial, &name, step))).collect();
        self.session.observe(&header, &values)
    }
}

fn start(trial: &Trial, specs: &[RuleSpec]) -> Result<Session, Error> {
    let mut session = Session::new(specs.iter().map(RuleSpec::configure).collect::<Result<_, _>>()?);
    session.set_catalogue(catalogue(trial));
    Ok(session)
}

fn header(trial: &Trial, step: Step) -> StepHeader {
    let (mode, mode_step) = trial.mode_step(step).unwrap_or((Mode::Global, step));
    let tensors = trial
        .contents(step)
        .into_iter()
        .map(|(name, form)| SavedTensor { name, values: form.values, reductions: form.reductions })
        .collect();
    StepHeader { point: StepPoint { step, mode, mode_step }, tensors }
}

fn load(trial: &Trial, name: &TensorName, step: Step) -> Loaded {
    let value = trial.tensor(name.as_str()).and_then(|tensor| tensor.value(step, Mode::Global, None));
    match value {
        Ok(value) => Loaded::Value(value),
        Err(error) => Loaded::Unreadable(error.to_string()),
    }
}

fn catalogue(trial: &Trial) -> Catalogue {
    let collections = trial.collections().by_name.iter().map(|(name, saved)| {
        let intervals = saved.save_config.iter().flat_map(|config| config.0.values());
        let collection = Collection {
            tensor_names: saved.tensor_names.clone(),
            // A pattern that is none is reported among the problems of the trial; the others count.
            include_regex: Patterns::compile_valid(&saved.include_regex),
            save_interval: intervals.map(|mode| mode.save_interval).min(),
        };
        (name.clone(), collection)
    });
    Catalogue { collections: collections.collect() }
}

fn key(event: &Event) -> EventKey {
    let finding = event.finding();
    let opened = matches!(event, Event::Opened(_));
    let cleared_at = if opened { None } else { finding.cleared_at };
    (opened, finding.configuration.clone(), finding.subject.clone(), finding.point.step, cleared_at)
}
