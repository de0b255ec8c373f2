"""Reductions that are computed when they were not saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import trialscope as ts
from trialscope.exceptions import InvalidTensor

from .writing import Writer


def reduction(folder: Path, value: object, name: str, **options: Any) -> Any:
    with Writer(folder) as writer:
        writer.save(0, {"x": value})
    return ts.open(folder).tensor("x").reduction_value(0, name, **options)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # Of 3, -1, -1, 5 by hand: deviations from the mean 1.5 are 1.5, -2.5, -2.5, 3.5.
        ("min", -1),
        ("max", 5),
        ("mean", 1.5),
        ("median", 1),
        ("variance", 27 / 4),
        ("std", np.sqrt(27 / 4)),
        ("sum", 6),
        ("prod", 15),
        ("l1", 10),
        ("l1_norm", 10),
        ("l2", 6),
        ("l2_norm", 6),
    ],
)
def test_by_hand(tmp_path: Path, name: str, expected: float) -> None:
    assert reduction(tmp_path / "t", np.array([3.0, -1.0, -1.0, 5.0]), name) == expected


def test_norms_of_a_matrix_are_matrix_norms(tmp_path: Path) -> None:
    # Columns add up to 4 and 6; the singular values of a diagonal matrix are its elements.
    assert reduction(tmp_path / "a", np.array([[1.0, -2.0], [-3.0, 4.0]]), "l1") == 6
    assert reduction(tmp_path / "b", np.array([[3.0, 0.0], [0.0, -4.0]]), "l2") == 4


@pytest.mark.parametrize("value", [np.float64(-3.0).reshape(()), np.full((1, 1, 1), -3.0)])
def test_norms_of_other_ranks_are_element_wise(tmp_path: Path, value: np.ndarray[Any, Any]) -> None:
    assert reduction(tmp_path / "t", value, "l2") == 3


@pytest.mark.parametrize("bits", [8, 16, 32, 64])
def test_the_smallest_integer_has_a_magnitude(tmp_path: Path, bits: int) -> None:
    smallest = -(2 ** (bits - 1))
    value = np.array([smallest, 5], dtype=f"int{bits}")
    assert int(reduction(tmp_path / "t", value, "max", abs=True)) == -smallest
    assert int(ts.open(tmp_path / "t").tensor("x").reduction_value(0, "min", abs=True)) == 5


def test_norms_of_a_float16_matrix(tmp_path: Path) -> None:
    norm = reduction(tmp_path / "t", np.array([[3, 0], [0, 4]], dtype=np.float16), "l2")
    assert norm.dtype == np.float16
    assert norm == 4


def test_bfloat16_adds_up(tmp_path: Path) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    assert reduction(tmp_path / "t", np.ones(1000, dtype=ml_dtypes.bfloat16), "sum") == 1000


def test_overflow_shows_in_the_result_and_not_as_a_warning(tmp_path: Path) -> None:
    assert reduction(tmp_path / "a", np.array([1e300, 1e300]), "prod") == np.inf
    assert np.isnan(reduction(tmp_path / "b", np.array([np.inf, -np.inf]), "mean"))


@pytest.mark.parametrize(("value", "reason"), [(np.zeros((0, 3)), "no elements"), (["a", "b"], "text")])
@pytest.mark.parametrize("name", ["min", "mean", "sum", "l2"])
def test_what_has_none(tmp_path: Path, value: object, reason: str, name: str) -> None:
    with pytest.raises(InvalidTensor, match=f"no {name} of tensor 'x' at step 0 .*{reason}"):
        reduction(tmp_path / "t", value, name)


@pytest.mark.parametrize(("name", "near"), [("men", "'mean'"), ("mean_norm", "'mean'"), ("", "known: min, max")])
def test_other_names(tmp_path: Path, name: str, near: str) -> None:
    with pytest.raises(ValueError, match=f"unknown reduction.*{near}"):
        reduction(tmp_path / "t", np.ones(3), name)


def test_saved_ones_go_before_the_value(tmp_path: Path) -> None:
    with Writer(tmp_path / "t") as writer:
        # Not the mean of the value, to tell the two apart.
        saved = {"mean": 7.0, "abs_mean": 8.0, "max": 9.0}
        reductions = {f"smdebug/reductions/{name}/x": value for name, value in saved.items()}
        writer.save(0, {"x": np.ones(3), **reductions})
    trial = ts.open(tmp_path / "t")
    tensor = trial.tensor("x")
    assert tensor.reduction_value(0, "mean").tolist() == [7.0]
    assert tensor.reduction_value(0, "mean", abs=True).tolist() == [8.0]
    assert set(tensor.reduction_values(0)) == {("mean", False), ("mean", True), ("max", False)}
    assert tensor.reduction_value(0, "max").tolist() == [9.0]
    assert tensor.reduction_value(0, "max", abs=True) == 1
    assert tensor.reduction_value(0, "sum") == 3
    assert trial.tensor_names() == ["x"]
