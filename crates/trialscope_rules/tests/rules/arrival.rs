//! Laws: findings depend on what was saved, not on when it arrived; nothing makes a rule panic.

use proptest::prelude::*;
use trialscope_rules::{Event, RuleSpec};
use trialscope_tensor::Mode;

use crate::scripted::{Outcome, Run, feed, replay, session};

const RULES: [&str; 5] = [
    "LossNotDecreasing:num_steps=3,tensor_regex=^loss",
    "LossNotDecreasing:num_steps=2,mode=EVAL,tensor_regex=^loss,use_losses_collection=false",
    "Overfit:patience=0",
    "Overfit:tensor_regex=loss,ratio_threshold=0.5,start_step=4",
    "FeatureImportanceOverweight:start_step=0,nfeatures=2",
];

const NAMES: [&str; 10] = [
    "loss",
    "train-rmse",
    "validation-rmse",
    "validation_0-mae",
    "validation_1-mae",
    "feature_importance/weight/f0",
    "feature_importance/weight/f1",
    "feature_importance/weight/f2",
    "feature_importance/weight/f3",
    "validation-auc",
];

/// One step: how far after the one before, its mode, and a value or nothing for each name.
fn any_step() -> impl Strategy<Value = (u64, Mode, [Option<f64>; NAMES.len()])> {
    let value = prop_oneof![
        1 => Just(None),
        6 => prop::sample::select(vec![0.25, 0.5, 0.52, 1.0, 1.5, 0.0, -0.5]).prop_map(Some),
        1 => any::<f64>().prop_map(Some),
    ];
    let mode = prop_oneof![
        2 => Just(Mode::Global),
        2 => Just(Mode::Train),
        2 => Just(Mode::Eval),
        1 => Just(Mode::Predict)
    ];
    (1_u64..4, mode, prop::array::uniform10(value))
}

fn any_run() -> impl Strategy<Value = Run> {
    prop::collection::vec(any_step(), 0..30).prop_map(|steps| {
        let mut mode_steps = [0_u64; 5];
        let mut step = 0;
        steps.into_iter().fold(Run::new(), |run, (gap, mode, values)| {
            step += gap;
            let mode_step = &mut mode_steps[usize::from(mode.number())];
            *mode_step += 1;
            let saved: Vec<(&str, f64)> =
                NAMES.into_iter().zip(values).filter_map(|(name, value)| Some((name, value?))).collect();
            run.in_mode(step, mode, *mode_step - 1, &saved)
        })
    })
}

/// Follows a growing run: before each batch the collections list the names saved by then, and statuses are asked for.
fn follow(run: &Run, batch_ends: &[usize]) -> Outcome {
    let mut session = session(&RULES);
    let mut events = Vec::new();
    let mut begin = 0;
    let ends = batch_ends.iter().map(|end| (*end).min(run.steps.len())).chain([run.steps.len()]);
    for end in ends {
        let mut catalogue = run.catalogue.clone();
        for collection in catalogue.collections.values_mut() {
            let saved = run.steps[..end].iter().flat_map(|(header, _)| &header.tensors);
            let members =
                saved.filter(|tensor| collection.include_regex.found_in(tensor.name.as_str()).unwrap());
            collection.tensor_names = members.map(|tensor| tensor.name.to_string()).collect();
            collection.include_regex = trialscope_rules::Patterns::default();
        }
        session.set_catalogue(catalogue);
        for (header, values) in &run.steps[begin..end.max(begin)] {
            events.extend(feed(&mut session, header, values));
        }
        begin = end.max(begin);
        session.statuses();
    }
    events.extend(session.finish());
    Outcome { events, statuses: session.statuses() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_split_into_batches_gives_the_same_findings(
        run in any_run(),
        mut ends in prop::collection::vec(0_usize..30, 0..6),
    ) {
        ends.sort_unstable();
        let (live, replayed) = (follow(&run, &ends), replay(&RULES, &run));
        // Compared as text, in which NaN equals NaN.
        prop_assert_eq!(format!("{live:?}"), format!("{replayed:?}"));
    }

    #[test]
    fn a_subject_has_one_open_finding_and_nothing_passes_silently(run in any_run()) {
        let outcome = replay(&RULES, &run);
        for status in &outcome.statuses {
            let mine = || outcome.events.iter().filter(|event| {
                event.finding().configuration == status.configuration
            });
            let mut open = std::collections::BTreeSet::new();
            for event in mine() {
                match event {
                    Event::Opened(finding) => prop_assert!(open.insert(finding.subject.clone())),
                    Event::Cleared(finding) => prop_assert!(open.remove(&finding.subject)),
                }
            }
            let listed: Vec<_> = status.open_findings.iter().map(|finding| finding.subject.clone()).collect();
            prop_assert_eq!(listed, open.into_iter().collect::<Vec<_>>());
            prop_assert!(status.evaluated || !status.messages.is_empty());
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "[A-Za-z]{0,3}(:[a-z_=,:\\\\\\[\\]\"0-9é ]{0,20})?") {
        let known = text.replacen(|_: char| true, "Overfit:", 1);
        let _ = RuleSpec::parse(&text);
        let _ = RuleSpec::parse(&known);
    }
}
