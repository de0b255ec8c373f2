"""The training of the walkthrough, with the hook attached."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import xgboost as xgb
from xgboost.callback import TrainingCallback

import trialscope
from trialscope.xgboost import Hook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trialscope.demo.prepare import Prepared

COLLECTIONS = (
    "metrics",
    "feature_importance",
    "average_shap",
    "full_shap",
    "predictions",
    "labels",
    "hyperparameters",
    "trees",
)
PARAMETERS: dict[str, Any] = {
    "max_depth": 5,
    "eta": 0.2,
    "gamma": 4,
    "min_child_weight": 6,
    "subsample": 0.7,
    "objective": "binary:logistic",
}
"""The walkthrough's parameters."""

METRICS = ("train-logloss", "validation-logloss")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a training gave.

    Attributes
    ----------
    seconds : float
        Time inside the training call, hook included.
    rounds : int
        Boosting rounds done.
    hook_seconds : float
        How much of `seconds` the hook took.
    problems : list of str
        What the hook could not capture or write; empty if all went well.
    """

    seconds: float
    rounds: int
    hook_seconds: float
    problems: list[str]

    @property
    def cost(self) -> str:
        """What capturing took, in a sentence."""
        return f"{self.rounds} rounds in {self.seconds:.2f} s, {self.hook_seconds:.2f} s of them in the hook"


class Progress(TrainingCallback):
    """Tells how far the training is.

    Parameters
    ----------
    report : callable
        Called after each round with the number of rounds done and the newest value of each metric.
    """

    def __init__(self, report: Callable[[int, dict[str, float]], None]) -> None:
        super().__init__()
        self._report = report

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        """Reports, and lets the training go on."""
        del model
        newest = {
            f"{name}-{metric}": float(values[-1])
            for name, metrics in evals_log.items()
            for metric, values in metrics.items()
        }
        self._report(epoch + 1, newest)
        return False


class Training:
    """A training about to start: matrices made, hook attached, trial folder claimed.

    Parameters
    ----------
    trial : Path
        Where the hook saves to.
    train, validation : Prepared
        Rows to learn from, and rows to validate with.
    rounds : int
        Boosting rounds.
    interval : int
        Rounds from one saved step to the next.
    seed : int
        Seed of the row sampling.
    """

    def __init__(
        self, trial: Path, *, train: Prepared, validation: Prepared, rounds: int, interval: int, seed: int
    ) -> None:
        self._rounds = rounds
        self._parameters = {**PARAMETERS, "seed": seed}
        self._train = _matrix(train)
        self._validation = _matrix(validation)
        self._hook = Hook(
            str(trial),
            train_data=self._train,
            validation_data=self._validation,
            hyperparameters={**self._parameters, "num_round": rounds},
            save_interval=interval,
            collections=list(COLLECTIONS),
            feature_names="sidecar",
            verbose=False,
        )

    def run(self, report: Callable[[int, dict[str, float]], None]) -> Outcome:
        """Trains, and calls `report` after each round."""
        start = time.perf_counter()
        booster = xgb.train(
            self._parameters,
            self._train,
            self._rounds,
            evals=[(self._train, "train"), (self._validation, "validation")],
            callbacks=[self._hook, Progress(report)],
            verbose_eval=False,
        )
        seconds = time.perf_counter() - start
        summary = self._hook.summary
        return Outcome(
            seconds=seconds,
            rounds=booster.num_boosted_rounds(),
            hook_seconds=0.0 if summary is None else summary.hook_seconds,
            problems=["the hook stepped aside"] if summary is None else [*summary.lost, *summary.problems],
        )


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What was read back from the trial.

    Attributes
    ----------
    steps : list of int
        Saved steps.
    metrics : dict of str to dict of int to float
        Value of each metric per step.
    mean_abs_shap : dict of str to float
        Mean absolute SHAP value of each feature over the training rows at the last step, in log-odds.
    shap_step : int or None
        The step those belong to.
    num_tensors : int
        Number of tensor names in the trial.
    """

    steps: list[int]
    metrics: dict[str, dict[int, float]]
    mean_abs_shap: dict[str, float]
    shap_step: int | None
    num_tensors: int


def read_back(path: Path) -> Findings:
    """Opens the trial that the hook wrote and reads what the walkthrough shows."""
    trial = trialscope.open(str(path))
    explanation = trial.explanation()
    return Findings(
        steps=list(trial.steps()),
        metrics={
            name: {step: float(value[0]) for step, value in trial.tensor(name).values().items()} for name in METRICS
        },
        mean_abs_shap=explanation.mean_abs(),
        shap_step=explanation.step,
        num_tensors=len(trial.tensor_names()),
    )


def _matrix(data: Prepared) -> xgb.DMatrix:
    return xgb.DMatrix(data.features, label=data.labels, feature_names=list(data.feature_names))
