//! The dependency direction: a crate imports only what the policy lets it.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::files::SourceFile;
use super::finding::Finding;
use super::policy::{EVALUATOR, MAY_IMPORT, RULES_SOURCES};

const STORE: &str = "trialscope_store";

/// What `cargo metadata` says about the workspace.
pub(super) fn metadata(root: &Path) -> Result<Value, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("cannot run cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata wrote no JSON: {error}"))
}

/// Every import between crates of the workspace that the policy does not list.
pub(super) fn check_direction(metadata: &Value) -> Result<Vec<Finding>, String> {
    let packages = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    let mut findings = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(listed, _)| *listed == name) else {
            findings.push(Finding::at(name, "not in the table of crates (xtask/src/tidy/policy.rs)"));
            continue;
        };
        let dependencies = package["dependencies"].as_array().map_or(&[][..], Vec::as_slice);
        // A dependency with a path is one of ours.
        for imported in dependencies.iter().filter(|d| d["path"].is_string()) {
            let imported = imported["name"].as_str().unwrap_or_default();
            if !allowed.contains(&imported) {
                findings.push(Finding::at(name, format!("must not import {imported}")));
            }
        }
    }
    Ok(findings)
}

/// Within the rules crate, only the evaluator may read trials.
pub(super) fn check_evaluator(sources: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        let inside = source.path.starts_with(RULES_SOURCES);
        if !inside || EVALUATOR.iter().any(|allowed| source.path.starts_with(allowed)) {
            continue;
        }
        for (number, line) in source.text.lines().enumerate() {
            if line.split("//").next().is_some_and(|code| code.contains(STORE)) {
                let message = "only the evaluator module may read trials; take tensors as an argument";
                findings.push(Finding::on_line(&source.path, number + 1, message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::files::SourceFile;
    use super::super::policy::MAY_IMPORT;
    use super::{check_direction, check_evaluator};

    fn workspace(name: &str, imported: &str) -> serde_json::Value {
        json!({"packages": [{"name": name, "dependencies": [
            {"name": "serde_json", "path": null, "kind": null},
            {"name": imported, "path": "/somewhere", "kind": null},
        ]}]})
    }

    #[test]
    fn downward_imports_pass_and_upward_ones_do_not() {
        let down = workspace("trialscope_store", "trialscope_tensor");
        assert!(check_direction(&down).unwrap().is_empty());
        let up = check_direction(&workspace("trialscope_tensor", "trialscope_store")).unwrap();
        assert_eq!(up[0].to_string(), "trialscope_tensor: must not import trialscope_store");
    }

    #[test]
    fn an_unknown_crate_is_named() {
        let findings = check_direction(&workspace("trialscope_new", "trialscope_tensor")).unwrap();
        assert!(findings[0].to_string().starts_with("trialscope_new: not in the table"));
    }

    #[test]
    fn the_table_itself_has_a_direction() {
        for (index, (name, allowed)) in MAY_IMPORT.iter().enumerate() {
            for imported in *allowed {
                let position = MAY_IMPORT.iter().position(|(listed, _)| listed == imported);
                assert!(position.is_some_and(|at| at < index), "{name} imports {imported}");
            }
        }
    }

    #[test]
    fn rules_take_tensors_as_arguments() {
        let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
        let sources = [
            file("crates/trialscope_rules/src/evaluator/live.rs", "use trialscope_store::Trial;\n"),
            file("crates/trialscope_rules/src/rule.rs", "// trialscope_store is not for us\n"),
            file("crates/trialscope_rules/src/overfit.rs", "\nuse trialscope_store::Trial;\n"),
            file("crates/trialscope_cli/src/lib.rs", "use trialscope_store::Trial;\n"),
        ];
        let findings = check_evaluator(&sources);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].to_string().starts_with("crates/trialscope_rules/src/overfit.rs:2:"));
    }
}
