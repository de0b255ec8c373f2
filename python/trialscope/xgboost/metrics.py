"""Metrics and losses, as XGBoost reports them after each round."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from trialscope.xgboost.entry import Entry, scalars, tensor

EvalsLog = Mapping[str, Mapping[str, Sequence[float] | Sequence[tuple[float, float]]]]
"""``{eval name: {metric name: one value, or (mean, standard deviation), per round}}``."""

# Metrics of which more is better: XGBoost's own, those its hosted container adds, and scikit-learn's. A name may carry
# XGBoost's parameter (`ndcg@5`, `map@3-`). Anything else, custom metrics included, is a loss.
_MAXIMISED = (
    r"(?:auc|aucpr|map|ndcg|pre"
    r"|(?:[a-z0-9]+[_-])*accuracy(?:_score)?"
    r"|(?:[a-z]+_)*auc(?:_[a-z]+)*|average_precision(?:_score)?"
    r"|f1(?:_[a-z]+)*|fbeta(?:_[a-z]+)*|precision(?:_[a-z]+)*|recall(?:_[a-z]+)*"
    r"|r2(?:_score)?|d2(?:_[a-z]+)*|explained_variance(?:_score)?"
    r"|mcc|matthews_corrcoef|(?:cohen_)?kappa(?:_score)?|jaccard(?:_[a-z]+)*|gini|ks"
    r"|sensitivity|specificity|[ct]pr|tnr|c[_-]index|concordance(?:[_-]index)?)"
    r"(?:@[^@]*)?-?"
)
_IS_MAXIMISED = re.compile(_MAXIMISED, re.IGNORECASE)

# An eval name is whatever the user calls it, up to XGBoost's `-`; tensors of the other collections may hold a `-` too
# (`feature_importance/gain/capital-gain`).
_NOT_ANOTHER = "^(?!(?:hyperparameters|feature_importance|average_shap|full_shap|trees|scalar)/)[^-]+-"
METRICS_REGEX = f"{_NOT_ANOTHER}.+$"
LOSSES_REGEX = f"{_NOT_ANOTHER}(?!(?i:{_MAXIMISED})$).+$"


def is_loss(metric: str) -> bool:
    """Whether less of `metric` is better, judged by its name."""
    return _IS_MAXIMISED.fullmatch(metric) is None


class Metrics:
    """Source of ``<eval name>-<metric>``: the latest value of each metric."""

    collections = frozenset({"metrics", "losses"})

    def __init__(self) -> None:
        self._log: EvalsLog = {}

    def show(self, log: EvalsLog) -> None:
        """Hand over what XGBoost reported last."""
        self._log = log

    def names(self) -> list[str]:
        """Tensor names."""
        return [name for name, _, _ in self._latest()]

    def losses(self) -> list[str]:
        """Tensor names of the metrics of which less is better."""
        return [name for name, metric, _ in self._latest() if is_loss(metric)]

    def entries(self) -> list[Entry]:
        """Float64 of shape ``(1,)`` each; under ``xgboost.cv`` of shape ``(2,)``: mean and standard deviation."""
        single: list[str] = []
        values: list[float] = []
        pairs: list[Entry] = []
        for name, _, value in self._latest():
            if isinstance(value, tuple):
                pairs.append(tensor([name], np.asarray(value, dtype=np.float64)))
            else:
                single.append(name)
                values.append(value)
        return ([scalars(single, np.asarray(values, dtype=np.float64))] if single else []) + pairs

    def _latest(self) -> Iterator[tuple[str, str, float | tuple[float, float]]]:
        for eval_name, metrics in self._log.items():
            for metric, values in metrics.items():
                if values:
                    yield f"{eval_name}-{metric}", metric, values[-1]


def parse_eval_line(line: str) -> dict[str, dict[str, list[float]]]:
    """Read what ``Booster.eval_set`` returns for evaluation sets called ``train`` and ``test``.

    A line such as ``[3] train-logloss:0.5 test-logloss:0.6`` with tabs between its parts; XGBoost's own training loop
    reads its metrics from it too.
    """
    log: dict[str, dict[str, list[float]]] = {}
    for part in line.split("\t")[1:]:
        name, _, value = part.rpartition(":")
        eval_name, _, metric = name.partition("-")
        log.setdefault(eval_name, {})[metric] = [float(value)]
    return log
