//! `unsafe` lives in few files, each known by name.

use super::files::SourceFile;
use super::finding::Finding;
use super::policy::UNSAFE_FILES;

/// `unsafe` in files that are not listed, listed files without any, and `unsafe` without its argument.
pub(super) fn check(sources: &[SourceFile]) -> Vec<Finding> {
    check_against(sources, UNSAFE_FILES)
}

fn check_against(sources: &[SourceFile], listed: &[(&str, &str)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let uses: Vec<usize> = (1..)
            .zip(source.text.lines())
            .filter(|(_, line)| says_unsafe(line))
            .map(|(number, _)| number)
            .collect();
        let is_listed = listed.iter().any(|(path, _)| *path == source.path);
        if let (false, Some(first)) = (is_listed, uses.first()) {
            let message = "unsafe outside the listed files (xtask/src/tidy/policy.rs)";
            findings.push(Finding::on_line(&source.path, *first, message));
        }
        if is_listed && uses.is_empty() {
            findings.push(Finding::at(&source.path, "listed for unsafe code and has none"));
        }
        if is_listed && !uses.is_empty() && !source.text.contains("SAFETY:") {
            findings.push(Finding::at(&source.path, "unsafe without a SAFETY: argument"));
        }
    }
    for (path, _) in listed {
        if !sources.iter().any(|source| source.path == *path) {
            findings.push(Finding::at(path, "listed for unsafe code and does not exist"));
        }
    }
    findings
}

/// Whether a line of code has the word `unsafe`, outside comments, string literals and longer words.
fn says_unsafe(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    // Every second piece between quotation marks lies inside a string literal; escaped marks end none.
    code.replace("\\\"", "")
        .split('"')
        .step_by(2)
        .flat_map(|piece| piece.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .any(|word| word == "unsafe")
}

#[cfg(test)]
mod tests {
    use super::super::files::SourceFile;
    use super::{check_against, says_unsafe};

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn the_word_counts_only_as_code() {
        assert!(says_unsafe("    let map = unsafe { Mmap::map(&file) };"));
        assert!(says_unsafe("unsafe impl Send for Buffer {}"));
        assert!(!says_unsafe("// unsafe"));
        assert!(!says_unsafe("#![expect(unsafe_code, reason = \"unsafe is its job\")]"));
    }

    #[test]
    fn only_listed_files_with_an_argument() {
        let word = ["un", "safe"].concat();
        let use_it = &format!("{word} {{ f() }}\n");
        let argued = &format!("// SAFETY: f has no preconditions.\n{use_it}");
        let listed = [("a.rs", "a reason")];
        assert!(check_against(&[file("a.rs", argued)], &listed).is_empty());
        assert_eq!(check_against(&[file("a.rs", use_it)], &listed).len(), 1);
        assert_eq!(check_against(&[file("a.rs", "fn f() {}\n")], &listed).len(), 1);
        assert_eq!(check_against(&[], &listed).len(), 1);
        let elsewhere = check_against(&[file("a.rs", argued), file("b.rs", argued)], &listed);
        assert!(elsewhere[0].to_string().starts_with("b.rs:2: unsafe outside"));
    }
}
