"""What the hook saves equals what XGBoost says about the model of that round."""

# pyright: reportArgumentType=false, reportCallIssue=false, reportUntypedBaseClass=false, reportAttributeAccessIssue=false
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost as xgb

import trialscope
from trialscope.xgboost import Hook

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*`booster=dart` is deprecated"),
    pytest.mark.filterwarnings("ignore:.*manually specified the `updater`"),
]

EVERYTHING = ["predictions", "labels", "feature_importance", "average_shap", "full_shap", "trees", "losses"]
STEPS = (0, 1, 4, 8)
Data = tuple[Any, Any, dict[str, Any], dict[str, Any]]


def case(name: str, features: np.ndarray, rng: np.random.Generator) -> Data:
    """Training data, labels, parameters, and further arguments of the DMatrix."""
    signal = np.nan_to_num(features[:, 0]) - np.nan_to_num(features[:, 1]) + rng.normal(size=len(features))
    binary = (signal > 0).astype(np.float32)
    classes = np.digitize(signal, [-0.7, 0.7]).astype(np.float32)
    margin = rng.normal(size=len(features)).astype(np.float32)
    frame = pd.DataFrame(features[:, :4], columns=list("abcd"))
    frame["c"] = pd.Categorical(rng.choice(list("uvwxyz"), len(features)))
    cases: dict[str, Data] = {
        "binary": (features, binary, {"objective": "binary:logistic"}, {}),
        "softprob": (features, classes, {"objective": "multi:softprob", "num_class": 3}, {}),
        "regression": (features, signal + 5, {"objective": "reg:squarederror"}, {}),
        "ranking": (features, binary, {"objective": "rank:ndcg"}, {"qid": np.arange(len(features)) // 20}),
        "poisson": (features, np.round(np.exp(signal / 3)), {"objective": "count:poisson"}, {}),
        "forest": (
            features,
            classes,
            {"objective": "multi:softprob", "num_class": 3, "num_parallel_tree": 2, "subsample": 0.5},
            {},
        ),
        "dart": (features, binary, {"objective": "binary:logistic", "booster": "dart", "rate_drop": 0.5}, {}),
        "base_margin": (features, binary, {"objective": "binary:logistic"}, {"base_margin": margin}),
        "categories": (
            frame,
            binary,
            {"objective": "binary:logistic", "max_cat_to_onehot": 2},
            {"enable_categorical": True},
        ),
        "pruned": (features, signal, {"objective": "reg:squarederror", "tree_method": "exact", "gamma": 8.0}, {}),
    }
    return cases[name]


CASES = [
    "binary",
    "softprob",
    "regression",
    "ranking",
    "poisson",
    "forest",
    "dart",
    "base_margin",
    "categories",
    "pruned",
]


class Reference(xgb.callback.TrainingCallback):
    """What XGBoost says about the whole model after the saved rounds."""

    def __init__(self, data: xgb.DMatrix) -> None:
        super().__init__()
        self.data = data
        self.shap: dict[int, np.ndarray] = {}
        self.predictions: dict[int, np.ndarray] = {}
        self.scores: dict[int, dict[str, dict[str, float]]] = {}
        self.tables: dict[int, pd.DataFrame] = {}

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002 - XGBoost's interface
        step = model.num_boosted_rounds() - 1
        self.shap[step] = model.predict(self.data, pred_contribs=True)
        self.predictions[step] = model.predict(self.data)
        kinds = ("weight", "gain", "cover", "total_gain", "total_cover")
        self.scores[step] = {kind: model.get_score(importance_type=kind) for kind in kinds}
        self.tables[step] = model.trees_to_dataframe()
        return False


def train(place: Path, data: Data, *, rounds: int = 9, xgb_model: Any = None, **hook: Any) -> tuple[Any, Reference]:
    features, labels, params, more = data
    matrix = xgb.DMatrix(features, labels, **more)
    reference = Reference(matrix)
    hook = {"save_interval": 4, "collections": EVERYTHING, "strict": True, "feature_names": "tensor", **hook}
    save_config = trialscope.SaveConfig(save_interval=hook.pop("save_interval"), save_steps=[1])
    own = Hook(place, train_data=matrix, validation_data=matrix, save_config=save_config, **hook)
    xgb.train(
        {"max_depth": 3, "eta": 0.4, "seed": 1, "nthread": 1, **params},
        matrix,
        rounds,
        evals=[(matrix, "train")],
        verbose_eval=False,
        xgb_model=xgb_model,
        callbacks=[own, reference],
    )
    return trialscope.open(place), reference


def check_shap(trial: Any, reference: Reference, steps: tuple[int, ...], labels: list[str]) -> None:
    for step in steps:
        expected = reference.shap[step]
        scale = np.abs(expected).max()
        values = trial.tensor(f"full_shap/{labels[0]}").value(step)
        assert values.dtype == np.float32
        np.testing.assert_allclose(values, expected, rtol=0, atol=4e-6 * max(scale, 1.0))
        means = expected.astype(np.float64).mean(axis=tuple(range(expected.ndim - 1)))
        for column, label in enumerate(labels):
            mean = trial.tensor(f"average_shap/{label}").value(step)
            assert mean.shape == (1,)
            np.testing.assert_allclose(mean[0], means[column], rtol=0, atol=4e-6 * max(scale, 1.0))


def check_importance(trial: Any, reference: Reference, steps: tuple[int, ...], labels: list[str]) -> None:
    for step in steps:
        for kind, scores in reference.scores[step].items():
            total = sum(scores.values())
            for label in labels:
                found = trial.tensor(f"feature_importance/{kind}/{label}").value(step)
                assert found.dtype == np.float64
                expected = scores.get(label, 0.0) / total if total else 0.0
                np.testing.assert_allclose(found, [expected], rtol=2e-5, atol=1e-12)


def check_trees(trial: Any, reference: Reference, steps: tuple[int, ...], first_tree: int = 0) -> None:
    seen = first_tree
    for step in steps:
        whole = reference.tables[step]
        rows = whole[whole["Tree"] >= seen].sort_values(["Tree", "Node"])
        seen = int(whole["Tree"].max()) + 1
        for column in ("Tree", "Node"):
            found = trial.tensor(f"trees/{column}").value(step)
            assert found.dtype == np.int64
            assert found.tolist() == rows[column].tolist()
        for column in ("ID", "Feature", "Yes", "No", "Missing"):
            expected = ["nan" if pd.isna(value) else str(value) for value in rows[column]]
            assert list(trial.tensor(f"trees/{column}").value(step)) == expected, column
        for column in ("Split", "Gain", "Cover"):
            found = trial.tensor(f"trees/{column}").value(step)
            assert found.dtype == np.float64
            expected = rows[column].astype(float).to_numpy()
            np.testing.assert_allclose(found, expected, rtol=1e-6, equal_nan=True)
        categories = [value if isinstance(value, list) else None for value in rows["Category"]]
        found = list(trial.tensor("trees/Category").value(step))
        assert [None if text == "nan" else [int(v) for v in text.strip("[]").split(",")] for text in found] == [
            None if value is None else [int(v) for v in value] for value in categories
        ]


@pytest.mark.parametrize("name", CASES)
def test_every_saved_step_equals_xgboost(
    name: str, tmp_path: Path, features: np.ndarray, rng: np.random.Generator
) -> None:
    data = case(name, features, rng)
    trial, reference = train(tmp_path / "t", data)
    labels = list("abcd") if name == "categories" else ["f0", "f1", "f2", "f3", "f4"]
    assert trial.steps() == list(STEPS)
    check_shap(trial, reference, STEPS, labels)
    check_importance(trial, reference, STEPS, labels)
    check_trees(trial, reference, STEPS)
    for step in STEPS:
        assert trial.tensor("predictions").value(step).tobytes() == reference.predictions[step].tobytes()
        assert trial.tensor("labels").value(step).tolist() == np.asarray(data[1], dtype=np.float32).tolist()


def test_a_model_trained_further_counts_on(tmp_path: Path, features: np.ndarray, rng: np.random.Generator) -> None:
    data = case("softprob", features, rng)
    first = xgb.train({"max_depth": 2, "seed": 1, **data[2]}, xgb.DMatrix(data[0], data[1]), 3)
    trial, reference = train(tmp_path / "t", data, rounds=6, xgb_model=first)
    assert trial.steps() == [4, 8]
    check_shap(trial, reference, (4, 8), ["f0", "f1", "f2", "f3", "f4"])
    check_importance(trial, reference, (4, 8), ["f0", "f1", "f2", "f3", "f4"])
    check_trees(trial, reference, (4, 8), first_tree=9)


def test_a_model_that_is_updated_is_evaluated_anew(
    tmp_path: Path, features: np.ndarray, rng: np.random.Generator
) -> None:
    values, labels, params, more = case("binary", features, rng)
    first = xgb.train({"max_depth": 3, **params}, xgb.DMatrix(values, labels), 6)
    update = {"process_type": "update", "updater": "refresh", "refresh_leaf": True}
    trial, reference = train(
        tmp_path / "t", (values, 1 - labels, {**params, **update}, more), rounds=6, xgb_model=first, save_interval=2
    )
    assert trial.steps() == [0, 1, 2, 4]
    check_shap(trial, reference, (0, 1, 2, 4), ["f0", "f1", "f2", "f3", "f4"])
    check_importance(trial, reference, (0, 1, 2, 4), ["f0", "f1", "f2", "f3", "f4"])
    check_trees(trial, reference, (0, 1, 2, 4))


def test_a_base_score_changed_while_training_is_in_the_totals(features: np.ndarray, rng: np.random.Generator) -> None:
    from trialscope.xgboost.model import GrowingModel
    from trialscope.xgboost.shap import ShapTotals

    values, labels, params, _ = case("base_margin", features, rng)
    matrix = xgb.DMatrix(values, labels, nthread=1)
    booster = xgb.Booster({**params, "base_score": 0.5, "max_depth": 3}, [matrix])
    model = GrowingModel(booster)
    totals = ShapTotals(model, matrix)
    biases: list[float] = []
    for epoch in range(6):
        if epoch == 4:
            # A training keeps its base score whatever a parameter says; only loading a model changes it.
            content = json.loads(booster.save_raw("json"))
            stored = content["learner"]["learner_model_param"]["base_score"]
            content["learner"]["learner_model_param"]["base_score"] = "[9E-1]" if stored.startswith("[") else "9E-1"
            booster.load_model(bytearray(json.dumps(content), "utf-8"))
        booster.update(matrix, epoch)
        model.observe(1)
        totals.update()
        expected = booster.predict(matrix, pred_contribs=True)
        np.testing.assert_allclose(totals.values, expected, rtol=0, atol=1e-5)
        biases.append(float(expected[0, -1]))
    growth = np.abs(np.diff(biases))
    assert growth[3] > 2 * max(growth[:3].max(), growth[4]), "the change reached the model"


def test_the_training_is_the_same_with_and_without_the_hook(
    tmp_path: Path, features: np.ndarray, binary: np.ndarray
) -> None:
    matrix = xgb.DMatrix(features, binary)
    params = {"objective": "binary:logistic", "subsample": 0.7, "seed": 3, "nthread": 1}
    hook = Hook(tmp_path / "t", train_data=matrix, validation_data=matrix, collections=EVERYTHING, save_interval=1)
    with_hook = xgb.train(params, matrix, 8, callbacks=[hook])
    without = xgb.train(params, matrix, 8)
    assert with_hook.save_raw("ubj") == without.save_raw("ubj")
    assert hook.failure is None
