//! No file grows beyond what a person reads in one go.

use super::files::SourceFile;
use super::finding::Finding;
use super::policy::{LONGER_FILES, MAX_LINES};

/// Files over the limit, and exceptions that are no longer needed.
pub(super) fn check(sources: &[SourceFile]) -> Vec<Finding> {
    check_against(sources, LONGER_FILES)
}

fn check_against(sources: &[SourceFile], exceptions: &[(&str, &str)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_excepted = |path: &str| exceptions.iter().any(|(excepted, _)| *excepted == path);
    for source in sources.iter().filter(|source| !source.is_test()) {
        let lines = counted_lines(source);
        if lines > MAX_LINES && !is_excepted(&source.path) {
            let message = format!("{lines} lines, {MAX_LINES} are the limit: split it by concept");
            findings.push(Finding::at(&source.path, message));
        }
    }
    for (path, _) in exceptions {
        let is_long = |source: &SourceFile| source.path == *path && counted_lines(source) > MAX_LINES;
        if !sources.iter().any(is_long) {
            findings.push(Finding::at(path, "is not too long any more: drop its exception"));
        }
    }
    findings
}

/// Lines ahead of the tests at the foot of a Rust file; all lines of a Python file.
fn counted_lines(source: &SourceFile) -> usize {
    let mut lines = source.text.lines().peekable();
    let mut count = 0;
    while let Some(line) = lines.next() {
        let opens_tests = lines.peek().is_some_and(|next| next.starts_with("mod ") && next.ends_with('{'));
        if source.is_rust() && line == "#[cfg(test)]" && opens_tests {
            break;
        }
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::super::files::SourceFile;
    use super::{check_against, counted_lines};

    fn file(path: &str, text: String) -> SourceFile {
        SourceFile { path: path.to_owned(), text }
    }

    #[test]
    fn the_limit_is_400_lines_without_tests() {
        let tests = "#[cfg(test)]\nmod tests {\n".to_owned() + &"    // a test\n".repeat(900) + "}\n";
        let fits = file("a.rs", "//! Doc.\n".repeat(400) + &tests);
        assert_eq!(counted_lines(&fits), 400);
        assert!(check_against(&[fits], &[]).is_empty());
        let long = file("a.py", "x = 1\n".repeat(401));
        assert_eq!(
            check_against(&[long], &[])[0].to_string(),
            "a.py: 401 lines, 400 are the limit: split it by concept"
        );
    }

    #[test]
    fn a_test_only_import_does_not_end_the_count() {
        let text = "#[cfg(test)]\nuse std::fs;\n".to_owned() + &"// code\n".repeat(500);
        assert_eq!(counted_lines(&file("a.rs", text)), 502);
    }

    #[test]
    fn exceptions_hold_and_go_stale() {
        let long = file("a.rs", "// code\n".repeat(401));
        assert!(check_against(std::slice::from_ref(&long), &[("a.rs", "a table")]).is_empty());
        let stale = check_against(&[long], &[("a.rs", "a table"), ("b.rs", "gone")]);
        assert_eq!(stale[0].to_string(), "b.rs: is not too long any more: drop its exception");
    }
}
