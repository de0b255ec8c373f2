//! The read side of a trial.

use std::sync::{Mutex, PoisonError};

use pyo3::{IntoPyObjectExt, prelude::*};
use trialscope_store::{NameQuery, OpenOptions, StepState, Storage, TensorHandle, Verify, WriterState};
use trialscope_tensor::{Mode, Pattern, Reduction, Step, Tensor, Worker};

use crate::{
    errors::{IntoPyErr, raise},
    tensor_buffer::TensorBuffer,
};

/// A trial opened for reading; see `trialscope_store::Trial`. Modes are names, workers are names, steps are ints.
#[pyclass(frozen, module = "trialscope._native")]
pub(crate) struct Trial {
    trial: Mutex<trialscope_store::Trial>,
}

/// Element type, shape, and the values: a buffer, or a list of strings.
type Value<'py> = (&'static str, Vec<u64>, Bound<'py, PyAny>);

#[pymethods]
impl Trial {
    /// Opens a trial, of the steps from the first to before the second of `steps`.
    #[new]
    #[pyo3(signature = (location, steps = None, verify = true))]
    fn new(py: Python<'_>, location: &str, steps: Option<(u64, u64)>, verify: bool) -> PyResult<Self> {
        let options = OpenOptions {
            steps: steps.map(|(first, end)| Step(first)..Step(end)),
            verify: if verify { Verify::Checksum } else { Verify::Framing },
            ..OpenOptions::default()
        };
        let trial = py
            .detach(|| trialscope_store::Trial::open(Storage::open(location)?, options))
            .map_err(|e| e.into_py_err(py))?;
        Ok(Self { trial: Mutex::new(trial) })
    }

    /// Takes in what is new; returns the steps that are new, and those that changed.
    fn refresh(&self, py: Python<'_>) -> PyResult<(Vec<u64>, Vec<u64>)> {
        let refreshed = self.read(py, trialscope_store::Trial::refresh).map_err(|e| e.into_py_err(py))?;
        Ok((numbers(refreshed.new_steps), numbers(refreshed.changed_steps)))
    }

    #[getter]
    fn location(&self, py: Python<'_>) -> String {
        self.read(py, |trial| trial.storage().location().to_owned())
    }

    #[getter]
    fn is_complete(&self, py: Python<'_>) -> bool {
        self.read(py, |trial| trial.is_complete())
    }

