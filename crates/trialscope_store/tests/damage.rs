//! Damage is reported with file and offset, and the rest stays readable.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that meets the unexpected fails")]

use std::path::Path;

use trialscope_store::{
    Collection, Collections, Error, ExistingStep, IfExists, NamedTensor, OpenOptions, ProblemKind,
    StepRecord, StepState, Storage, Trial, TrialWriter, Verify,
};
use trialscope_tensor::{Mode, Step, Tensor, TensorName, Worker};

const EVENT_FILE: &str = "events/000000000001/000000000001_worker_0.tfevents";
const INDEX_FILE: &str = "index/000000000/000000000001_worker_0.json";
const COLLECTIONS_FILE: &str = "collections/000000000/worker_0_collections.json";

/// Steps 0 to 2, each with the tensors a, b and c.
fn write(storage: &Storage) -> TrialWriter {
    let mut writer = TrialWriter::open(storage.clone(), Worker::rank(0), 1, IfExists::Error).unwrap();
    let collection = Collection { include_regex: vec!["^a".to_owned()], ..Collection::default() };
    let by_name = [("first".to_owned(), collection)].into();
    writer.write_collections(&Collections { by_name, num_workers: 1 }).unwrap();
    for step in 0..3_u32 {
        let tensors = ["a", "b", "c"]
            .iter()
            .map(|name| NamedTensor {
                name: TensorName::parse(name).unwrap(),
                aliases: Vec::new(),
                tensor: value(name, step.into()),
            })
            .collect();
        let step = Step(step.into());
        let record = StepRecord {
            step,
            mode: Mode::Train,
            mode_step: step,
            wall_time_secs: 0.0,
            tensors,
            shapes: vec![],
        };
        writer.write_step(&record, ExistingStep::Replace).unwrap();
    }
    writer
}

fn value(name: &str, step: u64) -> Tensor {
    let first = f64::from(name.as_bytes()[0]);
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    Tensor::vector_f64(&[first, step as f64])
}

fn finished(storage: &Storage) {
    write(storage).finish().unwrap();
}

fn open(storage: &Storage) -> Trial {
    Trial::open(storage.clone(), OpenOptions::default()).unwrap()
}

fn read(trial: &Trial, name: &str, step: u64) -> Result<Tensor, Error> {
    trial.tensor(name).unwrap().value(Step(step), Mode::Global, None)
}

fn flip(storage: &Storage, path: &str, bit: usize) {
    let mut bytes = storage.get(path).unwrap().to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    storage.put(path, vec![bytes.into()]).unwrap();
}

/// Start and end of the records of a, b and c at step 1.
fn records(storage: &Storage) -> Vec<std::ops::Range<usize>> {
    let index = trialscope_store::IndexFile::parse(&storage.get(INDEX_FILE).unwrap(), "").unwrap();
    let position = |bytes: u64| usize::try_from(bytes).unwrap();
    index
        .tensors
        .iter()
        .map(|entry| position(entry.start_bytes)..position(entry.start_bytes + entry.length_bytes))
        .collect()
}

#[test]
fn a_flipped_bit_anywhere_in_a_record_is_told_with_file_and_offset() {
    let storage = Storage::memory();
    finished(&storage);
    let records = records(&storage);
    for bit in 0..records[2].end * 8 {
        flip(&storage, EVENT_FILE, bit);
        let trial = open(&storage);
        for (name, record) in ["a", "b", "c"].iter().zip(&records) {
            let read = read(&trial, name, 1);
            if record.contains(&(bit / 8)) {
                assert!(
                    matches!(&read, Err(Error::Damaged { path, offset, .. })
                        if path == EVENT_FILE && *offset == record.start as u64),
                    "bit {bit}: {read:?}"
                );
            } else {
                assert_eq!(read.unwrap(), value(name, 1), "bit {bit}");
            }
        }
        assert_eq!(self::read(&trial, "a", 2).unwrap(), value("a", 2));
        flip(&storage, EVENT_FILE, bit);
    }
}

