//! The write side of a hook.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use pyo3::{
    exceptions::PyValueError,
    prelude::*,
    types::{PyList, PyTuple},
};
use trialscope_capture::{CaptureConfig, Entry};
use trialscope_store::ExistingStep;
use trialscope_tensor::{Mode, Step, TensorName};

use crate::{arrays, errors::IntoPyErr};

/// The open write side of a training; see `trialscope_capture::Capture`.
#[pyclass(frozen, module = "trialscope._native")]
pub(crate) struct Capture {
    capture: Arc<trialscope_capture::Capture>,
}

#[pymethods]
impl Capture {
    #[new]
    fn new(py: Python<'_>, location: &str, config_json: &str) -> PyResult<Self> {
        let config = CaptureConfig::from_json(config_json).map_err(|e| e.into_py_err(py))?;
        let capture = py
            .detach(|| trialscope_capture::Capture::open(location, &config))
            .map_err(|e| e.into_py_err(py))?;
        Ok(Self { capture })
    }

    fn collections_at(&self, py: Python<'_>, step: u64, mode: &str) -> PyResult<Vec<String>> {
        Ok(self.capture.collections_at(Step(step), parse_mode(py, mode)?))
    }

    fn wants(&self, py: Python<'_>, tensor_name: &str, step: u64, mode: &str) -> PyResult<bool> {
        Ok(self.capture.wants(tensor_name, Step(step), parse_mode(py, mode)?))
    }

    #[pyo3(signature = (step, mode, mode_step, entries, amend = false))]
    fn save_step(
        &self,
        py: Python<'_>,
        step: u64,
        mode: &str,
        mode_step: u64,
        entries: &Bound<'_, PyList>,
        amend: bool,
    ) -> PyResult<()> {
        let mode = parse_mode(py, mode)?;
        let mut converted = Vec::with_capacity(entries.len());
        for entry in entries {
            convert(entry.cast::<PyTuple>()?, &mut converted)?;
        }
        let existing = if amend { ExistingStep::Amend } else { ExistingStep::Replace };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
        py.detach(|| self.capture.save_step(Step(step), mode, Step(mode_step), now, converted, existing))
            .map_err(|e| e.into_py_err(py))
    }

    fn assign(&self, collection: &str, tensor_name: &str) {
        self.capture.assign(collection, tensor_name);
    }

    fn flush(&self, py: Python<'_>) {
        py.detach(|| self.capture.flush());
    }

    fn close(&self, py: Python<'_>, end_of_job: bool) -> PyResult<String> {
        to_json(&py.detach(|| self.capture.close(end_of_job)))
    }

    fn summary(&self) -> PyResult<String> {
        to_json(&self.capture.summary())
    }
}

/// From now on SIGTERM writes what every open hook has handed over, then ends the process if `then_die`.
#[pyfunction]
pub(crate) fn flush_on_termination(py: Python<'_>, then_die: bool) -> PyResult<()> {
    trialscope_capture::flush_on_termination(then_die).map_err(|e| e.into_py_err(py))
}

fn convert(entry: &Bound<'_, PyTuple>, converted: &mut Vec<Entry>) -> PyResult<()> {
    let (kind, names, value): (String, Vec<String>, Bound<'_, PyAny>) = entry.extract()?;
    let py = entry.py();
    let mut names = names
        .iter()
        .map(|name| TensorName::parse(name).map_err(|e| e.into_py_err(py)))
        .collect::<PyResult<Vec<_>>>()?;
    match kind.as_str() {
        "tensor" => converted.push(Entry::Tensor(names, arrays::to_tensor(&value)?)),
        "given" => converted.push(Entry::Tensor(names, arrays::take_tensor(&value)?)),
        "scalars" => {
            let scalars = arrays::to_scalars(&value)?;
            if scalars.len() != names.len() {
                return Err(PyValueError::new_err(format!(
                    "{} names for {} scalars",
                    names.len(),
                    scalars.len()
                )));
            }
            converted.extend(
                names.into_iter().zip(scalars).map(|(name, scalar)| Entry::Tensor(vec![name], scalar)),
            );
        }
        "raw" => {
            let name = names.pop().filter(|_| names.is_empty());
            let name = name.ok_or_else(|| PyValueError::new_err("a raw entry has exactly one name"))?;
            converted.push(Entry::Always(name, arrays::to_tensor(&value)?));
        }
        other => return Err(PyValueError::new_err(format!("unknown kind of entry {other:?}"))),
    }
    Ok(())
}

fn parse_mode(py: Python<'_>, mode: &str) -> PyResult<Mode> {
    mode.parse().map_err(|e: trialscope_tensor::Error| e.into_py_err(py))
}

fn to_json(summary: &trialscope_capture::Summary) -> PyResult<String> {
    serde_json::to_string(summary).map_err(|e| PyValueError::new_err(e.to_string()))
}
