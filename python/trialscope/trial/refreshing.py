"""Trials that stand still, or follow their training, inside a ``with`` block."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

    from trialscope.trial.trial import Trial


@contextmanager
def no_refresh(trials: Trial | list[Trial]) -> Generator[Trial | list[Trial]]:
    """Let trials stand still inside a ``with`` block: no question looks for new steps."""
    yield from _refreshing(trials, on=False)


@contextmanager
def refresh(trials: Trial | list[Trial]) -> Generator[Trial | list[Trial]]:
    """Let trials look for new steps inside a ``with`` block."""
    yield from _refreshing(trials, on=True)


def _refreshing(trials: Trial | list[Trial], *, on: bool) -> Generator[Trial | list[Trial]]:
    several = trials if isinstance(trials, list) else [trials]
    before = [trial.dynamic_refresh for trial in several]
    try:
        for trial in several:
            trial.dynamic_refresh = on
        yield trials
    finally:
        for trial, was_on in zip(several, before, strict=True):
            trial.dynamic_refresh = was_on
