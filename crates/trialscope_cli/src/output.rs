//! Where results and messages go: results to standard output, the rest to standard error.

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::{
    args::{Color, Global},
    failure::Failure,
};

/// Output in the form the user asked for.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    pub(crate) json: bool,
    pub(crate) quiet: bool,
}

impl Output {
    pub(crate) fn new(global: &Global) -> Self {
        match global.color {
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
        Self { json: global.json, quiet: global.quiet }
    }

    /// Prints a result: the document with `--json`, the text without.
    pub(crate) fn result(
        &self,
        document: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        if self.json { self.json_line(document) } else { write_out(text().trim_end_matches('\n')) }
    }

    /// Prints one line of JSON.
    #[expect(clippy::unused_self, reason = "output goes through an Output")]
    pub(crate) fn json_line(&self, document: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(document).map_err(|error| {
            Failure::new(crate::exit::Exit::Failure, format!("cannot write JSON: {error}"))
        })?;
        write_out(&text)
    }

    /// Prints a line of a result that comes in pieces.
    #[expect(clippy::unused_self, reason = "output goes through an Output")]
    pub(crate) fn line(&self, text: &str) -> Result<(), Failure> {
        write_out(text)
    }

    /// Prints a remark on standard error, unless the user wants results only.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet && !self.json {
            anstream::eprintln!("{text}");
        }
    }

    /// Prints why the command failed.
    pub(crate) fn failure(&self, failure: &Failure) {
        if self.json {
            anstream::eprintln!("{}", failure.to_json());
            return;
        }
        let red = paint(AnsiColor::Red).bold();
        anstream::eprintln!("{red}error{red:#}: {}", crate::text::printable(&failure.message));
        if let Some(hint) = &failure.hint {
            let cyan = paint(AnsiColor::Cyan);
            anstream::eprintln!("{cyan}hint{cyan:#}: {}", crate::text::printable(hint));
        }
    }
}

/// A text colour; it disappears where the output takes none.
pub(crate) fn paint(color: AnsiColor) -> Style {
    Style::new().fg_color(Some(color.into()))
}

/// A closed pipe (`| head`) is the reader's way of saying enough: not an error of ours.
fn write_out(text: &str) -> Result<(), Failure> {
    use std::io::Write;
    match writeln!(anstream::stdout(), "{text}") {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(crate::exit::Exit::Success, "the reader of the output has gone"))
        }
        Err(error) => {
            Err(Failure::new(crate::exit::Exit::Failure, format!("cannot write the output: {error}")))
        }
    }
}
