//! `Overfit` on series worked out by hand.

use crate::scripted::{Run, check};
use trialscope_rules::{Comparator, Status};
use trialscope_tensor::{Mode, TensorName};

const PAIR: &str = "validation-rmse against train-rmse";

/// Training and validation loss at steps 0, 5, 10, ...
fn pairs(losses: &[(f64, f64)]) -> Run {
    (0..).zip(losses).fold(Run::new(), |run, (index, &(training, validation))| {
        run.step(index * 5, &[("train-rmse", training), ("validation-rmse", validation)])
    })
}

#[test]
fn the_ratio_may_exceed_the_threshold_for_as_long_as_the_patience() {
    // Ratios 0, 0.125, 0.25, 0.5, 0: above 0.1 for the second time in a row at step 10, back at step 20.
    let run = pairs(&[(0.5, 0.5), (0.4, 0.45), (0.4, 0.5), (0.4, 0.6), (0.4, 0.4)]);
    let outcome = check("Overfit", &run, &[&format!("+10 {PAIR}"), &format!("-20 {PAIR}")]);
    let finding = outcome.status().first_finding.as_ref().unwrap();
    let evidence = &finding.evidence;
    assert!((evidence.measured - 0.25).abs() < 1e-12);
    assert_eq!((evidence.comparator, evidence.threshold), (Comparator::Greater, 0.1));
    assert_eq!(
        evidence.explanation,
        "The held-out loss 0.5 is 25 % above the training loss 0.4 (a gap of 0.1), for 2 evaluations in a row."
    );
    let tensors: Vec<&str> = evidence.tensors().into_iter().map(TensorName::as_str).collect();
    assert_eq!(tensors, ["train-rmse", "validation-rmse"]);
    check("Overfit:patience=0", &run, &[&format!("+5 {PAIR}"), &format!("-20 {PAIR}")]);
    check("Overfit:patience=2", &run, &[&format!("+15 {PAIR}"), &format!("-20 {PAIR}")]);
    check("Overfit:patience=3", &run, &[]);
}

#[test]
fn one_good_evaluation_sets_the_counter_back() {
    // Ratios 0.5, 0, 0.5, 0.5.
    let run = pairs(&[(1.0, 1.5), (1.0, 1.0), (1.0, 1.5), (1.0, 1.5)]);
    check("Overfit", &run, &[&format!("+15 {PAIR}")]);
}

#[test]
fn the_threshold_itself_is_not_exceeded() {
    // (1.5 - 1) / 1 is exactly 0.5.
    check("Overfit:ratio_threshold=0.5,patience=0", &pairs(&[(1.0, 1.5)]), &[]);
    // Below 0 the ratio is taken of the magnitude: (-1 + 2) / 2 = 0.5.
    check("Overfit:ratio_threshold=0.4,patience=0", &pairs(&[(-2.0, -1.0)]), &[&format!("+0 {PAIR}")]);
    // Better on validation than on training data.
    check("Overfit:patience=0", &pairs(&[(1.0, 0.2)]), &[]);
}

#[test]
fn evaluation_starts_at_start_step() {
    let run = pairs(&[(1.0, 1.5), (1.0, 1.5), (1.0, 1.5)]);
    check("Overfit", &run, &[&format!("+5 {PAIR}")]);
    check("Overfit:start_step=5", &run, &[&format!("+10 {PAIR}")]);
}

#[test]
fn a_series_saved_by_xgboost() {
    // The binary fixture, saved every 5 rounds: ratios -0.0008, 0.1346, 0.3895, 0.8825.
    let run = Run::new()
        .step(
            0,
            &[("train-logloss", 0.537_296_837_940_812_1), ("validation-logloss", 0.536_856_876_313_686_4)],
        )
        .step(
            5,
            &[("train-logloss", 0.258_698_053_797_706_94), ("validation-logloss", 0.293_531_436_845_660_2)],
        )
        .step(
            10,
            &[("train-logloss", 0.178_058_599_843_643_6), ("validation-logloss", 0.247_412_291_215_732_7)],
        )
        .step(
            15,
            &[("train-logloss", 0.135_647_501_359_926_54), ("validation-logloss", 0.255_356_297_641_992_6)],
        );
    let outcome = check("Overfit", &run, &["+10 validation-logloss against train-logloss"]);
    let finding = outcome.status().first_finding.as_ref().unwrap();
    assert!((finding.evidence.measured - 0.389_499_251_555_329_4).abs() < 1e-12);
}