#[test]
fn a_truncated_event_file_loses_only_what_is_cut_off() {
    let (folder, storage) = local();
    finished(&storage);
    let records = records(&storage);
    let whole = std::fs::read(folder.path().join(EVENT_FILE)).unwrap();
    for length in 0..=whole.len() {
        // By rename, as everything in a trial: a map of the longer file may still be open.
        storage.put(EVENT_FILE, vec![whole[..length].to_vec().into()]).unwrap();
        let trial = open(&storage);
        for (name, record) in ["a", "b", "c"].iter().zip(&records) {
            let read = read(&trial, name, 1);
            if record.end <= length {
                assert_eq!(read.unwrap(), value(name, 1));
            } else {
                let error = read.unwrap_err();
                assert!(
                    matches!(error, Error::Damaged { offset, .. } if offset == record.start as u64),
                    "{error}"
                );
            }
        }
    }
}

/// A trial of smdebug, whose index has no checksums.
fn of_smdebug() -> Storage {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/writer-multiworker/trial");
    let fixture = Storage::open(source.to_str().unwrap()).unwrap();
    let storage = Storage::memory();
    for file in fixture.list("").unwrap() {
        storage.put(&file.path, vec![fixture.get(&file.path).unwrap()]).unwrap();
    }
    storage
}

#[test]
fn an_index_entry_of_the_wrong_length_is_damage() {
    let storage = of_smdebug();
    let path = "index/000000000/000000000010_worker_0.json";
    let text = String::from_utf8(storage.get(path).unwrap().to_vec()).unwrap();
    for wrong in ["\"length\": 95", "\"length\": 97"] {
        storage.put(path, vec![text.replacen("\"length\": 96", wrong, 1).into()]).unwrap();
        let error = read(&open(&storage), "x", 10).unwrap_err();
        assert!(matches!(error, Error::Damaged { offset: 0, .. }), "{error}");
    }
}

#[test]
fn framing_is_checked_where_there_is_no_checksum() {
    // The payload is not protected, its length is.
    let storage = of_smdebug();
    let event_file = "events/000000000010/000000000010_worker_0.tfevents";
    for byte in (0..12).chain(92..96) {
        flip(&storage, event_file, byte * 8);
        let trial = open(&storage);
        let error = read(&trial, "x", 10).unwrap_err();
        assert!(matches!(&error, Error::Damaged { path, offset: 0, .. } if path == event_file), "{error}");
        read(&trial, "chief_only", 10).unwrap();
        flip(&storage, event_file, byte * 8);
    }
}

#[test]
fn checking_can_be_limited_to_the_framing() {
    let storage = Storage::memory();
    finished(&storage);
    // The last bit of the last value of a.
    let bit = (records(&storage)[0].end - 5) * 8;
    flip(&storage, EVENT_FILE, bit);
    let lenient = OpenOptions { verify: Verify::Framing, ..OpenOptions::default() };
    let trial = Trial::open(storage.clone(), lenient).unwrap();
    assert_ne!(read(&trial, "a", 1).ok(), Some(value("a", 1)));
    assert!(matches!(read(&open(&storage), "a", 1), Err(Error::Damaged { .. })));
}

#[test]
fn a_damaged_index_file_costs_its_step() {
    let storage = Storage::memory();
    finished(&storage);
    let whole = storage.get(INDEX_FILE).unwrap();
    for length in 0..whole.len() {
        storage.put(INDEX_FILE, vec![whole.slice(..length)]).unwrap();
        let trial = open(&storage);
        let [problem] = trial.problems() else { panic!("{:?}", trial.problems()) };
        assert_eq!((problem.path.as_str(), problem.kind), (INDEX_FILE, ProblemKind::DamagedIndex));
        assert_eq!((problem.step, problem.worker.clone()), (Some(Step(1)), Some(Worker::rank(0))));
        assert!(problem.offset.unwrap() <= length as u64, "{problem:?}");
        assert_eq!(trial.steps(Mode::Train, false), [Step(0), Step(2)]);
        assert_eq!(read(&trial, "b", 2).unwrap(), value("b", 2));
        assert!(matches!(read(&trial, "b", 1), Err(Error::StepUnavailable { nearest: Some(_), .. })));
    }
}

#[test]
fn a_repaired_index_file_is_read_again() {
    let storage = Storage::memory();
    finished(&storage);
    let whole = storage.get(INDEX_FILE).unwrap();
    storage.put(INDEX_FILE, vec![whole.slice(..50)]).unwrap();
    let mut trial = open(&storage);
    assert_eq!(trial.refresh().unwrap().new_steps, []);
    assert_eq!(trial.problems().len(), 1);
    // Damaged in another way: the old complaint does not stay beside the new one.
    storage.put(INDEX_FILE, vec![whole.slice(..60)]).unwrap();
    trial.refresh().unwrap();
    assert_eq!(trial.problems().len(), 1);
    storage.put(INDEX_FILE, vec![whole]).unwrap();
    assert_eq!(trial.refresh().unwrap().new_steps, [Step(1)]);
    assert_eq!(trial.problems(), []);
}

