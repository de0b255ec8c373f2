//! The pages of the rules, written from their declarations: `docs/rules/`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use trialscope_rules::rules;

const FOLDER: &str = "docs/rules";
const MARK: &str =
    "<!-- Written by `cargo run -p xtask -- docs`; edit the declaration of the rule instead. -->\n\n";

/// Writes every page and removes those of rules that are gone.
pub(crate) fn write(root: &Path) -> Result<String, String> {
    let folder = root.join(FOLDER);
    let failed = |error: io::Error| format!("cannot write {FOLDER}: {error}");
    fs::create_dir_all(&folder).map_err(failed)?;
    let pages = pages();
    for name in stale(&folder, &pages)? {
        match pages.get(&name) {
            Some(text) => fs::write(folder.join(&name), text).map_err(failed)?,
            None => fs::remove_file(folder.join(&name)).map_err(failed)?,
        }
    }
    Ok(format!("{FOLDER}: {} pages", pages.len()))
}

/// Whether every page is what [`write()`] would write.
pub(crate) fn check(root: &Path) -> Result<String, String> {
    let pages = pages();
    let stale = stale(&root.join(FOLDER), &pages)?;
    if stale.is_empty() {
        return Ok(format!("docs: {} pages are up to date", pages.len()));
    }
    let list: Vec<String> =
        stale.iter().map(|name| format!("{FOLDER}/{name}: not what its rule says")).collect();
    Err(format!("{}\nRun `cargo run -p xtask -- docs`.", list.join("\n")))
}

/// Every page by its file name.
fn pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    let mut list = format!(
        "{MARK}# Rules\n\n\
         Conditions on what a training saved. Each page says what the rule checks and what it needs.\n\n"
    );
    for rule in rules() {
        // Writing to a string cannot fail.
        let _ = writeln!(list, "- [{0}]({0}.md): {1}.", rule.name, rule.summary);
        pages.insert(format!("{}.md", rule.name), format!("{MARK}{}", rule.page()));
    }
    pages.insert("README.md".to_owned(), list);
    pages
}

/// Names of the pages in `folder` that are missing, differ, or belong to no rule.
fn stale(folder: &Path, pages: &BTreeMap<String, String>) -> Result<BTreeSet<String>, String> {
    let found = found(folder).map_err(|error| format!("cannot read {FOLDER}: {error}"))?;
    let names = pages.keys().chain(found.keys());
    Ok(names.filter(|name| pages.get(*name) != found.get(*name)).cloned().collect())
}

fn found(folder: &Path) -> io::Result<BTreeMap<String, String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        entries => entries?,
    };
    let mut found = BTreeMap::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|extension| extension == "md") {
            found.insert(name, String::from_utf8_lossy(&fs::read(entry.path())?).into_owned());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{FOLDER, check, write};

    #[test]
    fn edited_missing_and_left_over_pages_are_stale_until_written() {
        let root = tempfile::tempdir().unwrap();
        assert!(check(root.path()).unwrap_err().contains("docs/rules/Overfit.md"));
        write(root.path()).unwrap();
        assert!(check(root.path()).is_ok());

        let page = |name: &str| root.path().join(FOLDER).join(name);
        fs::write(page("Overfit.md"), "# Overfit\n").unwrap();
        fs::remove_file(page("README.md")).unwrap();
        fs::write(page("Gone.md"), "").unwrap();
        let error = check(root.path()).unwrap_err();
        let lines: Vec<&str> = error.lines().collect();
        assert_eq!(lines.len(), 4, "{error}");
        assert!(
            lines[0].contains("Gone.md") && lines[1].contains("Overfit.md") && lines[2].contains("README.md")
        );

        write(root.path()).unwrap();
        assert!(check(root.path()).is_ok());
        assert!(!page("Gone.md").exists());
    }
}
