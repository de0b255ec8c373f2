//! Rust errors as the exceptions of `trialscope.exceptions`, one class per kind.

use pyo3::{prelude::*, types::PyDict};
use trialscope_capture::Error as CaptureError;
use trialscope_store::Error as StoreError;
use trialscope_tensor::{Error as TensorError, Mode, Step};

/// Turns an error of the core into an exception.
pub(crate) trait IntoPyErr {
    fn into_py_err(self, py: Python<'_>) -> PyErr;
}

impl IntoPyErr for StoreError {
    fn into_py_err(self, py: Python<'_>) -> PyErr {
        let message = message_with_hint(&self);
        let step =
            |step: &Step, mode: &Mode| [("step", step.0.to_string()), ("mode", mode.name().to_owned())];
        match &self {
            Self::Location { .. } => raise(py, "InvalidLocation", &message, &[]),
            Self::NotATrial { .. } => raise(py, "NotATrial", &message, &[]),
            Self::TrialExists { .. } => raise(py, "TrialExists", &message, &[]),
            Self::TrialInUse { .. } => raise(py, "TrialInUse", &message, &[]),
            Self::Damaged { .. } => raise(py, "DamagedFile", &message, &[]),
            Self::TensorUnavailable { name, .. } => {
                raise(py, "TensorUnavailable", &message, &[("tname", name.clone())])
            }
            Self::TensorUnavailableForStep { name, step: s, mode, has_reductions } => {
                let [s, m] = step(s, mode);
                let reductions = ("has_reductions", has_reductions.to_string());
                raise(py, "TensorUnavailableForStep", &message, &[("tname", name.clone()), s, m, reductions])
            }
            Self::ShapeUnavailableForStep { name, step: s, mode } => {
                let [s, m] = step(s, mode);
                raise(py, "ShapeUnavailableForStep", &message, &[("tname", name.clone()), s, m])
            }
            Self::StepUnavailable { step: s, mode, .. } => {
                raise(py, "StepUnavailable", &message, &step(s, mode))
            }
            Self::StepNotYetAvailable { step: s, mode } => {
                raise(py, "StepNotYetAvailable", &message, &step(s, mode))
            }
            Self::NoMoreData { step: s, mode, .. } => raise(py, "NoMoreData", &message, &step(s, mode)),
            Self::InvalidWorker { name, .. } => {
                raise(py, "InvalidWorker", &message, &[("worker", name.clone())])
            }
            Self::UnknownCollection { .. } => raise(py, "UnknownCollection", &message, &[]),
            Self::Pattern { .. } => raise(py, "InvalidPattern", &message, &[]),
            Self::Encode { .. } | Self::Tensor(_) | Self::Reduce { .. } => {
                raise(py, "InvalidTensor", &message, &[])
            }
            _ => raise(py, "StorageError", &message, &[]),
        }
    }
}

impl IntoPyErr for CaptureError {
    fn into_py_err(self, py: Python<'_>) -> PyErr {
        match self {
            Self::Store(error) => error.into_py_err(py),
            Self::Tensor(error) => error.into_py_err(py),
            Self::UnknownCollection { .. } => raise(py, "UnknownCollection", &self.to_string(), &[]),
            Self::Pattern { .. } => raise(py, "InvalidPattern", &self.to_string(), &[]),
            Self::Closed { .. } => raise(py, "HookClosed", &self.to_string(), &[]),
            _ => raise(py, "TrialscopeError", &self.to_string(), &[]),
        }
    }
}

impl IntoPyErr for TensorError {
    fn into_py_err(self, py: Python<'_>) -> PyErr {
        let class = match self {
            Self::Pattern { .. } | Self::PatternTooHard { .. } => "InvalidPattern",
            _ => "InvalidTensor",
        };
        raise(py, class, &self.to_string(), &[])
    }
}

fn message_with_hint(error: &StoreError) -> String {
    match error.hint() {
        Some(hint) => format!("{error} (hint: {hint})"),
        None => error.to_string(),
    }
}

/// Makes the exception `class` with `message` and attributes; the attributes are parsed by its constructor.
pub(crate) fn raise(py: Python<'_>, class: &str, message: &str, attributes: &[(&str, String)]) -> PyErr {
    let made = (|| {
        let kwargs = PyDict::new(py);
        for (name, value) in attributes {
            kwargs.set_item(name, value)?;
        }
        py.import("trialscope.exceptions")?.getattr(class)?.call((message,), Some(&kwargs))
    })();
    match made {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}
