"""How a training may end, and what is on disk then: SIGTERM, an exception, a fork, a full disk, a folder in the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import trialscope as ts

PRELUDE = """
import os, resource, signal, sys, logging
import numpy as np, xgboost as xgb
from trialscope.xgboost import Hook

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
rng = np.random.default_rng(0)
rows = rng.normal(size=(2000, 5)).astype(np.float32)
dtrain = xgb.DMatrix(rows, (rows[:, 0] > 0).astype(np.float32))
params = {"objective": "binary:logistic", "nthread": 1, "max_depth": 3}

def train(hook, rounds=20, **more):
    return xgb.train(params, dtrain, rounds, evals=[(dtrain, "train")], verbose_eval=False, callbacks=[hook], **more)

def hook(**more):
    return Hook(sys.argv[1], train_data=dtrain, save_interval=1, collections=["losses", "full_shap"], **more)
"""


def run(program: str, folder: Path, *, code: int = 0) -> str:
    """Run a program after the prelude; what it wrote to both outputs."""
    process = subprocess.run(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(program), str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert process.returncode == code, process.stdout
    return process.stdout


def all_values(folder: Path) -> dict[int, list[np.ndarray]]:
    trial = ts.open(folder)
    assert trial.problems == []
    return {step: [trial.tensor(n).value(step) for n in trial.tensor_names(step=step)] for step in trial.steps()}


def test_sigterm_writes_what_was_handed_over(tmp_path: Path) -> None:
    run(
        """
        class Stop(xgb.callback.TrainingCallback):
            def after_iteration(self, model, epoch, evals_log):
                if epoch == 9:
                    os.kill(os.getpid(), signal.SIGTERM)
                    signal.pause()
                return False

        xgb.train(params, dtrain, 20, evals=[(dtrain, "train")], verbose_eval=False, callbacks=[hook(), Stop()])
        """,
        tmp_path / "t",
        code=-signal.SIGTERM,
    )
    assert list(all_values(tmp_path / "t")) == list(range(10))
    trial = ts.open(tmp_path / "t")
    assert not trial.loaded_all_steps
    assert trial.is_interrupted()


def test_sigterm_leaves_the_handler_of_the_program_in_charge(tmp_path: Path) -> None:
    output = run(
        """
        def goodbye(number, frame):
            print("goodbye", flush=True)
            sys.exit(7)

        signal.signal(signal.SIGTERM, goodbye)

        class Stop(xgb.callback.TrainingCallback):
            def after_iteration(self, model, epoch, evals_log):
                if epoch == 4:
                    os.kill(os.getpid(), signal.SIGTERM)
                return False

        xgb.train(params, dtrain, 20, evals=[(dtrain, "train")], verbose_eval=False, callbacks=[hook(), Stop()])
        """,
        tmp_path / "t",
        code=7,
    )
    assert "goodbye" in output
    assert list(all_values(tmp_path / "t")) == list(range(5))


def test_an_exception_in_the_training_leaves_a_readable_trial_that_can_be_resumed(tmp_path: Path) -> None:
    failing = """
        class Fail(xgb.callback.TrainingCallback):
            def after_iteration(self, model, epoch, evals_log):
                if epoch == 6:
                    model.save_model(sys.argv[1] + ".json")
                    raise RuntimeError("out of patience")
                return False

        xgb.train(params, dtrain, 20, evals=[(dtrain, "train")], verbose_eval=False, callbacks=[hook(), Fail()])
        """
    assert "out of patience" in run(failing, tmp_path / "t", code=1)
    assert list(all_values(tmp_path / "t")) == list(range(7))
    assert ts.open(tmp_path / "t").is_interrupted()

    run('train(hook(), rounds=13, xgb_model=sys.argv[1] + ".json")', tmp_path / "t")
    trial = ts.open(tmp_path / "t")
    assert trial.loaded_all_steps
    assert trial.steps() == list(range(20))


def test_a_normal_end_marks_the_trial_as_finished(tmp_path: Path) -> None:
    output = run("train(hook())", tmp_path / "t")
    assert ts.open(tmp_path / "t").loaded_all_steps
    assert "20 steps" in output, output


def test_a_forked_child_neither_writes_nor_hangs(tmp_path: Path) -> None:
    run(
        """
        class Fork(xgb.callback.TrainingCallback):
            def after_iteration(self, model, epoch, evals_log):
                if epoch == 3:
                    child = os.fork()
                    if child == 0:
                        sys.exit(0)
                    assert os.waitpid(child, 0)[1] == 0
                return False

        xgb.train(params, dtrain, 20, evals=[(dtrain, "train")], verbose_eval=False, callbacks=[hook(), Fork()])
        """,
        tmp_path / "t",
    )
    trial = ts.open(tmp_path / "t")
    assert trial.loaded_all_steps
    assert trial.steps() == list(range(20))


def test_a_full_disk_costs_steps_but_not_the_training(tmp_path: Path) -> None:
    # A limit on the size of files makes writes fail as a full disk does. 2,000 rows of 6 float32 do not fit.
    output = run(
        """
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
        saved = hook()
        model = train(saved)
        print("rounds", model.num_boosted_rounds())
        print("lost", len(saved.summary.lost))
        """,
        tmp_path / "t",
    )
    assert "rounds 20" in output
    assert "lost 20" in output
    assert "not saved" in output
    assert "File too large" in output
    assert ts.open(tmp_path / "t").steps() == []
    assert not list((tmp_path / "t").rglob("*.tmp")), "nothing half-written is left behind"


@pytest.mark.parametrize("strict", [False, True])
def test_a_place_that_cannot_be_written_costs_the_trial_but_not_the_training(tmp_path: Path, strict: bool) -> None:  # noqa: FBT001
    (tmp_path / "file").write_text("in the way")
    output = run(
        f"""
        model = train(hook(strict={strict}))
        print("rounds", model.num_boosted_rounds())
        """,
        tmp_path / "file" / "t",
        code=1 if strict else 0,
    )
    assert ("rounds 20" in output) != strict
    assert str(tmp_path / "file" / "t") in output


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_read_only_folder_costs_the_trial_but_not_the_training(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    for parent in tmp_path.parents:
        if parent.name.startswith("pytest"):
            parent.chmod(0o755)
    output = run(
        """
        os.setuid(65534)
        model = train(hook())
        print("rounds", model.num_boosted_rounds())
        """,
        tmp_path / "t",
    )
    assert "rounds 20" in output
    assert "Permission denied" in output


def test_two_hooks_on_one_folder_are_refused(tmp_path: Path) -> None:
    second = PRELUDE + "train(hook(), rounds=3)\n"
    (tmp_path / "second.py").write_text(second)
    output = run(
        """
        class Second(xgb.callback.TrainingCallback):
            def after_iteration(self, model, epoch, evals_log):
                if epoch == 2:
                    program = os.path.join(os.path.dirname(sys.argv[1]), "second.py")
                    code = os.spawnv(os.P_WAIT, sys.executable, [sys.executable, program, sys.argv[1]])
                    print("second ended with", code, flush=True)
                return False

        xgb.train(params, dtrain, 20, evals=[(dtrain, "train")], verbose_eval=False, callbacks=[hook(), Second()])
        """,
        tmp_path / "t",
    )
    assert "is being written by another hook" in output
    assert "second ended with 0" in output
    assert ts.open(tmp_path / "t").steps() == list(range(20))
