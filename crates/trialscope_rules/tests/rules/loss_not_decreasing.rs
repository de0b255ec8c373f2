//! `LossNotDecreasing` on series worked out by hand.

use crate::scripted::{Run, check};
use trialscope_rules::{Comparator, Status, StepPoint};
use trialscope_tensor::{Mode, Tensor};

#[test]
fn the_schedule_of_the_reference() {
    // Saved every 3 steps. With start_step=7 the anchor is step 9; checks are due at the first saved step >= 9 + 10,
    // which is 21 (newest saved step <= 11: 9), and at the first >= 31, which is 33 (newest <= 23: 21).
    // The values in between would meet the condition at any other step.
    let run = Run::new()
        .step(0, &[("loss", 9.0)])
        .step(3, &[("loss", 9.0)])
        .step(6, &[("loss", 9.0)])
        .step(9, &[("loss", 1.0)])
        .step(12, &[("loss", 5.0)])
        .step(15, &[("loss", 5.0)])
        .step(18, &[("loss", 5.0)])
        // 100 * (0.9995 - 1) / 1 = -0.05: between -0.1 and 0, too slow.
        .step(21, &[("loss", 0.9995)])
        .step(24, &[("loss", 5.0)])
        .step(27, &[("loss", 5.0)])
        .step(30, &[("loss", 5.0)])
        // 100 * (0.9 - 0.9995) / 0.9995 = -9.95: fine.
        .step(33, &[("loss", 0.9)])
        .step(36, &[("loss", 5.0)]);
    let outcome = check("LossNotDecreasing:num_steps=10,start_step=7", &run, &["+21 loss", "-33 loss"]);
    let status = outcome.status();
    assert_eq!(status.status, Status::IssuesFound);
    assert_eq!(status.evaluations, 2);
    assert_eq!(
        status.details().lines().collect::<Vec<_>>(),
        [
            "RuleEvaluationConditionMet: Evaluation of the rule LossNotDecreasing at step 21 resulted in the condition \
             being met",
            "loss: loss has fallen by only 0.05 %: 1 at step 9, 0.9995 at step 21. It should fall by 0.1 % in 10 steps.",
            "Findings: 1, open: 0.",
        ]
    );
    let evidence = &status.first_finding.as_ref().unwrap().evidence;
    assert!((evidence.measured + 0.05).abs() < 1e-9);
    assert_eq!((evidence.comparator, evidence.threshold), (Comparator::Greater, -0.1));
    let readings: Vec<(u64, f64)> = evidence.readings.iter().map(|read| (read.step.0, read.value)).collect();
    assert_eq!(readings, [(9, 1.0), (21, 0.9995)]);
}

#[test]
fn the_reference_is_the_newest_step_far_enough_back() {
    // At 14 the newest saved step <= 4 is 4, not the anchor: 0.5 against 0.5 is flat, against 1.0 it would be fine.
    let run = Run::new().step(0, &[("loss", 1.0)]).step(4, &[("loss", 0.5)]).step(14, &[("loss", 0.5)]);
    let outcome = check("LossNotDecreasing", &run, &["+14 loss"]);
    let explanation = &outcome.status().first_finding.as_ref().unwrap().evidence.explanation;
    assert!(explanation.starts_with("loss has not changed: 0.5 at step 4, 0.5 at step 14."), "{explanation}");
}

#[test]
fn a_falling_loss_is_fine() {
    let outcome = check("LossNotDecreasing", &Run::new().series("loss", 10, &[1.0, 0.9, 0.8, 0.7]), &[]);
    assert_eq!(outcome.status().status, Status::NoIssuesFound);
    assert_eq!(outcome.status().evaluations, 3);
    assert_eq!(outcome.status().messages, []);
    // From -1 to -1.5: 100 * -0.5 / |-1| = -50. A negative log-likelihood may be below 0.
    check("LossNotDecreasing", &Run::new().series("loss", 10, &[-1.0, -1.5]), &[]);
}

#[test]
fn a_small_rise_is_tolerated_once() {
    // +2 %, then 100 * (1.03 - 1.02) / 1.02 = +0.98 %: the second is not fine either.
    let run = Run::new().series("loss", 10, &[1.0, 1.02, 1.03, 0.9]);
    check("LossNotDecreasing", &run, &["+20 loss", "-30 loss"]);
    // +2 %, then -11.8 %: forgiven; +2.2 % is tolerated again.
    check("LossNotDecreasing", &Run::new().series("loss", 10, &[1.0, 1.02, 0.9, 0.92]), &[]);
    // Flat at 10, then +2 %: the condition has not cleared.
    check("LossNotDecreasing", &Run::new().series("loss", 10, &[1.0, 1.0, 1.02]), &["+10 loss"]);
}

