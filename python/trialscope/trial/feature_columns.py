"""Which feature a column of SHAP values belongs to, where only the names of tensors say so.

A hook that puts real feature names into tensor names writes them in the order of the columns. Not all need be there:
smdebug leaves out names that end in ``b``, ``i``, ``a``, ``s`` or ``/``. A name is given to a column only if no other
way to lay the names out, in their order, agrees with the averages that were saved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    Array = np.ndarray[Any, Any]

_BASE_VALUE = "bias"


def name_columns(
    values: Array, written: Sequence[str], averages: Mapping[str, float], others: Collection[str]
) -> list[str]:
    """Name the columns of SHAP values.

    Parameters
    ----------
    values : ndarray of float32, shape (..., features)
        SHAP values, without the base value.
    written : sequence of str
        Features that have a tensor of SHAP values, in the order of writing; the base value's may be the last.
    averages : mapping of str to float
        Means of columns over all other axes, by feature, as far as they are known.
    others : collection of str
        Further features of the model.

    Returns
    -------
    list of str
        One name per column, ``f<column>`` where it is not certain.
    """
    num_columns = values.shape[-1]
    names = list(dict.fromkeys(written))
    # A last name `bias` is that of the base value, or of a feature: then it cannot be told apart.
    if names and names[-1] == _BASE_VALUE:
        names.pop()
    fits = _fits(values, names, averages)
    leftmost = _lay_out(fits)
    # The same from the other end, in columns counted from there.
    rightmost = _lay_out([row[::-1] for row in fits[::-1]])
    found: dict[int, str] = {}
    if leftmost is not None and rightmost is not None:
        ways = zip(names, leftmost, rightmost[::-1], strict=True)
        found = {left: name for name, left, from_right in ways if left == num_columns - 1 - from_right}
        left_over = set(others) - set(names)
        if len(names) == len(found) == num_columns - 1 and len(left_over) == 1:
            (column,) = set(range(num_columns)) - set(found)
            found[column] = left_over.pop()
    columns = [found.get(column, f"f{column}") for column in range(num_columns)]
    # A feature that is really called `f3` must not meet the stand-in for another.
    return columns if len(set(columns)) == num_columns else [f"f{column}" for column in range(num_columns)]


def _fits(values: Array, names: Sequence[str], averages: Mapping[str, float]) -> list[list[bool]]:
    """Say for each name which columns have its average; all of them where it is not known."""
    rows = values.reshape(-1, values.shape[-1])
    means = rows.mean(axis=0, dtype=np.float64)
    # What float32 sums of these rows can be off by, whatever the order of summation (Higham, "Accuracy and Stability
    # of Numerical Algorithms", section 4.2), and a last bit for the division.
    slack = (len(rows) + 1) * np.finfo(np.float32).eps * np.abs(rows).mean(axis=0, dtype=np.float64)
    anywhere = [True] * values.shape[-1]
    return [
        [bool(fit) for fit in np.abs(means - averages[name]) <= slack] if name in averages else anywhere
        for name in names
    ]


def _lay_out(fits: Sequence[Sequence[bool]]) -> list[int] | None:
    """Give each name the first column behind the one before that fits; None where there is no way."""
    columns: list[int] = []
    for row in fits:
        start = columns[-1] + 1 if columns else 0
        column = next((column for column in range(start, len(row)) if row[column]), None)
        if column is None:
            return None
        columns.append(column)
    return columns
