"""Hyperparameters as tensors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from trialscope.xgboost.entry import Entry, tensor

if TYPE_CHECKING:
    from collections.abc import Mapping


class Hyperparameters:
    """Source of ``hyperparameters/<name>``, the same at every saved step."""

    collections = frozenset({"hyperparameters"})

    def __init__(self, values: Mapping[str, object]) -> None:
        self._entries = [
            tensor([f"hyperparameters/{name}"], to_tensor(value)) for name, value in values.items() if value is not None
        ]

    def names(self) -> list[str]:
        """Tensor names."""
        return [names[0] for _, names, _ in self._entries]

    def entries(self) -> list[Entry]:
        """int64, float64, bool or text of shape ``(1,)``; a list keeps its shape, and None is left out."""
        return self._entries


def to_tensor(value: object) -> npt.NDArray[Any] | list[str]:
    """A hyperparameter as an array, or as a list of texts.

    What is neither a number, nor a text, nor a plain list of either is written as JSON, or as its name if it is a
    function (a custom objective).
    """
    if isinstance(value, str):
        return [value]
    if isinstance(value, (list, tuple)):
        parts = list(cast("list[object]", value))
        if parts and all(isinstance(part, str) for part in parts):
            return cast("list[str]", parts)
        array = _numeric(parts)
        return [_text(parts)] if array is None or not array.size else array
    array = _numeric(value)
    return [_text(value)] if array is None or not array.size else np.atleast_1d(array)


def _numeric(value: object) -> npt.NDArray[Any] | None:
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        return None
    return array if array.dtype.kind in "biuf" else None


def _text(value: object) -> str:
    name = getattr(value, "__name__", None)
    if isinstance(name, str):
        return name
    try:
        return json.dumps(value)
    except (TypeError, ValueError):
        return str(value)
