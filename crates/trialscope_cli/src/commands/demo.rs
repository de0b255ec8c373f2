//! `trialscope demo`: the training itself is Python's business; this finds the interpreter and hands over.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{args::Demo, exit::Exit, failure::Failure, output::Output};

/// Names an interpreter with the package, for those who run the binary outside of a Python environment.
const PYTHON_VARIABLE: &str = "TRIALSCOPE_PYTHON";

pub(crate) fn run(demo: &Demo, output: &Output, python: Option<PathBuf>) -> Result<Exit, Failure> {
    let python = python
        .or_else(|| std::env::var_os(PYTHON_VARIABLE).map(PathBuf::from))
        .unwrap_or_else(|| PathBuf::from("python3"));
    let mut command = Command::new(&python);
    command.args(["-m", "trialscope.demo"]);
    command.args(["--rounds", &demo.rounds.to_string(), "--interval", &demo.interval.to_string()]);
    command.args(["--seed", &demo.seed.to_string()]);
    if let Some(data) = &demo.data {
        command.arg("--data").arg(data);
    }
    if let Some(out) = &demo.out {
        command.args(["--out", out]);
    }
    if output.json {
        command.arg("--json");
    }
    if output.quiet {
        command.arg("--quiet");
    }
    become_child(command).map_err(|source| cannot_start(&python, &source))
}

/// The demo takes this process over, so that Ctrl-C and the terminal are its own.
#[cfg(unix)]
fn become_child(mut command: Command) -> Result<Exit, std::io::Error> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

#[cfg(not(unix))]
fn become_child(mut command: Command) -> Result<Exit, std::io::Error> {
    let code = command.status()?.code();
    Ok(code.map_or(Exit::Interrupted, |code| Exit::Child(u8::try_from(code).unwrap_or(1))))
}

fn cannot_start(python: &Path, source: &std::io::Error) -> Failure {
    Failure::new(Exit::Failure, format!("cannot start {}: {source}", python.display()))
        .with_hint(format!("set {PYTHON_VARIABLE} to a Python that has the packages trialscope and xgboost"))
}
