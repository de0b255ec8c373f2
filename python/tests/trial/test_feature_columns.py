"""A column of SHAP values gets a real name only when it cannot be another's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialscope.trial.feature_columns import name_columns

# Means of the columns: 1, 2, 0, 0, 2.
VALUES = np.array([[0, 1, -1, 0, 2], [2, 3, 1, 0, 2]], dtype=np.float32)


@pytest.mark.parametrize(
    ("written", "averages", "others", "expected"),
    [
        pytest.param("abcde", {}, "", "a b c d e", id="all of them"),
        pytest.param([*"abcde", "bias"], {}, "", "a b c d e", id="and the base value"),
        pytest.param("abce", {}, "", "f0 f1 f2 f3 f4", id="one is missing, anywhere"),
        pytest.param("ae", {"a": 1.0, "e": 2.0}, "", "a f1 f2 f3 f4", id="two columns with the same mean"),
        pytest.param("abe", {"a": 1.0, "b": 2.0, "e": 2.0}, "", "a b f2 f3 e", id="both of them there"),
        pytest.param("abce", {"a": 1.0, "b": 2.0, "c": 0.0, "e": 2.0}, "", "a b f2 f3 e", id="two unused columns"),
        pytest.param("abde", {"a": 1.0, "b": 2.0, "e": 2.0}, "cda", "a b f2 f3 e", id="one left, place unknown"),
        pytest.param(
            "acde", {"a": 1.0, "c": 0.0, "d": 0.0, "e": 2.0}, "abcde", "a b c d e", id="one left, place known"
        ),
        pytest.param("acde", {"a": 1.0, "c": 0.0, "d": 0.0, "e": 2.0}, "abcdex", "a f1 c d e", id="two left"),
        pytest.param("abcde", {"a": 7.0}, "", "f0 f1 f2 f3 f4", id="an average of something else"),
        pytest.param(["a", "b", "c", "d", "bias"], {}, "", "f0 f1 f2 f3 f4", id="perhaps a feature called bias"),
        pytest.param(["a", "b", "bias", "d", "e"], {}, "", "a b bias d e", id="a feature called bias"),
        pytest.param(["a", "b", "bias", "d", "e", "bias"], {}, "", "a b bias d e", id="and the base value with it"),
        pytest.param(["f1"], {"f1": 1.0}, "", "f0 f1 f2 f3 f4", id="a name that is also a stand-in"),
        pytest.param("abcdefg", {}, "", "f0 f1 f2 f3 f4", id="more names than columns"),
        pytest.param("", {}, "", "f0 f1 f2 f3 f4", id="no name"),
        pytest.param("abcde", {"a": float("nan")}, "", "f0 f1 f2 f3 f4", id="an average that is no number"),
    ],
)
def test_by_hand(written: list[str], averages: dict[str, float], others: str, expected: str) -> None:
    assert name_columns(VALUES, list(written), averages, set(others)) == expected.split()


@given(data=st.data())
def test_never_a_wrong_name(data: st.DataObject) -> None:
    num_columns = data.draw(st.integers(1, 7))
    names = [f"name {column}" for column in range(num_columns)]
    # Few different values, so that columns have the same mean.
    rows = data.draw(st.lists(st.lists(st.integers(-1, 1), min_size=num_columns, max_size=num_columns), min_size=1))
    values = np.array(rows, dtype=np.float32)
    some = st.lists(st.booleans(), min_size=num_columns, max_size=num_columns)
    written = [name for name, there in zip(names, data.draw(some), strict=True) if there]
    averaged = data.draw(some)
    # Averages as smdebug takes them, in float32.
    averages = {name: float(values[:, column].mean()) for column, name in enumerate(names) if averaged[column]}
    others = {name for name, there in zip(names, data.draw(some), strict=True) if there}
    found = name_columns(values, written, averages, others)
    for column, name in enumerate(found):
        assert name in (names[column], f"f{column}")


@given(num_columns=st.integers(1, 12), data=st.data())
def test_every_name_whose_average_is_like_no_other(num_columns: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(num_columns)
    values = rng.normal(size=(50, 2, num_columns)).astype(np.float32)
    there = data.draw(st.lists(st.booleans(), min_size=num_columns, max_size=num_columns))
    written = [f"name {column}" for column in range(num_columns) if there[column]]
    averages = {f"name {column}": float(values.mean(axis=(0, 1))[column]) for column in range(num_columns)}
    found = name_columns(values, written, averages, set())
    assert [name for name in found if name.startswith("name")] == written