#[test]
fn a_large_rise_is_not_tolerated() {
    let outcome = check("LossNotDecreasing", &Run::new().series("loss", 10, &[1.0, 1.06]), &["+10 loss"]);
    let evidence = &outcome.status().first_finding.as_ref().unwrap().evidence;
    assert_eq!((evidence.comparator, evidence.threshold), (Comparator::Greater, 5.0));
    assert!((evidence.measured - 6.0).abs() < 1e-9);
    // Exactly 25 % is not above 25 %.
    check(
        "LossNotDecreasing:increase_threshold_percent=25",
        &Run::new().series("loss", 10, &[1.0, 1.25]),
        &[],
    );
}

#[test]
fn without_a_least_fall_a_flat_loss_is_fine() {
    let run = Run::new().series("loss", 10, &[1.0, 1.0]);
    check("LossNotDecreasing:diff_percent=0", &run, &[]);
    // -0.5 * 100 = -50 is not above -50.
    let run = Run::new().series("loss", 10, &[1.0, 0.5]);
    check("LossNotDecreasing:diff_percent=50", &run, &[]);
}

#[test]
fn each_tensor_is_judged_for_itself() {
    let run = Run::new()
        .step(0, &[("train-logloss", 1.0), ("validation-logloss", 1.0), ("train-auc", 0.5)])
        .step(10, &[("train-logloss", 0.5), ("validation-logloss", 1.0), ("train-auc", 0.9)]);
    check("LossNotDecreasing", &run, &["+10 validation-logloss"]);
    // A union: what the regex takes beside what the collection has.
    let run = Run::new()
        .collection("mine", &["^penalty$"])
        .step(0, &[("penalty", 1.0), ("other", 1.0), ("unasked", 1.0)])
        .step(10, &[("penalty", 1.0), ("other", 1.0), ("unasked", 1.0)]);
    let rule = "LossNotDecreasing:collection_names=mine,tensor_regex=^other";
    check(rule, &run, &["+10 other", "+10 penalty"]);
}

#[test]
fn a_series_saved_by_xgboost() {
    // Validation logloss of the binary fixture, saved every 5 rounds.
    let losses =
        [0.536_856_876_313_686_4, 0.293_531_436_845_660_2, 0.247_412_291_215_732_7, 0.255_356_297_641_992_6];
    let run = Run::new().series("validation-logloss", 5, &losses);
    // -45.3 %, -15.7 %, then (0.25536 - 0.24741) / 0.24741 = +3.21 %, tolerated.
    check("LossNotDecreasing:num_steps=5", &run, &[]);
    check("LossNotDecreasing:num_steps=5,increase_threshold_percent=3", &run, &["+15 validation-logloss"]);
    // One check, at 10 against 0: -53.9 %.
    assert_eq!(check("LossNotDecreasing", &run, &[]).status().evaluations, 1);
}

#[test]
fn modes_are_never_compared_with_each_other() {
    // Global steps 0, 10, 20, 30; EVAL steps 0 and 1 at 10 and 30.
    let run = Run::new()
        .in_mode(0, Mode::Train, 0, &[("loss", 1.0)])
        .in_mode(10, Mode::Eval, 0, &[("loss", 4.0)])
        .in_mode(20, Mode::Train, 1, &[("loss", 0.5)])
        .in_mode(30, Mode::Eval, 1, &[("loss", 4.0)]);
    let outcome = check("LossNotDecreasing", &run, &["+30 loss (EVAL)"]);
    let finding = outcome.status().first_finding.as_ref().unwrap();
    assert_eq!((finding.point.mode, finding.point.mode_step.0), (Mode::Eval, 1));
    // In a mode, steps are those of the mode: EVAL steps 0 and 1 are 1 apart.
    check("LossNotDecreasing:mode=EVAL,num_steps=1", &run, &["+30 loss (EVAL)"]);
    let outcome = check("LossNotDecreasing:mode=EVAL", &run, &[]);
    assert_eq!(outcome.codes(), ["NotEvaluated TOO_FEW_STEPS"]);
    check("LossNotDecreasing:mode=TRAIN,num_steps=1", &run, &[]);
}

