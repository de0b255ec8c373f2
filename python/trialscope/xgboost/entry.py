"""What is handed to the native layer: a kind, the tensor names, and the values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

Entry = tuple[str, list[str], object]
"""Kind, names and value.

``"tensor"``: one value under all names; ``"given"``: the same, its memory given away; ``"scalars"``: one value of shape
``(1,)`` per name; ``"raw"``: one value saved whatever the save configuration says.
"""


def tensor(names: Sequence[str], value: npt.NDArray[Any] | list[str]) -> Entry:
    """One value, stored once and found under every name."""
    return ("tensor", list(names), value)


def given(names: Sequence[str], value: npt.NDArray[Any]) -> Entry:
    """As :func:`tensor`, for an array that nobody touches again: its memory is given away and it becomes read-only."""
    return ("given", list(names), value)


def scalars(names: Sequence[str], values: npt.NDArray[Any]) -> Entry:
    """One value of shape ``(1,)`` for each name."""
    return ("scalars", list(names), values)


def raw(name: str, value: npt.NDArray[Any] | list[str]) -> Entry:
    """A value saved whatever the save configuration says."""
    return ("raw", [name], value)
