"""The columns of the census sample and the features made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MISSING = "?"
"""How the census file spells a missing category; it is a category of its own."""

FILE_COLUMNS: tuple[str, ...] = (
    "age",
    "workclass",
    "fnlwgt",
    "education",
    "education-num",
    "marital-status",
    "occupation",
    "relationship",
    "race",
    "sex",
    "capital-gain",
    "capital-loss",
    "hours-per-week",
    "native-country",
    "income",
)
"""Columns of ``adult.data``, which has no header."""

FEATURES = {
    "age": "Age",
    "workclass": "Workclass",
    "education-num": "Education-Num",
    "marital-status": "Marital Status",
    "occupation": "Occupation",
    "relationship": "Relationship",
    "race": "Race",
    "sex": "Sex",
    "capital-gain": "Capital Gain",
    "capital-loss": "Capital Loss",
    "hours-per-week": "Hours per week",
    "native-country": "Country",
}
"""File column to feature name, in feature order.

``fnlwgt`` (a survey weight) and ``education`` (a copy of ``education-num`` in words) are left out.
"""

NUMERIC = frozenset({"age", "education-num", "capital-gain", "capital-loss", "hours-per-week"})

RELATIONSHIP_CODES = {
    "Not-in-family": 0,
    "Unmarried": 1,
    "Other-relative": 2,
    "Own-child": 3,
    "Husband": 4,
    "Wife": 5,
}
"""The one category whose codes are fixed rather than alphabetical."""


@dataclass(frozen=True, kw_only=True)
class Census:
    """People as the census file describes them.

    Attributes
    ----------
    numbers : dict of str to ndarray of float32, shape (n_rows,)
        The numeric columns, by file column name.
    categories : dict of str to ndarray of str, shape (n_rows,)
        The categorical columns, by file column name; `MISSING` where the answer is unknown.
    above_50k : ndarray of bool, shape (n_rows,)
        Whether the person earned more than 50,000 dollars a year.
    """

    numbers: dict[str, npt.NDArray[np.float32]]
    categories: dict[str, npt.NDArray[np.str_]]
    above_50k: npt.NDArray[np.bool_]

    def column(self, name: str) -> npt.NDArray[Any]:
        """The values of file column `name`, shape (n_rows,)."""
        return self.numbers[name] if name in NUMERIC else self.categories[name]
