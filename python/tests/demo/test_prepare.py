"""The 12 features and the split, against the census file, pandas and scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from trialscope.demo.errors import UnsupportedFileError
from trialscope.demo.prepare import Prepared, codes, prepare, read_census, split
from trialscope.demo.schema import FEATURES, FILE_COLUMNS, NUMERIC

if TYPE_CHECKING:
    from pathlib import Path

LINE = (
    "39, State-gov, 77516, Bachelors, 13, Never-married, Adm-clerical, Not-in-family, White, Male, 2174, 0, "
    "40, United-States, <=50K\n"
)


def write(folder: Path, text: str) -> Path:
    path = folder / "adult.data"
    path.write_text(text)
    return path


def test_two_people_by_hand(tmp_path: Path) -> None:
    wife = "28, ?, 1, Masters, 14, Married-civ-spouse, ?, Wife, Black, Female, 0, 1887, 12, Cuba, >50K\n"
    data = prepare(read_census(write(tmp_path, LINE + wife + "\n")))
    assert data.feature_names == (
        "Age",
        "Workclass",
        "Education-Num",
        "Marital Status",
        "Occupation",
        "Relationship",
        "Race",
        "Sex",
        "Capital Gain",
        "Capital Loss",
        "Hours per week",
        "Country",
    )
    # '?' sorts ahead of letters, so a missing answer is code 0 and 'State-gov' code 1.
    assert data.features.tolist() == [
        [39, 1, 13, 1, 1, 0, 1, 1, 2174, 0, 40, 1],
        [28, 0, 14, 0, 0, 5, 0, 0, 0, 1887, 12, 0],
    ]
    assert data.labels.tolist() == [0, 1]
    assert data.features.dtype == data.labels.dtype == np.float32


def test_relationship_codes_are_fixed() -> None:
    names = np.array(["Wife", "Husband", "Own-child", "Other-relative", "Unmarried", "Not-in-family"])
    assert codes("relationship", names).tolist() == [5, 4, 3, 2, 1, 0]
    with pytest.raises(UnsupportedFileError, match="Cousin"):
        codes("relationship", np.array(["Cousin"]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LINE + "39, State-gov\n", "line 2 has 2 columns"),
        (LINE.replace("39", "old"), "could not convert"),
        ("", "no rows"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(UnsupportedFileError, match=message) as caught:
        read_census(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("num_rows", [1, 2, 5, 11, 6513, 32_561])
@pytest.mark.parametrize("seed", [0, 7])
def test_split_is_that_of_scikit_learn(num_rows: int, seed: int) -> None:
    model_selection = pytest.importorskip("sklearn.model_selection")
    rows = np.arange(num_rows, dtype=np.float32)
    data = Prepared(features=rows[:, None], labels=rows, feature_names=("row",))
    train, validation = split(data, seed=seed)
    if num_rows == 1:
        # scikit-learn refuses to leave nothing to train on.
        assert len(train) == 0
        return
    expected = model_selection.train_test_split(rows, test_size=0.2, random_state=seed)
    assert np.array_equal(train.labels, expected[0])
    assert np.array_equal(validation.labels, expected[1])
    assert np.array_equal(validation.features[:, 0], expected[1])


@pytest.mark.shared
def test_real_sample_by_pandas(adult_file: Path) -> None:
    pandas = pytest.importorskip("pandas")
    data = prepare(read_census(adult_file))
    table = pandas.read_csv(adult_file, names=list(FILE_COLUMNS), skipinitialspace=True, keep_default_na=False)
    assert len(data) == len(table) == 32_561
    relationship = ["Not-in-family", "Unmarried", "Other-relative", "Own-child", "Husband", "Wife"]
    for index, name in enumerate(FEATURES):
        if name in NUMERIC:
            expected = table[name].to_numpy()
        elif name == "relationship":
            expected = table[name].map(relationship.index).to_numpy()
        else:
            expected = table[name].astype("category").cat.codes.to_numpy()
        assert np.array_equal(data.features[:, index], expected), name
    assert np.array_equal(data.labels, (table["income"] == ">50K").to_numpy())


@pytest.mark.shared
def test_real_sample_sizes(adult_file: Path) -> None:
    train, validation = split(prepare(read_census(adult_file)))
    assert (len(train), len(validation)) == (26_048, 6_513)
