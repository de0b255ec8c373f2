"""Which metrics are saved, and which of them are losses."""

# pyright: reportConstantRedefinition=false
from __future__ import annotations

import re

import pytest

from trialscope.xgboost.metrics import LOSSES_REGEX, METRICS_REGEX, is_loss, parse_eval_line

LOSSES = ["logloss", "error@0.7", "mlogloss", "rmse", "mae", "mape", "poisson-nloglik", "tweedie-nloglik@1.5", "mine"]
LOSSES += ["mphe", "aft-nloglik", "mse", "quantile"]
MAXIMISED = [
    "auc",
    "aucpr",
    "map",
    "map@3-",
    "ndcg",
    "ndcg@5",
    "pre@2",
    "accuracy",
    "balanced_accuracy",
    "f1_macro",
    "r2",
]
MAXIMISED += ["precision", "recall_micro", "roc_auc", "interval-regression-accuracy"]
EVALS = ["train", "validation_0", "my set/1", "naïve <b>", "feature"]


@pytest.mark.parametrize("eval_name", EVALS)
@pytest.mark.parametrize("metric", LOSSES + MAXIMISED)
def test_every_metric_is_one_and_a_loss_is_what_less_of_is_better(eval_name: str, metric: str) -> None:
    name = f"{eval_name}-{metric}"
    assert re.search(METRICS_REGEX, name)
    assert is_loss(metric) == (metric in LOSSES)
    assert bool(re.search(LOSSES_REGEX, name)) == (metric in LOSSES)


@pytest.mark.parametrize("name", ["feature_importance/gain/capital-gain", "full_shap/a-b", "trees/x-y", "scalar/a-b"])
def test_tensors_of_other_collections_are_no_metrics(name: str) -> None:
    assert not re.search(METRICS_REGEX, name)
    assert not re.search(LOSSES_REGEX, name)


def test_a_line_of_xgboost() -> None:
    line = "[3]\ttrain-logloss:0.5\ttrain-poisson-nloglik:nan\ttest-logloss:0.625"
    log = parse_eval_line(line)
    assert log["train"]["logloss"] == [0.5]
    assert log["test"] == {"logloss": [0.625]}
    assert str(log["train"]["poisson-nloglik"]) == "[nan]"
