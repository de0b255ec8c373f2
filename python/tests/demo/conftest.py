"""Fixtures of the walkthrough's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED_ADULT = Path(__file__).parents[4] / "shared" / "data" / "adult" / "adult.data"


@pytest.fixture
def adult_file() -> Path:
    """The real census sample; the test is skipped where it is not at hand."""
    if not SHARED_ADULT.is_file():
        pytest.skip(f"no census sample at {SHARED_ADULT}")
    return SHARED_ADULT
