//! What the writer promises: a step is on disk whole or not at all, one writer per trial, nothing lost by resuming.
#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected fails")]

use bytes::Bytes;
use trialscope_store::{
    Error, ExistingStep, IfExists, IndexFile, NamedTensor, StepRecord, Storage, TrialWriter,
};
use trialscope_tensor::{Mode, Step, Tensor, TensorName, Worker};

fn record(step: u64, names: &[&str]) -> StepRecord {
    StepRecord {
        step: Step(step),
        mode: Mode::Global,
        mode_step: Step(step),
        wall_time_secs: 1.5,
        tensors: names
            .iter()
            .map(|name| NamedTensor {
                name: TensorName::parse(name).unwrap(),
                aliases: Vec::new(),
                tensor: Tensor::from_f64(7.0),
            })
            .collect(),
        shapes: Vec::new(),
    }
}

fn open(storage: &Storage, if_exists: IfExists) -> Result<TrialWriter, Error> {
    TrialWriter::open(storage.clone(), Worker::rank(0), 1, if_exists)
}

fn folder() -> (tempfile::TempDir, Storage) {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::create(folder.path().to_str().unwrap()).unwrap();
    (folder, storage)
}

fn index(storage: &Storage, step: u64) -> IndexFile {
    let path = format!("index/{:09}/{step:012}_worker_0.json", step / 1000);
    IndexFile::parse(&storage.get(&path).unwrap(), &path).unwrap()
}

#[test]
fn one_record_serves_all_its_names() {
    let storage = Storage::memory();
    let mut writer = open(&storage, IfExists::Error).unwrap();
    let mut step = record(5, &["full_shap/f0"]);
    step.tensors[0].aliases = vec![TensorName::parse("full_shap/f1").unwrap()];
    let written = writer.write_step(&step, ExistingStep::Replace).unwrap();
    let index = index(&storage, 5);
    let places: Vec<_> =
        index.tensors.iter().map(|e| (e.name.as_str(), e.start_bytes, e.length_bytes)).collect();
    assert_eq!(places, [("full_shap/f0", 0, places[0].2), ("full_shap/f1", 0, places[0].2)]);
    let event_file = storage.get(index.event_file.as_ref().unwrap()).unwrap();
    assert_eq!(event_file.len() as u64, places[0].2);
    assert_eq!(index.tensors[0].crc32c, Some(crc32c::crc32c(&event_file)));
    assert_eq!((written.files, written.tensors), (2, 1));
}

#[test]
fn a_live_writer_keeps_others_out_and_a_dead_one_does_not() {
    let (_folder, storage) = folder();
    let writer = open(&storage, IfExists::Error).unwrap();
    let error = open(&storage, IfExists::Overwrite).unwrap_err();
    assert!(matches!(error, Error::TrialInUse { .. }), "{error}");
    assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
    drop(writer);
    open(&storage, IfExists::Error).unwrap();
}

#[test]
fn a_claim_left_by_a_killed_process_does_not_block() {
    let (folder, storage) = folder();
    std::fs::write(folder.path().join("claim.smd"), "process 1\n").unwrap();
    let writer = open(&storage, IfExists::Error).unwrap();
    writer.finish().unwrap();
    assert!(!folder.path().join("claim.smd").exists());
    assert_eq!(std::fs::read(folder.path().join("training_job_end.ts")).unwrap(), b"");
}

#[test]
fn a_finished_trial_is_refused_resumed_or_overwritten() {
    let (folder, storage) = folder();
    let mut writer = open(&storage, IfExists::Error).unwrap();
    writer.write_step(&record(0, &["a"]), ExistingStep::Replace).unwrap();
    writer.finish().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    assert!(matches!(open(&storage, IfExists::Error), Err(Error::TrialExists { .. })));

    drop(open(&storage, IfExists::Resume).unwrap());
    assert!(!storage.exists("training_job_end.ts").unwrap());
    assert_eq!(index(&storage, 0).tensors.len(), 1);

    drop(open(&storage, IfExists::Overwrite).unwrap());
    assert!(storage.list("index").unwrap().is_empty());
    assert!(storage.list("events").unwrap().is_empty());
    assert!(folder.path().join("notes.txt").exists(), "files that are not the trial's stay");
}

