"""Reductions computed from a value, the way smdebug computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trialscope.config.suggest import unknown

if TYPE_CHECKING:
    from collections.abc import Callable

Array = np.ndarray[Any, Any]


def _norm(order: int) -> Callable[[Array], Any]:
    def norm(values: Array) -> Any:
        # NumPy has norms of vectors and matrices only, and none of a float16 matrix.
        flat = values if values.ndim in (1, 2) else values.ravel()
        wide = flat.astype(np.float32) if flat.dtype == np.float16 else flat
        taken = np.linalg.norm(wide, ord=order)
        return taken.astype(np.float16) if flat.dtype == np.float16 else taken

    return norm


def _magnitudes(values: Array) -> Array:
    magnitudes = np.abs(values)
    # The smallest signed integer has no positive counterpart in its own type.
    if values.dtype.kind == "i" and np.any(magnitudes < 0):
        return magnitudes.view(values.dtype.str.replace("i", "u"))
    return magnitudes


_STATISTICS: dict[str, Callable[[Array], Any]] = {
    "min": np.amin,
    "max": np.amax,
    "mean": np.mean,
    "median": np.median,
    "std": np.std,
    "variance": np.var,
    "sum": np.sum,
    "prod": np.prod,
    "l1": _norm(1),
    "l2": _norm(2),
}

REDUCTION_NAMES = tuple(_STATISTICS)

_NORMS_IN_CONFIGURATIONS = {"l1_norm": "l1", "l2_norm": "l2"}


def check_reduction_name(name: str) -> str:
    """Give the name back, without the suffix that configurations use for norms.

    Raises
    ------
    ValueError
        For a name that is no reduction; the nearest one is suggested.
    """
    plain = _NORMS_IN_CONFIGURATIONS.get(name, name)
    if plain not in _STATISTICS:
        raise ValueError(unknown("reduction", name, list(_STATISTICS)))
    return plain


def compute(values: Array, name: str, *, of_magnitudes: bool) -> Any:
    """Compute a reduction over all elements.

    Parameters
    ----------
    values : ndarray
        Any shape. ``l1`` and ``l2`` of a matrix are matrix norms (largest absolute column sum, largest singular
        value), as smdebug has it, else element-wise; those that a hook saves are always element-wise.
    name : str
        One of ``REDUCTION_NAMES``.
    of_magnitudes : bool
        Whether it is taken of absolute values.

    Returns
    -------
    numpy scalar
        Of the type NumPy gives it; of bfloat16 values float32.

    Raises
    ------
    TypeError
        If the values are text.
    ValueError
        If there are none.
    """
    if values.dtype.kind == "U":
        raise TypeError("it is text")
    if values.size == 0:
        raise ValueError("it has no elements")
    if values.dtype.name == "bfloat16":
        # NumPy would add up in bfloat16, where 256 + 1 is 256.
        values = values.astype(np.float32)
    # Infinities and overflow show in the result; that is what somebody looks for.
    with np.errstate(all="ignore"):
        return _STATISTICS[name](_magnitudes(values) if of_magnitudes else values)
