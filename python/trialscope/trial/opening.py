"""How a trial is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialscope.exceptions import NotATrial
from trialscope.trial.trial import Trial
from trialscope.trial.waiting import Patience

if TYPE_CHECKING:
    import os


def open_trial(
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    range_steps: tuple[int | None, int | None] | None = None,
    verify: bool = True,
    wait: float = 0.0,
) -> Trial:
    """Open a trial for reading, finished or still growing.

    Parameters
    ----------
    path : str or path-like
        Folder (``~`` is the home folder) or URL of the trial.
    name : str, optional
        Default: the last part of the path.
    range_steps : tuple of (int or None, int or None), optional
        Global steps to load: from the first, up to but not including the second.
    verify : bool
        Whether the checksum of a value is checked when it is read for the first time.
    wait : float
        Seconds to wait for a trial that is not there yet.

    Returns
    -------
    Trial

    Raises
    ------
    NotATrial
        If there is no trial at ``path``.

    Examples
    --------
    >>> import trialscope as ts
    >>> trial = ts.open("runs/adult")  # doctest: +SKIP
    >>> trial.tensor("validation-logloss").values()  # doctest: +SKIP
    """
    patience = Patience(wait)
    while True:
        try:
            return Trial(path, name=name, range_steps=range_steps, verify=verify)
        except NotATrial:
            if not patience.rest():
                raise
