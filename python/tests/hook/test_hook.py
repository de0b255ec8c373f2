"""How the hook behaves in all the ways it can be used, and what happens when something goes wrong."""

# pyright: reportArgumentType=false, reportUntypedBaseClass=false, reportAttributeAccessIssue=false, reportIndexIssue=false
from __future__ import annotations

import copy
import json
import logging
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost as xgb
from sklearn.model_selection import cross_val_score

import trialscope
from trialscope.config import Collection, ReductionConfig, SaveConfig
from trialscope.exceptions import TrialExists
from trialscope.xgboost import Hook

PARAMS: dict[str, Any] = {"objective": "binary:logistic", "max_depth": 2, "nthread": 1}
SHAP_OF_ALL = {f"{family}/f{index}" for family in ("full_shap", "average_shap") for index in range(5)}


@pytest.fixture
def matrix(features: np.ndarray, binary: np.ndarray) -> xgb.DMatrix:
    return xgb.DMatrix(features, binary)


def train(matrix: xgb.DMatrix, *hooks: Hook, rounds: int = 6, **more: Any) -> xgb.Booster:
    evals = more.pop("evals", [(matrix, "train")])
    return xgb.train({**PARAMS, **more}, matrix, rounds, evals=evals, verbose_eval=False, callbacks=list(hooks))


def test_only_metrics_every_tenth_round_by_default(tmp_path: Path, matrix: xgb.DMatrix) -> None:
    train(matrix, Hook(tmp_path / "t"), rounds=12, eval_metric=["logloss", "auc"])
    trial = trialscope.open(tmp_path / "t")
    assert trial.steps() == [0, 10]
    assert trial.tensor_names() == ["train-auc", "train-logloss"]
    assert trial.tensor_names(collection="losses") == ["train-logloss"]


def test_metrics_of_any_name(tmp_path: Path, matrix: xgb.DMatrix) -> None:
    evals = [(matrix, "validation_0"), (matrix, "my_set/<script>"), (matrix, "naïve")]
    result: dict[str, Any] = {}
    hook = Hook(tmp_path / "t", save_interval=1)
    xgb.train(
        {**PARAMS, "eval_metric": ["logloss", "error@0.7", "ndcg@5"]},
        matrix,
        2,
        evals=evals,
        evals_result=result,
        verbose_eval=False,
        callbacks=[hook],
    )
    trial = trialscope.open(tmp_path / "t")
    names = {f"{name}-{metric}" for _, name in evals for metric in ("logloss", "error@0.7", "ndcg@5")}
    assert set(trial.tensor_names()) == names
    for name in names:
        eval_name, _, metric = name.partition("-")
        for step in (0, 1):
            assert trial.tensor(name).value(step).tolist() == [result[eval_name][metric][step]]


def test_a_metric_that_is_nan_is_saved_as_nan(tmp_path: Path, matrix: xgb.DMatrix) -> None:
    hook = Hook(tmp_path / "t", save_interval=1)
    xgb.train(
        PARAMS,
        matrix,
        1,
        evals=[(matrix, "train")],
        custom_metric=lambda *_: ("mine", float("nan")),
        verbose_eval=False,
        callbacks=[hook],
    )
    assert np.isnan(trialscope.open(tmp_path / "t").tensor("train-mine").value(0)).all()


@pytest.mark.parametrize("policy", ["private", "sidecar", "tensor"])
def test_feature_names(policy: str, tmp_path: Path, features: np.ndarray, binary: np.ndarray) -> None:
    names = ["Workclass", "Capital Loss", "a/\"b'", "naïve ☃", "bias"]
    matrix = xgb.DMatrix(features, binary, feature_names=names)
    hook = Hook(
        tmp_path / "t",
        train_data=matrix,
        hyperparameters={"monotone_constraints": {"Capital Loss": -1}},
        collections=["full_shap", "average_shap", "feature_importance", "trees", "hyperparameters"],
        feature_names=policy,
        strict=True,
    )
    train(matrix, hook, rounds=1)
    trial = trialscope.open(tmp_path / "t")
    labels = names if policy == "tensor" else ["f0", "f1", "f2", "f3", "f4"]
    for family in ("full_shap", "average_shap"):
        assert set(trial.tensor_names(collection=family)) == {f"{family}/{label}" for label in labels}
    assert set(trial.tensor("trees/Feature").value(0)) <= {*labels, "Leaf"}
    sidecar = tmp_path / "t" / "feature_names.json"
    assert sidecar.exists() == (policy == "sidecar")
    if policy == "sidecar":
        assert json.loads(sidecar.read_text()) == {"feature_names": names}
    if policy == "private":
        written = b"".join(path.read_bytes() for path in (tmp_path / "t").rglob("*") if path.is_file())
        assert b"Workclass" not in written
        assert b"Capital Loss" not in written


