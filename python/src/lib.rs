//! `trialscope._native`: the Rust core as Python sees it. Every function converts, lets go of the interpreter lock
//! where it waits, calls, and converts back.

mod arrays;
mod capture;
mod command_line;
mod errors;
mod given_array;
mod tensor_buffer;
mod trial;

use pyo3::prelude::*;

/// The compiled part of the package `trialscope`.
#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::capture::{Capture, flush_on_termination};
    #[pymodule_export]
    use crate::command_line::run_cli;
    #[pymodule_export]
    use crate::tensor_buffer::TensorBuffer;
    #[pymodule_export]
    use crate::trial::Trial;
}
