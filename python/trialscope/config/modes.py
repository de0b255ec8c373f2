"""The mode a step belongs to."""

from __future__ import annotations

from enum import Enum

from trialscope.config.suggest import unknown


class ModeKeys(Enum):
    """Mode of a step; the numbers are those of the event file's ``mode`` field."""

    TRAIN = 1
    EVAL = 2
    PREDICT = 3
    GLOBAL = 4

    @classmethod
    def parse(cls, value: object) -> ModeKeys:
        """Read a mode from a ``ModeKeys`` or from its name in either case.

        Parameters
        ----------
        value : ModeKeys or str
            ``"train"``, ``"eval"``, ``"predict"`` or ``"global"``.

        Raises
        ------
        ValueError
            If it is neither; the nearest name is suggested.
        """
        if isinstance(value, ModeKeys):
            return value
        if isinstance(value, str) and value.strip().upper() in cls.__members__:
            return cls[value.strip().upper()]
        raise ValueError(unknown("mode", value, [name.lower() for name in cls.__members__]))


modes = ModeKeys
"""smdebug's name of :class:`ModeKeys`."""
