"""A booster while it grows: which round it is in, and what has grown since a producer looked last."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from xgboost import Booster, collective

from trialscope.xgboost.raw_model import Nodes, count_trees, read_trees

# A slice of the booster costs a constant third of a millisecond, the whole binary model some 3 microseconds a tree.
_SLICE_FROM_TREES = 128


class UnavailableError(Exception):
    """What was asked for does not exist for this model or these data; the message says why."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far into a model somebody has read."""

    rounds: int = 0
    trees: int = 0


class GrowingModel:
    """A booster between two rounds.

    Attributes
    ----------
    booster : xgboost.Booster
    rounds : int
        Boosting rounds in the model now.
    at_start : Progress
        What was in the model when the training began.
    generation : int
        Rises whenever the model has not simply grown round by round, so that sums over its trees are void.
    """

    def __init__(self, booster: Booster) -> None:
        self.booster = booster
        self.rounds = int(booster.num_boosted_rounds())
        self.generation = 0
        self._sliced: dict[tuple[int, int], Booster] = {}
        self._raw: bytearray | None = None
        self._tree_bytes = {0: 0}
        self._read: tuple[Progress, Nodes] | None = None
        self.at_start = Progress()
        if self.rounds:
            self.at_start = Progress(self.rounds, 0 if self.kind == "gblinear" else count_trees(self.raw()))

    @property
    def step(self) -> int:
        """Index of the round grown last: the step it is saved under."""
        return self.rounds - 1

    def observe(self, num_rounds: int) -> None:
        """Look at the model, `num_rounds` rounds after the last look."""
        rounds = int(self.booster.num_boosted_rounds())
        if rounds != self.rounds + num_rounds:
            # `process_type=update` takes the trees out and puts them back one round at a time; a callback may have
            # replaced the model. Whatever it was: nothing summed so far holds.
            self.generation += 1
            self._tree_bytes = {0: 0}
        self.rounds = rounds
        self._sliced.clear()
        self._raw = self._read = None

    @cached_property
    def _config(self) -> dict[str, Any]:
        return json.loads(self.booster.save_config())["learner"]["gradient_booster"]

    @property
    def kind(self) -> str:
        """``gbtree``, ``dart`` or ``gblinear``."""
        return self._config["name"]

    @cached_property
    def is_additive(self) -> bool:
        """Whether trees once grown keep their share in the sum, so that new trees can be evaluated alone.

        Not so for DART (since XGBoost 3.4 any booster with dropout), which rescales old trees, for updaters that only
        rewrite trees, and for linear models. With several processes a one-row data set cannot be made by one of them
        alone (see `shap`).
        """
        dropout = self._config.get("dart_train_param", {})
        updaters = self._config.get("gbtree_train_param", {}).get("updater_seq", "grow")
        return (
            self.kind == "gbtree"
            and not any(float(dropout.get(name, 0)) for name in ("rate_drop", "one_drop"))
            and (not updaters or "grow" in updaters)
            and collective.get_world_size() == 1
        )

    def slice_of(self, begin: int, end: int) -> Booster:
        """The model of rounds ``[begin, end)`` alone (XGBoost refuses contributions of an inner range)."""
        if (begin, end) not in self._sliced:
            self._sliced[begin, end] = self.booster[begin:end]
        return self._sliced[begin, end]

    def raw(self) -> bytearray:
        """The binary model."""
        if self._raw is None:
            self._raw = self.booster.save_raw("ubj")
        return self._raw

    def trees_since(self, done: Progress) -> tuple[Nodes, Progress]:
        """Nodes of the trees grown since `done`, and how far that is."""
        if self.kind == "gblinear":
            raise UnavailableError("a linear model has no trees")
        if self._read is None or self._read[0] != done:
            self._read = (done, self._read_trees(done))
        nodes = self._read[1]
        return nodes, Progress(self.rounds, done.trees + len(nodes.sizes))

    def _read_trees(self, done: Progress) -> Nodes:
        is_sliced = (done.rounds, self.rounds) in self._sliced
        if done.trees and (is_sliced or (self._raw is None and done.trees > _SLICE_FROM_TREES)):
            raw = self.slice_of(done.rounds, self.rounds).save_raw("ubj")
            return read_trees(raw, skip_trees=0, skip_bytes=0)[0]
        known = max(trees for trees in self._tree_bytes if trees <= done.trees)
        nodes, size = read_trees(self.raw(), skip_trees=known, skip_bytes=self._tree_bytes[known])
        self._tree_bytes[known + len(nodes.sizes)] = size
        return nodes.without_first(done.trees - known)
