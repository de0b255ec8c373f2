//! The command `trialscope`.

use std::process::ExitCode;

fn main() -> ExitCode {
    trialscope_cli::run(std::env::args_os(), None).into()
}
