"""Step numbers as users give them."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from trialscope.config.modes import ModeKeys
from trialscope.exceptions import StepUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import SupportsIndex


def mode_name(mode: ModeKeys | str) -> str:
    """Give a mode as the native module takes it."""
    return ModeKeys.parse(mode).name


def saved_step(step: SupportsIndex, mode: ModeKeys | str) -> int:
    """Give a step that a training can have saved.

    Raises
    ------
    StepUnavailable
        For a negative one.
    """
    number = operator.index(step)
    if number < 0:
        raise StepUnavailable(
            f"step {number} of mode {mode_name(mode)} was not saved: steps count from 0",
            step=number,
            mode=mode_name(mode),
        )
    return number


def span_of(steps: Sequence[int]) -> str:
    """Say in words how many steps there are, and from where to where; empty for none."""
    match steps:
        case []:
            return ""
        case [only]:
            return f"1 step, {only}"
        case _:
            return f"{len(steps)} steps, {steps[0]} to {steps[-1]}"


def step_range(steps: tuple[int | None, int | None] | None) -> tuple[int, int] | None:
    """Give a range of global steps, from the first to before the second, as the native module takes it.

    Raises
    ------
    ValueError
        If it holds no step.
    """
    if steps is None:
        return None
    first = 0 if steps[0] is None else steps[0]
    end = 2**63 if steps[1] is None else steps[1]
    if not 0 <= first < end:
        raise ValueError(f"range_steps is (first, end) with 0 <= first < end, not {steps}")
    return first, end
