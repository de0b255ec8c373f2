"""Waiting for what a training has not saved yet."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from trialscope.exceptions import NoMoreData

if TYPE_CHECKING:
    from trialscope import _native

_FIRST_PAUSE_SECS = 0.02
_LONGEST_PAUSE_SECS = 0.5


class Patience:
    """Growing pauses between two looks, up to a deadline.

    Parameters
    ----------
    timeout : float or None
        Seconds from now to the deadline; None for no deadline.
    """

    def __init__(self, timeout: float | None) -> None:
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._pause = _FIRST_PAUSE_SECS

    def rest(self) -> bool:
        """Sleep until the next look is due. False, without sleep, where the deadline has passed."""
        pause = self._pause
        if self._deadline is not None:
            pause = min(pause, self._deadline - time.monotonic())
            if pause <= 0:
                return False
        time.sleep(pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECS)
        return True


def wait_for_steps(native: _native.Trial, steps: list[int], mode: str, timeout: float | None) -> None:
    """Refresh a trial until all ``steps`` are there; see :meth:`trialscope.Trial.wait_for_steps`."""
    patience = Patience(timeout)
    while True:
        # Asked before the look: what a process wrote before it died is seen by the next one.
        dead = native.writer_state() == "gone"
        native.refresh()
        pending = native.pending_steps(steps, mode)
        if not pending:
            return
        if dead and not native.is_complete:
            step = pending[0]
            raise NoMoreData(f"the training was interrupted before step {step} of mode {mode}", step=step, mode=mode)
        if not patience.rest():
            raise TimeoutError(f"steps {pending} of mode {mode} are not there after {timeout} s")
