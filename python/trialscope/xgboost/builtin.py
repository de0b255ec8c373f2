"""The collections every XGBoost hook defines, and how they become the configuration of a capture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialscope.config import Collection, CollectionKeys, ReductionConfig, SaveConfig, SaveConfigMode
from trialscope.config.reduction import RAW_ONLY
from trialscope.exceptions import InvalidCollectionConfiguration
from trialscope.xgboost.metrics import LOSSES_REGEX, METRICS_REGEX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEFAULT_SAVE_INTERVAL = 10
"""Boosting rounds between two saved steps where nobody says otherwise."""

SCALAR_COLLECTIONS = frozenset({"losses", "metrics", "feature_importance", "average_shap", "sm_metrics"})
"""Collections of single numbers: smdebug saves them as they are whatever the reductions say, and so do we."""

_WHOLE_COLLECTIONS = SCALAR_COLLECTIONS | {"hyperparameters", "trees"}
"""Collections the hook's own reductions leave alone: single numbers, texts, and tables whose columns go together."""

# The original's SHAP patterns end in `[^/bias]$`, a character class that loses every feature whose name ends in one of
# its letters. What was meant: the base value is not a feature.
_REGEXES: dict[str, list[str]] = {
    CollectionKeys.ALL: [],
    CollectionKeys.DEFAULT: [],
    CollectionKeys.METRICS: [METRICS_REGEX],
    CollectionKeys.LOSSES: [LOSSES_REGEX],
    CollectionKeys.HYPERPARAMETERS: ["^hyperparameters/"],
    CollectionKeys.PREDICTIONS: ["^predictions$"],
    CollectionKeys.LABELS: ["^labels$"],
    CollectionKeys.FEATURE_IMPORTANCE: ["^feature_importance/"],
    CollectionKeys.AVERAGE_SHAP: ["^average_shap/(?!bias$)"],
    CollectionKeys.FULL_SHAP: ["^full_shap/(?!bias$)"],
    CollectionKeys.TREES: ["^trees/"],
}


COMPUTED = frozenset(_REGEXES) - {CollectionKeys.ALL, CollectionKeys.DEFAULT}
"""Collections whose tensors all come from the source of that name; the others pick from the tensors of all sources."""


def builtin_collections() -> dict[str, Collection]:
    """A fresh set of the built-in collections, by name."""
    return {
        name: Collection(name, include_regex=patterns, save_histogram=name not in SCALAR_COLLECTIONS)
        for name, patterns in _REGEXES.items()
    }


def resolve(
    collections: Iterable[Collection],
    *,
    save_config: SaveConfig | None,
    reduction_config: ReductionConfig | None,
) -> dict[str, dict[str, Any]]:
    """Collections as in a collections file, with everything unset taken from the hook, then from XGBoost's defaults.

    A setting for a mode wins over one for all modes, and a collection's over the hook's.
    """
    hook = (save_config or SaveConfig()).over(SaveConfigMode(save_interval=DEFAULT_SAVE_INTERVAL))
    hook_json = hook.to_json_dict()
    resolved: dict[str, dict[str, Any]] = {}
    for collection in collections:
        own = collection.save_config
        entry = collection.to_json_dict()
        entry["save_config"] = hook_json if own is None else own.over(hook).to_json_dict()
        reductions = collection.reduction_config
        if reductions is None and collection.name not in _WHOLE_COLLECTIONS:
            reductions = reduction_config
        entry["reduction_config"] = (reductions or RAW_ONLY).to_json_dict()
        resolved[collection.name] = entry
    return resolved


def check_not_empty(collections: Mapping[str, Collection], names: Iterable[str]) -> None:
    """Refuse a collection of the user that no tensor could belong to."""
    for name in names:
        collection = collections[name]
        if name not in _REGEXES and not collection.include_regex and not collection.tensor_names:
            raise InvalidCollectionConfiguration(
                f"collection {name!r} has neither include_regex nor tensor_names, so nothing can belong to it"
            )
