//! What the project promises about itself beyond compiling: who may import whom, how long a file may be, that every
//! module says what it is, and where `unsafe` lives.

mod dependencies;
mod files;
mod finding;
mod length;
mod module_docs;
mod names;
mod policy;
mod suppressions;
mod unsafe_code;

use std::path::Path;

use files::SourceFile;
use finding::Finding;

type Check = fn(&[SourceFile]) -> Vec<Finding>;

const CHECKS: [Check; 6] = [
    dependencies::check_evaluator,
    length::check,
    module_docs::check,
    names::check,
    suppressions::check,
    unsafe_code::check,
];

/// Runs every check on the workspace at `root`; the text says what was checked, or everything that is wrong.
pub(crate) fn run(root: &Path) -> Result<String, String> {
    let sources = files::collect(root).map_err(|error| format!("cannot read the sources: {error}"))?;
    let metadata = dependencies::metadata(root)?;
    let mut findings = dependencies::check_direction(&metadata)?;
    findings.extend(CHECKS.iter().flat_map(|check| check(&sources)));
    findings.sort();
    if findings.is_empty() {
        return Ok(format!("tidy: {} files in order", sources.len()));
    }
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    Err(format!("{}\ntidy: {} to put in order", lines.join("\n"), findings.len()))
}
