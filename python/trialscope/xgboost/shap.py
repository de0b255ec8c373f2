"""SHAP values of the training data, each tree evaluated once.

Contributions to the margin add up over trees, so at a saved step only the trees grown since the last one are
evaluated, through a slice of the booster, and added to float64 totals. That leaves the last column, XGBoost's bias:

    bias(row) = base(row) + sum over trees of the tree's expected value

where base(row) is the margin-space base score, or the row's base margin if the data has one. A slice repeats base(row),
whose value in margin space each objective and each version of XGBoost derives in its own way. It need not be known.
The sum over trees is the same for every row, so the column grows by the same amount everywhere (one per output), and
that amount can be read off a one-row data set, the *probe*: its bias in the whole model now, less its bias at the last
capture. The probe costs one row, and since its bias always comes from the whole model no error adds up.

It is also a check. bias(probe) in the slice, less the growth, is the base of the model. If that has moved, a base score
was changed or old trees were: then everything is evaluated anew, as it is for DART, linear and updated models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from xgboost import Booster, DMatrix
from xgboost.core import XGBoostError

from trialscope.xgboost.entry import Entry, given, scalars

if TYPE_CHECKING:
    from trialscope.xgboost.model import GrowingModel
    from trialscope.xgboost.names import FeatureNames

# Float32 sums of the trees' expected values, by two ways: their rounding stays far below this, a changed base does not.
_BASE_TOLERANCE = 1e-4


class ShapTotals:
    """Contributions of the whole model to each row of `data`, kept up to date.

    Attributes
    ----------
    values : ndarray of float64, shape (n_rows, n_features + 1) or (n_rows, n_outputs, n_features + 1)
        The last column is the base value.
    """

    def __init__(self, model: GrowingModel, data: DMatrix) -> None:
        self._model = model
        self._data = data
        self._rounds = 0
        self._generation = -1
        self._bias: npt.NDArray[np.float64] = np.zeros(0)
        self._base: npt.NDArray[np.float64] | None = None
        self._probe: DMatrix | None = None
        self.values: npt.NDArray[np.float64] = np.zeros(0)

    def update(self) -> None:
        """Bring `values` up to the current round."""
        model = self._model
        if self._rounds == model.rounds and self._generation == model.generation:
            return
        if not (model.is_additive and self._generation == model.generation and self._add_new_trees()):
            is_first = self._generation < 0
            self.values = contributions(model.booster, self._data, validate=is_first).astype(np.float64)
            self._base = None
            if model.is_additive:
                self._bias = self._probe_bias(model.booster)
        self._rounds, self._generation = model.rounds, model.generation

    def _add_new_trees(self) -> bool:
        """Add the trees grown since the last update; False, and nothing done, if the old totals do not hold."""
        model = self._model
        try:
            grown = model.slice_of(self._rounds, model.rounds)
        except XGBoostError:  # a model in the middle of an update cannot be sliced
            return False
        bias = self._probe_bias(model.booster)
        growth = bias - self._bias
        base = self._probe_bias(grown) - growth
        if self._base is not None and np.any(np.abs(base - self._base) > _BASE_TOLERANCE * (1.0 + np.abs(bias))):
            return False
        self.values[..., :-1] += contributions(grown, self._data)[..., :-1]
        self.values[..., -1] += growth
        self._bias, self._base = bias, base
        return True

    def _probe_bias(self, booster: Booster) -> npt.NDArray[np.float64]:
        if self._probe is None:
            whole = self._model.booster
            row = np.full((1, int(whole.num_features())), np.nan, dtype=np.float32)
            self._probe = DMatrix(row, feature_names=whole.feature_names, feature_types=whole.feature_types)
        return contributions(booster, self._probe)[0, ..., -1].astype(np.float64)


def contributions(booster: Booster, data: DMatrix, *, validate: bool = False) -> npt.NDArray[np.float32]:
    """SHAP values by XGBoost, float32 of the shape of :attr:`ShapTotals.values`."""
    return booster.predict(data, pred_contribs=True, validate_features=validate)


class Shap:
    """Source of ``full_shap/<feature>`` and ``average_shap/<feature>``."""

    collections = frozenset({"full_shap", "average_shap"})

    def __init__(self, model: GrowingModel, data: DMatrix, features: FeatureNames) -> None:
        self._totals = ShapTotals(model, data)
        self._features = features

    def names(self) -> list[str]:
        """Tensor names of both collections, the base value's included."""
        return [f"{family}/{column}" for family in ("full_shap", "average_shap") for column in self._columns()]

    def entries(self) -> list[Entry]:
        """The whole matrix, float32, once for all its names; and the mean over rows and outputs, float32 ``(1,)``."""
        self._totals.update()
        values = self._totals.values
        columns = self._columns()
        # A feature called `bias` goes before the base value: one name stands for one column.
        mean = values.mean(axis=tuple(range(values.ndim - 1))).astype(np.float32)[: len(columns)]
        return [
            given([f"full_shap/{column}" for column in columns], values.astype(np.float32)),
            scalars([f"average_shap/{column}" for column in columns], mean),
        ]

    def _columns(self) -> list[str]:
        labels = self._features.labels
        return labels if "bias" in labels else [*labels, "bias"]
