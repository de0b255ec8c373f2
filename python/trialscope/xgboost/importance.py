"""Feature importance: what ``Booster.get_score`` reports, as shares, for every feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from trialscope.xgboost.entry import Entry, scalars
from trialscope.xgboost.model import GrowingModel, Progress

if TYPE_CHECKING:
    from trialscope.xgboost.names import FeatureNames
    from trialscope.xgboost.raw_model import Nodes

TYPES = ("weight", "gain", "cover", "total_gain", "total_cover")


class FeatureImportance:
    """Source of ``feature_importance/<type>/<feature>``.

    Number of splits, gain and cover add up over trees, so only the trees grown since the last time are read; the
    averages ``gain`` and ``cover`` follow. The sums are float64, XGBoost's own are float32.
    """

    collections = frozenset({"feature_importance"})

    def __init__(self, model: GrowingModel, features: FeatureNames) -> None:
        self._model = model
        self._features = features
        self._names: list[str] = []
        self._start_over()

    def names(self) -> list[str]:
        """Tensor names, type by type, features in the order of the model."""
        if not self._names:
            self._names = [f"feature_importance/{kind}/{label}" for kind in TYPES for label in self._features.labels]
        return self._names

    def entries(self) -> list[Entry]:
        """Float64 of shape ``(1,)`` each: the score divided by the sum of its type; 0 for a feature not used."""
        if not self._model.is_additive or self._generation != self._model.generation:
            self._start_over()
        nodes, self._done = self._model.trees_since(self._done)
        self._sums = self._sums + split_sums(nodes, num_features=len(self._features.labels))
        weight, total_gain, total_cover = self._sums
        used = np.maximum(weight, 1.0)
        scores = np.stack([weight, total_gain / used, total_cover / used, total_gain, total_cover])
        totals = scores.sum(axis=1, keepdims=True)
        shares = np.divide(scores, totals, out=np.zeros_like(scores), where=totals != 0)
        return [scalars(self.names(), shares.ravel())]

    def _start_over(self) -> None:
        self._generation = self._model.generation
        self._done = Progress()
        self._sums: npt.NDArray[np.float64] = np.zeros((3, 1))


def split_sums(nodes: Nodes, *, num_features: int) -> npt.NDArray[np.float64]:
    """Number of splits, sum of gains and sum of covers of each feature, float64 of shape ``(3, num_features)``."""
    splits = np.flatnonzero((nodes.left >= 0) & nodes.reachable())
    feature = nodes.feature[splits]
    return np.stack(
        [
            np.bincount(feature, weights=weights, minlength=num_features)
            for weights in (np.ones(len(splits)), nodes.gain[splits], nodes.cover[splits])
        ]
    )