def test_the_base_value_is_saved_only_with_save_all(tmp_path: Path, matrix: xgb.DMatrix) -> None:
    for save_all in (False, True):
        place = tmp_path / str(save_all)
        hook = Hook(place, train_data=matrix, collections=["full_shap", "average_shap"], save_all=save_all)
        train(matrix, hook, rounds=1)
        names = set(trialscope.open(place).tensor_names())
        assert names >= SHAP_OF_ALL
        assert ("full_shap/bias" in names, "average_shap/bias" in names) == (save_all, save_all)


def test_a_regex_and_a_collection_of_ones_own_pick_from_all_tensors(tmp_path: Path, matrix: xgb.DMatrix) -> None:
    own = Collection(
        "own",
        include_regex="^predictions$",
        save_config=SaveConfig(save_interval=2),
        reduction_config=ReductionConfig(reductions=["mean"]),
    )
    hook = Hook(tmp_path / "t", validation_data=matrix, include_regex="weight/f0", collections=[own], save_interval=4)
    train(matrix, hook, rounds=5)
    trial = trialscope.open(tmp_path / "t")
    assert trial.tensor("feature_importance/weight/f0").steps() == [0, 4]
    assert "feature_importance/weight/f1" not in trial.tensor_names()
    predictions = trial.tensor("predictions")
    means = [predictions.reduction_value(step, "mean") for step in (0, 2, 4)]
    assert len(means) == 3


def test_metrics_switched_off(tmp_path: Path, matrix: xgb.DMatrix) -> None:
    hook = Hook(tmp_path / "t", collections=["trees"])
    hook.get_collection("metrics").save_config = SaveConfig(end_step=0)
    train(matrix, hook, rounds=1)
    assert all(name.startswith("trees/") for name in trialscope.open(tmp_path / "t").tensor_names())


