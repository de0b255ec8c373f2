"""How features are called in what is saved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    from xgboost import Booster

FeatureNamePolicy = Literal["private", "sidecar", "tensor"]
POLICIES: tuple[FeatureNamePolicy, ...] = ("private", "sidecar", "tensor")

# Parameters whose value may name features.
_NAMING_PARAMETERS = ("monotone_constraints", "interaction_constraints", "feature_names")


class FeatureNames:
    """The features of a booster, under the names that `policy` lets out.

    ``"private"`` and ``"sidecar"`` call them ``f0 ... fn``; ``"sidecar"`` keeps the real names in a file beside the
    trial; ``"tensor"`` uses the real names, as smdebug did.
    """

    def __init__(self, booster: Booster, policy: FeatureNamePolicy) -> None:
        self._booster = booster
        self._policy = policy

    @cached_property
    def real(self) -> list[str] | None:
        """Names the training data brought along."""
        names = self._booster.feature_names
        return None if names is None else list(names)

    @cached_property
    def labels(self) -> list[str]:
        """Names used in tensor names and in tree tables, one per feature."""
        if self._policy == "tensor" and self.real is not None:
            return self.real
        return [f"f{index}" for index in range(int(self._booster.num_features()))]

    @property
    def sidecar(self) -> list[str] | None:
        """Names for the file beside the trial, if there is to be one."""
        return self.real if self._policy == "sidecar" else None

    def hide_in(self, hyperparameters: Mapping[str, object]) -> dict[str, object]:
        """`hyperparameters` with the real feature names inside constraints replaced by those of the trial."""
        hidden = dict(hyperparameters)
        if self._policy == "tensor" or self.real is None:
            return hidden
        labels = dict(zip(self.real, self.labels, strict=True))
        for key in _NAMING_PARAMETERS:
            if key in hidden:
                hidden[key] = _replace(_parsed(hidden[key]), labels)
        return hidden


def _parsed(value: object) -> object:
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _replace(value: object, labels: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return labels.get(value, value)
    if isinstance(value, Mapping):
        items = cast("Mapping[object, object]", value).items()
        return {cast("str", _replace(key, labels)): _replace(part, labels) for key, part in items}
    if isinstance(value, (list, tuple)):
        return [_replace(part, labels) for part in cast("list[object]", value)]
    return value
