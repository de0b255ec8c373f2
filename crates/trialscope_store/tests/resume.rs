//! The state file of smdebug restores what smdebug restores from it.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value as Json;
use trialscope_store::{ResumeLog, Storage};

#[test]
fn a_state_file_of_smdebug_restores_as_smdebug_does() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/resume-state");
    let expected: Json =
        serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let checkpoints = Storage::open(folder.join("checkpoints").to_str().unwrap()).unwrap();
    let log = ResumeLog::read(&checkpoints).unwrap();
    let resumed = log.restore().unwrap();
    let restored = &expected["restored_by_new_hook"];
    assert_eq!(Some(resumed.training_run), restored["training_run"].as_u64());
    assert_eq!(resumed.last_saved.map(|step| step.0), restored["last_saved_step"].as_u64());
    assert_eq!(Some(resumed.last_seen.0), restored["init_step"].as_u64());
    let mode_steps: BTreeMap<&str, u64> =
        resumed.mode_steps.iter().map(|(mode, step)| (mode.name(), step.0)).collect();
    let expected_steps: BTreeMap<&str, u64> = restored["mode_steps"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(mode, step)| (mode.as_str(), step.as_u64().unwrap()))
        .collect();
    assert_eq!(mode_steps, expected_steps);
    // What we write says the same, state by state.
    let ours: Json = serde_json::from_slice(&log.to_json().unwrap()).unwrap();
    assert_eq!(ours, expected["metadata_json"]);
}
