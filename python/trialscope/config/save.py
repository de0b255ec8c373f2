"""When a collection is saved: one configuration per mode."""

from __future__ import annotations

import json
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, SupportsIndex, cast

from trialscope.config.modes import ModeKeys
from trialscope.config.suggest import unknown

DEFAULT_SAVE_INTERVAL = 500
"""Interval of a configuration that nobody completed. The XGBoost hook completes with its own default, 10."""


_FIELDS = ("save_interval", "start_step", "end_step", "save_steps")


def whole_number(value: object, *, name: str, minimum: int) -> int:
    """An int, or a string of one, that is at least `minimum`."""
    if isinstance(value, str):
        try:
            number = int(value.strip())
        except ValueError:
            raise ValueError(f"{name} must be a whole number, not {value!r}") from None
    elif isinstance(value, bool) or not isinstance(value, SupportsIndex):
        raise TypeError(f"{name} must be an int or a string of one, not {type(value).__name__}")
    else:
        number = operator.index(value)
    if number < minimum:
        raise ValueError(f"{name} must be at least {minimum}, not {number}")
    return number


def _step_list(value: object) -> tuple[int, ...]:
    if isinstance(value, str):
        value = [part for part in value.split(",") if part.strip()]
    if not isinstance(value, Iterable):
        raise TypeError(f"save_steps must be a list of ints or a comma list, not {type(value).__name__}")
    steps = cast("Iterable[object]", value)
    return tuple(sorted({whole_number(step, name="save_steps", minimum=0) for step in steps}))


