//! `FeatureImportanceOverweight` on importances worked out by hand.

use crate::scripted::{Run, check, name};
use trialscope_rules::{Comparator, Status};

const KIND: &str = "feature_importance/weight";

fn importances(run: Run, step: u64, kind: &str, values: &[(&str, f64)]) -> Run {
    let named: Vec<(String, f64)> =
        values.iter().map(|(feature, value)| (format!("{kind}/{feature}"), *value)).collect();
    let scalars: Vec<(&str, f64)> = named.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    run.step(step, &scalars)
}

fn weights(run: Run, step: u64, values: &[(&str, f64)]) -> Run {
    importances(run, step, KIND, values)
}

#[test]
fn the_heaviest_features_are_added_up_after_normalising() {
    // 100 splits in all: (50 + 25 + 15) / 100 = 0.9. At step 5 it would be met too, but start_step is 10.
    let run = weights(Run::new(), 5, &[("a", 50.0), ("b", 25.0), ("c", 15.0), ("d", 10.0)]);
    let run = weights(run, 10, &[("a", 15.0), ("b", 10.0), ("c", 50.0), ("d", 25.0)]);
    // (30 + 30 + 20) / 100 = 0.8 is not above 0.8.
    let run = weights(run, 15, &[("a", 30.0), ("b", 30.0), ("c", 20.0), ("d", 20.0)]);
    let outcome = check(
        "FeatureImportanceOverweight",
        &run,
        &["+10 feature_importance/weight", "-15 feature_importance/weight"],
    );
    let finding = outcome.status().first_finding.as_ref().unwrap();
    let evidence = &finding.evidence;
    assert!((evidence.measured - 0.9).abs() < 1e-12);
    assert_eq!((evidence.comparator, evidence.threshold), (Comparator::Greater, 0.8));
    let shares: Vec<_> = evidence.readings.iter().map(|read| (read.tensor.clone(), read.value)).collect();
    let weight = |feature| name(&format!("{KIND}/{feature}"));
    assert_eq!(shares, [(weight("c"), 0.5), (weight("d"), 0.25), (weight("a"), 0.15)]);
    assert_eq!(
        evidence.explanation,
        "3 features of 4 carry 90 % of feature_importance/weight: c 50 %, d 25 %, a 15 %."
    );
    check(
        "FeatureImportanceOverweight:start_step=0",
        &run,
        &["+5 feature_importance/weight", "-15 feature_importance/weight"],
    );
    check("FeatureImportanceOverweight:threshold=0.9", &run, &[]);
    // (50 + 25) / 100 = 0.75, then 60 / 100.
    check("FeatureImportanceOverweight:nfeatures=2", &run, &[]);
}

#[test]
fn a_feature_that_is_not_saved_has_no_split() {
    // Four features of 25 splits: 0.75. Then d has no split: the other three carry all.
    let run = weights(Run::new(), 10, &[("a", 25.0), ("b", 25.0), ("c", 25.0), ("d", 25.0)]);
    let run = weights(run, 11, &[("a", 25.0), ("b", 25.0), ("c", 25.0)]);
    let outcome = check("FeatureImportanceOverweight", &run, &["+11 feature_importance/weight"]);
    let measured = outcome.status().first_finding.as_ref().unwrap().evidence.measured;
    assert!((measured - 1.0).abs() < 1e-12);
}

#[test]
fn importances_saved_by_xgboost() {
    // The binary fixture at rounds 10 and 15: 0.3667 + 0.2833 + 0.1667 = 98 / 120 = 0.8167 of 1, and
    // 0.3294 + 0.2588 + 0.2235 = 0.8118.
    let ten = [
        ("age", 0.366_666_666_666_666_64),
        ("data", 0.05),
        ("hours", 0.283_333_333_333_333_3),
        ("income", 0.166_666_666_666_666_66),
        ("score", 0.133_333_333_333_333_33),
    ];
    let fifteen = [
        ("age", 0.329_411_764_705_882_05),
        ("data", 0.047_058_823_529_411_764),
        ("hours", 0.258_823_529_411_764_73),
        ("income", 0.223_529_411_764_705_9),
        ("score", 0.141_176_470_588_235_3),
    ];
    let run = weights(weights(Run::new(), 10, &ten), 15, &fifteen);
    let outcome = check("FeatureImportanceOverweight", &run, &["+10 feature_importance/weight"]);
    let finding = &outcome.status().open_findings[0];
    assert!((finding.evidence.measured - 98.0 / 120.0).abs() < 1e-12);
    check(
        "FeatureImportanceOverweight:threshold=0.815",
        &run,
        &["+10 feature_importance/weight", "-15 feature_importance/weight"],
    );
}

