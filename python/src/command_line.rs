//! The command line, for the entry point that the wheel installs.

use std::{ffi::OsString, path::PathBuf};

use pyo3::prelude::*;

/// Runs the command `arguments` (the program's name first) and returns its exit code. `python` is the interpreter that
/// has this package.
#[pyfunction]
#[pyo3(signature = (arguments, python))]
pub(crate) fn run_cli(py: Python<'_>, arguments: Vec<OsString>, python: PathBuf) -> u8 {
    py.detach(|| trialscope_cli::run(arguments, Some(python)).code())
}
