"""What a hook is told when it is made, checked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from trialscope.config import Collection, ReductionConfig, SaveConfig, SaveConfigMode
from trialscope.config.suggest import unknown
from trialscope.exceptions import TrialExists
from trialscope.xgboost.builtin import builtin_collections, check_not_empty, resolve
from trialscope.xgboost.names import POLICIES, FeatureNamePolicy
from trialscope.xgboost.recorder import RecorderConfig

_END_OF_JOB = "training_job_end.ts"
_ALWAYS = "metrics"


@dataclass
class HookOptions:
    """The checked arguments of a hook."""

    out_dir: str
    defined: dict[str, Collection]
    included: list[str]
    save_config: SaveConfig | None
    reduction_config: ReductionConfig | None
    save_all: bool
    include_workers: str
    feature_names: FeatureNamePolicy
    if_exists: str
    strict: bool
    dry_run: bool
    verbose: bool

    def include(self, collection: Collection) -> None:
        """Define a collection, or replace the one of its name, and save it."""
        self.defined[collection.name] = collection
        if collection.name not in self.included:
            self.included.append(collection.name)

    def saved(self) -> list[str]:
        """Names of the collections that are saved."""
        return sorted(self.defined) if self.save_all else list(self.included)

    def recorder_config(self) -> RecorderConfig:
        """The collections as they are now, in the form the native layer reads."""
        saved = self.saved()
        check_not_empty(self.defined, saved)
        collections = resolve(
            self.defined.values(), save_config=self.save_config, reduction_config=self.reduction_config
        )
        return RecorderConfig(collections=collections, include=saved, if_exists=self.if_exists)


def location(out_dir: object) -> str:
    """A folder, ``~`` expanded, or a URL as it is."""
    if not isinstance(out_dir, (str, os.PathLike)):
        raise TypeError(f"out_dir must be a path or a URL, not {type(out_dir).__name__}")
    text = os.fspath(cast("str | os.PathLike[str]", out_dir))
    if not text:
        raise ValueError("out_dir is empty; name a folder or a URL for the trial")
    return text if "://" in text else str(Path(text).expanduser())


def below(place: str, name: str) -> str:
    """A folder inside a location."""
    return f"{place.rstrip('/')}/{name}"


def refuse_finished(place: str) -> None:
    """Raise if there is a finished trial, before a training is spent on it (for URLs the native layer finds out)."""
    if "://" not in place and (Path(place) / _END_OF_JOB).exists():
        raise TrialExists(
            f"there is a finished trial in {place}; choose another folder, or say if_exists='resume' or 'overwrite'"
        )


def define_collections(
    wanted: Iterable[object], *, include_regex: Iterable[str] | str | None
) -> tuple[dict[str, Collection], list[str]]:
    """All defined collections by name, and the names of those to save.

    Parameters
    ----------
    wanted : iterable of str or Collection, may be nested
        Names of built-in collections, or collections, which are defined by being here.
    include_regex : str or list of str, optional
        Goes to the collection ``default``, which is then saved.
    """
    defined = builtin_collections()
    included = [_ALWAYS]
    for entry in _flat(wanted):
        if isinstance(entry, Collection):
            defined[entry.name] = _with_builtin_patterns(entry, defined.get(entry.name))
        elif entry not in defined:
            raise ValueError(unknown("collection", entry, defined))
        included.append(entry if isinstance(entry, str) else entry.name)
    if include_regex:
        defined["default"].include(include_regex)
        included.append("default")
    return defined, list(dict.fromkeys(included))


def _with_builtin_patterns(own: Collection, builtin: Collection | None) -> Collection:
    """A configured built-in collection keeps its patterns; a user who gives others adds to them."""
    if builtin is not None:
        mine = own.include_regex
        own.include_regex = builtin.include_regex + [p for p in mine if p not in builtin.include_regex]
        own.save_histogram = own.save_histogram and builtin.save_histogram
    return own


def _flat(wanted: Iterable[object]) -> Iterable[str | Collection]:
    if isinstance(wanted, str):
        raise TypeError(f"collections must be a list of names or Collections, not the text {wanted!r}")
    for entry in wanted:
        if isinstance(entry, (str, Collection)):
            yield entry
        elif isinstance(entry, Iterable):
            yield from _flat(cast("Iterable[object]", entry))
        else:
            raise TypeError(f"a collection must be a name or a Collection, not {type(entry).__name__}")


def choice(value: object, *, name: str, known: tuple[str, ...]) -> str:
    """`value`, if it is one of `known`."""
    if not isinstance(value, str) or value not in known:
        raise ValueError(unknown(name, value, known))
    return value


def merged_save_config(
    save_config: SaveConfig | SaveConfigMode | Mapping[Any, Any] | None, save_interval: int | str | None
) -> SaveConfig | None:
    """`save_config`, or one made from `save_interval`."""
    if save_interval is None:
        return SaveConfig.parse(save_config)
    if save_config is not None:
        raise ValueError("give save_interval or save_config, not both")
    return SaveConfig(save_interval=save_interval)


def feature_name_policy(value: object) -> FeatureNamePolicy:
    """One of the policies."""
    return cast("FeatureNamePolicy", choice(value, name="feature_names", known=POLICIES))
