"""The environment with the real smdebug, and a way to ask it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from original import Original

if TYPE_CHECKING:
    from collections.abc import Iterable

HERE = Path(__file__).parent
DEFAULT_PYTHON = HERE.parents[1] / ".venv-interop" / "bin" / "python"


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Marks everything in this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.interop)


@pytest.fixture(scope="session")
def smdebug_python() -> Path:
    """The interpreter that has smdebug; tests are skipped where there is none."""
    python = Path(os.environ.get("TRIALSCOPE_INTEROP_PYTHON") or DEFAULT_PYTHON)
    if not python.is_file():
        pytest.skip(f"no environment with smdebug at {python}: make test sets it up (Python 3.12 or 3.11)")
    probe = subprocess.run([python, "-c", "import smdebug"], capture_output=True, text=True, check=False)
    if probe.returncode != 0:
        pytest.fail(f"{python} cannot import smdebug: {probe.stderr.strip().splitlines()[-1]}")
    return python


@pytest.fixture
def trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place for a trial.

    Not below `tmp_path`, which is named for the test: two underscores anywhere in a path make the original
    take worker names for device names.
    """
    return tmp_path_factory.mktemp("trial") / "trial"


@pytest.fixture
def original(smdebug_python: Path, tmp_path: Path) -> Original:
    """The real smdebug, ready to read trials."""
    return Original(smdebug_python, tmp_path / "answers")
