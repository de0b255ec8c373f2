"""One training from its first to its last callback: whose boosters are watched, and into which trials."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from xgboost import Booster, DMatrix, collective

from trialscope.config import ModeKeys
from trialscope.xgboost import data
from trialscope.xgboost.builtin import COMPUTED
from trialscope.xgboost.metrics import EvalsLog, parse_eval_line
from trialscope.xgboost.names import FeatureNames
from trialscope.xgboost.options import HookOptions, below
from trialscope.xgboost.recorder import Recorder
from trialscope.xgboost.summary import Summary
from trialscope.xgboost.watch import Material, Watch

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger("trialscope")

Model = Any
"""What XGBoost hands to callbacks: a Booster, or in ``xgboost.cv`` the pack of the folds' boosters."""

_FROM_TRAIN_DATA = frozenset({"full_shap", "average_shap"})
_FROM_VALIDATION_DATA = frozenset({"predictions", "labels"})


@dataclass
class Given:
    """Data and parameters a hook was given by its user."""

    train_data: object = None
    validation_data: object = None
    hyperparameters: Mapping[str, object] | None = None


class Training:
    """Captures one training. Knows nothing of its hook, so that it can be finished when the hook is gone."""

    def __init__(self, options: HookOptions) -> None:
        self.recorder = Recorder(options.out_dir, options.recorder_config)
        self._options = options
        self._recorders = [self.recorder]
        self._watches: list[Watch] = []

    def begin(self, model: Model, given: Given) -> bool:
        """Open the trials; False if this process has nothing to save (it is not the worker that does)."""
        folds: list[Model] | None = getattr(model, "cvfolds", None)
        booster: Booster = model if folds is None else folds[0].bst
        world, rank = collective.get_world_size(), collective.get_rank()
        train_data, validation_data = (None, None) if folds else self._convert(given, booster)
        if world > 1 and rank != 0 and self._options.include_workers == "one":
            return False
        worker = (f"worker_{rank}", world) if self._options.include_workers == "all" else ("worker_0", 1)
        material = Material(
            booster=booster,
            features=FeatureNames(booster, self._options.feature_names),
            train_data=train_data,
            validation_data=validation_data,
            hyperparameters=given.hyperparameters,
            is_mean=folds is not None,
        )
        self._watch(self.recorder, worker, material)
        for index, fold in enumerate(folds or []):
            recorder = Recorder(below(self.recorder.location, f"fold_{index}"), self._options.recorder_config)
            self._recorders.append(recorder)
            of_fold = replace(
                material,
                booster=fold.bst,
                features=FeatureNames(fold.bst, self._options.feature_names),
                train_data=fold.dtrain,
                validation_data=fold.dtest,
                evaluate=partial(_evaluate, fold),
                is_mean=False,
            )
            self._watch(recorder, worker, of_fold)
        return True

    def _watch(self, recorder: Recorder, worker: tuple[str, int], material: Material) -> None:
        name, num_workers = worker
        recorder.open(worker=name, num_workers=num_workers, feature_names=material.features.sidecar)
        self._watches.append(Watch(recorder, material, strict=self._options.strict))

    def _convert(self, given: Given, booster: Booster) -> tuple[DMatrix | None, DMatrix | None]:
        """The data as DMatrix where a saved collection may need it.

        With several processes, making a DMatrix waits for all of them: each does it here, whether it saves or not.
        """
        saved = set(self._options.saved())
        picking = not COMPUTED.issuperset(saved)
        converted: list[DMatrix | None] = []
        for name, needed_by in (("train_data", _FROM_TRAIN_DATA), ("validation_data", _FROM_VALIDATION_DATA)):
            try:
                needed = picking or not needed_by.isdisjoint(saved)
                converted.append(data.to_dmatrix(getattr(given, name), booster) if needed else None)
            except Exception as error:  # a reader of any data library
                if self._options.strict:
                    raise
                logger.warning("trialscope: cannot use %s: %s", name, error)
                converted.append(None)
        return converted[0], converted[1]

    def after_round(self, evals_log: EvalsLog, mode: ModeKeys) -> int:
        """Look at every booster after a round; returns the step."""
        steps = [watch.after_round(evals_log, mode) for watch in self._watches]
        return steps[0]

    def finish(self, mode: ModeKeys, *, end_of_job: bool) -> Summary:
        """Write what waits and close all trials, also if one of them fails; the sum of what was saved."""
        for watch in self._watches:
            if watch.step >= 0:
                watch.recorder.at(watch.step, mode)
        self._watches.clear()
        with contextlib.ExitStack() as stack:
            for recorder in self._recorders:
                stack.callback(recorder.finish, mode=mode, end_of_job=end_of_job)
        return self.summary()

    def flush(self) -> None:
        """Wait until everything handed over is on disk."""
        for recorder in self._recorders:
            recorder.flush()

    def summary(self) -> Summary:
        """What the closed trials hold, together."""
        total = Summary(self.recorder.location)
        for recorder in self._recorders:
            total = total.with_trial(recorder.summary)
        return total

    def abandon(self) -> None:
        """Write what was handed over and leave the trials open to be continued: nobody ended the training."""
        try:
            self.finish(ModeKeys.GLOBAL, end_of_job=False)
        except Exception:
            logger.exception("trialscope: what was captured last in %s may be lost", self.recorder.location)


def _evaluate(fold: Model) -> EvalsLog:
    """Metrics of one fold; XGBoost reports only their mean."""
    return parse_eval_line(fold.bst.eval_set(fold.watchlist, 0))
