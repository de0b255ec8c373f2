//! One tensor of a trial, through its steps.

use trialscope_tensor::{Mode, Reduction, Shape, Step, Tensor, TensorName, Worker, nearest, reduce};

use super::{
    StepState, Trial,
    names::{NameId, Role},
    saved::SavedStep,
};
use crate::{claim::WriterState, error::Error};

/// A tensor of a trial.
///
/// A `step` is counted in the `mode` beside it; under GLOBAL it is a global step. Without a worker, the first one (in
/// the order of names) that saved what is asked for answers.
#[derive(Debug, Clone, Copy)]
pub struct TensorHandle<'a> {
    trial: &'a Trial,
    id: NameId,
    name: &'a TensorName,
}

impl Trial {
    /// A tensor by its name.
    ///
    /// # Errors
    /// [`Error::TensorUnavailable`] with the most similar name.
    pub fn tensor(&self, name: &str) -> Result<TensorHandle<'_>, Error> {
        let names = self.catalogue.names();
        let found = names.find(name).and_then(|id| {
            let handle = TensorHandle { trial: self, id, name: names.name(id)? };
            let is_tensor = names.role(id) == Role::Tensor;
            (is_tensor && handle.all_steps(Mode::Global).next().is_some()).then_some(handle)
        });
        found.ok_or_else(|| {
            let known = self.tensor_names(&super::NameQuery::default()).unwrap_or_default();
            Error::TensorUnavailable {
                name: name.to_owned(),
                nearest: nearest(name, known.iter().map(TensorName::as_str)).map(str::to_owned),
            }
        })
    }

    /// Whether anything of a tensor was saved.
    pub fn has_tensor(&self, name: &str) -> bool {
        self.tensor(name).is_ok()
    }
}

