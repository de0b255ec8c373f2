"""SHAP values, with what is needed to read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Explanation:
    """How much each feature moved the margin of each row.

    The values of a row and its base value add up to the margin of the row: the raw output of the model, before the
    link function.

    Attributes
    ----------
    values : ndarray of float, shape (rows, features) or (rows, features, outputs)
        SHAP values, in the unit of the margin.
    base_values : ndarray of float, shape (rows,) or (rows, outputs)
        Expected margin.
    feature_names : list of str
        One name per feature.
    step : int or None
        Step of the training the values belong to.
    data : ndarray or None, shape (rows, features)
        The rows that were explained, where they are known.

    References
    ----------
    Lundberg, Erion et al., "From local explanations to global understanding with explainable AI for trees", 2020.
    """

    values: Array
    base_values: Array
    feature_names: list[str]
    step: int | None = None
    data: Array | None = None

    def mean_abs(self) -> dict[str, float]:
        """Mean magnitude of the SHAP values by feature, largest first; averaged over outputs, where there are several.

        Features of equal weight keep their order.
        """
        axes = tuple(axis for axis in range(self.values.ndim) if axis != 1)
        means = np.mean(np.abs(self.values, dtype=np.float64), axis=axes)
        order = np.argsort(-means, kind="stable")
        return {self.feature_names[index]: float(means[index]) for index in order}

    def to_shap(self) -> Any:
        """Give the same as a ``shap.Explanation``."""
        import shap  # pyright: ignore[reportMissingImports]

        return shap.Explanation(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            values=self.values, base_values=self.base_values, data=self.data, feature_names=self.feature_names
        )

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        step = "" if self.step is None else f", step {self.step}"
        outputs = "" if self.values.ndim == 2 else f" x {self.values.shape[2]} outputs"
        return f"Explanation({self.values.shape[0]} rows x {self.values.shape[1]} features{outputs}{step})"