@dataclass(frozen=True)
class SaveConfigMode:
    """Which steps of one mode are saved.

    A step is saved if it is listed in `save_steps`, **or** if it lies in ``[start_step, end_step)`` and is divisible
    by `save_interval`: the list adds to the interval, and the interval counts from 0, not from `start_step`.
    A field left at ``None`` is taken from the next less specific configuration (see :meth:`over`).

    Parameters
    ----------
    save_interval : int or str, optional
        At least 1.
    start_step : int or str, optional
        First step considered, 0 if nobody sets it.
    end_step : int or str, optional
        First step no longer considered; no end if nobody sets it. 0 switches the collection off.
    save_steps : list of int or comma list, optional
        Steps saved in any case.
    """

    save_interval: int | None = None
    start_step: int | None = None
    end_step: int | None = None
    save_steps: Sequence[int] | None = None

    def __post_init__(self) -> None:
        for name, minimum in (("save_interval", 1), ("start_step", 0), ("end_step", 0)):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, whole_number(value, name=name, minimum=minimum))
        if self.save_steps is not None:
            object.__setattr__(self, "save_steps", _step_list(self.save_steps))

    def over(self, other: SaveConfigMode) -> SaveConfigMode:
        """What is set here, with the unset fields taken from `other`."""
        if not any(getattr(self, name) is None for name in _FIELDS):
            return self
        values = {name: getattr(self if getattr(self, name) is not None else other, name) for name in _FIELDS}
        return SaveConfigMode(**values)

    def should_save_step(self, step: int) -> bool:
        """Whether `step` of this mode is saved."""
        interval = DEFAULT_SAVE_INTERVAL if self.save_interval is None else self.save_interval
        in_range = (self.start_step or 0) <= step and (self.end_step is None or step < self.end_step)
        return step in (self.save_steps or ()) or (in_range and step % interval == 0)

    def next_step(self, step: int) -> int | None:
        """The first step from `step` on that is saved, if there is one."""
        interval = DEFAULT_SAVE_INTERVAL if self.save_interval is None else self.save_interval
        first = max(step, self.start_step or 0)
        by_interval = -(-first // interval) * interval
        steps = [listed for listed in self.save_steps or () if listed >= step]
        if self.end_step is None or by_interval < self.end_step:
            steps.append(by_interval)
        return min(steps, default=None)

    def to_json_dict(self) -> dict[str, Any]:
        """The entry of a collections file; unset fields get their defaults."""
        return {
            "save_interval": DEFAULT_SAVE_INTERVAL if self.save_interval is None else self.save_interval,
            "save_steps": list(self.save_steps or ()),
            "start_step": self.start_step or 0,
            "end_step": self.end_step,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> SaveConfigMode:
        """Read an entry of a collections file, or any subset of its keys."""
        for key in values:
            if key not in _FIELDS:
                raise ValueError(unknown("save configuration key", key, _FIELDS))
        return cls(**values)


class SaveConfig:
    """When a collection is saved, for every mode.

    Parameters
    ----------
    mode_save_configs : dict of ModeKeys (or mode name) to SaveConfigMode, optional
        What differs for single modes.
    save_interval, start_step, end_step, save_steps : optional
        For all modes; see :class:`SaveConfigMode`.

    Examples
    --------
    >>> SaveConfig(save_interval=5, save_steps=[3]).should_save_step("train", 3)
    True
    """

    def __init__(
        self,
        mode_save_configs: Mapping[Any, Any] | None = None,
        *,
        save_interval: int | str | None = None,
        start_step: int | str | None = None,
        end_step: int | str | None = None,
        save_steps: Iterable[int] | str | None = None,
    ) -> None:
        values = {
            "save_interval": save_interval,
            "start_step": start_step,
            "end_step": end_step,
            "save_steps": save_steps,
        }
        self._all_modes = SaveConfigMode.from_dict(values)
        self._modes: dict[ModeKeys, SaveConfigMode] = {}
        if mode_save_configs is not None and not isinstance(mode_save_configs, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"mode_save_configs must be a dict of modes, not {type(mode_save_configs).__name__}")
        for mode, given in (mode_save_configs or {}).items():
            if isinstance(given, Mapping):
                self.set_save_config(mode, SaveConfigMode.from_dict(cast("Mapping[str, Any]", given)))
            elif given is not None:
                self.set_save_config(mode, given)

    @classmethod
    def parse(cls, value: object) -> SaveConfig | None:
        """Read ``None``, a SaveConfig, a SaveConfigMode (for all modes) or a dict of modes; else TypeError."""
        if value is None or isinstance(value, SaveConfig):
            return value
        if isinstance(value, SaveConfigMode):
            return cls(dict.fromkeys(ModeKeys, value))
        if isinstance(value, Mapping):
            return cls(cast("Mapping[Any, Any]", value))
        raise TypeError(f"save_config must be a SaveConfig, not {type(value).__name__}")

    def get_save_config(self, mode: ModeKeys | str) -> SaveConfigMode:
        """What is set for `mode`, its own fields before those for all modes."""
        return self._modes.get(ModeKeys.parse(mode), SaveConfigMode()).over(self._all_modes)

    def set_save_config(self, mode: ModeKeys | str, config: SaveConfigMode) -> None:
        """Set what differs for `mode`."""
        if not isinstance(config, SaveConfigMode):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"a mode needs a SaveConfigMode, not {type(config).__name__}")
        self._modes[ModeKeys.parse(mode)] = config

    def should_save_step(self, mode: ModeKeys | str, step: int) -> bool:
        """Whether `step` of `mode` is saved."""
        return self.get_save_config(mode).should_save_step(step)

    def over(self, other: SaveConfig | SaveConfigMode) -> SaveConfig:
        """What is set here, completed for every mode from a less specific configuration."""
        merged = SaveConfig()
        for mode in ModeKeys:
            rest = other if isinstance(other, SaveConfigMode) else other.get_save_config(mode)
            merged.set_save_config(mode, self.get_save_config(mode).over(rest))
        return merged

    def to_json_dict(self) -> dict[str, Any]:
        """``{"TRAIN": {...}, "EVAL": {...}, ...}`` as in a collections file."""
        return {mode.name: self.get_save_config(mode).to_json_dict() for mode in ModeKeys}

    def to_json(self) -> str:
        """:meth:`to_json_dict` as text."""
        return json.dumps(self.to_json_dict())

    @classmethod
    def from_json(cls, text: str) -> SaveConfig:
        """Read what :meth:`to_json` writes."""
        return cls(json.loads(text))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SaveConfig) and self.to_json_dict() == other.to_json_dict()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"SaveConfig({self.to_json_dict()!r})"