    /// "active", "gone" or "unknown".
    fn writer_state(&self, py: Python<'_>) -> &'static str {
        match self.read(py, |trial| trial.writer_state()) {
            WriterState::Active => "active",
            WriterState::Gone => "gone",
            WriterState::Unknown => "unknown",
        }
    }

    fn steps(&self, py: Python<'_>, mode: &str, include_incomplete: bool) -> PyResult<Vec<u64>> {
        let mode = parse_mode(py, mode)?;
        Ok(numbers(self.read(py, |trial| trial.steps(mode, include_incomplete))))
    }

    fn modes(&self, py: Python<'_>) -> Vec<&'static str> {
        self.read(py, |trial| trial.modes()).into_iter().map(Mode::name).collect()
    }

    fn mode_step(&self, py: Python<'_>, step: u64) -> Option<(&'static str, u64)> {
        self.read(py, |trial| trial.mode_step(Step(step))).map(|(mode, step)| (mode.name(), step.0))
    }

    fn global_step(&self, py: Python<'_>, mode: &str, step: u64) -> PyResult<Option<u64>> {
        let mode = parse_mode(py, mode)?;
        Ok(self.read(py, |trial| trial.global_step(mode, Step(step))).map(|step| step.0))
    }

    fn workers(&self, py: Python<'_>) -> Vec<String> {
        names(self.read(py, |trial| trial.workers()))
    }

    fn workers_at(&self, py: Python<'_>, step: u64) -> Vec<String> {
        names(self.read(py, |trial| trial.workers_at(Step(step))))
    }

    fn num_workers(&self, py: Python<'_>) -> Option<u64> {
        self.read(py, |trial| trial.num_workers())
    }

    fn last_complete_step(&self, py: Python<'_>) -> Option<u64> {
        self.read(py, |trial| trial.last_complete_step()).map(|step| step.0)
    }

    /// The collections as a collections file has them, in JSON.
    fn collections(&self, py: Python<'_>) -> PyResult<String> {
        let text = self
            .read(py, |trial| trial.collections().to_json("collections"))
            .map_err(|e| e.into_py_err(py))?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn feature_names(&self, py: Python<'_>) -> Option<Vec<String>> {
        self.read(py, |trial| trial.feature_names().map(<[String]>::to_vec))
    }

    /// 0 for unavailable, 1 for available, 2 for not yet available.
    fn availability(&self, py: Python<'_>, step: u64, mode: &str) -> PyResult<u8> {
        let mode = parse_mode(py, mode)?;
        Ok(match self.read(py, |trial| trial.availability(Step(step), mode)) {
            StepState::Unavailable => 0,
            StepState::Available => 1,
            StepState::NotYetAvailable => 2,
        })
    }

    /// Those of `steps` that may still come; raises for one that will not.
    #[expect(clippy::needless_pass_by_value, reason = "Python hands over a list")]
    fn pending_steps(&self, py: Python<'_>, steps: Vec<u64>, mode: &str) -> PyResult<Vec<u64>> {
        let mode = parse_mode(py, mode)?;
        let required: Vec<Step> = steps.iter().map(|&step| Step(step)).collect();
        self.read(py, |trial| trial.pending_steps(&required, mode))
            .map(numbers)
            .map_err(|e| e.into_py_err(py))
    }

    /// What could not be read, as sentences that name the file.
    fn problems(&self, py: Python<'_>) -> Vec<String> {
        self.read(py, |trial| trial.problems().iter().map(|problem| problem.message.clone()).collect())
    }

    #[expect(clippy::needless_pass_by_value, reason = "Python hands over a list")]
    fn tensor_names(
        &self,
        py: Python<'_>,
        mode: &str,
        step: Option<u64>,
        regex: Vec<String>,
        collection: Option<String>,
    ) -> PyResult<Vec<String>> {
        let patterns = regex
            .iter()
            .map(|p| Pattern::parse(p))
            .collect::<Result<_, _>>()
            .map_err(|e| e.into_py_err(py))?;
        let query = NameQuery { mode: parse_mode(py, mode)?, step: step.map(Step), patterns, collection };
        let found = self.read(py, |trial| trial.tensor_names(&query)).map_err(|e| e.into_py_err(py))?;
        Ok(found.iter().map(ToString::to_string).collect())
    }

    fn has_tensor(&self, py: Python<'_>, name: &str) -> bool {
        self.read(py, |trial| trial.has_tensor(name))
    }

    /// Names under which a worker saved values at a global step, in the order in which it wrote them. Reads the index
    /// file again: what is kept of it is sorted.
    fn names_as_written(&self, py: Python<'_>, step: u64, worker: &str) -> PyResult<Vec<String>> {
        let worker = parse_worker(py, worker)?;
        self.read(py, |trial| trial.names_as_written(Step(step), &worker))
            .map(|names| names.iter().map(ToString::to_string).collect())
            .map_err(|e| e.into_py_err(py))
    }

    fn original_name(&self, py: Python<'_>, tensor: &str) -> PyResult<Option<String>> {
        self.with(py, tensor, |handle| Ok(handle.original_name().map(str::to_owned)))
    }

    fn tensor_steps(
        &self,
        py: Python<'_>,
        tensor: &str,
        mode: &str,
        include_incomplete: bool,
    ) -> PyResult<Vec<u64>> {
        let mode = parse_mode(py, mode)?;
        self.with(py, tensor, |handle| Ok(numbers(handle.steps(mode, include_incomplete))))
    }

    fn prev_steps(
        &self,
        py: Python<'_>,
        tensor: &str,
        step: u64,
        n: Option<usize>,
        mode: &str,
    ) -> PyResult<Vec<u64>> {
        let mode = parse_mode(py, mode)?;
        self.with(py, tensor, |handle| Ok(numbers(handle.prev_steps(Step(step), n, mode))))
    }

    fn tensor_workers(&self, py: Python<'_>, tensor: &str, step: u64, mode: &str) -> PyResult<Vec<String>> {
        let mode = parse_mode(py, mode)?;
        self.with(py, tensor, |handle| handle.workers(Step(step), mode).map(names))
    }

    fn value<'py>(
        &self,
        py: Python<'py>,
        tensor: &str,
        step: u64,
        mode: &str,
        worker: Option<&str>,
    ) -> PyResult<Value<'py>> {
        let (mode, worker) = (parse_mode(py, mode)?, parse_any_worker(py, worker)?);
        let value = self.with(py, tensor, |handle| handle.value(Step(step), mode, worker.as_ref()))?;
        to_python(py, &value)
    }

    fn shape(
        &self,
        py: Python<'_>,
        tensor: &str,
        step: u64,
        mode: &str,
        worker: Option<&str>,
    ) -> PyResult<Vec<u64>> {
        let (mode, worker) = (parse_mode(py, mode)?, parse_any_worker(py, worker)?);
        let shape = self.with(py, tensor, |handle| handle.shape(Step(step), mode, worker.as_ref()))?;
        Ok(shape.dims().to_vec())
    }

    /// The saved reductions of a step: name without `abs_`, whether of magnitudes, value.
    fn saved_reductions<'py>(
        &self,
        py: Python<'py>,
        tensor: &str,
        step: u64,
        mode: &str,
        worker: Option<&str>,
    ) -> PyResult<Vec<(&'static str, bool, Value<'py>)>> {
        let (mode, worker) = (parse_mode(py, mode)?, parse_any_worker(py, worker)?);
        let saved =
            self.with(py, tensor, |handle| handle.saved_reductions(Step(step), mode, worker.as_ref()))?;
        let to_row = |(Reduction { kind, abs }, tensor): (Reduction, Tensor)| {
            Ok((kind.name(), abs, to_python(py, &tensor)?))
        };
        saved.into_iter().map(to_row).collect()
    }

