"""Scalars over steps as data frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import trialscope as ts

from .writing import EVERYTHING, Writer

NAN = float("nan")
COLLECTIONS = {"losses": {"name": "losses", "include_regex": ["-loss$"]}, **EVERYTHING}


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> ts.Trial:
    folder = tmp_path_factory.mktemp("tables") / "t"
    with Writer(folder, collections=COLLECTIONS, feature_names=["age", "in/come"]) as writer:
        writer.save(0, {"a-loss": 0.5, "b-loss": np.float32(0.25), "gain/f1": 2**53, "text": "x"})
        writer.save(
            5, {"a-loss": np.array(1, dtype=np.int8), "flag": True, "vector": np.zeros(3)}, mode="EVAL", mode_step=0
        )
        writer.save(7, {"a-loss": np.array([[NAN]]), "b-loss": -np.inf, "gain/f0": np.float16(1.5), "other/age": 9.0})
    return ts.open(folder)


ALL = {
    "a-loss": [0.5, 1.0, NAN],
    "b-loss": [0.25, NAN, -np.inf],
    "flag": [NAN, 1.0, NAN],
    "gain/f0": [NAN, NAN, 1.5],
    "gain/f1": [2.0**53, NAN, NAN],
    "other/age": [NAN, NAN, 9.0],
}


def assert_table(frame: Any, steps: list[int], columns: dict[str, list[float]]) -> None:
    """A pandas frame has these steps and columns, in this order."""
    assert frame.index.name == "step"
    assert frame.index.dtype == np.int64
    assert frame.index.tolist() == steps
    assert list(frame.columns) == list(columns)
    for name, values in columns.items():
        assert frame[name].dtype == np.float64
        np.testing.assert_array_equal(frame[name].to_numpy(), values)


def test_every_single_number(trial: ts.Trial) -> None:
    assert_table(trial.to_pandas(), [0, 5, 7], ALL)


def test_by_name_pattern_and_collection(trial: ts.Trial) -> None:
    assert_table(trial.to_pandas(["b-loss", "a-loss"]), [0, 5, 7], {name: ALL[name] for name in ("b-loss", "a-loss")})
    assert_table(trial.to_pandas("flag"), [5], {"flag": [1.0]})
    assert_table(trial.to_pandas(regex="^gain"), [0, 7], {"gain/f0": [NAN, 1.5], "gain/f1": [2.0**53, NAN]})
    losses = {name: ALL[name] for name in ("a-loss", "b-loss")}
    assert_table(trial.to_pandas(collection="losses"), [0, 5, 7], losses)
    assert_table(trial.to_pandas(collection=trial.collection("losses")), [0, 5, 7], losses)
    assert_table(trial.to_pandas(regex=["flag", "^b"]), [0, 5, 7], {name: ALL[name] for name in ("b-loss", "flag")})


def test_of_one_mode_in_its_own_steps(trial: ts.Trial) -> None:
    assert_table(trial.to_pandas(mode="eval"), [0], {"a-loss": [1.0], "flag": [1.0]})
    # Asked for by name it has a column, though this mode did not save it.
    assert_table(trial.to_pandas(["flag", "a-loss"], mode="train"), [0, 7], {"flag": [NAN, NAN], "a-loss": [0.5, NAN]})


def test_of_one_worker(trial: ts.Trial) -> None:
    assert_table(trial.to_pandas("flag", worker="worker_0"), [5], {"flag": [1.0]})


def test_real_feature_names(trial: ts.Trial) -> None:
    assert_table(
        trial.to_pandas(["gain/age", "gain/in/come"]), [0, 7], {"gain/age": [NAN, 1.5], "gain/in/come": [2.0**53, NAN]}
    )
    assert trial.feature_names == ["age", "in/come"]
    assert trial.tensor("gain/in/come").name == "gain/f1"
    assert trial.tensor("gain/age").value(7).tolist() == [1.5]
    # A tensor that has this very name comes first.
    assert trial.tensor("other/age").name == "other/age"
    known = {
        name: trial.has_tensor(name) for name in ("gain/age", "gain/in/come", "gain/f1", "text/age", "age", "come")
    }
    assert known == {
        "gain/age": True,
        "gain/in/come": True,
        "gain/f1": True,
        "text/age": False,
        "age": False,
        "come": False,
    }


def test_nothing(trial: ts.Trial) -> None:
    assert_table(trial.to_pandas(regex="no such tensor"), [], {})
    assert_table(trial.to_pandas([]), [], {})
    assert repr(trial.scalars([])) == "ScalarTable(0 steps, 0 tensors)"


def test_polars(trial: ts.Trial) -> None:
    pl = pytest.importorskip("polars")
    frame = trial.to_polars(["a-loss", "gain/age"], worker="worker_0")
    assert frame.schema == {"step": pl.Int64, "a-loss": pl.Float64, "gain/age": pl.Float64}
    assert frame["step"].to_list() == [0, 5, 7]
    np.testing.assert_array_equal(frame["a-loss"].to_numpy(), ALL["a-loss"])
    assert trial.to_polars(regex="no such tensor").schema == {"step": pl.Int64}
    assert trial.to_polars(collection="losses", mode="eval")["a-loss"].to_list() == [1.0]


def test_arrow(trial: ts.Trial) -> None:
    pa = pytest.importorskip("pyarrow")
    table = trial.to_arrow(["a-loss", "gain/age"], worker="worker_0")
    assert table.schema == pa.schema({"step": pa.int64(), "a-loss": pa.float64(), "gain/age": pa.float64()})
    assert table["step"].to_pylist() == [0, 5, 7]
    np.testing.assert_array_equal(table["a-loss"].to_numpy(), ALL["a-loss"])
    assert trial.to_arrow(collection="losses", mode="eval")["a-loss"].to_pylist() == [1.0]


def test_the_table_itself(trial: ts.Trial) -> None:
    table = trial.scalars(collection="losses")
    assert len(table) == 3
    assert repr(table) == "ScalarTable(3 steps, 2 tensors)"
    assert table.steps.tolist() == [0, 5, 7]
    np.testing.assert_array_equal(table.columns["a-loss"], ALL["a-loss"])


def test_labels_and_predictions_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    names = ["predictions_10", "predictions_2", "predictions", "labels", "my_labels"]
    with Writer(tmp_path / "t") as writer:
        writer.save(0, {"labels": -1.0}, mode="EVAL", mode_step=3)
        writer.save(3, {name: np.full(2, index) for index, name in enumerate(names)}, mode="TRAIN", mode_step=0)
    trial = ts.open(tmp_path / "t")
    assert [value[0] for value in trial.predictions(3)] == [2, 1, 0]
    assert [value[0] for value in trial.predictions(0, "train")] == [2, 1, 0]
    assert [value.tolist() for value in trial.labels(3)] == [[3, 3]]
    # Step 3 of EVAL is not global step 3.
    assert [value.tolist() for value in trial.labels(3, "eval")] == [[-1]]
