//! What a capture promises: the right tensors at the right steps, in the right form, and nothing lost silently.
#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected fails")]

use std::sync::Arc;

use trialscope_capture::{Capture, CaptureConfig, Entry, Error};
use trialscope_store::{Collections, ExistingStep, IndexFile, Storage};
use trialscope_tensor::{Mode, Step, Tensor, TensorName};

const COLLECTIONS: &str = r#"{
    "losses": {"name": "losses", "include_regex": ["loss$"], "save_config": {"TRAIN": {"save_interval": 2}, "EVAL": {"save_interval": 3}}},
    "weights": {"name": "weights", "include_regex": ["^w/"],
                "reduction_config": {"save_raw_tensor": false, "reductions": "abs_mean,l2_norm", "save_shape": true}},
    "raw_weights": {"name": "raw_weights", "include_regex": ["^w/keep"], "save_config": {"TRAIN": {"save_interval": 4}}},
    "unused": {"name": "unused", "include_regex": ["."]}
}"#;

fn config(include: &str) -> CaptureConfig {
    let text = format!(
        r#"{{"collections": {COLLECTIONS}, "include": {include}, "save_config": {{"TRAIN": {{"save_interval": 1}}}}}}"#
    );
    CaptureConfig::from_json(&text).unwrap()
}

struct Fixture {
    folder: tempfile::TempDir,
    capture: Arc<Capture>,
}

impl Fixture {
    fn new(include: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let capture = Capture::open(folder.path().to_str().unwrap(), &config(include)).unwrap();
        Self { folder, capture }
    }

    fn save(&self, step: u64, mode: Mode, entries: Vec<Entry>) -> Result<(), Error> {
        self.capture.save_step(Step(step), mode, Step(step), 1.0, entries, ExistingStep::Replace)
    }

    /// Names saved at a step, in the order of the file; none where the step was not saved.
    fn saved(&self, step: u64) -> Vec<String> {
        self.index(step)
            .map(|index| index.tensors.iter().map(|e| e.name.to_string()).collect())
            .unwrap_or_default()
    }

    fn index(&self, step: u64) -> Option<IndexFile> {
        let storage = Storage::open(self.folder.path().to_str().unwrap()).unwrap();
        let path = format!("index/000000000/{step:012}_worker_0.json");
        storage.get(&path).ok().map(|text| IndexFile::parse(&text, &path).unwrap())
    }
}

fn tensor(names: &[&str], values: &[f64]) -> Entry {
    Entry::Tensor(names.iter().map(|n| TensorName::parse(n).unwrap()).collect(), Tensor::vector_f64(values))
}

