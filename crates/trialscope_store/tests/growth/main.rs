//! A trial that is read while it grows ends equal to one opened at once.
#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected fails")]

mod picture;

use std::collections::BTreeMap;

use bytes::Bytes;
use picture::picture;
use proptest::{collection::vec, prelude::*, sample::Index};
use trialscope_store::{
    Collection, Collections, Error, ExistingStep, IfExists, NamedTensor, OpenOptions, StepRecord, StepState,
    Storage, Trial, TrialWriter,
};
use trialscope_tensor::{Mode, Step, Tensor, TensorName, Worker};

/// In four index folders.
const STEPS: [u64; 8] = [0, 3, 5, 999, 1000, 2500, 2501, 7000];
const NUM_FOLDERS: usize = 4;
const END: &str = "training_job_end.ts";

fn record(step: u64) -> StepRecord {
    let tensor = |name: &str, value: f64| NamedTensor {
        name: TensorName::parse(name).unwrap(),
        aliases: Vec::new(),
        tensor: Tensor::from_f64(value),
    };
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let value = step as f64;
    let mut tensors = vec![tensor("loss", value), tensor("smdebug/reductions/mean/w", -value)];
    if step.is_multiple_of(2) {
        tensors.push(tensor("even", 2.0));
    }
    StepRecord {
        step: Step(step),
        mode: if step < 1000 { Mode::Train } else { Mode::Eval },
        mode_step: Step(step % 1000),
        wall_time_secs: 0.0,
        tensors,
        shapes: Vec::new(),
    }
}

/// The files of a trial of two workers, one of which stops early.
fn files() -> Vec<(String, Bytes)> {
    let storage = Storage::memory();
    let collection = Collection { include_regex: vec!["^l".to_owned()], ..Collection::default() };
    let by_name = BTreeMap::from([("losses".to_owned(), collection)]);
    for rank in 0..2 {
        let mut writer = TrialWriter::open(storage.clone(), Worker::rank(rank), 2, IfExists::Resume).unwrap();
        writer.write_collections(&Collections { by_name: by_name.clone(), num_workers: 2 }).unwrap();
        let steps = if rank == 0 { &STEPS[..] } else { &STEPS[..5] };
        for &step in steps {
            writer.write_step(&record(step), ExistingStep::Replace).unwrap();
        }
        drop(writer);
    }
    storage.put(END, Vec::new()).unwrap();
    let listed = storage.list("").unwrap();
    listed.into_iter().map(|file| (file.path.clone(), storage.get(&file.path).unwrap())).collect()
}

/// Puts files in the given order into an empty place and reads along from the first file on. A file for which `torn`
/// says so is there in half for a while.
fn grow(order: &[(String, Bytes)], refresh_after: &[bool], torn: &[Index]) -> (Storage, Trial) {
    let storage = Storage::memory();
    for torn in torn {
        let (path, bytes) = torn.get(order);
        storage.put(path, vec![bytes.slice(..bytes.len() / 2)]).unwrap();
    }
    let mut trial = None;
    for ((path, bytes), &refresh) in order.iter().zip(refresh_after) {
        storage.put(path, vec![bytes.clone()]).unwrap();
        match &mut trial {
            None => trial = Trial::open(storage.clone(), OpenOptions::default()).ok(),
            Some(trial) if refresh => {
                trial.refresh().unwrap();
            }
            Some(_) => {}
        }
    }
    let mut trial = trial.unwrap();
    // Older folders come round one by one.
    for _ in 0..NUM_FOLDERS {
        trial.refresh().unwrap();
    }
    (storage, trial)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn growing_in_any_order_equals_opening_at_once(
        order in Just(files()).prop_shuffle(),
        refresh_after in vec(any::<bool>(), 64),
        torn in vec(any::<Index>(), 0..4),
        with_end in any::<bool>(),
    ) {
        let order: Vec<_> = order.into_iter().filter(|(path, _)| with_end || path != END).collect();
        let (storage, grown) = grow(&order, &refresh_after, &torn);
        let opened = Trial::open(storage, OpenOptions::default()).unwrap();
        prop_assert_eq!(picture(&grown), picture(&opened));
        prop_assert_eq!(grown.is_complete(), with_end);
        prop_assert!(grown.problems().is_empty());
    }

    #[test]
    fn files_that_go_leave_no_trace(
        order in Just(files()).prop_shuffle(),
        gone in vec(any::<Index>(), 1..6),
    ) {
        let (storage, mut trial) = grow(&order, &[true; 64], &[]);
        let mut paths: Vec<String> = gone.iter().map(|gone| gone.get(&order).0.clone()).collect();
        // Without its collections a trial does not know when a step is complete.
        paths.retain(|path| path.starts_with("index/"));
        storage.delete(&paths).unwrap();
        for _ in 0..NUM_FOLDERS {
            trial.refresh().unwrap();
        }
        prop_assert_eq!(picture(&trial), picture(&Trial::open(storage, OpenOptions::default()).unwrap()));
    }
}

