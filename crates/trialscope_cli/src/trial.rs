//! Opening a trial for a command, and what every command says of it.

use std::fmt::Write;

use serde::Serialize;
use trialscope_store::{OpenOptions, Storage, Trial, WriterState};
use trialscope_tensor::Mode;

use crate::failure::Failure;

/// How far a trial is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// The training ended and said so.
    Complete,
    /// A live process is writing.
    Running,
    /// The process is gone without having ended the trial.
    Interrupted,
    /// No end marker, and no way to tell whether more will come.
    Open,
}

impl State {
    pub(crate) fn of(trial: &Trial) -> Self {
        if trial.is_complete() {
            return Self::Complete;
        }
        match trial.writer_state() {
            WriterState::Active => Self::Running,
            WriterState::Gone => Self::Interrupted,
            WriterState::Unknown => Self::Open,
        }
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Running => "running",
            Self::Interrupted => "interrupted (its process is gone; it may be resumed)",
            Self::Open => "open (no end marker)",
        }
    }
}

/// The head of every report on a trial.
#[derive(Debug, Serialize)]
pub(crate) struct Overview {
    pub(crate) path: String,
    pub(crate) state: State,
    pub(crate) workers: Vec<String>,
    pub(crate) num_steps: usize,
    pub(crate) first_step: Option<u64>,
    pub(crate) last_step: Option<u64>,
    pub(crate) modes: Vec<&'static str>,
    pub(crate) problems: Vec<String>,
}

impl Overview {
    pub(crate) fn of(trial: &Trial) -> Self {
        let steps = trial.steps(Mode::Global, true);
        Self {
            path: trial.storage().location().to_owned(),
            state: State::of(trial),
            workers: trial.workers().iter().map(|worker| worker.as_str().to_owned()).collect(),
            num_steps: steps.len(),
            first_step: steps.first().map(|step| step.0),
            last_step: steps.last().map(|step| step.0),
            modes: trial.modes().into_iter().map(Mode::name).collect(),
            problems: trial.problems().iter().map(|problem| problem.message.clone()).collect(),
        }
    }

    /// A few lines of text.
    pub(crate) fn to_text(&self) -> String {
        let span = match (self.first_step, self.last_step) {
            (Some(first), Some(last)) => format!("{} ({first} to {last})", self.num_steps),
            _ => "none yet".to_owned(),
        };
        let modes = if self.modes.is_empty() { "GLOBAL".to_owned() } else { self.modes.join(", ") };
        let mut text = format!(
            "trial    {}\nstate    {}\nsteps    {span}\nmodes    {modes}\nworkers  {}\n",
            crate::text::printable(&self.path),
            self.state.words(),
            crate::text::printable(&self.workers.join(", ")),
        );
        for problem in &self.problems {
            let _ = writeln!(text, "problem  {}", crate::text::printable(problem));
        }
        text
    }
}

pub(crate) fn open(path: &str) -> Result<Trial, Failure> {
    Ok(Trial::open(Storage::open(path)?, OpenOptions::default())?)
}
