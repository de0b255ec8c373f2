"""See inside a model while it trains: capture, rules and explanations on your own disk.

``trialscope.xgboost.Hook`` saves the tensors of a training; :func:`open` reads them back, live or later.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from trialscope.config import (
    Collection,
    CollectionKeys,
    ModeKeys,
    ReductionConfig,
    SaveConfig,
    SaveConfigMode,
    modes,
)
from trialscope.explanation import Explanation
from trialscope.trial import StepState, Tensor, Trial, no_refresh, refresh
from trialscope.trial import open_trial as open  # noqa: A004 - `trialscope.open` reads as it should

if TYPE_CHECKING:
    from types import ModuleType

    from trialscope import xgboost

__all__ = [
    "Collection",
    "CollectionKeys",
    "Explanation",
    "ModeKeys",
    "ReductionConfig",
    "SaveConfig",
    "SaveConfigMode",
    "StepState",
    "Tensor",
    "Trial",
    "modes",
    "no_refresh",
    "open",
    "refresh",
    "xgboost",
]

_FRAMEWORKS = frozenset({"xgboost"})


def __getattr__(name: str) -> ModuleType:
    """Import the hook of a framework when it is used for the first time, and the framework with it."""
    if name in _FRAMEWORKS:
        return import_module(f"trialscope.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