impl<'a> TensorHandle<'a> {
    /// The name.
    pub fn name(&self) -> &'a TensorName {
        self.name
    }

    /// The framework's own name of the tensor, from the first step with a saved shape; `None` where no shape was saved.
    pub fn original_name(&self) -> Option<&'a str> {
        let steps = self.trial.catalogue.steps(Mode::Global);
        let mut saved = steps.flat_map(|(_, global)| self.trial.catalogue.workers(global));
        saved.find_map(|(_, saved)| Some(&*saved.shape(self.id)?.original_name))
    }

    /// Steps at which a value, a shape or a reduction of the tensor was saved, ascending. Steps that wait for further
    /// workers are left out unless `include_incomplete`.
    pub fn steps(&self, mode: Mode, include_incomplete: bool) -> Vec<Step> {
        self.all_steps(mode)
            .filter(|&(_, global)| include_incomplete || self.trial.counts(global))
            .map(|(step, _)| step)
            .collect()
    }

    /// The last `limit` saved steps up to and including `step`, ascending; `None` for all of them.
    pub fn prev_steps(&self, step: Step, limit: Option<usize>, mode: Mode) -> Vec<Step> {
        let mut steps = self.steps(mode, false);
        steps.retain(|&saved| saved <= step);
        match limit {
            Some(limit) => steps.split_off(steps.len().saturating_sub(limit)),
            None => steps,
        }
    }

    /// Workers that saved a value, a shape or a reduction of the tensor at a step, sorted.
    ///
    /// # Errors
    /// [`Error::StepUnavailable`], [`Error::StepNotYetAvailable`], [`Error::TensorUnavailableForStep`].
    pub fn workers(&self, step: Step, mode: Mode) -> Result<Vec<Worker>, Error> {
        let saved = self.saved_at(step, mode, None)?;
        let workers: Vec<Worker> =
            saved.filter(|(_, saved)| self.is_in(saved)).map(|(worker, _)| worker.clone()).collect();
        if workers.is_empty() { Err(self.absent(step, mode)) } else { Ok(workers) }
    }

    /// The value at a step. Large values on a local disk are not copied but lie in a map of the event file.
    ///
    /// # Errors
    /// [`Error::StepUnavailable`] and [`Error::StepNotYetAvailable`] for a step that is not there,
    /// [`Error::TensorUnavailableForStep`] for one that is there without the value, [`Error::InvalidWorker`],
    /// [`Error::FileMissing`] for an event file that is lost, [`Error::Damaged`] for one that is damaged.
    pub fn value(&self, step: Step, mode: Mode, worker: Option<&Worker>) -> Result<Tensor, Error> {
        self.fetch(self.id, step, mode, worker)?.ok_or_else(|| self.absent(step, mode))
    }

    /// The values at all steps of a mode that are complete, in order, each with its step.
    pub fn values(
        self,
        mode: Mode,
        worker: Option<&Worker>,
    ) -> impl Iterator<Item = (Step, Result<Tensor, Error>)> {
        self.steps(mode, false).into_iter().map(move |step| (step, self.value(step, mode, worker)))
    }

    /// The saved shape at a step, or else that of the value.
    ///
    /// # Errors
    /// As [`TensorHandle::value`], with [`Error::ShapeUnavailableForStep`] where neither was saved.
    pub fn shape(&self, step: Step, mode: Mode, worker: Option<&Worker>) -> Result<Shape, Error> {
        let shape = self.saved_at(step, mode, worker)?.find_map(|(_, saved)| saved.shape(self.id));
        if let Some(saved) = shape {
            return Ok(saved.shape.clone());
        }
        match self.value(step, mode, worker) {
            Ok(value) => Ok(value.shape().clone()),
            Err(Error::TensorUnavailableForStep { name, .. }) => {
                Err(Error::ShapeUnavailableForStep { name, step, mode })
            }
            Err(error) => Err(error),
        }
    }

    /// A reduction at a step, shape `(1,)`: the saved one, or else that of the value.
    ///
    /// Of matrices, smdebug saves matrix norms as `l1` and `l2`; those computed here are element-wise.
    ///
    /// # Errors
    /// As [`TensorHandle::value`], and [`Error::Reduce`] for a value that has no such reduction.
    pub fn reduction(
        &self,
        step: Step,
        mode: Mode,
        worker: Option<&Worker>,
        reduction: Reduction,
    ) -> Result<Tensor, Error> {
        for (id, kind) in self.reduction_ids() {
            if kind == reduction
                && let Some(saved) = self.fetch(id, step, mode, worker)?
            {
                return Ok(saved);
            }
        }
        let value = self.value(step, mode, worker)?;
        reduce(&value, reduction).map_err(|source| Error::Reduce {
            name: self.name.as_str().to_owned(),
            step,
            source,
        })
    }

    /// The reductions saved at a step, sorted. Empty where there are none.
    ///
    /// # Errors
    /// As [`TensorHandle::value`], but for the missing value.
    pub fn saved_reductions(
        &self,
        step: Step,
        mode: Mode,
        worker: Option<&Worker>,
    ) -> Result<Vec<(Reduction, Tensor)>, Error> {
        let mut found = Vec::new();
        for (id, reduction) in self.reduction_ids() {
            if let Some(tensor) = self.fetch(id, step, mode, worker)? {
                found.push((reduction, tensor));
            }
        }
        found.sort_by_key(|(reduction, _)| *reduction);
        Ok(found)
    }

    fn reduction_ids(&self) -> impl Iterator<Item = (NameId, Reduction)> {
        let names = self.trial.catalogue.names();
        names.reductions_of(self.id).iter().filter_map(|&id| match names.role(id) {
            Role::Reduction { reduction, .. } => Some((id, reduction)),
            Role::Tensor => None,
        })
    }

    /// Whether anything of the tensor is in there.
    fn is_in(&self, saved: &SavedStep) -> bool {
        saved.has(self.id)
            || self.trial.catalogue.names().reductions_of(self.id).iter().any(|&id| saved.has(id))
    }

    /// Steps of a mode with anything of the tensor, ascending, as (step counted in the mode, global step).
    fn all_steps(&self, mode: Mode) -> impl Iterator<Item = (Step, Step)> {
        // Steps in a row mostly share their table of names.
        let mut last_answer = None;
        self.trial.catalogue.steps(mode).filter(move |&(_, global)| {
            self.trial.catalogue.workers(global).any(|(_, saved)| {
                let key = saved.names_key();
                let answer = match last_answer {
                    Some((known, answer)) if known == key => answer,
                    _ => self.is_in(saved),
                };
                last_answer = Some((key, answer));
                answer
            })
        })
    }

    /// What the worker, or every worker, saved at a step.
    fn saved_at(
        &self,
        step: Step,
        mode: Mode,
        worker: Option<&Worker>,
    ) -> Result<impl Iterator<Item = (&'a Worker, &'a SavedStep)>, Error> {
        let trial = self.trial;
        let global = trial.catalogue.global_step(mode, step).ok_or_else(|| trial.step_error(step, mode))?;
        let saved = trial.catalogue.workers(global);
        let mut asked = saved.filter(move |(by, _)| worker.is_none_or(|asked| asked == *by)).peekable();
        if asked.peek().is_none()
            && let Some(worker) = worker
        {
            let workers = trial.workers();
            if !workers.contains(worker) {
                return Err(Error::InvalidWorker { name: worker.as_str().to_owned(), workers });
            }
        }
        Ok(asked)
    }

    /// The value saved under a name; `None` where there is none.
    fn fetch(
        &self,
        id: NameId,
        step: Step,
        mode: Mode,
        worker: Option<&Worker>,
    ) -> Result<Option<Tensor>, Error> {
        let found = self
            .saved_at(step, mode, worker)?
            .find_map(|(by, saved)| Some((by, saved.event_file.as_deref()?, saved.location(id)?)));
        let Some((by, path, location)) = found else { return Ok(None) };
        match self.trial.values.read(&self.trial.storage, path, location) {
            Err(error) if error.is_missing() && self.trial.may_still_come(step, mode, by) => {
                Err(Error::StepNotYetAvailable { step, mode })
            }
            read => read.map(Some),
        }
    }

    /// Why a saved step has nothing of what was asked for.
    fn absent(&self, step: Step, mode: Mode) -> Error {
        let trial = self.trial;
        if trial.availability(step, mode) == StepState::NotYetAvailable {
            return Error::StepNotYetAvailable { step, mode };
        }
        let has_reductions = trial.catalogue.global_step(mode, step).is_some_and(|global| {
            let reductions = trial.catalogue.names().reductions_of(self.id);
            trial.catalogue.workers(global).any(|(_, saved)| reductions.iter().any(|&id| saved.has(id)))
        });
        let name = self.name.as_str().to_owned();
        Error::TensorUnavailableForStep { name, step, mode, has_reductions }
    }
}

impl Trial {
    /// Whether the event file of a step may still appear: its worker lives, as far as one can tell, and has not gone on
    /// to a later step.
    fn may_still_come(&self, step: Step, mode: Mode, worker: &Worker) -> bool {
        let is_latest = self
            .global_step(mode, step)
            .is_some_and(|global| self.last_saved_steps().get(worker) == Some(&global));
        !self.is_complete() && is_latest && self.writer_state() != WriterState::Gone
    }
}
