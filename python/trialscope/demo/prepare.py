"""From the census file to the matrices a model is trained on."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trialscope.demo.errors import UnsupportedFileError
from trialscope.demo.schema import FEATURES, FILE_COLUMNS, NUMERIC, RELATIONSHIP_CODES, Census

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

SPLIT_SEED = 7
TEST_SHARE = 0.2


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A feature matrix with its labels.

    Attributes
    ----------
    features : ndarray of float32, shape (n_rows, n_features)
        Numbers as they are; categories as integer codes.
    labels : ndarray of float32, shape (n_rows,)
        1.0 for an income above 50,000 dollars a year, else 0.0.
    feature_names : tuple of str, length n_features
    """

    features: npt.NDArray[np.float32]
    labels: npt.NDArray[np.float32]
    feature_names: tuple[str, ...]

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.labels)

    def rows(self, indices: npt.NDArray[np.intp]) -> Prepared:
        """The rows at `indices`, in that order."""
        return Prepared(features=self.features[indices], labels=self.labels[indices], feature_names=self.feature_names)


def read_census(path: Path) -> Census:
    """Reads a file laid out like ``adult.data``.

    Parameters
    ----------
    path : Path
        Comma and space separated, 15 columns, no header; empty lines are skipped.

    Raises
    ------
    UnsupportedFileError
        If a line does not have 15 columns or a number is not one; the line is named.
    """
    rows: list[list[str]] = []
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file, skipinitialspace=True)
        for row in reader:
            if not row:
                continue
            if len(row) != len(FILE_COLUMNS):
                message = f"line {reader.line_num} has {len(row)} columns instead of 15: {path}"
                raise UnsupportedFileError(message)
            rows.append(row)
    if not rows:
        raise UnsupportedFileError(f"no rows in {path}")
    columns = dict(zip(FILE_COLUMNS, zip(*rows, strict=True), strict=True))
    try:
        numbers = {name: np.array(columns[name], dtype=np.float32) for name in sorted(NUMERIC)}
    except ValueError as error:
        raise UnsupportedFileError(f"{error}: {path}") from error
    return Census(
        numbers=numbers,
        categories={name: np.array(columns[name]) for name in FEATURES if name not in NUMERIC},
        above_50k=np.array(columns["income"]) == ">50K",
    )


def codes(column: str, values: npt.NDArray[np.str_]) -> npt.NDArray[np.float32]:
    """Integer codes of a categorical column, shape (n_rows,).

    Codes number the categories present in alphabetical order (a missing answer, ``?``, is one of them),
    but for ``relationship``, whose codes are fixed.

    Raises
    ------
    UnsupportedFileError
        If ``relationship`` holds a value without a code.
    """
    categories, positions = np.unique(values, return_inverse=True)
    if column != "relationship":
        return positions.astype(np.float32)
    try:
        fixed = np.array([RELATIONSHIP_CODES[str(name)] for name in categories], dtype=np.float32)
    except KeyError as error:
        raise UnsupportedFileError(f"unknown relationship {error} in the census data") from error
    return fixed[positions]


def prepare(census: Census) -> Prepared:
    """The 12 features of the walkthrough."""
    columns = [census.numbers[name] if name in NUMERIC else codes(name, census.categories[name]) for name in FEATURES]
    return Prepared(
        features=np.column_stack(columns).astype(np.float32, copy=False),
        labels=census.above_50k.astype(np.float32),
        feature_names=tuple(FEATURES.values()),
    )


def split(data: Prepared, *, seed: int = SPLIT_SEED) -> tuple[Prepared, Prepared]:
    """Training and validation rows, 80 to 20.

    The same rows in the same order as scikit-learn's ``train_test_split(test_size=0.2, random_state=seed)``:
    the validation rows are the first fifth, rounded up, of a permutation by NumPy's legacy generator.
    """
    # The legacy generator is what makes the split equal to the published one.
    order = np.random.RandomState(seed).permutation(len(data))
    num_validation = int(np.ceil(TEST_SHARE * len(data)))
    return data.rows(order[num_validation:]), data.rows(order[:num_validation])
