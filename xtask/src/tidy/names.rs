//! A file is named for the one concept it holds.

use super::files::SourceFile;
use super::finding::Finding;
use super::policy::EMPTY_NAMES;

/// Files and folders whose name could hold anything.
pub(super) fn check(sources: &[SourceFile]) -> Vec<Finding> {
    sources
        .iter()
        .filter(|source| {
            let mut folders = source.path.split('/').rev().skip(1);
            EMPTY_NAMES.contains(&source.stem()) || folders.any(|folder| EMPTY_NAMES.contains(&folder))
        })
        .map(|source| Finding::at(&source.path, "named for nothing: say what it holds"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::files::SourceFile;
    use super::check;

    #[test]
    fn empty_names_are_refused_for_files_and_folders() {
        let named = |path: &str| check(&[SourceFile { path: path.to_owned(), text: String::new() }]).len();
        assert_eq!(named("crates/a/src/utils.rs"), 1);
        assert_eq!(named("crates/a/src/common/crc.rs"), 1);
        assert_eq!(named("python/trialscope/misc.py"), 1);
        assert_eq!(named("crates/a/src/utilisation.rs"), 0);
    }
}
