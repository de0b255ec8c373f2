//! Metrics named `<evaluation set>-<metric>`, and which of them belong together.
//!
//! The training set is called `train`, `training` or `learn`; `validation_0` is one where there is no such set and
//! `validation_1` exists, for that is what the scikit-learn interface of XGBoost calls the pairs of `eval_set` in turn.
//! Any other set is held out.

use std::collections::{BTreeMap, BTreeSet};

const TRAINING: [&str; 3] = ["train", "training", "learn"];
const HELD_OUT: [&str; 7] = ["validation", "valid", "val", "eval", "test", "dev", "holdout"];
const FIRST_OF_MANY: &str = "validation_0";
const SECOND_OF_MANY: &str = "validation_1";

/// A metric of the training set and the same metric of a held-out set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pair<'a> {
    /// Metric of the training set.
    pub(crate) training: &'a str,
    /// Metric of the held-out set.
    pub(crate) held_out: &'a str,
}

/// The pairs among the names of one step, in order.
pub(crate) fn pairs<'a>(names: &BTreeSet<&'a str>) -> Vec<Pair<'a>> {
    let training = training_metrics(names);
    let partner = |name: &&'a str| {
        let metric = metric_of(name, &training)?;
        let training = *training.get(metric)?;
        (training != *name).then_some(Pair { training, held_out: name })
    };
    names.iter().filter(|name| split_known(name, &TRAINING).is_none()).filter_map(partner).collect()
}

/// Whether a name says of itself that it is a metric of an evaluation set.
pub(crate) fn is_set_metric(name: &str) -> bool {
    split_known(name, &TRAINING).is_some() || split_held_out(name).is_some()
}

/// The name of the training set's metric, by metric.
fn training_metrics<'a>(names: &BTreeSet<&'a str>) -> BTreeMap<&'a str, &'a str> {
    let mut training = BTreeMap::new();
    for &name in names {
        if let Some(metric) = split_known(name, &TRAINING) {
            training.entry(metric).or_insert(name);
        }
    }
    for &name in names {
        if let Some(metric) = name.strip_prefix(FIRST_OF_MANY).and_then(|rest| rest.strip_prefix('-'))
            && names.contains(format!("{SECOND_OF_MANY}-{metric}").as_str())
        {
            training.entry(metric).or_insert(name);
        }
    }
    training
}

/// The metric of a name: what follows a known set, else the longest of the training metrics that the name ends with.
fn metric_of<'a>(name: &'a str, training: &BTreeMap<&'a str, &'a str>) -> Option<&'a str> {
    split_held_out(name).or_else(|| {
        let ends = |metric: &&&'a str| {
            name.strip_suffix(**metric).is_some_and(|set| set.len() > 1 && set.ends_with('-'))
        };
        training.keys().filter(ends).max_by_key(|metric| metric.len()).copied()
    })
}

fn split_known<'a>(name: &'a str, sets: &[&str]) -> Option<&'a str> {
    let (set, metric) = name.split_once('-')?;
    (sets.contains(&set) && !metric.is_empty()).then_some(metric)
}

/// The metric of a set known to be held out, also one of several: `eval-rmse`, `validation_1-rmse`.
fn split_held_out(name: &str) -> Option<&str> {
    let (set, metric) = name.split_once('-')?;
    let stem = set.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_');
    (HELD_OUT.contains(&stem) && !metric.is_empty()).then_some(metric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &[&str], expected: &[(&str, &str)]) {
        let actual: Vec<(&str, &str)> = pairs(&names.iter().copied().collect())
            .into_iter()
            .map(|pair| (pair.training, pair.held_out))
            .collect();
        assert_eq!(actual, expected, "{names:?}");
    }

    #[test]
    fn every_held_out_set_is_paired_with_the_training_set() {
        check(&["train-rmse", "validation-rmse"], &[("train-rmse", "validation-rmse")]);
        check(
            &["train-rmse", "eval-rmse", "out of time-rmse", "train-mae"],
            &[("train-rmse", "eval-rmse"), ("train-rmse", "out of time-rmse")],
        );
        check(&["training-l2", "valid_0-l2"], &[("training-l2", "valid_0-l2")]);
    }

    #[test]
    fn the_first_of_several_numbered_sets_is_the_training_set() {
        check(
            &["validation_0-rmse", "validation_1-rmse", "validation_2-rmse"],
            &[("validation_0-rmse", "validation_1-rmse"), ("validation_0-rmse", "validation_2-rmse")],
        );
        check(
            &["train-rmse", "validation_0-rmse", "validation_1-rmse"],
            &[("train-rmse", "validation_0-rmse"), ("train-rmse", "validation_1-rmse")],
        );
        check(&["validation_0-rmse"], &[]);
    }

    #[test]
    fn metrics_with_hyphens_are_told_apart() {
        check(
            &["train-nloglik", "train-aft-nloglik", "eval-aft-nloglik", "my-set-aft-nloglik"],
            &[("train-aft-nloglik", "eval-aft-nloglik"), ("train-aft-nloglik", "my-set-aft-nloglik")],
        );
        check(&["train-nloglik", "eval-aft-nloglik"], &[]);
        check(&["train-rmse", "-rmse", "rmse", "train", "train-"], &[]);
    }

    #[test]
    fn names_of_sets_are_known() {
        assert!(
            is_set_metric("train-rmse") && is_set_metric("validation_0-rmse") && is_set_metric("test-map@3-")
        );
        assert!(!is_set_metric("loss") && !is_set_metric("my-loss") && !is_set_metric("training"));
    }
}
