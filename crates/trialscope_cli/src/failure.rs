//! An error on its way to the user: what happened, what to do about it, and the exit code.

use serde::Serialize;
use trialscope_store::Error as StoreError;

use crate::exit::Exit;

/// Why a command could not do what it was asked to.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) exit: Exit,
}

#[derive(Serialize)]
struct Document<'a> {
    error: Body<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    code: u8,
    message: &'a str,
    hint: Option<&'a str>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, exit }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The error as one line of JSON.
    pub(crate) fn to_json(&self) -> String {
        let body = Body { code: self.exit.code(), message: &self.message, hint: self.hint.as_deref() };
        // Text and a number always have a JSON form.
        serde_json::to_string(&Document { error: body }).unwrap_or_default()
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let exit = match error {
            StoreError::NotATrial { .. }
            | StoreError::FileMissing { .. }
            | StoreError::TensorUnavailable { .. }
            | StoreError::TensorUnavailableForStep { .. }
            | StoreError::ShapeUnavailableForStep { .. }
            | StoreError::StepUnavailable { .. }
            | StoreError::StepNotYetAvailable { .. }
            | StoreError::NoMoreData { .. }
            | StoreError::InvalidWorker { .. }
            | StoreError::UnknownCollection { .. } => Exit::NotFound,
            StoreError::Pattern { .. } | StoreError::Location { .. } => Exit::Usage,
            _ => Exit::Failure,
        };
        Self { message: error.to_string(), hint: error.hint(), exit }
    }
}