#[test]
fn shap_values_count_by_magnitude() {
    // |-6| + |3| + |1| + |0.5| = 10.5, of which the three heaviest have 10; the base value is no feature.
    let values = [("f0", 3.0), ("f1", -6.0), ("f2", 1.0), ("f3", 0.5), ("bias", 100.0)];
    let run = importances(Run::new(), 10, "average_shap", &values);
    let outcome =
        check("FeatureImportanceOverweight:tensor_regex=.*average_shap", &run, &["+10 average_shap"]);
    let evidence = &outcome.status().first_finding.as_ref().unwrap().evidence;
    assert!((evidence.measured - 10.0 / 10.5).abs() < 1e-12);
    assert_eq!(evidence.readings[0].tensor, name("average_shap/f1"));
}

#[test]
fn kinds_of_importance_are_judged_apart() {
    let even = [("a", 1.0), ("b", 1.0), ("c", 1.0), ("d", 1.0)];
    let skewed = [("a", 9.0), ("b", 1.0), ("c", 0.0), ("d", 0.0)];
    let named = |kind: &str, values: &[(&str, f64)]| -> Vec<(String, f64)> {
        values
            .iter()
            .map(|(feature, value)| (format!("feature_importance/{kind}/{feature}"), *value))
            .collect()
    };
    let all = [named("gain", &skewed), named("weight", &even)].concat();
    let scalars: Vec<(&str, f64)> = all.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let run = Run::new().step(10, &scalars);
    check("FeatureImportanceOverweight", &run, &[]);
    check(
        "FeatureImportanceOverweight:tensor_regex=feature_importance",
        &run,
        &["+10 feature_importance/gain"],
    );
}

#[test]
fn a_share_that_is_always_one_is_not_evaluated() {
    let run = weights(Run::new(), 10, &[("a", 2.0), ("b", 1.0), ("c", 1.0)]);
    let outcome = check("FeatureImportanceOverweight", &run, &[]);
    assert_eq!((outcome.status().status, outcome.status().evaluated), (Status::NoIssuesFound, false));
    assert_eq!(
        outcome.status().details(),
        "NotEvaluated: FeatureImportanceOverweight: feature_importance/weight is known of 3 features, so the share of 3 \
         features is always 1. Lower nfeatures, or train on more features."
    );
    check("FeatureImportanceOverweight:nfeatures=2,threshold=0.7", &run, &["+10 feature_importance/weight"]);
}

#[test]
fn a_model_without_splits_is_not_evaluated() {
    let run = weights(Run::new(), 10, &[("a", 0.0), ("b", 0.0), ("c", 0.0), ("d", 0.0)]);
    let outcome = check("FeatureImportanceOverweight", &run, &[]);
    assert_eq!(outcome.codes(), ["NotEvaluated NOT_APPLICABLE"]);
    assert!(outcome.status().details().contains("no tree has a split"));
}

#[test]
fn a_non_finite_importance_is_left_out_and_told() {
    // Without d: (40 + 20 + 20) / 100 = 0.8, not above; with nfeatures=2 and threshold 0.5, 60 / 100 is.
    let values = [("a", 40.0), ("b", 20.0), ("c", 20.0), ("d", f64::NAN), ("e", 20.0)];
    let run = weights(Run::new(), 10, &values);
    let outcome = check("FeatureImportanceOverweight", &run, &[]);
    assert_eq!(outcome.codes(), ["Warning PARTIAL"]);
    assert!(outcome.status().details().contains("1 non-finite value ignored in feature_importance/weight/d"));
    let outcome = check(
        "FeatureImportanceOverweight:nfeatures=2,threshold=0.5",
        &run,
        &["+10 feature_importance/weight"],
    );
    let explanation = &outcome.status().first_finding.as_ref().unwrap().evidence.explanation;
    assert!(explanation.ends_with(" 1 non-finite value ignored."), "{explanation}");
}

#[test]
fn a_run_that_ends_before_start_step_is_no_clean_bill() {
    let run = weights(Run::new(), 5, &[("a", 50.0), ("b", 25.0), ("c", 15.0), ("d", 10.0)]);
    let outcome = check("FeatureImportanceOverweight", &run, &[]);
    assert_eq!(outcome.status().status, Status::NoIssuesFound);
    assert_eq!(outcome.codes(), ["NotEvaluated TOO_FEW_STEPS"]);
    assert!(outcome.status().details().contains("from step 10 on, the run has none; the last is step 5"));
}

#[test]
fn missing_tensors_are_an_error() {
    let run = Run::new().step(10, &[("train-logloss", 1.0), ("feature_importance/gain/a", 1.0)]);
    let outcome = check("FeatureImportanceOverweight", &run, &[]);
    assert_eq!(outcome.status().status, Status::Error);
    assert!(outcome.status().details().contains("no saved tensor matches regex .*feature_importance/weight"));
    assert!(outcome.status().details().contains("Closest names: feature_importance/gain/a"));
}