#[test]
fn going_back_replaces_what_lies_ahead() {
    let (_folder, storage) = folder();
    let mut writer = open(&storage, IfExists::Error).unwrap();
    for step in [0, 5, 10, 1500] {
        writer.write_step(&record(step, &["a"]), ExistingStep::Replace).unwrap();
    }
    drop(writer);
    let mut resumed = open(&storage, IfExists::Error).unwrap();
    resumed.write_step(&record(5, &["b"]), ExistingStep::Replace).unwrap();
    let left: Vec<_> = storage.list("index").unwrap().into_iter().map(|f| f.path).collect();
    assert_eq!(
        left,
        ["index/000000000/000000000000_worker_0.json", "index/000000000/000000000005_worker_0.json"]
    );
    assert_eq!(storage.list("events").unwrap().len(), 2);
    assert_eq!(index(&storage, 5).tensors[0].name.as_str(), "b");
}

#[test]
fn amending_keeps_what_was_there() {
    let storage = Storage::memory();
    let mut writer = open(&storage, IfExists::Error).unwrap();
    writer.write_step(&record(3, &["a", "b"]), ExistingStep::Replace).unwrap();
    let before = storage.get("events/000000000003/000000000003_worker_0.tfevents").unwrap();
    writer.write_step(&record(3, &["late"]), ExistingStep::Amend).unwrap();
    let after = storage.get("events/000000000003/000000000003_worker_0.tfevents").unwrap();
    assert_eq!(after[..before.len()], before[..]);
    let names: Vec<_> = index(&storage, 3).tensors.iter().map(|e| e.name.to_string()).collect();
    assert_eq!(names, ["a", "b", "late"]);
}

#[test]
fn a_step_of_shapes_alone_has_no_event_file() {
    let storage = Storage::memory();
    let mut writer = open(&storage, IfExists::Error).unwrap();
    let mut step = record(0, &[]);
    step.shapes.push(trialscope_store::ShapeEntry {
        name: TensorName::parse("w").unwrap(),
        original_name: "w:0".to_owned(),
        shape: [5, 6].into(),
    });
    writer.write_step(&step, ExistingStep::Replace).unwrap();
    writer.write_step(&record(1, &[]), ExistingStep::Replace).unwrap();
    assert!(storage.list("events").unwrap().is_empty());
    assert_eq!(storage.list("index").unwrap().len(), 1, "a step that saves nothing has no files");
}

#[test]
fn workers_do_not_overwrite_each_other() {
    let (_folder, storage) = folder();
    let mut first = TrialWriter::open(storage.clone(), Worker::rank(1), 2, IfExists::Error).unwrap();
    first.write_step(&record(0, &["a"]), ExistingStep::Replace).unwrap();
    let mut other = TrialWriter::open(storage.clone(), Worker::rank(10), 2, IfExists::Overwrite).unwrap();
    other.write_step(&record(0, &["a"]), ExistingStep::Replace).unwrap();
    let again = TrialWriter::open(storage.clone(), Worker::rank(1), 2, IfExists::Error);
    assert!(matches!(again, Err(Error::TrialInUse { .. })));
    drop(first);
    drop(TrialWriter::open(storage.clone(), Worker::rank(1), 2, IfExists::Overwrite).unwrap());
    let left: Vec<_> = storage.list("index").unwrap().into_iter().map(|f| f.path).collect();
    assert_eq!(left, ["index/000000000/000000000000_worker_10.json"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let (folder, storage) = folder();
    let mut writer = open(&storage, IfExists::Error).unwrap();
    std::fs::write(folder.path().join("events"), "in the way").unwrap();
    let error = writer.write_step(&record(0, &["a"]), ExistingStep::Replace).unwrap_err().to_string();
    assert!(error.contains("cannot write events/000000000000/"), "{error}");
    assert!(storage.list("index").unwrap().is_empty(), "no index without its event file");
}

#[test]
fn bytes_written_are_counted() {
    let storage = Storage::memory();
    let mut writer = open(&storage, IfExists::Error).unwrap();
    let mut step = record(0, &["big"]);
    step.tensors[0].tensor =
        Tensor::from_raw(trialscope_tensor::Dtype::U8, [10_000].into(), Bytes::from(vec![1; 10_000]))
            .unwrap();
    let written = writer.write_step(&step, ExistingStep::Replace).unwrap();
    let on_disk: u64 = storage.list("").unwrap().iter().map(|file| file.size_bytes).sum();
    assert_eq!(written.bytes, on_disk);
}
