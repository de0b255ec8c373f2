//! The rules themselves, as tables: the one file to edit when a rule changes.

/// Which crates of ours each crate may import; tests follow the same rule.
///
/// The order is the direction: whatever a crate imports stands above it.
pub(super) const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("trialscope_tensor", &[]),
    ("trialscope_tfevents", &["trialscope_tensor"]),
    ("trialscope_store", &["trialscope_tensor", "trialscope_tfevents"]),
    ("trialscope_capture", &["trialscope_tensor", "trialscope_store"]),
    // Rules ask for tensors and never fetch them; see `EVALUATOR`.
    ("trialscope_rules", &["trialscope_tensor", "trialscope_store"]),
    ("trialscope_cli", &["trialscope_tensor", "trialscope_tfevents", "trialscope_store", "trialscope_rules"]),
    (
        "trialscope_python",
        &[
            "trialscope_tensor",
            "trialscope_store",
            "trialscope_capture",
            "trialscope_rules",
            "trialscope_cli",
        ],
    ),
    // The pages of the rules are written from their declarations.
    ("xtask", &["trialscope_rules"]),
];

/// The crate of which only one module may read trials.
pub(super) const RULES_SOURCES: &str = "crates/trialscope_rules/src/";

/// That module, as a file and as a folder.
pub(super) const EVALUATOR: [&str; 2] =
    ["crates/trialscope_rules/src/evaluator.rs", "crates/trialscope_rules/src/evaluator/"];

/// Most lines a source file may have; tests inside it are not counted.
pub(super) const MAX_LINES: usize = 400;

/// Longer files, each with the reason why splitting it would hurt.
pub(super) const LONGER_FILES: &[(&str, &str)] = &[];

/// The only files that may say `unsafe`, each with the reason.
pub(super) const UNSAFE_FILES: &[(&str, &str)] = &[
    ("crates/trialscope_store/src/mapping.rs", "maps a finished file into memory"),
    ("python/src/given_array.rs", "reads numpy's memory where it lies"),
    ("python/src/tensor_buffer.rs", "lends tensor bytes to numpy without a copy"),
];

/// File names that say nothing about what is inside.
pub(super) const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "misc"];
