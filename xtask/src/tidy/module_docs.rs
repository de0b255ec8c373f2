//! Every module says what it is before anything else.
//!
//! A file with one concept may say so on the concept itself, right below its imports.

use super::files::SourceFile;
use super::finding::Finding;

/// Files that begin with code nobody introduced; a test's name introduces it.
pub(super) fn check(sources: &[SourceFile]) -> Vec<Finding> {
    sources
        .iter()
        .filter(|source| source.is_python() || !source.is_test())
        .filter(|source| !opens_with_doc(source))
        .map(|source| {
            let wanted = if source.is_rust() { "a doc comment" } else { "a docstring" };
            Finding::at(&source.path, format!("opens without {wanted} that says what it is"))
        })
        .collect()
}

fn opens_with_doc(source: &SourceFile) -> bool {
    if source.is_rust() { rust_opens_with_doc(&source.text) } else { python_opens_with_doc(&source.text) }
}

fn rust_opens_with_doc(text: &str) -> bool {
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("use ") || line.starts_with("mod ") || line.starts_with("pub use ") {
            // An import may span lines; it ends with its semicolon.
            let ends_here = line.ends_with(';');
            if !ends_here && !lines.any(|rest| rest.ends_with(';')) {
                return false;
            }
        } else if !line.is_empty() && !line.starts_with('#') {
            let words = line.strip_prefix("//!").or_else(|| line.strip_prefix("///"));
            return words.is_some_and(has_words);
        }
    }
    false
}

fn python_opens_with_doc(text: &str) -> bool {
    let first = text.lines().find(|line| !line.starts_with("#!")).unwrap_or_default();
    let words = first.strip_prefix("\"\"\"").or_else(|| first.strip_prefix("r\"\"\""));
    words.is_some_and(has_words)
}

fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::super::files::SourceFile;
    use super::{check, opens_with_doc};

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.to_owned(), text: text.to_owned() }
    }

    fn opens(path: &str, text: &str) -> bool {
        opens_with_doc(&file(path, text))
    }

    #[test]
    fn rust_by_the_module_or_by_its_first_item() {
        assert!(opens("a.rs", "//! What it is.\nfn f() {}\n"));
        assert!(opens("a.rs", "use std::fs;\n\n/// What it is.\n#[derive(Debug)]\npub struct A;\n"));
        assert!(opens("a.rs", "use std::{\n    fs,\n    io,\n};\n\n/// What it is.\npub struct A;\n"));
        assert!(!opens("a.rs", "use std::fs;\n\npub struct A;\n/// Too late.\npub struct B;\n"));
        assert!(!opens("a.rs", "//!\n"));
        assert!(!opens("a.rs", "use std::fs;\n"));
        assert!(!opens("a.rs", ""));
    }

    #[test]
    fn python_by_a_docstring() {
        assert!(opens("a.py", "\"\"\"What it is.\"\"\"\n"));
        assert!(opens("a.py", "#!/usr/bin/env python3\n\"\"\"What it is.\"\"\"\n"));
        assert!(!opens("a.py", "import os\n"));
        assert!(!opens("__init__.py", ""));
    }

    #[test]
    fn rust_tests_need_no_introduction() {
        assert!(check(&[file("crates/a/tests/b.rs", "#[test]\nfn f() {}\n")]).is_empty());
        assert_eq!(check(&[file("python/tests/test_b.py", "import os\n")]).len(), 1);
    }
}