#[test]
fn a_missing_mode_is_an_error() {
    let run = Run::new().series("loss", 10, &[1.0, 1.0]);
    let outcome = check("LossNotDecreasing:mode=EVAL", &run, &[]);
    assert_eq!(outcome.status().status, Status::Error);
    assert_eq!(
        outcome.status().details(),
        "LossNotDecreasing: needs collection losses in mode EVAL; found only GLOBAL. Call hook.set_mode(EVAL), or look \
         at another mode."
    );
}

#[test]
fn non_finite_losses_are_ignored_and_told() {
    // The NaN at 10 is no saved step: the check is at 20 against 0, -50 %.
    let run = Run::new().series("loss", 10, &[1.0, f64::NAN, 0.5, f64::INFINITY]);
    let outcome = check("LossNotDecreasing", &run, &[]);
    assert_eq!(outcome.status().evaluations, 1);
    assert_eq!(outcome.status().status, Status::NoIssuesFound);
    assert_eq!(
        outcome.status().details(),
        "Warning: LossNotDecreasing: 2 non-finite values ignored in loss, the first at step 10."
    );
    let run = Run::new().series("loss", 10, &[1.0, f64::NAN, 1.0]);
    let outcome = check("LossNotDecreasing", &run, &["+20 loss"]);
    let explanation = &outcome.status().first_finding.as_ref().unwrap().evidence.explanation;
    assert!(explanation.ends_with(" 1 non-finite value ignored."), "{explanation}");
    let run = Run::new().series("loss", 10, &[f64::NAN, f64::NAN]);
    let outcome = check("LossNotDecreasing", &run, &[]);
    assert_eq!(outcome.codes(), ["NotEvaluated NON_FINITE"]);
    assert!(!outcome.status().evaluated);
}

#[test]
fn too_few_steps_are_no_clean_bill() {
    let outcome = check("LossNotDecreasing", &Run::new().series("loss", 3, &[1.0, 1.0, 1.0]), &[]);
    assert_eq!(outcome.status().status, Status::NoIssuesFound);
    assert!(!outcome.status().evaluated);
    assert_eq!(
        outcome.status().details(),
        "NotEvaluated: LossNotDecreasing: needs 2 saved steps of loss at least 10 steps apart, the run has 3 from step 0 \
         to step 6. Lower save_interval (now 5) or num_steps (now 10)."
    );
    let outcome = check("LossNotDecreasing:start_step=50", &Run::new().series("loss", 10, &[1.0, 1.0]), &[]);
    assert_eq!(outcome.codes(), ["NotEvaluated TOO_FEW_STEPS"]);
    assert!(outcome.status().details().contains("needs 1 saved step of loss from step 50 on"));
}

#[test]
fn missing_tensors_are_an_error_that_names_what_is_there() {
    let run = Run::new().step(0, &[("feature_importance/weight/f0", 1.0), ("validation-auc", 0.5)]);
    let outcome = check("LossNotDecreasing:tensor_regex=^validation-logloss", &run, &[]);
    assert_eq!(outcome.status().status, Status::Error);
    assert_eq!(
        outcome.status().details(),
        "LossNotDecreasing: no saved tensor matches collection losses or regex ^validation-logloss. Saved collections: \
         feature_importance, losses, metrics. Closest names: validation-auc, feature_importance/weight/f0. Left out \
         (metrics that are better when larger): validation-auc."
    );
}

#[test]
fn arrays_are_skipped_and_told() {
    let vector = || Tensor::vector_f64(&[1.0, 2.0]);
    let run = |array: &'static str| {
        Run::new()
            .tensors(StepPoint::global(0), [(array, vector()), ("loss", Tensor::from_f64(1.0))])
            .tensors(StepPoint::global(10), [(array, vector()), ("loss", Tensor::from_f64(0.5))])
    };
    let outcome = check("LossNotDecreasing", &run("loss_per_row"), &[]);
    assert_eq!(
        outcome.status().details(),
        "Warning: LossNotDecreasing: 1 of 2 selected tensors were skipped: loss_per_row has shape (2,) of float64; \
         expected one number."
    );
    let only_array = Run::new().tensors(StepPoint::global(0), [("loss", vector())]);
    let outcome = check("LossNotDecreasing", &only_array, &[]);
    assert_eq!(
        (outcome.status().status, outcome.codes()),
        (Status::Error, vec!["Error WRONG_SHAPE".to_owned()])
    );
}

#[test]
fn a_rule_that_can_select_nothing_is_refused() {
    let error =
        trialscope_rules::RuleSpec::parse("LossNotDecreasing:use_losses_collection=False").unwrap_err();
    assert_eq!(
        error.to_string(),
        "LossNotDecreasing: without use_losses_collection it needs collection_names or tensor_regex"
    );
}
