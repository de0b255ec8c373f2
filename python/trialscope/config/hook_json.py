"""The JSON configuration a job leaves for its hook (``debughookconfig.json``)."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from trialscope.config.collection import Collection
from trialscope.config.modes import ModeKeys
from trialscope.config.reduction import ReductionConfig, flag
from trialscope.config.save import SaveConfig, SaveConfigMode
from trialscope.config.suggest import unknown

logger = logging.getLogger("trialscope")

PATH_VARIABLE = "SMDEBUG_CONFIG_FILE_PATH"
DEFAULT_PATH = "/opt/ml/input/config/debughookconfig.json"
DEFAULT_OUT_DIR = "/opt/ml/output/tensors"

_TOP_KEYS = ("LocalPath", "S3OutputPath", "S3Path", "HookParameters", "CollectionConfigurations")
_SAVE_KEYS = ("save_interval", "start_step", "end_step", "save_steps")
_SAVE_KEYS_BY_MODE = tuple(f"{mode.name.lower()}.{key}" for mode in ModeKeys for key in _SAVE_KEYS)
_REDUCTION_KEYS = ("reductions", "save_raw_tensor", "save_shape")
_BOTH_KEYS = (*_SAVE_KEYS, *_SAVE_KEYS_BY_MODE, *_REDUCTION_KEYS, "include_regex")
_HOOK_KEYS = (*_BOTH_KEYS, "save_all", "include_workers", "dry_run", "export_tensorboard", "tensorboard_dir")
_COLLECTION_KEYS = (*_BOTH_KEYS, "save_histogram")


@dataclass(frozen=True)
class HookConfig:
    """What a JSON configuration says; the fields are arguments of the hook."""

    out_dir: str = DEFAULT_OUT_DIR
    save_config: SaveConfig | None = None
    reduction_config: ReductionConfig | None = None
    include_regex: list[str] = field(default_factory=list[str])
    save_all: bool = False
    include_workers: str = "one"
    dry_run: bool = False
    collections: list[Collection] = field(default_factory=list[Collection])


def read_hook_config(path: str | os.PathLike[str] | None = None) -> HookConfig:
    """Read the configuration at `path`, else where ``SMDEBUG_CONFIG_FILE_PATH`` points, else at the job's usual place.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no JSON, or has a key or a value that is not known; the message names the file and the nearest key.
    """
    place = Path(path or os.environ.get(PATH_VARIABLE) or DEFAULT_PATH)
    text = place.read_text(encoding="utf-8")
    try:
        return parse_hook_config(json.loads(text))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{error} (in the hook configuration {place})") from error


def parse_hook_config(content: object) -> HookConfig:
    """Read the configuration from the parsed JSON; values are strings or JSON values."""
    top = _known(content, _TOP_KEYS, "hook configuration")
    hook = _known(top.get("HookParameters") or {}, _HOOK_KEYS, "HookParameters")
    if flag(hook.get("export_tensorboard", False), name="export_tensorboard") or hook.get("tensorboard_dir"):
        logger.warning("trialscope: nothing is exported for TensorBoard: this hook does not write its files")
    return HookConfig(
        out_dir=str(top.get("LocalPath") or DEFAULT_OUT_DIR),
        save_config=_save_config(hook),
        reduction_config=_reduction_config(hook),
        include_regex=_comma_list(hook.get("include_regex")),
        save_all=flag(hook.get("save_all", False), name="save_all"),
        include_workers=str(hook.get("include_workers", "one")),
        dry_run=flag(hook.get("dry_run", False), name="dry_run"),
        collections=[_collection(entry) for entry in cast("list[object]", top.get("CollectionConfigurations") or [])],
    )


def _collection(entry: object) -> Collection:
    values = _known(entry, ("CollectionName", "CollectionParameters"), "CollectionConfigurations")
    if not values.get("CollectionName"):
        raise ValueError("an entry of CollectionConfigurations has no CollectionName")
    name = str(values["CollectionName"])
    parameters = _known(values.get("CollectionParameters") or {}, _COLLECTION_KEYS, f"CollectionParameters of {name!r}")
    return Collection(
        name,
        include_regex=_comma_list(parameters.get("include_regex")),
        save_config=_save_config(parameters),
        reduction_config=_reduction_config(parameters),
        save_histogram=flag(parameters.get("save_histogram", True), name="save_histogram"),
    )


def _save_config(parameters: Mapping[str, Any]) -> SaveConfig | None:
    """Keys with a mode before plain ones; ``None`` if there is none of either."""
    by_mode: dict[ModeKeys, SaveConfigMode] = {}
    for mode in ModeKeys:
        prefix = f"{mode.name.lower()}."
        own = {key: parameters[prefix + key] for key in _SAVE_KEYS if prefix + key in parameters}
        if own:
            by_mode[mode] = SaveConfigMode(**own)
    plain = {key: parameters[key] for key in _SAVE_KEYS if key in parameters}
    return SaveConfig(by_mode, **plain) if by_mode or plain else None


def _reduction_config(parameters: Mapping[str, Any]) -> ReductionConfig | None:
    values = {key: parameters[key] for key in _REDUCTION_KEYS if key in parameters}
    return ReductionConfig.from_dict(values) if values else None


def _comma_list(value: object) -> list[str]:
    return [part.strip() for part in str(value or "").split(",") if part.strip()]


def _known(value: object, keys: tuple[str, ...], what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{what} must be a JSON object, not {type(value).__name__}")
    mapping = cast("Mapping[str, Any]", value)
    for key in mapping:
        if key not in keys:
            raise ValueError(unknown(f"key of {what}", key, keys))
    return mapping