#[test]
fn steps_follow_the_mode_the_collection_and_the_default() {
    let fixture = Fixture::new(r#"["losses", "weights"]"#);
    assert_eq!(fixture.capture.collections_at(Step(2), Mode::Train), ["losses", "weights"]);
    assert_eq!(fixture.capture.collections_at(Step(3), Mode::Train), ["weights"]);
    // EVAL: losses every 3, weights every 10 (the default of a capture).
    assert_eq!(fixture.capture.collections_at(Step(3), Mode::Eval), ["losses"]);
    assert_eq!(fixture.capture.collections_at(Step(30), Mode::Eval), ["losses", "weights"]);
    assert!(fixture.capture.wants("train-logloss", Step(4), Mode::Train));
    assert!(!fixture.capture.wants("train-logloss", Step(5), Mode::Train));
    assert!(!fixture.capture.wants("other", Step(4), Mode::Train), "collections not included do not count");
}

#[test]
fn what_nobody_asks_for_is_dropped_and_a_step_without_anything_has_no_files() {
    let fixture = Fixture::new(r#"["losses"]"#);
    fixture.save(2, Mode::Train, vec![tensor(&["loss"], &[0.5]), tensor(&["other"], &[1.0])]).unwrap();
    fixture.save(3, Mode::Train, vec![tensor(&["loss"], &[0.4])]).unwrap();
    let summary = fixture.capture.close(true);
    assert_eq!(fixture.saved(2), ["loss"]);
    assert_eq!(fixture.index(3), None);
    assert_eq!((summary.steps, summary.tensors, summary.lost.len()), (1, 1, 0));
}

#[test]
fn arrays_are_reduced_where_asked_and_kept_where_another_collection_wants_them() {
    let fixture = Fixture::new(r#"["weights", "raw_weights"]"#);
    let weights = || vec![tensor(&["w/a"], &[3.0, -4.0]), tensor(&["w/keep"], &[1.0, 1.0])];
    fixture.save(1, Mode::Train, weights()).unwrap();
    fixture.save(4, Mode::Train, weights()).unwrap();
    fixture.capture.close(true);
    let reduced =
        |name: &str| [format!("smdebug/reductions/abs_mean/{name}"), format!("smdebug/reductions/l2/{name}")];
    assert_eq!(fixture.saved(1), [reduced("w/a"), reduced("w/keep")].concat());
    assert_eq!(
        fixture.saved(4),
        [reduced("w/a").to_vec(), reduced("w/keep").to_vec(), vec!["w/keep".into()]].concat()
    );
    let shapes: Vec<_> =
        fixture.index(1).unwrap().shapes.iter().map(|s| (s.name.to_string(), s.shape.to_string())).collect();
    assert_eq!(shapes, [("w/a".into(), "(2,)".into()), ("w/keep".into(), "(2,)".to_string())]);
}

#[test]
fn one_value_keeps_the_names_that_are_wanted() {
    let fixture = Fixture::new(r#"["losses", "raw_weights"]"#);
    fixture.save(0, Mode::Train, vec![tensor(&["x", "w/keep1", "w/drop", "w/keep2"], &[1.0, 2.0])]).unwrap();
    fixture.capture.close(true);
    let index = fixture.index(0).unwrap();
    let entries: Vec<_> = index.tensors.iter().map(|e| (e.name.to_string(), e.start_bytes)).collect();
    assert_eq!(entries, [("w/keep1".to_string(), 0), ("w/keep2".to_string(), 0)]);
}

#[test]
fn assigned_names_are_members_and_reach_the_collections_file() {
    let fixture = Fixture::new(r#"["losses"]"#);
    fixture.capture.assign("losses", "train-auc");
    fixture.save(0, Mode::Train, vec![tensor(&["train-auc"], &[0.5])]).unwrap();
    fixture.capture.flush();
    let path = "collections/000000000/worker_0_collections.json";
    let storage = Storage::open(fixture.folder.path().to_str().unwrap()).unwrap();
    let collections = Collections::parse(&storage.get(path).unwrap(), path).unwrap();
    assert!(collections.by_name["losses"].tensor_names.contains("train-auc"));
    assert_eq!(fixture.saved(0), ["train-auc"]);
}

#[test]
fn a_value_saved_always_needs_no_collection() {
    let fixture = Fixture::new(r#"["losses"]"#);
    let entry = Entry::Always(TensorName::parse("mine").unwrap(), Tensor::vector_f64(&[1.0, 2.0]));
    fixture.save(3, Mode::Train, vec![entry]).unwrap();
    fixture.capture.close(false);
    assert_eq!(fixture.saved(3), ["mine"]);
    assert!(!fixture.folder.path().join("training_job_end.ts").exists());
}

#[test]
fn steps_that_cannot_be_written_are_reported_and_later_ones_still_are_written() {
    let fixture = Fixture::new(r#"["losses"]"#);
    let in_the_way = fixture.folder.path().join("events");
    std::fs::write(&in_the_way, "a file where a folder should be").unwrap();
    fixture.save(0, Mode::Train, vec![tensor(&["loss"], &[0.5])]).unwrap();
    fixture.capture.flush();
    std::fs::remove_file(in_the_way).unwrap();
    fixture.save(2, Mode::Train, vec![tensor(&["loss"], &[0.4])]).unwrap();
    let summary = fixture.capture.close(true);
    assert_eq!(summary.lost.iter().map(|lost| lost.step).collect::<Vec<_>>(), [0]);
    assert!(summary.lost[0].error.contains("events/000000000000/"), "{}", summary.lost[0].error);
    assert_eq!(fixture.saved(2), ["loss"]);
}

#[test]
fn a_closed_capture_refuses_and_closing_twice_is_fine() {
    let fixture = Fixture::new(r#"["losses"]"#);
    let first = fixture.capture.close(true);
    assert_eq!(fixture.capture.close(true), first);
    let error = fixture.save(0, Mode::Train, vec![tensor(&["loss"], &[0.5])]).unwrap_err();
    assert!(matches!(error, Error::Closed { step: 0, .. }), "{error}");
}

#[test]
fn bad_configurations_are_refused_by_name() {
    let check = |text: &str, expected: &str| {
        let folder = tempfile::tempdir().unwrap();
        let error = CaptureConfig::from_json(text)
            .and_then(|config| Capture::open(folder.path().to_str().unwrap(), &config).map(|_| ()))
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(&format!(r#"{{"collections": {COLLECTIONS}, "include": ["loses"]}}"#), "did you mean \"losses\"?");
    check(
        r#"{"collections": {"a": {"name": "a", "include_regex": ["("]}}, "include": ["a"]}"#,
        "collection \"a\": \"(\"",
    );
    check(r#"{"collections": {}, "include": [], "colour": 1}"#, "unknown field `colour`");
    check(r#"{"collections": {"a": {"name": "b"}}, "include": []}"#, "calls itself \"b\"");
}