#[test]
fn evaluation_sets_of_other_names() {
    // The scikit-learn interface: validation_0 is the training set.
    let run = Run::new()
        .step(0, &[("validation_0-rmse", 1.0), ("validation_1-rmse", 1.5), ("validation_1-ndcg@5", 9.0)])
        .step(1, &[("validation_0-rmse", 1.0), ("validation_1-rmse", 1.5), ("validation_0-ndcg@5", 1.0)]);
    check("Overfit", &run, &["+1 validation_1-rmse against validation_0-rmse"]);
    // Each held-out set is paired for itself.
    let run = Run::new()
        .step(0, &[("train-rmse", 1.0), ("eval-rmse", 1.5), ("oot-rmse", 1.0)])
        .step(1, &[("train-rmse", 1.0), ("eval-rmse", 1.5), ("oot-rmse", 1.2)])
        .step(2, &[("train-rmse", 1.0), ("eval-rmse", 1.5), ("oot-rmse", 1.2)]);
    check("Overfit", &run, &["+1 eval-rmse against train-rmse", "+2 oot-rmse against train-rmse"]);
}

#[test]
fn losses_in_train_and_eval_mode_are_compared_block_by_block() {
    let run = Run::new()
        .in_mode(0, Mode::Train, 0, &[("loss", 3.0)])
        .in_mode(1, Mode::Train, 1, &[("loss", 1.0)])
        // First block: V = (2 + 4) / 2 = 3, T = (3 + 1) / 2 = 2, ratio 0.5.
        .in_mode(2, Mode::Eval, 0, &[("loss", 2.0)])
        .in_mode(3, Mode::Eval, 1, &[("loss", 4.0)])
        .in_mode(4, Mode::Train, 2, &[("loss", 1.0)])
        // Second block: V = 1.5, T = 1, ratio 0.5. Global step 6, of which nothing is saved, was training.
        .in_mode(5, Mode::Eval, 2, &[("loss", 1.5)])
        // Third block: V = 1, T = 1 (the last TRAIN loss), ratio 0. The run ends with it.
        .in_mode(7, Mode::Eval, 3, &[("loss", 1.0)]);
    let outcome = check("Overfit:patience=0", &run, &["+3 loss", "-7 loss"]);
    assert_eq!(outcome.status().evaluations, 3);
    let finding = outcome.status().first_finding.as_ref().unwrap();
    assert_eq!((finding.point.mode, finding.point.mode_step.0), (Mode::Eval, 1));
    assert!((finding.evidence.measured - 0.5).abs() < 1e-12);
    check("Overfit", &run, &["+5 loss", "-7 loss"]);
    check("Overfit:patience=2", &run, &[]);
}

#[test]
fn a_non_finite_loss_is_no_evaluation() {
    let run = pairs(&[(1.0, 1.5), (1.0, f64::NAN), (1.0, 1.5)]);
    let outcome = check("Overfit", &run, &[&format!("+10 {PAIR}")]);
    let explanation = &outcome.status().first_finding.as_ref().unwrap().evidence.explanation;
    assert!(explanation.ends_with(" 1 non-finite value ignored."), "{explanation}");
    assert_eq!(outcome.codes(), ["Warning NON_FINITE"]);
}

#[test]
fn a_set_without_its_counterpart_is_an_error() {
    let outcome = check("Overfit", &Run::new().series("train-rmse", 5, &[1.0, 0.5]), &[]);
    assert_eq!(outcome.status().status, Status::Error);
    assert_eq!(
        outcome.status().details(),
        "Overfit: needs one metric of a training set and of a held-out set at the same step; found only train-rmse. Pass \
         both sets to the training, evals=[(dtrain, \"train\"), (dvalid, \"validation\")]."
    );
}

#[test]
fn a_missing_mode_is_an_error() {
    let run =
        Run::new().in_mode(0, Mode::Train, 0, &[("loss", 1.0)]).in_mode(1, Mode::Train, 1, &[("loss", 1.0)]);
    let outcome = check("Overfit", &run, &[]);
    assert_eq!(outcome.status().status, Status::Error);
    assert_eq!(
        outcome.status().details(),
        "Overfit: needs losses in modes TRAIN and EVAL; found only loss in TRAIN. Call hook.set_mode(EVAL) during \
         validation."
    );
}

#[test]
fn as_many_evaluations_as_are_tolerated_are_no_look() {
    let outcome = check("Overfit:patience=2", &pairs(&[(1.0, 1.5), (1.0, 1.5)]), &[]);
    assert_eq!(outcome.status().status, Status::NoIssuesFound);
    assert_eq!(
        outcome.status().details(),
        "NotEvaluated: Overfit: needs 3 saved steps of train-rmse and validation-rmse together, the run has 2. Lower \
         save_interval (now 5) or patience (now 2)."
    );
}

#[test]
fn missing_tensors_are_an_error() {
    let outcome = check("Overfit", &Run::new().step(0, &[("average_shap/f0", 1.0)]), &[]);
    assert_eq!(
        (outcome.status().status, outcome.codes()),
        (Status::Error, vec!["Error NO_MATCHING_TENSORS".to_owned()])
    );
}
