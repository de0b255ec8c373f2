"""A small training job that both hooks can capture."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xgboost as xgb

from trialscope.xgboost import Hook

if TYPE_CHECKING:
    import numpy.typing as npt

    from original import Original

TRAINER = Path(__file__).parent / "smdebug_training.py"

COLLECTIONS = (
    "metrics",
    "losses",
    "hyperparameters",
    "predictions",
    "labels",
    "feature_importance",
    "average_shap",
    "full_shap",
    "trees",
)


def rows(num_rows: int, seed: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Five features, of which the last says nothing, and a label, shapes (n, 5) and (n,)."""
    draw = np.random.default_rng(seed)
    features = draw.normal(size=(num_rows, 5)).astype(np.float32)
    features[draw.random((num_rows, 5)) < 0.05] = np.nan
    known = np.nan_to_num(features)
    margin = 2 * known[:, 0] - known[:, 1] * known[:, 2] + draw.normal(size=num_rows) / 4
    features[:, 4] = 1.0
    return features, (margin > 0).astype(np.float32)


@dataclass(kw_only=True)
class Job:
    """One training, the same for whoever captures it."""

    rounds: int = 12
    interval: int = 5
    parameters: dict[str, Any] = field(
        default_factory=lambda: {
            "objective": "binary:logistic",
            "max_depth": 3,
            "eta": 0.3,
            "eval_metric": ["logloss", "auc"],
            "nthread": 1,
            "seed": 7,
        }
    )

    def __post_init__(self) -> None:
        self.train_x, self.train_y = rows(300, seed=1)
        self.validation_x, self.validation_y = rows(80, seed=2)

    @property
    def steps(self) -> list[int]:
        """Steps that are saved."""
        return list(range(0, self.rounds, self.interval))

    def matrices(self) -> tuple[xgb.DMatrix, xgb.DMatrix]:
        """Training and validation rows."""
        train = xgb.DMatrix(self.train_x, label=self.train_y)
        return train, xgb.DMatrix(self.validation_x, label=self.validation_y)

    def run_with_our_hook(self, trial: Path) -> tuple[xgb.Booster, dict[str, dict[str, list[float]]]]:
        """Trains with our hook; the model and the metrics that xgboost itself recorded."""
        train, validation = self.matrices()
        hook = Hook(
            trial,
            train_data=train,
            validation_data=validation,
            hyperparameters=self.parameters,
            save_interval=self.interval,
            collections=COLLECTIONS,
            strict=True,
        )
        metrics: dict[str, dict[str, list[float]]] = {}
        booster = xgb.train(
            self.parameters,
            train,
            self.rounds,
            evals=[(train, "train"), (validation, "validation")],
            evals_result=metrics,
            callbacks=[hook],
            verbose_eval=False,
        )
        return booster, metrics

    def run_with_original_hook(self, original: Original, trial: Path) -> str:
        """Trains with the real smdebug's hook; the version of xgboost it did so with."""
        folder = trial.parent
        np.savez(
            folder / "input.npz",
            train_x=self.train_x,
            train_y=self.train_y,
            validation_x=self.validation_x,
            validation_y=self.validation_y,
        )
        settings = {
            "rounds": self.rounds,
            "interval": self.interval,
            "parameters": self.parameters,
            "collections": list(COLLECTIONS),
        }
        (folder / "settings.json").write_text(json.dumps(settings))
        finished = subprocess.run(
            [original.python, TRAINER, folder / "input.npz", folder / "settings.json", trial],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout.split()[-1]
