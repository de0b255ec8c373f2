"""Trains in child processes, kills them at random moments and resumes them. Prints one JSON document.

Run as ``python kill_server.py FOLDER KILLS SEED``. The children are forked before any thread exists, so that a hundred
kills do not pay for a hundred imports.
"""

# pyright: reportUntypedBaseClass=false, reportAttributeAccessIssue=false
from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path

import numpy as np
import xgboost as xgb

import trialscope as ts
from trialscope.xgboost import Hook

ROUNDS = 60
PARAMS = {"objective": "binary:logistic", "max_depth": 3, "eta": 0.3, "nthread": 1, "seed": 3}
COLLECTIONS = ["losses", "feature_importance", "predictions", "full_shap", "average_shap", "trees", "labels"]


def data() -> tuple[xgb.DMatrix, xgb.DMatrix]:
    """Rows to train on and rows to predict, always the same."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(600, 6)).astype(np.float32)
    labels = (rows[:, 0] + rows[:, 1] * rows[:, 2] + rng.normal(scale=0.3, size=600) > 0).astype(np.float32)
    return xgb.DMatrix(rows[:400], labels[:400]), xgb.DMatrix(rows[400:], labels[400:])


class Checkpoint(xgb.callback.TrainingCallback):
    """Keeps the model of the last round; what the hook has handed over is on disk before."""

    def __init__(self, hook: Hook, path: Path) -> None:
        self.hook, self.path = hook, path

    def after_iteration(self, model: xgb.Booster, epoch: int, evals_log: object) -> bool:  # noqa: ARG002
        """Write the model, whole or not at all."""
        self.hook.flush()
        unfinished = self.path.with_suffix(".tmp.ubj")
        model.save_model(unfinished)
        unfinished.replace(self.path)
        return False


def train(folder: Path) -> None:
    """Train to the last round, from the checkpoint if there is one."""
    train_rows, validation = data()
    checkpoint = folder / "checkpoint.ubj"
    before = xgb.Booster(model_file=checkpoint) if checkpoint.exists() else None
    rounds = ROUNDS - (before.num_boosted_rounds() if before else 0)
    hook = Hook(
        folder / "trial",
        train_data=train_rows,
        validation_data=validation,
        save_interval=1,
        collections=COLLECTIONS,
        strict=True,
        verbose=False,
    )
    xgb.train(
        PARAMS,
        train_rows,
        rounds,
        evals=[(validation, "validation")],
        verbose_eval=False,
        xgb_model=before,
        callbacks=[hook, Checkpoint(hook, checkpoint)],
    )


def run_and_kill(folder: Path, delay: float) -> bool:
    """Train in a child and kill it after `delay` seconds; whether it had finished before."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            train(folder)
            status = 0
        except BaseException:  # noqa: BLE001 - the status says that it failed, this says why
            traceback.print_exc()
        finally:
            os._exit(status)
    deadline = time.monotonic() + delay
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            if status:
                raise SystemExit(f"the training failed with status {status}")
            return True
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def read_everything(folder: Path) -> tuple[list[int], int]:
    """Read every value of every step that has an index; the steps, and how many values there were."""
    if not (folder / "trial" / "index").exists():
        return [], 0
    trial = ts.open(folder / "trial")
    if trial.problems:
        raise SystemExit(f"problems after a kill: {trial.problems}")
    steps = trial.steps(show_incomplete_steps=True)
    indexed = sorted(int(path.name.split("_")[0]) for path in (folder / "trial" / "index").glob("*/*.json"))
    if steps != indexed:
        raise SystemExit(f"indexed steps {indexed}, readable steps {steps}")
    values = 0
    for step in steps:
        for name in trial.tensor_names(step=step):
            trial.tensor(name).value(step)
            values += 1
    return steps, values


def main() -> None:
    """Kill until there were enough kills, on one trial after another, each resumed until it is finished."""
    folder, kills, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)  # noqa: S311 - moments to kill, not secrets
    result: dict[str, list[object]] = {"kills": [], "finished": []}
    number = 0
    while len(result["kills"]) < kills:
        run = folder / f"run{number}"
        run.mkdir(parents=True)
        number += 1
        finished = False
        while not finished:
            ended = run_and_kill(run, chance.uniform(0.0, 0.25))
            steps, values = read_everything(run)
            # A kill may also come between the end of the training and the end of its process.
            finished = (run / "trial" / "training_job_end.ts").exists()
            if not ended:
                result["kills"].append({"run": run.name, "steps": len(steps), "values": values})
        result["finished"].append(run.name)
    (folder / "whole").mkdir()
    train(folder / "whole")
    print(json.dumps(result))  # noqa: T201


if __name__ == "__main__":
    main()
