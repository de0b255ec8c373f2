//! `trialscope doctor`: check every file of a trial.

use std::io::IsTerminal;

use anstyle::AnsiColor;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use trialscope_store::{Report, Severity, Storage, examine};

use crate::{
    args::Doctor,
    exit::Exit,
    failure::Failure,
    output::{Output, paint},
    text,
};

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    path: String,
    has_ended: bool,
    num_files: u64,
    num_bytes: u64,
    num_steps: u64,
    num_records: u64,
    workers: Vec<String>,
    num_errors: usize,
    num_warnings: usize,
    observations: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    severity: &'static str,
    kind: &'static str,
    path: String,
    offset: Option<u64>,
    message: String,
    advice: Option<&'static str>,
    #[serde(skip)]
    level: Severity,
}

pub(crate) fn run(arguments: &Doctor, output: &Output) -> Result<Exit, Failure> {
    let storage = Storage::open(&arguments.trial.path)?;
    let bar = progress_bar(output);
    let report = examine(&storage, &mut |progress| {
        bar.set_length(progress.files_total);
        bar.set_position(progress.files_done);
    });
    bar.finish_and_clear();
    let document = Document::new(storage.location(), &report?);
    output.result(&document, || document.to_text())?;
    Ok(if document.num_errors > 0 { Exit::Failure } else { Exit::Success })
}

fn progress_bar(output: &Output) -> ProgressBar {
    let wanted = !output.quiet && !output.json && std::io::stderr().is_terminal();
    let target = if wanted { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(None, target);
    if let Ok(style) = ProgressStyle::with_template("checking  {bar:30} {pos}/{len} files  {eta}") {
        bar.set_style(style);
    }
    bar
}

impl Document {
    fn new(path: &str, report: &Report) -> Self {
        let observations: Vec<Row> = report
            .observations
            .iter()
            .map(|observation| Row {
                severity: observation.severity().name(),
                kind: observation.kind.name(),
                path: observation.path.clone(),
                offset: observation.offset,
                message: observation.message.clone(),
                advice: observation.advice(),
                level: observation.severity(),
            })
            .collect();
        let count = |level| observations.iter().filter(|row| row.level == level).count();
        Self {
            schema: "trialscope.doctor/1",
            path: path.to_owned(),
            has_ended: report.has_ended,
            num_files: report.num_files,
            num_bytes: report.num_bytes,
            num_steps: report.num_steps,
            num_records: report.num_records,
            workers: report.workers.iter().map(|worker| worker.as_str().to_owned()).collect(),
            num_errors: count(Severity::Error),
            num_warnings: count(Severity::Warning),
            observations,
        }
    }

    fn to_text(&self) -> String {
        let mut lines = vec![format!(
            "{}\n{} files, {} bytes: {} records at {} steps by {}",
            text::printable(&self.path),
            text::count(self.num_files),
            text::count(self.num_bytes),
            text::count(self.num_records),
            text::count(self.num_steps),
            text::printable(&self.workers.join(", ")),
        )];
        for row in &self.observations {
            let color = paint(match row.level {
                Severity::Error => AnsiColor::Red,
                Severity::Warning => AnsiColor::Yellow,
                Severity::Note => AnsiColor::Cyan,
            });
            lines.push(format!("{color}{}{color:#}  {}", row.severity, text::printable(&row.message)));
            lines.extend(row.advice.map(|advice| format!("  {advice}")));
        }
        lines.push(match (self.num_errors, self.num_warnings) {
            (0, 0) => "Everything that is there is whole.".to_owned(),
            (0, warnings) => format!("Everything that is there is whole; {warnings} warnings."),
            (errors, warnings) => format!("{errors} errors, {warnings} warnings."),
        });
        lines.join("\n")
    }
}