    /// The steps of a mode at which a tensor has one element, and these elements as floats.
    fn scalars(
        &self,
        py: Python<'_>,
        tensor: &str,
        mode: &str,
        worker: Option<&str>,
    ) -> PyResult<(Vec<u64>, Vec<f64>)> {
        let (mode, worker) = (parse_mode(py, mode)?, parse_any_worker(py, worker)?);
        self.with(py, tensor, |handle| {
            let mut series = (Vec::new(), Vec::new());
            for step in handle.steps(mode, false) {
                match handle.value(step, mode, worker.as_ref()) {
                    Ok(value) => {
                        if let Some(scalar) = value.as_scalar() {
                            series.0.push(step.0);
                            series.1.push(scalar);
                        }
                    }
                    Err(trialscope_store::Error::TensorUnavailableForStep { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(series)
        })
    }
}

impl Trial {
    /// Asks the trial. Another thread may be reading files with it: waiting for that thread must not stop the
    /// interpreter.
    fn read<T: Send>(&self, py: Python<'_>, ask: impl FnOnce(&mut trialscope_store::Trial) -> T + Send) -> T {
        py.detach(|| ask(&mut self.trial.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    fn with<T: Send>(
        &self,
        py: Python<'_>,
        tensor: &str,
        act: impl FnOnce(&TensorHandle<'_>) -> Result<T, trialscope_store::Error> + Send,
    ) -> PyResult<T> {
        self.read(py, |trial| trial.tensor(tensor).and_then(|handle| act(&handle)))
            .map_err(|e| e.into_py_err(py))
    }
}

fn to_python<'py>(py: Python<'py>, tensor: &Tensor) -> PyResult<Value<'py>> {
    let values = match tensor.raw() {
        Some(raw) => TensorBuffer::new(raw.clone()).into_bound_py_any(py)?,
        None => tensor.strings().unwrap_or_default().into_bound_py_any(py)?,
    };
    Ok((tensor.dtype().name(), tensor.shape().dims().to_vec(), values))
}

fn numbers(steps: Vec<Step>) -> Vec<u64> {
    steps.into_iter().map(|step| step.0).collect()
}

fn names(workers: Vec<Worker>) -> Vec<String> {
    workers.into_iter().map(|worker| worker.as_str().to_owned()).collect()
}

fn parse_mode(py: Python<'_>, mode: &str) -> PyResult<Mode> {
    mode.parse().map_err(|e: trialscope_tensor::Error| e.into_py_err(py))
}

fn parse_any_worker(py: Python<'_>, worker: Option<&str>) -> PyResult<Option<Worker>> {
    worker.map(|name| parse_worker(py, name)).transpose()
}

/// A name that no worker can have is that of a worker that saved nothing.
fn parse_worker(py: Python<'_>, name: &str) -> PyResult<Worker> {
    Worker::parse(name)
        .map_err(|e| raise(py, "InvalidWorker", &e.to_string(), &[("worker", name.to_owned())]))
}
