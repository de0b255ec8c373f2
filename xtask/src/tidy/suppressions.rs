//! Warnings are silenced with a reason, and work left to do has an issue.

use super::files::SourceFile;
use super::finding::Finding;

/// Silenced warnings without a reason, and notes without an issue number.
pub(super) fn check(sources: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| !source.path.starts_with("xtask/src/tidy/")) {
        for (number, line) in source.text.lines().enumerate() {
            if let Some(message) = complaint(source, line) {
                findings.push(Finding::on_line(&source.path, number + 1, message));
            }
        }
    }
    findings
}

fn complaint(source: &SourceFile, line: &str) -> Option<&'static str> {
    let trimmed = line.trim_start();
    if source.is_rust() && (trimmed.starts_with("#[allow(") || trimmed.starts_with("#![allow(")) {
        return Some("use #[expect(..., reason = \"...\")] instead of allow");
    }
    if source.is_python() && line.trim_end().ends_with("# type: ignore") {
        return Some("name the error that is ignored: # type: ignore[name]");
    }
    if source.is_python() && line.trim_end().ends_with("# noqa") {
        return Some("name the rule that is ignored: # noqa: RULE");
    }
    let is_note = |word: &str| {
        line.split(word).skip(1).any(|rest| !rest.starts_with("(#"))
            && (trimmed.starts_with("//") || trimmed.starts_with('#'))
    };
    (is_note("TODO") || is_note("FIXME") || is_note("XXX"))
        .then_some("give the note an issue: TODO(#123), or do it")
}

#[cfg(test)]
mod tests {
    use super::super::files::SourceFile;
    use super::check;

    fn count(path: &str, line: &str) -> usize {
        check(&[SourceFile { path: path.to_owned(), text: format!("{line}\n") }]).len()
    }

    #[test]
    fn silencing_needs_a_reason() {
        assert_eq!(count("a.rs", "    #[allow(dead_code)]"), 1);
        assert_eq!(count("a.rs", "#![allow(dead_code)]"), 1);
        assert_eq!(count("a.rs", "#[expect(dead_code, reason = \"used by the next crate\")]"), 0);
        assert_eq!(count("a.py", "x = f()  # type: ignore"), 1);
        assert_eq!(count("a.py", "x = f()  # type: ignore[arg-type]"), 0);
        assert_eq!(count("a.py", "x = f()  # noqa"), 1);
        assert_eq!(count("a.py", "x = f()  # noqa: S603"), 0);
    }

    #[test]
    fn notes_need_an_issue() {
        assert_eq!(count("a.rs", "// TODO: later"), 1);
        assert_eq!(count("a.rs", "// TODO(#12): later"), 0);
        assert_eq!(count("a.py", "# FIXME soon"), 1);
        assert_eq!(count("a.rs", "let TODO = 1;"), 0);
    }
}
