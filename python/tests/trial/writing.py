"""Trials for tests to read, written with the native writer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from trialscope import _native

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

EVERY_STEP = {"save_interval": 1, "save_steps": [], "start_step": 0, "end_step": None}
EVERYTHING = {"everything": {"name": "everything", "include_regex": [".*"]}}


class Writer:
    """The write side of a trial; leaving its ``with`` block ends the training.

    Parameters
    ----------
    folder : Path
    collections : dict of str to dict
        As in a collections file; what is missing has the defaults. Default: one that takes everything.
    config
        Further fields of the native configuration.
    """

    def __init__(
        self, folder: Path, *, collections: Mapping[str, Mapping[str, Any]] = EVERYTHING, **config: object
    ) -> None:
        by_mode = dict.fromkeys(("TRAIN", "EVAL", "PREDICT", "GLOBAL"), EVERY_STEP)
        fields = {
            "worker": "worker_0",
            "num_workers": 1,
            "if_exists": "error",
            "collections": collections,
            "include": list(collections),
            "save_config": by_mode,
        }
        self.folder = folder
        self.capture = _native.Capture(str(folder), json.dumps(fields | config))

    def save(
        self,
        step: int,
        values: Mapping[str, object],
        *,
        mode: str = "TRAIN",
        mode_step: int | None = None,
        kind: str = "tensor",
    ) -> None:
        """Write a step, and wait until it is on disk."""
        entries = [(kind, [name], value) for name, value in values.items()]
        self.capture.save_step(step, mode, step if mode_step is None else mode_step, entries)
        self.capture.flush()

    def close(self, *, end_of_job: bool = True) -> None:
        """End the training, or only stop writing."""
        summary = json.loads(self.capture.close(end_of_job))
        assert summary["lost"] == []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def event_file(folder: Path, step: int) -> Path:
    """Where the values of a step lie."""
    return folder / f"events/{step:012}/{step:012}_worker_0.tfevents"


def index_file(folder: Path, step: int) -> Path:
    """Where it says what a step holds."""
    return folder / f"index/{step // 1000:09}/{step:012}_worker_0.json"


def collections_file(folder: Path) -> Path:
    """Where it says what is saved."""
    return folder / "collections/000000000/worker_0_collections.json"
