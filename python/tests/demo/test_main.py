"""The walkthrough as a user starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

import trialscope

if TYPE_CHECKING:
    from pathlib import Path

REFUSING = "http://127.0.0.1:9"
OFFLINE = {"https_proxy": REFUSING, "HTTPS_PROXY": REFUSING, "no_proxy": "", "NO_PROXY": ""}
"""A proxy that refuses: the publisher cannot be reached, whatever machine this is."""


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TRIALSCOPE_")}
    return {**kept, **OFFLINE, "XDG_CACHE_HOME": str(folder / "cache"), **more}


def demo(folder: Path, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "trialscope", "demo", *options],
        cwd=folder,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_offline_with_the_synthetic_sample(tmp_path: Path) -> None:
    done = demo(tmp_path, "--rounds", "12")
    assert done.returncode == 0, done.stderr
    (trial,) = (tmp_path / "runs").iterdir()
    assert trial.name.startswith("adult-synthetic-")
    assert "NOT the census data" in done.stdout
    assert "NOT the census data" in done.stderr
    assert "LossNotDecreasing  NoIssuesFound" in done.stdout
    assert f"doctor runs/{trial.name}" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    ranking = done.stdout.partition("Mean |SHAP| per feature")[2].partition("\n\n")[0].splitlines()[1:]
    assert len(ranking) == 12
    assert ranking[0].lstrip().startswith("Relationship")
    assert ranking[0].endswith("█")


def test_document_agrees_with_the_trial(tmp_path: Path) -> None:
    done = demo(tmp_path, "--rounds", "12", "--interval", "4", "--out", "here", "--json", "--quiet")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    document = json.loads(done.stdout)
    assert document["trial"] == "here"
    assert document["saved"]["steps"] == [0, 4, 8]
    assert document["rule"] == {
        "rule": "LossNotDecreasing",
        "status": "NoIssuesFound",
        "last_step": 8,
        "evaluations": document["rule"]["evaluations"],
        "findings": [],
        "messages": document["rule"]["messages"],
    }
    trial = trialscope.open(str(tmp_path / "here"))
    saved = trial.tensor("validation-logloss").values()
    assert document["metrics"]["validation-logloss"] == {str(step): float(value[0]) for step, value in saved.items()}
    assert len(document["mean_abs_shap"]["ranking"]) == 12


@pytest.mark.shared
def test_the_real_sample(adult_file: Path, tmp_path: Path) -> None:
    """Expected values by xgboost 3.4.1 alone, trained with the walkthrough's parameters."""
    done = demo(tmp_path, "--json", "--quiet", TRIALSCOPE_DATA_DIR=str(adult_file.parent))
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["data"]["synthetic"] is False
    assert document["saved"]["steps"] == list(range(0, 51, 5))
    assert document["metrics"]["train-logloss"]["50"] == pytest.approx(0.2760, abs=2e-3)
    assert document["metrics"]["validation-logloss"]["50"] == pytest.approx(0.2851, abs=2e-3)
    ranking = document["mean_abs_shap"]["ranking"]
    assert [entry["feature"] for entry in ranking[:4]] == ["Relationship", "Age", "Education-Num", "Capital Gain"]
    assert ranking[0]["value"] == pytest.approx(1.096, abs=0.05)
    assert document["rule"]["status"] == "NoIssuesFound"


@pytest.mark.parametrize(
    ("options", "exit_code", "message"),
    [
        (["--data", "nowhere"], 2, "--data names no census file: nowhere"),
        (["--data", "other.csv"], 5, "not the published census file"),
        (["--rounds", "0"], 2, "0"),
        (["--out", "other.csv"], 2, "names a file"),
    ],
)
def test_wrong_input(tmp_path: Path, options: list[str], exit_code: int, message: str) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    done = demo(tmp_path, *options)
    assert done.returncode == exit_code, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_errors_as_json(tmp_path: Path) -> None:
    done = demo(tmp_path, "--data", "nowhere", "--json")
    error = json.loads(done.stderr)["error"]
    assert error["code"] == "usage"
    assert "nowhere" in error["message"]
    assert error["hint"]


def test_a_finished_trial_is_not_overwritten(tmp_path: Path) -> None:
    assert demo(tmp_path, "--rounds", "2", "--out", "here", "--quiet").returncode == 0
    before = sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "here").rglob("*"))
    again = demo(tmp_path, "--rounds", "2", "--out", "here", "--quiet")
    assert again.returncode == 1
    assert "here" in again.stderr
    assert "Traceback" not in again.stderr
    assert sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "here").rglob("*")) == before


def test_interrupt(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "trialscope.demo", "--rounds", "100000", "--out", "here"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not list((tmp_path / "here").glob("index/*/*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    output, messages = process.communicate(timeout=60)
    assert process.returncode == 130, messages
    assert output == ""
    assert "what was saved until then is in here" in messages
    assert "Traceback" not in messages
    assert not (tmp_path / "here" / "training_job_end.ts").exists()
    assert trialscope.open(str(tmp_path / "here")).steps()[0] == 0
