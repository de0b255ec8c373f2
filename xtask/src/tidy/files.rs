//! The source files of the workspace, without what was built or installed into it.

use std::fs;
use std::io;
use std::path::Path;

/// Folders that hold nothing written by hand; hidden ones (environments, caches) are passed over as well.
const SKIPPED_FOLDERS: [&str; 6] = ["target", "dist", "runs", "node_modules", "__pycache__", "corpus"];

/// A Rust or Python file.
#[derive(Clone, Debug)]
pub(super) struct SourceFile {
    /// Path from the workspace root, with `/` whatever the system uses.
    pub(super) path: String,
    pub(super) text: String,
}

impl SourceFile {
    pub(super) fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }

    pub(super) fn is_python(&self) -> bool {
        !self.is_rust()
    }

    /// Whether the whole file is a test.
    pub(super) fn is_test(&self) -> bool {
        self.path.split('/').any(|part| {
            part == "tests" || part == "tests.rs" || part.starts_with("test_") || part == "conftest.py"
        })
    }

    /// File name without its extension.
    pub(super) fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.split('.').next().unwrap_or_default()
    }
}

/// Every `.rs` and `.py` file below `root`, by path.
pub(super) fn collect(root: &Path) -> io::Result<Vec<SourceFile>> {
    let mut found = Vec::new();
    visit(root, "", &mut found)?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn visit(folder: &Path, prefix: &str, found: &mut Vec<SourceFile>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            if !name.starts_with('.') && !SKIPPED_FOLDERS.contains(&name.as_str()) {
                visit(&entry.path(), &format!("{path}/"), found)?;
            }
        } else if Path::new(&name).extension().is_some_and(|extension| extension == "rs" || extension == "py")
        {
            found.push(SourceFile { path, text: fs::read_to_string(entry.path())? });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::SourceFile;

    fn file(path: &str) -> SourceFile {
        SourceFile { path: path.to_owned(), text: String::new() }
    }

    #[test]
    fn tests_are_known_by_their_place() {
        assert!(file("crates/a/tests/whole.rs").is_test());
        assert!(file("crates/a/src/index/tests.rs").is_test());
        assert!(file("python/tests/demo/conftest.py").is_test());
        assert!(!file("crates/a/src/testing.rs").is_test());
        assert!(!file("crates/a/src/latest.rs").is_test());
    }

    #[test]
    fn stem_is_the_name_alone() {
        assert_eq!(file("crates/a/src/utils.rs").stem(), "utils");
        assert!(file("python/a.py").is_python());
    }
}
