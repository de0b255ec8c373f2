"""A booster watched into a trial: which sources are asked at a step, and what happens when one fails."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from xgboost.core import XGBoostError

from trialscope.config import ModeKeys
from trialscope.xgboost.builtin import COMPUTED
from trialscope.xgboost.hyperparameters import Hyperparameters
from trialscope.xgboost.importance import FeatureImportance
from trialscope.xgboost.metrics import EvalsLog, Metrics
from trialscope.xgboost.model import GrowingModel, UnavailableError
from trialscope.xgboost.predictions import Labels, Predictions
from trialscope.xgboost.shap import Shap
from trialscope.xgboost.trees import Trees

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from xgboost import Booster, DMatrix

    from trialscope.xgboost.entry import Entry
    from trialscope.xgboost.names import FeatureNames
    from trialscope.xgboost.recorder import Recorder

logger = logging.getLogger("trialscope")


class Source(Protocol):
    """Something that has tensors to save at a step."""

    @property
    def collections(self) -> frozenset[str]:
        """Built-in collections the tensors belong to."""
        ...

    def names(self) -> list[str]:
        """Names of the tensors."""
        ...

    def entries(self) -> list[Entry]:
        """The tensors, for the model as it is now."""
        ...


@dataclass(frozen=True)
class Material:
    """What a booster is watched with."""

    booster: Booster
    features: FeatureNames
    train_data: DMatrix | None
    validation_data: DMatrix | None
    hyperparameters: Mapping[str, object] | None
    evaluate: Callable[[], EvalsLog] | None = None
    """Asks for the metrics where XGBoost does not report them (a fold of ``xgboost.cv``)."""
    is_mean: bool = False
    """Whether only the mean over folds is saved: metrics and hyperparameters."""


class Watch:
    """Follows one booster."""

    def __init__(self, recorder: Recorder, material: Material, *, strict: bool) -> None:
        self.model = GrowingModel(material.booster)
        self.recorder = recorder
        self.step = self.model.step
        self._unseen_rounds = 0
        # The first round is looked at in any case: with `process_type=update` the count starts anew there.
        self._due: float = -1
        self._due_mode = ModeKeys.GLOBAL
        self._strict = strict
        self._evaluate = material.evaluate
        self._metrics = Metrics()
        self._metric_names: list[str] = []
        self._missing: dict[str, str] = {}
        self._sources = self._make_sources(material)
        self._plans: dict[tuple[str, ...], list[Source]] = {}
        self._warned_empty = False
        if "bias" in material.features.labels:
            # The collections' patterns leave the base value out by its name; this is a feature that is called like it.
            for family in ("full_shap", "average_shap"):
                recorder.assign(family, f"{family}/bias")

    def _make_sources(self, material: Material) -> list[Source]:
        """All sources for which there is data, in the order in which smdebug writes them."""
        model, features = self.model, material.features
        sources: list[Source] = []
        if material.hyperparameters is None:
            self._missing["hyperparameters"] = "give the hook hyperparameters=params"
        else:
            sources.append(Hyperparameters(features.hide_in(material.hyperparameters)))
        sources.append(self._metrics)
        if material.is_mean:
            return sources
        if material.validation_data is None:
            for collection in ("predictions", "labels"):
                self._missing[collection] = "give the hook validation_data"
        else:
            sources += [Predictions(model, material.validation_data), Labels(material.validation_data)]
        sources += [FeatureImportance(model, features), Trees(model, features)]
        if material.train_data is None:
            for collection in ("full_shap", "average_shap"):
                self._missing[collection] = "give the hook train_data (a sample of it is enough)"
        else:
            sources.append(Shap(model, material.train_data, features))
        return sources

    def after_round(self, evals_log: EvalsLog, mode: ModeKeys) -> int:
        """Take note of a round, and save what the configuration asks for; returns the step."""
        self._unseen_rounds += 1
        self.step += 1
        if self.step >= self._due or mode is not self._due_mode or self.recorder.has_tensors:
            self._look(evals_log, mode)
        return self.step

    def _look(self, evals_log: EvalsLog, mode: ModeKeys) -> None:
        recorder = self.recorder
        self.model.observe(self._unseen_rounds)
        self._unseen_rounds = 0
        self.step = step = self.model.step
        self._due, self._due_mode = recorder.next_saved(step + 1, mode), mode
        recorder.at(step, mode)
        active = recorder.collections_at(step, mode)
        if active:
            self._metrics.show(self._evaluate() if self._evaluate else evals_log)
            entries = [entry for source in self._plan(active, step, mode) for entry in self._ask(source)]
            if entries or recorder.has_tensors:
                recorder.save(entries)
            elif not self._warned_empty:
                self._warned_empty = True
                logger.warning(
                    "trialscope: nothing to save at step %d; metrics need an evaluation set (evals=, eval_set=)", step
                )
        elif recorder.has_tensors:
            recorder.save([])

    def _plan(self, active: list[str], step: int, mode: ModeKeys) -> list[Source]:
        """Sources with a tensor that one of the `active` collections asks for."""
        key = tuple(active)
        if self._metrics.names() != self._metric_names:
            self._assign_metrics()
            self._plans.clear()
        if key not in self._plans:
            self._warn_missing(active)
            picking = not COMPUTED.issuperset(active)
            self._plans[key] = [
                source
                for source in self._sources
                if not source.collections.isdisjoint(active)
                or (picking and any(self.recorder.wants(name, step, mode) for name in source.names()))
            ]
        return self._plans[key]

    def _assign_metrics(self) -> None:
        self._metric_names = self._metrics.names()
        for name in self._metric_names:
            self.recorder.assign("metrics", name)
        for name in self._metrics.losses():
            self.recorder.assign("losses", name)

    def _warn_missing(self, active: list[str]) -> None:
        for collection in active:
            advice = self._missing.pop(collection, None)
            if advice is not None:
                logger.warning("trialscope: nothing is saved of collection %r: %s", collection, advice)

    def _ask(self, source: Source) -> list[Entry]:
        """Entries of a source; one that fails is not asked again, and the others go on."""
        try:
            return source.entries()
        except UnavailableError as error:
            self._drop(source, error, trace=False)
        except XGBoostError as error:
            if self._strict:
                raise
            self._drop(source, error, trace=False)
        except Exception as error:
            if self._strict:
                raise
            self._drop(source, error, trace=True)
        return []

    def _drop(self, source: Source, error: Exception, *, trace: bool) -> None:
        lines = str(error).splitlines() or [type(error).__name__]
        logger.warning(
            "trialscope: nothing more is saved of %s: %s",
            " and ".join(sorted(source.collections)),
            lines[0],
            exc_info=error if trace else None,
        )
        self._sources.remove(source)
        self._plans.clear()