@pytest.mark.parametrize("kind", [xgb.XGBClassifier, xgb.XGBRegressor, xgb.XGBRanker])
def test_estimators(kind: Any, tmp_path: Path, features: np.ndarray, binary: np.ndarray) -> None:
    frame = pd.DataFrame(features, columns=list("abcde"))
    hook = Hook(
        tmp_path / "t",
        train_data=frame,
        validation_data=(frame, binary),
        collections=["full_shap", "labels"],
        strict=True,
    )
    groups = {"qid": np.arange(len(frame)) // 20} if kind is xgb.XGBRanker else {}
    model = kind(n_estimators=3, n_jobs=1, callbacks=[hook])
    model.fit(
        frame,
        binary,
        eval_set=[(frame, binary)],
        verbose=False,
        **groups,
        **({"eval_qid": [groups["qid"]]} if groups else {}),
    )
    trial = trialscope.open(tmp_path / "t")
    expected = model.get_booster()[:1].predict(xgb.DMatrix(frame), pred_contribs=True)
    np.testing.assert_allclose(trial.tensor("full_shap/f1").value(0), expected, atol=1e-5)
    assert trial.tensor("labels").value(0).tolist() == binary.tolist()
    assert any(name.startswith("validation_0-") for name in trial.tensor_names())


def test_cv_has_a_trial_per_fold_and_one_of_the_mean(tmp_path: Path, matrix: xgb.DMatrix) -> None:
    hook = Hook(tmp_path / "t", collections=["full_shap", "predictions", "labels"], save_interval=2, strict=True)
    table = xgb.cv(PARAMS, matrix, 4, nfold=3, seed=1, callbacks=[hook])
    mean = trialscope.open(tmp_path / "t")
    assert mean.tensor_names() == ["test-logloss", "train-logloss"]
    for step in (0, 2):
        expected = table.loc[step, ["test-logloss-mean", "test-logloss-std"]].to_numpy()
        np.testing.assert_allclose(mean.tensor("test-logloss").value(step), expected, rtol=1e-9)
    folds = [trialscope.open(tmp_path / "t" / f"fold_{index}") for index in range(3)]
    single = [fold.tensor("test-logloss").value(2)[0] for fold in folds]
    np.testing.assert_allclose(np.mean(single), table["test-logloss-mean"][2], rtol=1e-9)
    sizes = [(len(f.tensor("full_shap/f0").value(2)), len(f.tensor("labels").value(2))) for f in folds]
    assert [train_size + test_size for train_size, test_size in sizes] == [matrix.num_row()] * 3


def test_scalars_and_tensors_of_the_user(tmp_path: Path, matrix: xgb.DMatrix) -> None:
    class During(xgb.callback.TrainingCallback):
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002 - XGBoost's interface
            if epoch == 1:
                hook.save_tensor("mine", np.arange(3.0), ["a", "b"])
                hook.save_scalar("during", 2)
            return False

    hook = Hook(tmp_path / "t", save_interval=5)
    hook.save_scalar("before", 1.25)
    xgb.train(PARAMS, matrix, 7, evals=[(matrix, "train")], verbose_eval=False, callbacks=[During(), hook])
    hook.save_scalar("after", 3.5)
    hook.save_tensor("late", np.ones((2, 2), dtype=np.float32))
    hook.close()
    trial = trialscope.open(tmp_path / "t")
    assert trial.steps() == [0, 1, 5, 6]
    assert trial.tensor("scalar/before").value(0).tolist() == [1.25]
    assert trial.tensor("mine").value(1).tolist() == [0.0, 1.0, 2.0]
    assert trial.tensor("scalar/during").value(1).tolist() == [2]
    assert trial.tensor("scalar/after").value(6).tolist() == [3.5]
    assert trial.tensor("late").value(6).tolist() == [[1, 1], [1, 1]]
    assert trial.tensor_names(collection="a") == trial.tensor_names(collection="b") == ["mine"]
    with pytest.raises(TypeError, match="one value"):
        hook.save_scalar("many", [1.0, 2.0])


def test_what_comes_after_a_saved_last_step_is_added_to_it(tmp_path: Path, matrix: xgb.DMatrix) -> None:
    hook = Hook(tmp_path / "t", save_interval=5)
    train(matrix, hook, rounds=6)
    hook.save_scalar("after", 1)
    hook.close()
    trial = trialscope.open(tmp_path / "t")
    assert trial.steps() == [0, 5]
    assert trial.tensor("scalar/after").value(5).tolist() == [1]
    assert trial.tensor("train-logloss").steps() == [0, 5]


def test_a_scalar_without_any_training(tmp_path: Path) -> None:
    with Hook(tmp_path / "t") as hook:
        hook.save_scalar("alone", "text")
    assert list(trialscope.open(tmp_path / "t").tensor("scalar/alone").value(0)) == ["text"]


def test_modes(tmp_path: Path, matrix: xgb.DMatrix) -> None:
    hook = Hook(tmp_path / "t", save_config={"TRAIN": {"save_interval": 2}})
    hook.set_mode("train")
    train(matrix, hook, rounds=5)
    trial = trialscope.open(tmp_path / "t")
    assert trial.steps(mode=trialscope.modes.TRAIN) == [0, 2, 4]
    with pytest.raises(ValueError, match="did you mean 'eval'"):
        hook.set_mode("evall")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"collections": ["full_shape"]}, ValueError, "did you mean 'full_shap'"),
        ({"include_collections": [3]}, TypeError, "name or a Collection"),
        ({"feature_names": "privat"}, ValueError, "did you mean 'private'"),
        ({"if_exists": "fail"}, ValueError, "known: error, resume, overwrite"),
        ({"include_workers": "some"}, ValueError, "include_workers"),
        ({"train_data": 3}, TypeError, "train_data must be a DMatrix"),
        ({"train_data": ("nowhere.csv", "csv")}, FileNotFoundError, "nowhere.csv"),
        ({"hyperparameters": [1]}, TypeError, "must be a dict"),
        ({"save_interval": 0}, ValueError, "at least 1"),
        ({"include_regex": "("}, ValueError, "no regular expression"),
        ({"save_intervall": 3}, TypeError, "save_intervall"),
    ],
)
def test_wrong_arguments_are_refused_at_once(arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Hook("never", **arguments)


def test_a_finished_trial_is_not_written_over(tmp_path: Path, matrix: xgb.DMatrix) -> None:
    train(matrix, Hook(tmp_path / "t"))
    with pytest.raises(TrialExists, match="resume"):
        Hook(tmp_path / "t")
    train(matrix, Hook(tmp_path / "t", if_exists="overwrite", save_interval=3))
    assert trialscope.open(tmp_path / "t").steps() == [0, 3]


def test_an_error_is_logged_once_and_the_training_goes_on(
    tmp_path: Path, matrix: xgb.DMatrix, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("trialscope.xgboost.watch.Watch.after_round", broken)
    hook = Hook(tmp_path / "t", save_interval=1)
    model = train(matrix, hook)
    assert model.save_raw() == train(matrix).save_raw()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "broken on purpose" in caplog.text
    assert isinstance(hook.failure, RuntimeError)
    assert not (tmp_path / "t" / "training_job_end.ts").exists()
    with pytest.raises(RuntimeError, match="broken on purpose"):
        train(matrix, Hook(tmp_path / "s", strict=True))


def test_a_place_that_cannot_be_written_costs_the_trial_only(
    tmp_path: Path, matrix: xgb.DMatrix, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    hook = Hook(tmp_path / "file" / "t")
    assert train(matrix, hook).num_boosted_rounds() == 6
    assert sum(record.levelname == "ERROR" for record in caplog.records) == 1
    assert hook.failure is not None


@pytest.mark.filterwarnings("ignore:.*`booster=gblinear` is deprecated")
def test_what_cannot_be_computed_is_left_out_with_one_warning(
    tmp_path: Path, features: np.ndarray, caplog: pytest.LogCaptureFixture
) -> None:
    bare = xgb.DMatrix(features)
    matrix = xgb.DMatrix(np.nan_to_num(features), np.nan_to_num(features[:, 0]))
    collections = ["trees", "feature_importance", "labels", "predictions", "full_shap", "hyperparameters"]
    hook = Hook(tmp_path / "t", validation_data=bare, collections=collections, save_interval=1)
    params = {"booster": "gblinear", "updater": "coord_descent", "objective": "reg:squarederror", "nthread": 1}
    xgb.train(params, matrix, 3, evals=[(matrix, "train")], verbose_eval=False, callbacks=[hook])
    assert set(trialscope.open(tmp_path / "t").tensor_names()) == {"predictions", "train-rmse"}
    warnings = [record.getMessage() for record in caplog.records]
    assert len(warnings) == 5
    for part in ("of trees", "of feature_importance", "of labels", "'full_shap'", "'hyperparameters'"):
        assert sum(part in warning for warning in warnings) == 1, part


def test_one_hook_captures_one_training(
    tmp_path: Path, features: np.ndarray, binary: np.ndarray, caplog: pytest.LogCaptureFixture
) -> None:
    hook = Hook(tmp_path / "t", collections=["trees"])
    model = xgb.XGBClassifier(n_estimators=2, n_jobs=1, callbacks=[hook])
    cross_val_score(model, features, binary, cv=3)
    assert copy.deepcopy(hook) is hook
    assert trialscope.open(tmp_path / "t").steps() == [0]
    assert sum("captures one training only" in record.getMessage() for record in caplog.records) == 1
    strict = Hook(tmp_path / "s", collections=["trees"], strict=True)
    train(xgb.DMatrix(features, binary), strict)
    with pytest.raises(RuntimeError, match="one training only"):
        train(xgb.DMatrix(features, binary), strict)


def test_a_used_hook_can_be_pickled_with_its_model(tmp_path: Path, features: np.ndarray, binary: np.ndarray) -> None:
    model = xgb.XGBClassifier(n_estimators=2, n_jobs=1, callbacks=[Hook(tmp_path / "t", collections=["trees"])])
    model.fit(features, binary)
    again = pickle.loads(pickle.dumps(model))  # noqa: S301 - it was made a line above
    assert (again.predict(features) == model.predict(features)).all()


def test_dry_run_writes_nothing(tmp_path: Path, matrix: xgb.DMatrix) -> None:
    train(matrix, Hook(tmp_path / "t", dry_run=True, collections=["trees"]))
    assert not (tmp_path / "t").exists()


def test_files_as_smdebug_takes_them(tmp_path: Path, features: np.ndarray, binary: np.ndarray) -> None:
    complete = np.nan_to_num(features)
    np.savetxt(tmp_path / "v.csv", np.column_stack([binary, complete]), delimiter=";", fmt="%.9g")
    lines = [
        f"{label:g} " + " ".join(f"{i}:{v:.9g}" for i, v in enumerate(row))
        for label, row in zip(binary, complete, strict=True)
    ]
    (tmp_path / "t.libsvm").write_text("\n".join(lines))
    matrix = xgb.DMatrix(complete, binary)
    hook = Hook(
        tmp_path / "t",
        train_data=(str(tmp_path / "t.libsvm"), "text/libsvm"),
        validation_data=(str(tmp_path / "v.csv"), "text/csv"),
        collections=["full_shap", "labels"],
        strict=True,
    )
    model = train(matrix, hook, rounds=1)
    trial = trialscope.open(tmp_path / "t")
    np.testing.assert_allclose(
        trial.tensor("full_shap/f0").value(0), model.predict(matrix, pred_contribs=True), atol=1e-6
    )
    assert trial.tensor("labels").value(0).tolist() == binary.tolist()


def test_hyperparameters(tmp_path: Path, matrix: xgb.DMatrix) -> None:
    values = {
        "eta": 0.3,
        "n": 5,
        "flag": True,
        "name": "x",
        "list": [1, 2],
        "names": ["a", "b"],
        "none": None,
        "map": {"a": 1},
    }
    train(matrix, Hook(tmp_path / "t", hyperparameters=values, collections=["hyperparameters"]), rounds=1)
    trial = trialscope.open(tmp_path / "t")
    found = {key: trial.tensor(f"hyperparameters/{key}").value(0) for key in values if key != "none"}
    assert (found["eta"].dtype, found["eta"].tolist()) == (np.float64, [0.3])
    assert (found["n"].dtype, found["n"].tolist()) == (np.int64, [5])
    assert (found["flag"].dtype, found["flag"].tolist()) == (np.bool_, [True])
    assert found["list"].tolist() == [1, 2]
    assert [list(found[key]) for key in ("name", "names", "map")] == [["x"], ["a", "b"], ['{"a": 1}']]
    assert "hyperparameters/none" not in trial.tensor_names()


def test_the_summary_says_what_it_cost(tmp_path: Path, matrix: xgb.DMatrix, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="trialscope")
    hook = Hook(tmp_path / "t", save_interval=2)
    train(matrix, hook)
    summary = hook.summary
    assert summary is not None
    assert (summary.steps, summary.tensors, summary.lost) == (3, 3, ())
    on_disk = [path.stat().st_size for path in (tmp_path / "t").rglob("*") if path.is_file()]
    assert summary.bytes == sum(on_disk)
    assert summary.hook_seconds > 0
    assert "saved 3 steps, 3 tensors" in caplog.records[-1].getMessage()


def test_a_training_that_never_ended_is_left_to_be_continued(tmp_path: Path, matrix: xgb.DMatrix) -> None:
    class Stop(xgb.callback.TrainingCallback):
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002 - XGBoost's interface
            if epoch == 3:
                raise KeyboardInterrupt
            return False

    hook = Hook(tmp_path / "t", save_interval=1)
    with pytest.raises(KeyboardInterrupt):
        xgb.train(PARAMS, matrix, 9, evals=[(matrix, "train")], verbose_eval=False, callbacks=[hook, Stop()])
    # The interrupted hook is still alive, as in the traceback of a notebook.
    train(matrix, Hook(tmp_path / "t", save_interval=1), rounds=2)
    assert (tmp_path / "t" / "training_job_end.ts").exists()


def test_leaving_the_interpreter_in_a_training_writes_what_was_captured(tmp_path: Path) -> None:
    script = f"""
import sys, numpy as np, xgboost as xgb
from trialscope.xgboost import Hook
class Leave(xgb.callback.TrainingCallback):
    def after_iteration(self, model, epoch, evals_log):
        if epoch == 3: sys.exit(5)
        return False
X = np.random.default_rng(0).normal(size=(50, 3)); d = xgb.DMatrix(X, X[:, 0] > 0)
hook = Hook({str(tmp_path / "t")!r}, save_interval=1)
xgb.train({{"objective": "binary:logistic"}}, d, 9, evals=[(d, "train")], verbose_eval=False, callbacks=[hook, Leave()])
"""
    done = subprocess.run([sys.executable, "-c", script], timeout=60, check=False)
    assert done.returncode == 5
    assert trialscope.open(tmp_path / "t").steps() == [0, 1, 2, 3]
    assert not (tmp_path / "t" / "training_job_end.ts").exists()


def test_importing_trialscope_does_not_import_xgboost() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import trialscope, sys; sys.exit('xgboost' in sys.modules)"], check=False
    )
    assert done.returncode == 0
