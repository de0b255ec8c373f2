//! Rules over a trial on disk: looking while it grows finds what looking afterwards finds.
#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected fails")]

use proptest::prelude::*;
use trialscope_rules::{Evaluator, Event, Phase, RuleSpec, Status};
use trialscope_store::{
    Collection, Collections, ExistingStep, IfExists, NamedTensor, OpenOptions, StepRecord, Storage, Trial,
    TrialWriter,
};
use trialscope_tensor::{Mode, Step, Tensor, TensorName, Worker};

const RULE: &str = "LossNotDecreasing:num_steps=2,increase_threshold_percent=1";

struct Run {
    storage: Storage,
    folder: tempfile::TempDir,
    writer: Option<TrialWriter>,
}

impl Run {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::create(folder.path().to_str().unwrap()).unwrap();
        let mut run = Self { storage, folder, writer: None };
        run.open();
        let losses = Collection { tensor_names: ["loss".to_owned()].into(), ..Collection::default() };
        let collections = Collections { by_name: [("losses".to_owned(), losses)].into(), num_workers: 1 };
        run.writer.as_ref().unwrap().write_collections(&collections).unwrap();
        run
    }

    fn open(&mut self) {
        let writer = TrialWriter::open(self.storage.clone(), Worker::rank(0), 1, IfExists::Resume);
        self.writer = Some(writer.unwrap());
    }

    fn save(&mut self, step: u64, loss: f64) {
        let tensor = NamedTensor {
            name: TensorName::parse("loss").unwrap(),
            aliases: Vec::new(),
            tensor: Tensor::from_f64(loss),
        };
        let record = StepRecord {
            step: Step(step),
            mode: Mode::Global,
            mode_step: Step(step),
            wall_time_secs: 0.0,
            tensors: vec![tensor],
            shapes: Vec::new(),
        };
        self.writer.as_mut().unwrap().write_step(&record, ExistingStep::Replace).unwrap();
    }

    fn end(&mut self) {
        self.writer.take().unwrap().finish().unwrap();
    }

    fn evaluator(&self) -> Evaluator {
        let trial = Trial::open(self.storage.clone(), OpenOptions::default()).unwrap();
        Evaluator::new(trial, vec![RuleSpec::parse(RULE).unwrap()]).unwrap()
    }
}

/// (opened?, subject, step, step of clearing)
fn told(events: &[Event]) -> Vec<(bool, u64, Option<u64>)> {
    events
        .iter()
        .map(|event| {
            let finding = event.finding();
            (matches!(event, Event::Opened(_)), finding.point.step.0, finding.cleared_at.map(|step| step.0))
        })
        .collect()
}

#[test]
fn a_finding_is_told_at_the_look_after_its_step() {
    let mut run = Run::new();
    run.save(0, 1.0);
    let mut evaluator = run.evaluator();
    assert_eq!(evaluator.look().unwrap().phase, Phase::Running);
    run.save(2, 2.0);
    // The loss has doubled from step 0 to step 2.
    let progress = evaluator.look().unwrap();
    assert_eq!(told(&progress.events), [(true, 2, None)]);
    assert_eq!(progress.steps, [Step(2)]);
    run.save(4, 1.0);
    assert_eq!(told(&evaluator.look().unwrap().events), [(false, 2, Some(4))]);
    run.end();
    let progress = evaluator.look().unwrap();
    assert_eq!((progress.phase, told(&progress.events)), (Phase::Ended, vec![]));
    let statuses = evaluator.statuses();
    let status = statuses.first().unwrap();
    assert_eq!((status.status, status.num_findings), (Status::IssuesFound, 1));
}

#[test]
fn a_training_that_died_ends_the_evaluation() {
    let mut run = Run::new();
    run.save(0, 1.0);
    run.writer = None;
    std::fs::write(run.folder.path().join("claim.smd"), "process 1\n").unwrap();
    let mut evaluator = run.evaluator();
    assert_eq!(evaluator.look().unwrap().phase, Phase::Interrupted);
    assert_eq!(evaluator.statuses().first().unwrap().status, Status::NoIssuesFound);
}

#[test]
fn steps_gone_through_again_are_judged_again_and_nothing_is_told_twice() {
    let mut run = Run::new();
    for (step, loss) in [(0, 1.0), (2, 2.0), (4, 1.0)] {
        run.save(step, loss);
    }
    let mut evaluator = run.evaluator();
    assert_eq!(told(&evaluator.look().unwrap().events), [(true, 2, None), (false, 2, Some(4))]);
    run.writer = None;
    run.open();
    // Resumed from before step 4, which now goes wrong as well.
    run.save(4, 8.0);
    assert_eq!(told(&evaluator.look().unwrap().events), []);
    run.save(6, 9.0);
    run.end();
    evaluator.look().unwrap();
    let mut replay = run.evaluator();
    replay.look().unwrap();
    assert_eq!(evaluator.statuses(), replay.statuses());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn live_and_replay_give_identical_findings(
        losses in prop::collection::vec(prop_oneof![Just(f64::NAN), 0.5..2.0], 1..12),
        looks in prop::collection::vec(any::<bool>(), 12),
    ) {
        let mut run = Run::new();
        let mut live = run.evaluator();
        let mut live_events = Vec::new();
        for ((step, &loss), &look) in losses.iter().enumerate().zip(&looks) {
            run.save(step as u64 * 2, loss);
            if look {
                live_events.extend(live.look().unwrap().events);
            }
        }
        run.end();
        live_events.extend(live.look().unwrap().events);
        let mut replay = run.evaluator();
        let replay_events = replay.look().unwrap().events;
        prop_assert_eq!(told(&live_events), told(&replay_events));
        prop_assert_eq!(format!("{:?}", live.statuses()), format!("{:?}", replay.statuses()));
    }
}
