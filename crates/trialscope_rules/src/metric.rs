//! Which metrics are better when larger, told by name. A rule about losses leaves them out.

use crate::{Error, Interest, Selection, TensorEntry};

/// Why such a tensor is left out.
const MAXIMISED: &str = "metrics that are better when larger";

/// Metrics that are better when larger: those of XGBoost, LightGBM and CatBoost, and the scorers of scikit-learn.
const LARGER_IS_BETTER: [&str; 27] = [
    "acc",
    "accuracy",
    "auc",
    "aucpr",
    "average_precision",
    "balanced_accuracy",
    "cohen_kappa",
    "d2_absolute_error",
    "explained_variance",
    "f1",
    "fbeta",
    "jaccard",
    "kappa",
    "map",
    "matthews_corrcoef",
    "mcc",
    "mrr",
    "ndcg",
    "pr_auc",
    "pre",
    "precision",
    "r2",
    "recall",
    "roc_auc",
    "sensitivity",
    "specificity",
    "top_k_accuracy",
];

/// Prefixes by which frameworks tell the data set in the metric's own name.
const DATA_SET_PREFIXES: [&str; 6] = ["train_", "val_", "valid_", "validation_", "eval_", "test_"];

/// What a rule about losses makes of a tensor: looked at if selected, unless it is better when larger.
pub(crate) fn interest_in_loss(selection: &Selection, tensor: &TensorEntry<'_>) -> Result<Interest, Error> {
    Ok(if !selection.takes(tensor)? {
        Interest::Ignore
    } else if is_maximised(tensor.name.as_str()) {
        Interest::LeaveOut(MAXIMISED)
    } else {
        Interest::Values
    })
}

/// Whether a tensor is a metric that is better when larger.
///
/// The metric is what follows the name of the evaluation set (`train-auc`, `validation_0-ndcg@5`) or the last slash;
/// a cut-off (`@5`), the `-` that XGBoost puts behind ranking metrics (`map@3-`), a data set in front (`val_accuracy`)
/// and scikit-learn's `_score` behind do not count.
pub(crate) fn is_maximised(tensor: &str) -> bool {
    let name = tensor.to_ascii_lowercase();
    let name = name.trim_end_matches('-');
    // Also the last word of `interval-regression-accuracy`.
    let metric = name.rsplit(['-', '/']).next().unwrap_or_default();
    let metric = metric.split('@').next().unwrap_or_default();
    let metric = DATA_SET_PREFIXES.iter().find_map(|prefix| metric.strip_prefix(prefix)).unwrap_or(metric);
    let metric = metric.strip_suffix("_score").unwrap_or(metric);
    LARGER_IS_BETTER.contains(&metric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_to_be_maximised_are_told_by_name() {
        for name in [
            "train-auc",
            "validation-aucpr",
            "validation_0-ndcg@5",
            "eval-map@3-",
            "test-ndcg-",
            "test-pre@2",
            "train-interval-regression-accuracy",
            "validation_1-balanced_accuracy_score",
            "train-r2_score",
            "scalar/val_accuracy",
            "my-eval-set-F1",
        ] {
            assert!(is_maximised(name), "{name}");
        }
        for name in [
            "train-logloss",
            "train-error@0.7",
            "train-mape",
            "train-aft-nloglik",
            "train-gamma-deviance",
            "train-tweedie-nloglik@1.5",
            "train-mphe",
            "CrossEntropyLoss_output_0",
            "loss",
        ] {
            assert!(!is_maximised(name), "{name}");
        }
    }
}
