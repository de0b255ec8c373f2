//! Waiting for steps. The pause between two looks is the caller's: it sleeps, shows progress, or gives up.

use trialscope_tensor::{Mode, Step};

use super::{StepState, Trial};
use crate::error::Error;

impl Trial {
    /// Those of `required` (steps counted in `mode`) that may still come. Empty when all are there.
    ///
    /// # Errors
    /// [`Error::NoMoreData`] for a step behind the last one of a complete trial, [`Error::StepUnavailable`] for any
    /// other that will not come.
    pub fn pending_steps(&self, required: &[Step], mode: Mode) -> Result<Vec<Step>, Error> {
        let mut pending = Vec::new();
        for &step in required {
            match self.availability(step, mode) {
                StepState::Available => {}
                StepState::NotYetAvailable => pending.push(step),
                StepState::Unavailable => return Err(self.never_error(step, mode)),
            }
        }
        Ok(pending)
    }

    /// Refreshes until all of `required` (steps counted in `mode`) are there, with a call of `pause` before each
    /// further look. An error of `pause` ends the wait.
    ///
    /// # Errors
    /// Those of [`Trial::pending_steps`], [`Trial::refresh`] and `pause`.
    pub fn wait_for_steps<E: From<Error>>(
        &mut self,
        required: &[Step],
        mode: Mode,
        mut pause: impl FnMut(&Self) -> Result<(), E>,
    ) -> Result<(), E> {
        while !self.pending_steps(required, mode)?.is_empty() {
            pause(self)?;
            self.refresh()?;
        }
        Ok(())
    }

    fn never_error(&self, step: Step, mode: Mode) -> Error {
        let last = self.catalogue.steps(mode).next_back().map(|(last, _)| last);
        if last.is_none_or(|last| step > last) {
            Error::NoMoreData { step, mode, last }
        } else {
            self.step_error(step, mode)
        }
    }
}
