"""Predictions and labels of the validation data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from trialscope.xgboost.entry import Entry, given, tensor
from trialscope.xgboost.model import GrowingModel, UnavailableError

if TYPE_CHECKING:
    from xgboost import DMatrix


class Predictions:
    """Source of ``predictions``: float32 of shape ``(n_rows,)``, or ``(n_rows, n_outputs)`` for several outputs.

    XGBoost keeps the margins of the last call for each data set and adds the new trees, so the whole model is asked.
    """

    collections = frozenset({"predictions"})

    def __init__(self, model: GrowingModel, data: DMatrix) -> None:
        self._model = model
        self._data = data
        self._validate = True

    def names(self) -> list[str]:
        """Tensor names."""
        return ["predictions"]

    def entries(self) -> list[Entry]:
        """What ``Booster.predict`` says now."""
        values = self._model.booster.predict(self._data, validate_features=self._validate)
        self._validate = False
        return [given(["predictions"], np.asarray(values))] if values.size else []


class Labels:
    """Source of ``labels``: float32 of shape ``(n_rows,)``, or ``(n_rows, n_targets)`` for several targets."""

    collections = frozenset({"labels"})

    def __init__(self, data: DMatrix) -> None:
        self._data = data
        self._values: npt.NDArray[np.float32] | None = None

    def names(self) -> list[str]:
        """Tensor names."""
        return ["labels"]

    def entries(self) -> list[Entry]:
        """The labels, the same at every step."""
        if self._values is None:
            values = np.asarray(self._data.get_label(), dtype=np.float32)
            if not values.size:
                raise UnavailableError("the validation data has no labels; give them to its DMatrix, or as (X, y)")
            rows = int(self._data.num_row())
            self._values = values if values.ndim > 1 or values.size == rows else values.reshape(rows, -1)
        return [tensor(["labels"], self._values)]
