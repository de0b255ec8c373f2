"""One trial: the native capture that writes it, and what waits to be written."""

from __future__ import annotations

import json
import math
import signal
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from trialscope.config import ModeKeys, SaveConfigMode
from trialscope.xgboost.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from trialscope.xgboost.entry import Entry


class NativeCapture(Protocol):
    """The open write side of a trial, ``trialscope._native.Capture``."""

    def collections_at(self, step: int, mode: str, /) -> list[str]:
        """Collections that save at a step."""
        ...

    def wants(self, tensor_name: str, step: int, mode: str, /) -> bool:
        """Whether a collection asks for the tensor at a step."""
        ...

    def assign(self, collection: str, tensor_name: str, /) -> None:
        """Make a tensor a member of a collection."""
        ...

    def save_step(self, step: int, mode: str, mode_step: int, entries: list[Entry], /, *, amend: bool = ...) -> None:
        """Hand over what a step saves; `amend` adds it to what the step has."""
        ...

    def flush(self) -> None:
        """Wait until everything handed over is on disk."""
        ...

    def close(self, *, end_of_job: bool) -> str:
        """Write what is left and stop; a summary in JSON."""
        ...


def open_capture(location: str, config_json: str) -> NativeCapture:
    """Open a trial for writing; from now on SIGTERM flushes it before the process ends."""
    from trialscope import _native

    capture = _native.Capture(location, config_json)
    _native.flush_on_termination(signal.getsignal(signal.SIGTERM) == signal.SIG_DFL)
    return capture


@dataclass(frozen=True)
class RecorderConfig:
    """What a capture is told when it is opened."""

    collections: Mapping[str, Any]
    include: list[str]
    if_exists: str
    worker: str = "worker_0"
    num_workers: int = 1
    feature_names: list[str] | None = None

    def to_json(self) -> str:
        """As the native layer reads it."""
        return json.dumps(
            {
                "worker": self.worker,
                "num_workers": self.num_workers,
                "if_exists": self.if_exists,
                "collections": self.collections,
                "include": self.include,
                "feature_names": self.feature_names,
            }
        )


class Recorder:
    """Writes one trial.

    Scalars and tensors of the user wait here: a scalar for the next saved step, a tensor for the next step, and what
    is left for the end. Step numbers that go with them are those of the last round seen, 0 before the first.
    """

    def __init__(self, location: str, configure: Callable[[], RecorderConfig]) -> None:
        self.location = location
        self.summary = Summary(location)
        self._configure = configure
        self._config: RecorderConfig | None = None
        self._schedule: dict[ModeKeys, list[SaveConfigMode]] = {}
        self._capture: NativeCapture | None = None
        self._scalars: list[Entry] = []
        self._tensors: list[Entry] = []
        self._waiting_members: list[tuple[str, str]] = []
        self._members: list[tuple[str, str]] = []
        self._step: int | None = None
        self._mode = ModeKeys.GLOBAL
        self._last_saved: int | None = None
        self._ended = False

    @property
    def is_open(self) -> bool:
        """Whether the trial is being written."""
        return self._capture is not None

    @property
    def has_pending(self) -> bool:
        """Whether something of the user waits to be written."""
        return bool(self._scalars or self._tensors)

    @property
    def has_tensors(self) -> bool:
        """Whether the next step has to be written whatever the save configuration says."""
        return bool(self._tensors)

    def open(self, *, worker: str = "worker_0", num_workers: int = 1, feature_names: list[str] | None = None) -> None:
        """Start writing, with the collections as they are configured now."""
        config = replace(
            self._config or self._configure(), worker=worker, num_workers=num_workers, feature_names=feature_names
        )
        self._capture = open_capture(self.location, config.to_json())
        for collection, name in self._members:
            self._capture.assign(collection, name)
        # Opened again for what comes after the end, the trial is to be continued.
        self._config = replace(config, if_exists="resume", feature_names=None)
        self._schedule = {
            mode: _distinct(config.collections[name]["save_config"][mode.name] for name in config.include)
            for mode in ModeKeys
        }

    def add_scalar(self, entry: Entry) -> None:
        """Keep a scalar for the next saved step."""
        self._scalars.append(entry)

    def add_tensor(self, entry: Entry, collections: list[str]) -> None:
        """Keep a tensor for the next step, as a member of `collections`."""
        self._tensors.append(entry)
        self._waiting_members += [(collection, entry[1][0]) for collection in collections]

    def assign(self, collection: str, tensor_name: str) -> None:
        """Make a tensor a member of a collection."""
        self._opened().assign(collection, tensor_name)
        self._members.append((collection, tensor_name))

    def at(self, step: int, mode: ModeKeys) -> None:
        """Say which step was seen last."""
        self._step, self._mode = step, mode

    def collections_at(self, step: int, mode: ModeKeys) -> list[str]:
        """Collections that save at a step."""
        return self._opened().collections_at(step, mode.name)

    def next_saved(self, step: int, mode: ModeKeys) -> float:
        """The first step from `step` on at which a collection saves; infinity if there is none."""
        steps = (config.next_step(step) for config in self._schedule[mode])
        return min((found for found in steps if found is not None), default=math.inf)

    def wants(self, tensor_name: str, step: int, mode: ModeKeys) -> bool:
        """Whether any collection asks for a tensor at a step."""
        return self._opened().wants(tensor_name, step, mode.name)

    def save(self, entries: list[Entry]) -> None:
        """Write the last step seen, with what waits."""
        step = self._step or 0
        waiting = self._take_pending()
        self._opened().save_step(step, self._mode.name, step, entries + waiting)
        self._last_saved = step

    def flush(self) -> None:
        """Wait until everything handed over is on disk; what waits for the next step still does."""
        if self._capture is not None:
            self._capture.flush()

    def finish(self, *, mode: ModeKeys, end_of_job: bool) -> None:
        """Write what waits and stop; `end_of_job` marks the trial as finished, else it can be continued."""
        if self._capture is None:
            if not self.has_pending:
                return
            worker, num_workers = (self._config.worker, self._config.num_workers) if self._config else ("worker_0", 1)
            self.open(worker=worker, num_workers=num_workers)
            end_of_job = end_of_job or self._ended
        capture = self._opened()
        try:
            if self.has_pending:
                step = self._step or 0
                mode = mode if self._step is None else self._mode
                amend = step == self._last_saved
                capture.save_step(step, mode.name, step, self._take_pending(), amend=amend)
                self._last_saved = step
        finally:
            self._capture = None
            self._ended = end_of_job
            self.summary = self.summary.plus(capture.close(end_of_job=end_of_job))

    def _take_pending(self) -> list[Entry]:
        waiting = self._tensors + self._scalars
        for collection, name in self._waiting_members:
            self.assign(collection, name)
        self._scalars, self._tensors, self._waiting_members = [], [], []
        return waiting

    def _opened(self) -> NativeCapture:
        if self._capture is None:
            raise RuntimeError(f"the trial {self.location} is not open")
        return self._capture


def _distinct(save_configs: Iterable[Mapping[str, Any]]) -> list[SaveConfigMode]:
    """Most collections are saved alike: then one answer serves them all."""
    distinct: list[Mapping[str, Any]] = []
    for config in save_configs:
        if config not in distinct:
            distinct.append(config)
    return [SaveConfigMode.from_dict(config) for config in distinct]
