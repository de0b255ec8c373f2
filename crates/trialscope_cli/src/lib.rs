//! The command line: arguments in, library calls out, results to standard output, errors with a hint to standard
//! error.

mod args;
mod commands;
mod exit;
mod failure;
mod names;
mod output;
mod text;
mod trial;

use std::{ffi::OsString, path::PathBuf};

use clap::Parser;

pub use exit::Exit;

use args::{Command, CommandLine};
use output::Output;

/// Runs the command `args` (the program's name first) and says how it ended.
///
/// `python` is the interpreter that has the package `trialscope`, where the caller knows it; the demo trains with it.
pub fn run(args: impl IntoIterator<Item = OsString>, python: Option<PathBuf>) -> Exit {
    let command_line = match CommandLine::try_parse_from(args) {
        Ok(command_line) => command_line,
        Err(error) => {
            // Help and version come this way too, and go to standard output.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Success };
            let _ = error.print();
            return exit;
        }
    };
    let output = Output::new(&command_line.global);
    let result = match command_line.command {
        Command::Demo(demo) => commands::demo::run(&demo, &output, python),
        Command::Tensors(tensors) => commands::tensors::run(&tensors, &output),
        Command::Show(show) => commands::show::run(&show, &output),
        Command::Rules(rules) => commands::rules::run(&rules, &output),
        Command::Doctor(doctor) => commands::doctor::run(&doctor, &output),
    };
    match result {
        Ok(exit) => exit,
        Err(failure) => {
            if failure.exit != Exit::Success {
                output.failure(&failure);
            }
            failure.exit
        }
    }
}
