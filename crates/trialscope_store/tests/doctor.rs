//! What the doctor finds, and that it finds nothing in sound trials.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that meets the unexpected fails")]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use trialscope_store::{
    Collection, Collections, Error, ExistingStep, IfExists, IndexFile, ModeSaveConfig, NamedTensor,
    Observation, ObservationKind, Report, SaveConfig, Severity, StepRecord, Storage, TrialWriter, examine,
};
use trialscope_tensor::{Mode, Step, Tensor, TensorName, Worker};

const EVENT_FILE: &str = "events/000000000005/000000000005_worker_0.tfevents";
const INDEX_FILE: &str = "index/000000000/000000000005_worker_0.json";

fn local() -> (tempfile::TempDir, Storage) {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::create(folder.path().to_str().unwrap()).unwrap();
    (folder, storage)
}

/// Steps 0, 5 and 10 of every worker, each with the tensors a, b and c.
fn write(storage: &Storage, num_workers: u32) -> Vec<TrialWriter> {
    (0..num_workers)
        .map(|rank| {
            let count = u64::from(num_workers);
            let mut writer =
                TrialWriter::open(storage.clone(), Worker::rank(rank), count, IfExists::Error).unwrap();
            let every_5 =
                ModeSaveConfig { save_interval: 5, save_steps: vec![], start_step: 0, end_step: None };
            let collection = Collection {
                include_regex: vec!["^a".to_owned()],
                save_config: Some(SaveConfig::every_mode(&every_5)),
                ..Collection::default()
            };
            let unsaved = Collection {
                include_regex: vec!["^nothing".to_owned()],
                save_config: Some(SaveConfig::every_mode(&ModeSaveConfig { save_interval: 1, ..every_5 })),
                ..Collection::default()
            };
            let by_name = [("saved".to_owned(), collection), ("unsaved".to_owned(), unsaved)].into();
            writer.write_collections(&Collections { by_name, num_workers: count }).unwrap();
            for step in [0, 5, 10] {
                writer.write_step(&record(step), ExistingStep::Replace).unwrap();
            }
            writer
        })
        .collect()
}

fn record(step: u64) -> StepRecord {
    let tensors = ["a", "b", "c"]
        .iter()
        .map(|name| NamedTensor {
            name: TensorName::parse(name).unwrap(),
            aliases: Vec::new(),
            tensor: Tensor::vector_f64(&[1.0, 2.0]),
        })
        .collect();
    let step = Step(step);
    StepRecord { step, mode: Mode::Train, mode_step: step, wall_time_secs: 0.0, tensors, shapes: vec![] }
}

fn finished(storage: &Storage) {
    for writer in write(storage, 1) {
        writer.finish().unwrap();
    }
}

/// Where the records of step 5 start.
fn starts(storage: &Storage) -> [usize; 3] {
    let index = IndexFile::parse(&storage.get(INDEX_FILE).unwrap(), "").unwrap();
    [0, 1, 2].map(|nth| usize::try_from(index.tensors[nth].start_bytes).unwrap())
}

fn report(storage: &Storage) -> Report {
    examine(storage, &mut |_| {}).unwrap()
}

fn only_observation(storage: &Storage) -> Observation {
    let report = report(storage);
    assert_eq!(report.observations.len(), 1, "{:?}", report.observations);
    report.observations[0].clone()
}

fn change(storage: &Storage, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = storage.get(path).unwrap().to_vec();
    change(&mut bytes);
    storage.put(path, vec![Bytes::from(bytes)]).unwrap();
}

#[test]
fn a_sound_trial_has_no_observations() {
    let (_folder, local) = local();
    for storage in [Storage::memory(), local] {
        finished(&storage);
        let mut last = None;
        let report = examine(&storage, &mut |progress| last = Some(progress)).unwrap();
        assert_eq!(report.observations, []);
        assert_eq!(
            (report.num_files, report.num_steps, report.num_records, report.has_ended),
            (8, 3, 9, true)
        );
        let last = last.unwrap();
        assert_eq!((last.files_done, last.files_total), (8, 8));
    }
}

