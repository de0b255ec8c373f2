//! The state a training leaves beside its checkpoints, from which an interrupted run goes on counting.
//!
//! It is a list: one state for every time the checkpoints changed. It lives in the checkpoint folder, not in the trial,
//! because only a checkpoint that survives can be resumed from.
//!
//! # Source
//! smdebug 1.0.34, `metadata.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trialscope_tensor::{Mode, Step};

use crate::{error::Error, json, storage::Storage};

/// Name of the file in the checkpoint folder.
const FILE: &str = "metadata.json";

/// All states left so far, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResumeLog {
    /// One for every change of the checkpoints.
    pub states: Vec<ResumeState>,
}

/// Where a training was when its checkpoints changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumeState {
    /// How often the training had been resumed before.
    pub training_run: u64,
    /// The last global step that was saved; `None` before the first.
    pub last_saved: Option<Step>,
    /// The last global step gone through.
    pub last_seen: Step,
    /// The last step of each mode; modes not gone through are not there. GLOBAL is `last_seen`.
    pub mode_steps: BTreeMap<Mode, Step>,
}

/// Where a resumed training starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resumed {
    /// How often the training has been resumed now.
    pub training_run: u64,
    /// The last global step that was saved.
    pub last_saved: Option<Step>,
    /// The last global step gone through: the next one follows it.
    pub last_seen: Step,
    /// The last step of each mode.
    pub mode_steps: BTreeMap<Mode, Step>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct RawState {
    training_run: u64,
    latest_global_step_saved: Option<i64>,
    latest_global_step_seen: i64,
    latest_mode_step: BTreeMap<String, i64>,
}

impl ResumeLog {
    /// Reads the states in a checkpoint folder; an empty list where there are none.
    ///
    /// # Errors
    /// [`Error::Damaged`] for a file that is not in the format, [`Error::Storage`] where it cannot be read.
    pub fn read(checkpoints: &Storage) -> Result<Self, Error> {
        match checkpoints.get(FILE) {
            Ok(text) => Self::parse(&text, FILE),
            Err(error) if error.is_missing() => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Reads the text of the file. `path` is for messages.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn parse(text: &[u8], path: &str) -> Result<Self, Error> {
        let damaged = |offset: u64, reason: String| Error::Damaged { path: path.to_owned(), offset, reason };
        let raw: Vec<RawState> =
            serde_json::from_slice(text).map_err(|e| damaged(json::error_offset(text, &e), e.to_string()))?;
        let mut states = Vec::with_capacity(raw.len());
        for state in raw {
            states.extend(state.check().map_err(|reason| damaged(0, reason))?);
        }
        Ok(Self { states })
    }

    /// Writes the states into a checkpoint folder, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn write(&self, checkpoints: &Storage) -> Result<(), Error> {
        checkpoints.put(FILE, vec![self.to_json()?.into()])
    }

    /// The text of the file.
    ///
    /// # Errors
    /// [`Error::Damaged`] for a step beyond 63 bits, which the format has no number for.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        let damaged = |reason: String| Error::Damaged { path: FILE.to_owned(), offset: 0, reason };
        let raw = self.states.iter().map(RawState::new).collect::<Result<Vec<_>, _>>().map_err(damaged)?;
        json::to_python_json(&raw).map_err(|e| damaged(e.to_string()))
    }

    /// Where to go on: from the state with the greatest step gone through, of equal ones the last in the file. `None`
    /// where nothing was left.
    pub fn restore(&self) -> Option<Resumed> {
        let latest = self.states.iter().max_by_key(|state| state.last_seen)?;
        let mut mode_steps = latest.mode_steps.clone();
        mode_steps.insert(Mode::Global, latest.last_seen);
        Some(Resumed {
            training_run: latest.training_run + 1,
            last_saved: latest.last_saved,
            last_seen: latest.last_seen,
            mode_steps,
        })
    }
}

impl RawState {
    fn new(state: &ResumeState) -> Result<Self, String> {
        let number =
            |step: Step| i64::try_from(step.0).map_err(|_| format!("step {step} does not fit 63 bits"));
        Ok(Self {
            training_run: state.training_run,
            latest_global_step_saved: state.last_saved.map(number).transpose()?,
            latest_global_step_seen: number(state.last_seen)?,
            latest_mode_step: state
                .mode_steps
                .iter()
                .map(|(mode, &step)| Ok((mode.name().to_owned(), number(step)?)))
                .collect::<Result<_, String>>()?,
        })
    }

    /// smdebug counts from -1, which stands for no step yet. A state from before the first step says nothing.
    fn check(self) -> Result<Option<ResumeState>, String> {
        let step = |number: i64| u64::try_from(number).ok().map(Step);
        let mut mode_steps = BTreeMap::new();
        for (mode, number) in self.latest_mode_step {
            let mode: Mode = mode.parse().map_err(|e: trialscope_tensor::Error| e.to_string())?;
            if let Some(step) = step(number) {
                mode_steps.insert(mode, step);
            }
        }
        Ok(step(self.latest_global_step_seen).map(|last_seen| ResumeState {
            training_run: self.training_run,
            last_saved: self.latest_global_step_saved.and_then(step),
            last_seen,
            mode_steps,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(last_saved: u64, last_seen: u64) -> ResumeState {
        let mode_steps = [(Mode::Global, Step(last_seen)), (Mode::Train, Step(1))].into();
        ResumeState {
            training_run: 0,
            last_saved: Some(Step(last_saved)),
            last_seen: Step(last_seen),
            mode_steps,
        }
    }

    #[test]
    fn states_survive_the_file() {
        let checkpoints = Storage::memory();
        assert_eq!(ResumeLog::read(&checkpoints).unwrap().restore(), None);
        let mut log = ResumeLog { states: vec![state(4, 5)] };
        log.states.push(ResumeState { last_saved: None, ..state(0, 7) });
        log.write(&checkpoints).unwrap();
        assert_eq!(ResumeLog::read(&checkpoints).unwrap(), log);
    }

    #[test]
    fn text_is_that_of_smdebug() {
        let text = ResumeLog { states: vec![state(1, 2)] }.to_json().unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            r#"[{"training-run": 0, "latest-global-step-saved": 1, "latest-global-step-seen": 2, "latest-mode-step": {"GLOBAL": 2, "TRAIN": 1}}]"#
        );
    }

    #[test]
    fn the_furthest_state_counts_not_the_last() {
        let log = ResumeLog { states: vec![state(1, 9), state(3, 4)] };
        assert_eq!(log.restore().unwrap().last_seen, Step(9));
    }

    #[test]
    fn damage_is_told() {
        for text in ["", "{}", r#"[{"training-run": 0}]"#, "[{]"] {
            assert!(matches!(ResumeLog::parse(text.as_bytes(), "m"), Err(Error::Damaged { .. })), "{text}");
        }
    }
}