/// A file that is there, but fails to be read.
#[cfg(target_os = "linux")]
fn make_unreadable(folder: &Path, path: &str) {
    std::fs::remove_file(folder.join(path)).unwrap();
    std::os::unix::fs::symlink("/proc/self/mem", folder.join(path)).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_read_for_a_while_is_tried_again() {
    let (folder, storage) = local();
    finished(&storage);
    let (index, collections) = (storage.get(INDEX_FILE).unwrap(), storage.get(COLLECTIONS_FILE).unwrap());
    make_unreadable(folder.path(), INDEX_FILE);
    make_unreadable(folder.path(), COLLECTIONS_FILE);
    let mut trial = open(&storage);
    let kinds: Vec<_> =
        trial.problems().iter().map(|problem| (problem.path.as_str(), problem.kind)).collect();
    let unreadable = ProblemKind::Unreadable;
    assert_eq!(kinds, [(COLLECTIONS_FILE, unreadable), (INDEX_FILE, unreadable)]);
    assert!(!trial.is_complete(), "what could not be read may still be");
    trial.refresh().unwrap();
    assert_eq!((trial.problems().len(), trial.is_complete()), (2, false));
    storage.put(INDEX_FILE, vec![index]).unwrap();
    storage.put(COLLECTIONS_FILE, vec![collections]).unwrap();
    assert_eq!(trial.refresh().unwrap().new_steps, [Step(1)]);
    assert_eq!((trial.problems().len(), trial.is_complete()), (0, true));
    assert_eq!(trial.collections().by_name.len(), 1);
}

#[test]
fn the_first_of_several_collections_files_counts() {
    let storage = Storage::memory();
    for (worker, num_workers) in [("worker_1", 3), ("worker_0", 2), ("worker_2", 4)] {
        let text = Collections { by_name: [].into(), num_workers }.to_json("c").unwrap();
        let path = format!("collections/000000000/{worker}_collections.json");
        storage.put(&path, vec![text.into()]).unwrap();
    }
    let trial = open(&storage);
    assert_eq!((trial.num_workers(), trial.workers().len()), (Some(2), 3));
}

#[test]
fn a_flipped_bit_in_an_index_file_never_changes_what_is_read() {
    let storage = Storage::memory();
    finished(&storage);
    for bit in 0..storage.get(INDEX_FILE).unwrap().len() * 8 {
        flip(&storage, INDEX_FILE, bit);
        let trial = open(&storage);
        match trial.problems() {
            // The case of a checksum digit.
            [] => assert_eq!(read(&trial, "c", 1).unwrap(), value("c", 1), "bit {bit}"),
            [problem] => {
                assert_eq!((problem.path.as_str(), problem.kind), (INDEX_FILE, ProblemKind::DamagedIndex));
            }
            more => panic!("{more:?}"),
        }
        assert_eq!(read(&trial, "a", 0).unwrap(), value("a", 0));
        flip(&storage, INDEX_FILE, bit);
    }
}

#[test]
fn without_its_collections_file_a_trial_still_has_its_tensors() {
    let storage = Storage::memory();
    finished(&storage);
    let whole = storage.get(COLLECTIONS_FILE).unwrap();
    storage.put(COLLECTIONS_FILE, vec![whole.slice(..40)]).unwrap();
    let mut trial = open(&storage);
    let [problem] = trial.problems() else { panic!("{:?}", trial.problems()) };
    assert_eq!((problem.path.as_str(), problem.kind), (COLLECTIONS_FILE, ProblemKind::DamagedCollections));
    assert_eq!(problem.offset, Some(39), "its last byte");
    assert_eq!((trial.num_workers(), trial.steps(Mode::Train, false).len()), (Some(1), 3));
    assert_eq!(read(&trial, "a", 1).unwrap(), value("a", 1));
    // Another worker's file serves as well.
    storage.put("collections/000000000/worker_1_collections.json", vec![whole]).unwrap();
    trial.refresh().unwrap();
    assert_eq!(trial.collections().by_name.len(), 1);
    assert_eq!(trial.problems().len(), 1);
}

#[test]
fn a_pattern_that_is_none_is_a_problem_not_a_failure() {
    let storage = Storage::memory();
    let writer = write(&storage);
    let include_regex = vec!["(".to_owned(), "^b".to_owned()];
    let by_name = [("odd".to_owned(), Collection { include_regex, ..Collection::default() })].into();
    writer.write_collections(&Collections { by_name, num_workers: 1 }).unwrap();
    let trial = open(&storage);
    let [problem] = trial.problems() else { panic!("{:?}", trial.problems()) };
    assert_eq!((problem.path.as_str(), problem.kind), (COLLECTIONS_FILE, ProblemKind::InvalidPattern));
    let query = trialscope_store::NameQuery { collection: Some("odd".to_owned()), ..Default::default() };
    let names: Vec<_> = trial.tensor_names(&query).unwrap();
    assert_eq!(names, [TensorName::parse("b").unwrap()]);
}

#[test]
fn a_lost_event_file_may_still_come_only_while_its_worker_has_not_gone_on() {
    let (_folder, storage) = local();
    let writer = write(&storage);
    let last_event_file = "events/000000000002/000000000002_worker_0.tfevents";
    storage.delete(&[EVENT_FILE.to_owned(), last_event_file.to_owned()]).unwrap();
    let mut trial = open(&storage);
    let error = read(&trial, "a", 1).unwrap_err();
    assert!(matches!(&error, Error::FileMissing { path, .. } if path == EVENT_FILE), "{error}");
    let error = read(&trial, "a", 2).unwrap_err();
    assert!(matches!(error, Error::StepNotYetAvailable { .. }), "{error}");
    writer.finish().unwrap();
    trial.refresh().unwrap();
    let error = read(&trial, "a", 2).unwrap_err();
    assert!(matches!(error, Error::FileMissing { .. }), "{error}");
}

#[test]
fn what_is_not_a_trial_is_refused_at_once() {
    let (folder, storage) = local();
    let error = Trial::open(storage.clone(), OpenOptions::default()).unwrap_err();
    assert!(matches!(error, Error::NotATrial { .. }), "{error}");
    std::fs::write(folder.path().join("notes.txt"), "hello").unwrap();
    assert!(matches!(Trial::open(storage.clone(), OpenOptions::default()), Err(Error::NotATrial { .. })));
    let missing = folder.path().join("nothing-here");
    assert!(matches!(Storage::open(missing.to_str().unwrap()), Err(Error::NotATrial { .. })));
    // A hook that has just begun is one.
    let _writer = TrialWriter::open(storage.clone(), Worker::rank(0), 1, IfExists::Error).unwrap();
    let trial = open(&storage);
    assert_eq!(trial.availability(Step(0), Mode::Train), StepState::NotYetAvailable);
    assert!(!trial.has_collections() && trial.steps(Mode::Global, true).is_empty());
}

#[test]
fn unknown_names_are_answered_with_the_nearest() {
    let storage = Storage::memory();
    finished(&storage);
    let trial = open(&storage);
    let error = trial.tensor("aa").unwrap_err();
    assert!(matches!(&error, Error::TensorUnavailable { nearest: Some(name), .. } if name == "a"), "{error}");
    let query = trialscope_store::NameQuery { collection: Some("frist".to_owned()), ..Default::default() };
    let error = trial.tensor_names(&query).unwrap_err();
    assert!(
        matches!(&error, Error::UnknownCollection { nearest: Some(name), .. } if name == "first"),
        "{error}"
    );
    let a = trial.tensor("a").unwrap();
    let error = a.value(Step(0), Mode::Global, Some(&Worker::rank(7))).unwrap_err();
    assert!(
        matches!(&error, Error::InvalidWorker { workers, .. } if workers == &[Worker::rank(0)]),
        "{error}"
    );
    let error = a.value(Step(9), Mode::Train, None).unwrap_err();
    assert!(matches!(error, Error::StepUnavailable { nearest: Some(Step(2)), .. }), "{error}");
    let query = trialscope_store::NameQuery { step: Some(Step(9)), ..Default::default() };
    assert!(matches!(trial.tensor_names(&query), Err(Error::StepUnavailable { .. })));
}

fn local() -> (tempfile::TempDir, Storage) {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::create(folder.path().to_str().unwrap()).unwrap();
    (folder, storage)
}