/// What there is to say about the trials of smdebug: nothing is damaged.
#[test]
fn trials_of_smdebug_are_sound() {
    let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let check = |folder: PathBuf, expected: &[ObservationKind]| {
        let storage = Storage::open(folder.join("trial").to_str().unwrap()).unwrap();
        let kinds: Vec<ObservationKind> =
            report(&storage).observations.iter().map(|observation| observation.kind).collect();
        assert_eq!(kinds, expected, "{}", folder.display());
    };
    check(bundled.join("writer-dtypes"), &[]);
    check(bundled.join("writer-multiworker"), &[ObservationKind::MissingWorker, ObservationKind::NotEnded]);
    let shared = std::env::var_os("TRIALSCOPE_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from)
        .join("fixtures/smdebug-1.0.34");
    if shared.is_dir() {
        for name in ["xgboost-binary", "xgboost-multiclass", "generic-hook", "writer-device-workers"] {
            check(shared.join(name), &[]);
        }
    } else {
        eprintln!("skipped: set TRIALSCOPE_SHARED to the folder that holds fixtures/");
    }
}

#[test]
fn a_damaged_record_is_told_and_the_ones_behind_it_are_examined() {
    let storage = Storage::memory();
    finished(&storage);
    let [_, start, end] = starts(&storage);
    // In turn: the length, the payload, the check after it.
    for (byte, word) in [(start + 1, "corrupt length"), (end - 9, "checksum"), (end - 2, "corrupt payload")] {
        change(&storage, EVENT_FILE, |bytes| bytes[byte] ^= 4);
        let observation = only_observation(&storage);
        assert_eq!(
            (observation.kind, observation.path.as_str()),
            (ObservationKind::DamagedRecord, EVENT_FILE)
        );
        assert_eq!(observation.offset, Some(start as u64));
        assert!(
            observation.message.contains("\"b\"") && observation.message.contains(word),
            "{}",
            observation.message
        );
        assert_eq!(observation.severity(), Severity::Error);
        assert!(report(&storage).num_records >= 8);
        change(&storage, EVENT_FILE, |bytes| bytes[byte] ^= 4);
    }
}

#[test]
fn a_truncated_event_file_is_told_once_per_lost_record() {
    let storage = Storage::memory();
    finished(&storage);
    let [_, second, third] = starts(&storage);
    change(&storage, EVENT_FILE, |bytes| bytes.truncate(second + 20));
    let report = report(&storage);
    let places: Vec<_> =
        report.observations.iter().map(|observation| (observation.kind, observation.offset)).collect();
    let lost = |start| (ObservationKind::DamagedRecord, Some(start as u64));
    assert_eq!(places, [lost(second), lost(third)]);
    assert!(report.observations[0].message.contains("20 are there"), "{}", report.observations[0].message);
    assert!(report.observations[1].message.contains("\"c\""), "{}", report.observations[1].message);
}

#[test]
fn a_damaged_index_file_is_told_with_its_place() {
    let storage = Storage::memory();
    finished(&storage);
    change(&storage, INDEX_FILE, |bytes| bytes.truncate(100));
    let report = report(&storage);
    let observation = &report.observations[0];
    assert_eq!((observation.kind, observation.path.as_str()), (ObservationKind::DamagedIndex, INDEX_FILE));
    assert!(observation.offset.is_some() && observation.advice().is_some());
    // The collection that is saved every 5 steps has a gap now.
    assert_eq!(report.observations[1].kind, ObservationKind::MissingSteps);
    assert!(
        report.observations[1].message.contains("step 5, where nothing is"),
        "{}",
        report.observations[1].message
    );
    assert_eq!((report.observations.len(), report.num_records), (2, 9));
}

#[test]
fn lost_and_orphaned_files_are_told() {
    let storage = Storage::memory();
    finished(&storage);
    let event_file = storage.get(EVENT_FILE).unwrap();
    storage.delete(&[EVENT_FILE.to_owned()]).unwrap();
    let observation = only_observation(&storage);
    assert_eq!(
        (observation.kind, observation.path.as_str()),
        (ObservationKind::MissingEventFile, EVENT_FILE)
    );
    storage.put(EVENT_FILE, vec![event_file]).unwrap();
    storage.delete(&[INDEX_FILE.to_owned()]).unwrap();
    let kinds: Vec<_> = report(&storage).observations.iter().map(|observation| observation.kind).collect();
    assert_eq!(kinds, [ObservationKind::OrphanEventFile, ObservationKind::MissingSteps]);
}

#[test]
fn an_index_of_another_event_file_is_told() {
    let storage = Storage::memory();
    finished(&storage);
    let other = storage.get("events/000000000010/000000000010_worker_0.tfevents").unwrap();
    storage.put(EVENT_FILE, vec![other]).unwrap();
    let report = report(&storage);
    assert!(!report.observations.is_empty());
    assert!(
        report.observations.iter().all(|observation| observation.path == EVENT_FILE),
        "{:?}",
        report.observations
    );
    assert!(report.observations.iter().any(
        |observation| observation.message.contains("step 10") || observation.message.contains("checksum")
    ));
}

#[test]
fn the_state_of_the_training_is_told() {
    let (folder, storage) = local();
    let writers = write(&storage, 1);
    let running = only_observation(&storage);
    assert_eq!(running.kind, ObservationKind::NotEnded);
    assert!(running.message.contains("is running"), "{}", running.message);
    drop(writers);
    // As a killed process leaves it: a claim with a free lock.
    std::fs::write(folder.path().join("claim.smd"), "process 1\n").unwrap();
    let interrupted = only_observation(&storage);
    assert_eq!((interrupted.kind, interrupted.severity()), (ObservationKind::Interrupted, Severity::Warning));
}

#[test]
fn leftovers_and_foreign_files_are_told_apart() {
    let (folder, storage) = local();
    finished(&storage);
    std::fs::write(folder.path().join("index/000000000/000000000015_worker_0.json.tmp"), "{").unwrap();
    std::fs::write(folder.path().join("events/000000000005/x.tfevents#1"), "").unwrap();
    std::fs::create_dir(folder.path().join("checkpoints")).unwrap();
    std::fs::write(folder.path().join("checkpoints/model.bin"), "m").unwrap();
    let found: BTreeMap<String, ObservationKind> = report(&storage)
        .observations
        .into_iter()
        .map(|observation| (observation.path, observation.kind))
        .collect();
    let expected = [
        ("checkpoints", ObservationKind::ForeignFiles),
        ("events/000000000005/x.tfevents#1", ObservationKind::Leftover),
        ("index/000000000/000000000015_worker_0.json.tmp", ObservationKind::Leftover),
    ];
    assert_eq!(found, expected.map(|(path, kind)| (path.to_owned(), kind)).into());
}

#[test]
fn steps_that_lack_a_worker_are_told() {
    let storage = Storage::memory();
    for writer in write(&storage, 2) {
        writer.finish().unwrap();
    }
    assert_eq!(report(&storage).observations, []);
    let lost = [
        "index/000000000/000000000010_worker_1.json".to_owned(),
        "events/000000000010/000000000010_worker_1.tfevents".to_owned(),
    ];
    storage.delete(&lost).unwrap();
    let observation = only_observation(&storage);
    assert_eq!(observation.kind, ObservationKind::MissingWorker);
    assert_eq!(observation.message, "of 2 workers not all saved step 10");
}

#[test]
fn an_empty_folder_is_no_patient() {
    let error = examine(&local().1, &mut |_| {}).unwrap_err();
    assert!(matches!(error, Error::NotATrial { .. } | Error::Storage { .. }), "{error}");
    let error = examine(&Storage::memory(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, Error::NotATrial { .. }), "{error}");
}
