"""A training killed by SIGKILL at any moment: what has an index reads back, and a resumed run continues."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import trialscope as ts

KILLS = 100
ROUNDS = 60
# A resumed training starts from sums that were rounded to float32 once more.
ROUNDING = 1e-4


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("killed")
    script = Path(__file__).with_name("kill_server.py")
    process = subprocess.run(
        [sys.executable, str(script), str(folder), str(KILLS), "7"],
        # Threads of a linear algebra library would not survive the fork.
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return folder, json.loads(process.stdout.splitlines()[-1])


@pytest.mark.timeout(900)
def test_everything_with_an_index_reads_back_after_every_kill(killed: tuple[Path, dict[str, Any]]) -> None:
    # The script reads every value after each kill and fails at the first that does not read back.
    kills = killed[1]["kills"]
    assert len(kills) >= KILLS
    assert sum(kill["values"] for kill in kills) > 10_000
    lengths = {kill["steps"] for kill in kills}
    assert len(lengths) > 20, "the kills came at all stages of a training"


@pytest.mark.timeout(900)
def test_resumed_runs_end_as_one_that_was_never_killed(killed: tuple[Path, dict[str, Any]]) -> None:
    folder, result = killed
    whole = ts.open(folder / "whole" / "trial")
    assert whole.steps() == list(range(ROUNDS))
    assert result["finished"]
    for name in result["finished"]:
        resumed = ts.open(folder / name / "trial")
        assert resumed.loaded_all_steps
        assert resumed.steps() == whole.steps()
        assert resumed.tensor_names() == whole.tensor_names()
        for tensor in ("validation-logloss", "predictions", "full_shap/f0"):
            for step in whole.steps():
                np.testing.assert_allclose(
                    resumed.tensor(tensor).value(step), whole.tensor(tensor).value(step), atol=ROUNDING
                )
