//! Project chores: `cargo run -p xtask -- tidy` checks what no compiler or linter does, `docs` writes the pages of the
//! rules.

mod docs;
mod tidy;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo run -p xtask -- tidy | docs [--check]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["tidy"] => tidy::run(&root()),
        ["docs"] => docs::write(&root()),
        ["docs", "--check"] => docs::check(&root()),
        ["help" | "--help" | "-h"] => Ok(USAGE.to_owned()),
        _ => Err(USAGE.to_owned()),
    };
    let (text, exit_code) = match &outcome {
        Ok(text) => (text, ExitCode::SUCCESS),
        Err(text) => (text, ExitCode::FAILURE),
    };
    let written =
        if outcome.is_ok() { writeln!(io::stdout(), "{text}") } else { writeln!(io::stderr(), "{text}") };
    // A reader that went away does not change what was found.
    drop(written);
    exit_code
}

/// The folder of the workspace, which holds this crate's.
fn root() -> std::path::PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
