"""The real smdebug reads a training that our hook captured, with the values xgboost itself gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from job import Job

if TYPE_CHECKING:
    from pathlib import Path

    import xgboost as xgb

    from original import Seen

JOB = Job()


@pytest.fixture(scope="module")
def captured(
    smdebug_python: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Seen, xgb.Booster, dict[str, dict[str, list[float]]]]:
    from original import Original

    folder = tmp_path_factory.mktemp("hook")
    booster, metrics = JOB.run_with_our_hook(folder / "trial")
    return Original(smdebug_python, folder / "answers").read(folder / "trial"), booster, metrics


def test_steps_modes_workers(captured: tuple[Seen, xgb.Booster, object]) -> None:
    seen = captured[0]
    assert seen.steps == JOB.steps == [0, 5, 10]
    assert seen.workers == ["worker_0"]
    assert seen.loaded_all_steps
    modes = {mode for mode, _ in seen.mode_of_step.values()}
    assert len(modes) == 1


def test_metrics(captured: tuple[Seen, xgb.Booster, dict[str, dict[str, list[float]]]]) -> None:
    seen, _, metrics = captured
    for data, by_metric in metrics.items():
        for metric, values in by_metric.items():
            saved = [seen.value(f"{data}-{metric}", step) for step in seen.steps]
            assert [value.shape for value in saved] == [(1,)] * 3
            assert [float(value[0]) for value in saved] == [values[step] for step in seen.steps]


def test_predictions_and_labels(captured: tuple[Seen, xgb.Booster, object]) -> None:
    seen, booster, _ = captured
    validation = JOB.matrices()[1]
    for step in seen.steps:
        expected = booster.predict(validation, iteration_range=(0, step + 1))
        np.testing.assert_allclose(seen.value("predictions", step), expected, rtol=1e-6, atol=1e-7)
        assert np.array_equal(seen.value("labels", step), JOB.validation_y)


def test_shap_values(captured: tuple[Seen, xgb.Booster, object]) -> None:
    seen, booster, _ = captured
    train = JOB.matrices()[0]
    for step in seen.steps:
        expected = booster.predict(train, pred_contribs=True, iteration_range=(0, step + 1))
        for feature in range(5):
            saved = seen.value(f"full_shap/f{feature}", step)
            assert saved.dtype == np.float32
            np.testing.assert_allclose(saved, expected, rtol=1e-4, atol=1e-5)
            average = seen.value(f"average_shap/f{feature}", step)
            np.testing.assert_allclose(average, [expected[:, feature].mean()], rtol=1e-4, atol=1e-6)


def test_importances(captured: tuple[Seen, xgb.Booster, object]) -> None:
    seen, booster, _ = captured
    for step in seen.steps:
        for kind in ("weight", "gain", "cover", "total_gain", "total_cover"):
            model: Any = booster[: step + 1]
            scores: dict[str, float] = model.get_score(importance_type=kind)
            total = sum(scores.values())
            for name, score in scores.items():
                saved = seen.value(f"feature_importance/{kind}/{name}", step)
                np.testing.assert_allclose(saved, [score / total], rtol=1e-5)


def test_trees(captured: tuple[Seen, xgb.Booster, object]) -> None:
    """Each step holds every tree that is new since the step ahead of it."""
    pytest.importorskip("pandas")
    seen, booster, _ = captured
    table = booster.trees_to_dataframe()
    first = 0
    for step in seen.steps:
        new = table[(table["Tree"] >= first) & (table["Tree"] <= step)]
        assert seen.value("trees/Tree", step).tolist() == list(new["Tree"])
        assert seen.value("trees/Node", step).tolist() == list(new["Node"])
        assert seen.value("trees/Feature", step) == list(new["Feature"])
        np.testing.assert_allclose(seen.value("trees/Cover", step), new["Cover"], rtol=1e-5)
        first = step + 1


def test_collections(captured: tuple[Seen, xgb.Booster, object]) -> None:
    collections = captured[0].collections
    assert collections["metrics"]["tensors_in_trial"] == [
        "train-auc",
        "train-logloss",
        "validation-auc",
        "validation-logloss",
    ]
    assert collections["full_shap"]["tensors_in_trial"] == [f"full_shap/f{feature}" for feature in range(5)]
    assert collections["labels"]["tensors_in_trial"] == ["labels"]
    assert "hyperparameters/max_depth" in collections["hyperparameters"]["tensors_in_trial"]


def test_hyperparameters(captured: tuple[Seen, xgb.Booster, object]) -> None:
    seen = captured[0]
    assert seen.value("hyperparameters/max_depth", 0).tolist() == [3]
    assert seen.value("hyperparameters/eta", 0).tolist() == [0.3]
    assert seen.value("hyperparameters/objective", 0) == ["binary:logistic"]
