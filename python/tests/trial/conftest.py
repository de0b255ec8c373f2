"""Fixtures of the tests of reading."""

from __future__ import annotations

import pytest

from .originals import Original


@pytest.fixture(scope="module")
def original(request: pytest.FixtureRequest) -> Original:
    """The trial of smdebug that the test names."""
    return Original(request.param)
