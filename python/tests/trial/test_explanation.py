"""SHAP values of a trial add up to the margins of its model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import trialscope as ts
from trialscope.exceptions import InvalidTensor, StepUnavailable

from .originals import Original
from .writing import Writer

# Sums of a few float32 contributions, by us in another order than in xgboost.
ROUNDING = 1e-5

each_model = pytest.mark.parametrize(
    "original",
    [pytest.param(name, marks=pytest.mark.shared) for name in ("xgboost-binary", "xgboost-multiclass")],
    indirect=True,
)


def model_and_rows(original: Original) -> tuple[Any, Any, list[str]]:
    """The final model, the training rows, and the names of their columns."""
    xgb = pytest.importorskip("xgboost")
    inputs = original.folder / "inputs"
    header = (inputs / "train.csv").read_text().splitlines()[0].split(",")[1:]
    rows = np.loadtxt(inputs / "train.csv", delimiter=",", skiprows=1, dtype=np.float32)[:, 1:]
    booster = xgb.Booster(model_file=str(inputs / "model.json"))
    return booster, xgb.DMatrix(rows, feature_names=booster.feature_names), header


@each_model
def test_values_and_base_add_up_to_the_margin(original: Original) -> None:
    booster, rows, _ = model_and_rows(original)
    trial = original.open()
    assert trial.steps()
    for step in trial.steps():
        explanation = trial.explanation(step)
        assert explanation.step == step
        margin = booster.predict(rows, output_margin=True, iteration_range=(0, step + 1))
        assert explanation.base_values.shape == margin.shape
        np.testing.assert_allclose(
            explanation.values.sum(axis=1) + explanation.base_values, margin, rtol=ROUNDING, atol=ROUNDING
        )


@each_model
def test_values_are_those_of_xgboost(original: Original) -> None:
    booster, rows, _ = model_and_rows(original)
    trial = original.open()
    for step in trial.steps():
        explanation = trial.explanation(step)
        expected = booster.predict(rows, pred_contribs=True, iteration_range=(0, step + 1))
        if expected.ndim == 3:
            # On disk outputs come before features, in an explanation behind them.
            expected = expected.transpose(0, 2, 1)
        np.testing.assert_allclose(explanation.values, expected[:, :-1], rtol=ROUNDING, atol=ROUNDING)
        np.testing.assert_allclose(explanation.base_values, expected[:, -1], rtol=ROUNDING, atol=ROUNDING)


@each_model
def test_shapes(original: Original) -> None:
    explanation = original.open().explanation()
    if original.name == "xgboost-binary":
        assert explanation.values.shape == (160, 5)
        assert repr(explanation) == "Explanation(160 rows x 5 features, step 15)"
    else:
        assert explanation.values.shape == (90, 4, 3)
        assert repr(explanation) == "Explanation(90 rows x 4 features x 3 outputs, step 8)"
    assert len(explanation) == len(explanation.values)
    assert explanation.data is None


@each_model
def test_mean_magnitudes(original: Original) -> None:
    booster, rows, header = model_and_rows(original)
    trial = original.open()
    explanation = trial.explanation()
    contributions = booster.predict(rows, pred_contribs=True, iteration_range=(0, trial.last_complete_step + 1))
    by_column = np.abs(contributions[..., :-1]).reshape(-1, len(header)).mean(axis=0)
    found = explanation.mean_abs()
    assert list(found.values()) == sorted(found.values(), reverse=True)
    for column, name in enumerate(explanation.feature_names):
        assert found[name] == pytest.approx(by_column[column], rel=ROUNDING)


@each_model
def test_no_column_has_the_name_of_another(original: Original) -> None:
    _, _, header = model_and_rows(original)
    trial = original.open()
    for step in trial.steps():
        names = trial.explanation(step).feature_names
        # smdebug saved no SHAP values of `hours` and `data`: their names end in one of `b i a s /`.
        skipped = {"hours", "data"}
        assert names == [f"f{column}" if name in skipped else name for column, name in enumerate(header)]


def save_matrix(folder: Path, names: list[str], shape: tuple[int, ...] = (4, 3), **config: Any) -> np.ndarray[Any, Any]:
    """Write one matrix of SHAP values under all names."""
    matrix = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    with Writer(folder, **config) as writer:
        writer.capture.save_step(0, "TRAIN", 0, [("tensor", [f"full_shap/{name}" for name in names], matrix)])
    return matrix


def test_names_in_tensor_names(tmp_path: Path) -> None:
    matrix = save_matrix(tmp_path / "t", ["size", "area", "bias"])
    explanation = ts.open(tmp_path / "t").explanation(0, "train", "worker_0")
    # Not in alphabetical order, which is that of `tensor_names()`.
    assert explanation.feature_names == ["size", "area"]
    np.testing.assert_array_equal(explanation.values, matrix[:, :2])
    np.testing.assert_array_equal(explanation.base_values, matrix[:, 2])


def test_names_beside_the_trial(tmp_path: Path) -> None:
    save_matrix(tmp_path / "t", ["f0", "f1", "bias"], feature_names=["size", "area"])
    assert ts.open(tmp_path / "t").explanation().feature_names == ["size", "area"]


def test_names_beside_the_trial_that_do_not_fit(tmp_path: Path) -> None:
    save_matrix(tmp_path / "t", ["f0", "f1", "bias"], feature_names=["size"])
    assert ts.open(tmp_path / "t").explanation().feature_names == ["f0", "f1"]


def test_private_names(tmp_path: Path) -> None:
    save_matrix(tmp_path / "t", ["f0", "f1", "bias"])
    assert ts.open(tmp_path / "t").explanation().feature_names == ["f0", "f1"]


def test_part_of_the_names(tmp_path: Path) -> None:
    save_matrix(tmp_path / "t", ["area"])
    assert ts.open(tmp_path / "t").explanation().feature_names == ["f0", "f1"]


def test_outputs_lie_behind_features(tmp_path: Path) -> None:
    matrix = save_matrix(tmp_path / "t", ["size", "area", "bias"], shape=(5, 4, 3))
    explanation = ts.open(tmp_path / "t").explanation()
    assert (explanation.values.shape, explanation.base_values.shape) == ((5, 2, 4), (5, 4))
    assert explanation.values[1, 0, 3] == matrix[1, 3, 0]
    assert explanation.base_values[1, 3] == matrix[1, 3, 2]


def test_what_is_no_matrix_of_shap_values(tmp_path: Path) -> None:
    save_matrix(tmp_path / "t", ["f0"], shape=(4,))
    with pytest.raises(InvalidTensor, match=r"'full_shap/f0' of shape \(4,\) is not a matrix of SHAP values"):
        ts.open(tmp_path / "t").explanation()


def test_the_last_step_is_taken_unless_one_is_named(tmp_path: Path) -> None:
    with Writer(tmp_path / "t") as writer:
        for step in (0, 10):
            writer.save(step, {"full_shap/f0": np.full((2, 2), step, dtype=np.float32)})
        writer.save(20, {"loss": 1.0})
    trial = ts.open(tmp_path / "t")
    assert trial.explanation().step == 10
    assert trial.explanation(0).values.tolist() == [[0], [0]]
    with pytest.raises(StepUnavailable):
        trial.explanation(5)


def test_mean_magnitudes_by_hand() -> None:
    values = np.array([[1, -2, 0], [3, -2, 2]], dtype=np.float32)
    one = ts.Explanation(values=values, base_values=np.zeros(2), feature_names=["a", "b", "c"])
    # a and b weigh the same and keep their order.
    assert list(one.mean_abs().items()) == [("a", 2.0), ("b", 2.0), ("c", 1.0)]
    several = ts.Explanation(
        values=np.stack([values, 2 * values], axis=2), base_values=np.zeros((2, 2)), feature_names=["a", "b", "c"]
    )
    assert several.mean_abs() == {"a": 3.0, "b": 3.0, "c": 1.5}


def test_as_an_explanation_of_shap(tmp_path: Path) -> None:
    shap = pytest.importorskip("shap")
    matrix = save_matrix(tmp_path / "t", ["size", "area", "bias"])
    explanation = ts.open(tmp_path / "t").explanation().to_shap()
    assert isinstance(explanation, shap.Explanation)
    np.testing.assert_array_equal(explanation.values, matrix[:, :2])
    assert explanation.feature_names == ["size", "area"]