#[test]
fn a_refresh_tells_what_it_brought() {
    let storage = Storage::memory();
    let mut writer = TrialWriter::open(storage.clone(), Worker::rank(0), 1, IfExists::Error).unwrap();
    writer.write_collections(&Collections { by_name: [].into(), num_workers: 1 }).unwrap();
    let mut trial = Trial::open(storage, OpenOptions::default()).unwrap();
    assert_eq!(trial.availability(Step(3), Mode::Global), StepState::NotYetAvailable);
    writer.write_step(&record(3), ExistingStep::Replace).unwrap();
    writer.write_step(&record(5), ExistingStep::Replace).unwrap();
    let first = trial.refresh().unwrap();
    assert_eq!((first.new_steps, first.changed_steps), (vec![Step(3), Step(5)], vec![]));
    let mut again = record(5);
    again.tensors.truncate(1);
    writer.write_step(&again, ExistingStep::Replace).unwrap();
    let second = trial.refresh().unwrap();
    assert_eq!((second.new_steps, second.changed_steps), (vec![], vec![Step(5)]));
    let third = trial.refresh().unwrap();
    assert_eq!((third.new_steps, third.changed_steps), (vec![], vec![]));
    writer.finish().unwrap();
    trial.refresh().unwrap();
    assert!(trial.is_complete());
    assert_eq!(trial.availability(Step(4), Mode::Global), StepState::Unavailable);
}

#[test]
fn a_late_step_is_found_and_counts() {
    let storage = Storage::memory();
    let mut writer = TrialWriter::open(storage.clone(), Worker::rank(0), 1, IfExists::Error).unwrap();
    writer.write_collections(&Collections { by_name: [].into(), num_workers: 1 }).unwrap();
    writer.write_step(&record(5), ExistingStep::Replace).unwrap();
    let mut trial = Trial::open(storage, OpenOptions::default()).unwrap();
    assert_eq!(trial.availability(Step(3), Mode::Global), StepState::Unavailable);
    writer.write_step(&record(3), ExistingStep::Replace).unwrap();
    assert_eq!(trial.refresh().unwrap().new_steps, [Step(3)]);
    assert_eq!(trial.availability(Step(3), Mode::Global), StepState::Available);
    assert_eq!(trial.steps(Mode::Global, false), [Step(3), Step(5)]);
}

#[test]
fn a_resumed_run_that_goes_back_replaces_what_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::create(folder.path().to_str().unwrap()).unwrap();
    let open = || TrialWriter::open(storage.clone(), Worker::rank(0), 1, IfExists::Error).unwrap();
    let value = |trial: &Trial, step| {
        trial.tensor("loss").unwrap().value(Step(step), Mode::Global, None).unwrap().as_scalar()
    };
    let mut first = open();
    for step in [0, 3, 5] {
        first.write_step(&record(step), ExistingStep::Replace).unwrap();
    }
    drop(first);
    let mut trial = Trial::open(storage.clone(), OpenOptions::default()).unwrap();
    assert_eq!(value(&trial, 3), Some(3.0));
    let mut rewritten = record(3);
    rewritten.tensors.iter_mut().for_each(|named| named.tensor = Tensor::from_f64(77.0));
    open().write_step(&rewritten, ExistingStep::Replace).unwrap();
    let refreshed = trial.refresh().unwrap();
    assert_eq!(refreshed.changed_steps, [Step(3), Step(5)]);
    assert_eq!(value(&trial, 3), Some(77.0));
    assert_eq!(trial.steps(Mode::Global, true), [Step(0), Step(3)]);
    assert_eq!(trial.last_saved_steps(), [(Worker::rank(0), Step(3))].into());
}

#[test]
fn waiting_is_the_callers_business() {
    let storage = Storage::memory();
    let mut writer = TrialWriter::open(storage.clone(), Worker::rank(0), 1, IfExists::Error).unwrap();
    writer.write_collections(&Collections { by_name: [].into(), num_workers: 1 }).unwrap();
    let mut trial = Trial::open(storage, OpenOptions::default()).unwrap();
    let mut coming = vec![0, 3, 5].into_iter();
    trial
        .wait_for_steps(&[Step(0), Step(5)], Mode::Global, |_| {
            writer.write_step(&record(coming.next().unwrap()), ExistingStep::Replace)?;
            Ok::<_, Error>(())
        })
        .unwrap();
    assert_eq!(coming.next(), None, "three pauses");
    let gives_up = trial.wait_for_steps(&[Step(900)], Mode::Global, |_| {
        Err(Error::NoMoreData { step: Step(1), mode: Mode::Eval, last: None })
    });
    assert!(matches!(gives_up, Err(Error::NoMoreData { step: Step(1), .. })));
    writer.finish().unwrap();
    trial.refresh().unwrap();
    let nothing = |_: &Trial| Ok::<_, Error>(());
    let behind = trial.wait_for_steps(&[Step(900)], Mode::Global, nothing).unwrap_err();
    assert!(matches!(behind, Error::NoMoreData { last: Some(Step(5)), .. }), "{behind}");
    let between = trial.wait_for_steps(&[Step(4)], Mode::Global, nothing).unwrap_err();
    assert!(matches!(between, Error::StepUnavailable { .. }), "{between}");
}
