"""Questions without an answer: one class each, a message that helps, and the built-in that users would catch."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import trialscope as ts
from trialscope import exceptions

from .writing import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

COLLECTIONS = {
    "metrics": {"name": "metrics", "include_regex": ["^train-"]},
    "weights": {"name": "weights", "tensor_names": ["w"]},
    "everything": {"name": "everything", "include_regex": [".*"]},
}


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> ts.Trial:
    folder = tmp_path_factory.mktemp("errors") / "t"
    with Writer(folder, collections=COLLECTIONS) as writer:
        writer.save(0, {"train-loss": 1.0, "train-auc": 0.5, "w": np.zeros((2, 3))}, mode="TRAIN", mode_step=0)
        writer.save(10, {"train-loss": 0.5, "smdebug/reductions/mean/w": 0.5}, mode="EVAL", mode_step=0)
    return ts.open(folder)


ANSWERS: dict[str, tuple[Callable[[ts.Trial], object], type[BaseException], str]] = {
    "an unknown tensor": (lambda t: t.tensor("train-los"), exceptions.TensorUnavailable, 'did you mean "train-loss"'),
    "a tensor like no other": (lambda t: t.tensor("?"), exceptions.TensorUnavailable, 'no tensor "\\?" was saved'),
    "a step between": (lambda t: t.tensor("w").value(7), exceptions.StepUnavailable, "nearest saved step is 10"),
    "a step behind the end": (lambda t: t.tensor("w").value(99), exceptions.StepUnavailable, "step 99 of mode GLOBAL"),
    "a negative step": (lambda t: t.tensor("w").value(-1), exceptions.StepUnavailable, "steps count from 0"),
    "a step of another mode": (lambda t: t.tensor("w").value(10, "train"), exceptions.StepUnavailable, "mode TRAIN"),
    "a step without the tensor": (
        lambda t: t.tensor("train-auc").value(10),
        exceptions.TensorUnavailableForStep,
        'tensor "train-auc" has no value at step 10 of mode GLOBAL$',
    ),
    "a step with a reduction only": (
        lambda t: t.tensor("w").value(0, "eval"),
        exceptions.TensorUnavailableForStep,
        "only reductions of it were saved .*hint: ask for a reduction",
    ),
    "no shape": (lambda t: t.tensor("w").shape(10), exceptions.ShapeUnavailableForStep, "no shape at step 10"),
    "an unknown worker": (
        lambda t: t.tensor("w").value(0, worker="worker_1"),
        exceptions.InvalidWorker,
        'no worker "worker_1" saved this trial; the workers are worker_0',
    ),
    "no worker's name": (lambda t: t.tensor("w").value(0, worker=""), exceptions.InvalidWorker, 'worker name ""'),
    "names at an unknown step": (lambda t: t.tensor_names(step=5), exceptions.StepUnavailable, "step 5"),
    "names at a step of another mode": (
        lambda t: t.tensor_names(step=10, mode="eval"),
        exceptions.StepUnavailable,
        "step 10 of mode EVAL was not saved; the nearest saved step is 0",
    ),
    "names of an unknown collection": (
        lambda t: t.tensor_names(collection="metrix"),
        exceptions.UnknownCollection,
        'did you mean "metrics"',
    ),
    "an unknown collection": (lambda t: t.collection("weigts"), exceptions.UnknownCollection, "did you mean 'weights'"),
    "no regular expression": (lambda t: t.tensor_names(regex="a("), exceptions.InvalidPattern, re.escape('"a("')),
    "an unknown mode": (lambda t: t.steps("evall"), ValueError, "unknown mode 'evall'; did you mean 'eval'"),
    "names by two ways": (lambda t: t.tensor_names(regex="a", collection="metrics"), ValueError, "not both"),
    "a number for a collection": (lambda t: t.tensor_names(collection=3), TypeError, "not int"),  # pyright: ignore[reportArgumentType]
    "half a step": (lambda t: t.tensor("w").value(0.5), TypeError, "float"),  # pyright: ignore[reportArgumentType]
    "an explanation": (lambda t: t.explanation(), exceptions.TensorUnavailable, "save the collection full_shap"),
    "a table of an unknown tensor": (lambda t: t.to_pandas(["w", "v"]), exceptions.TensorUnavailable, 'no tensor "v"'),
    "a table of a matrix": (
        lambda t: t.to_pandas(["w"], mode="train"),
        exceptions.InvalidTensor,
        r"tensor 'w' is not a single number: at step 0 it is float64 of shape \(2, 3\)",
    ),
    "a table by two ways": (lambda t: t.scalars(["w"], regex="w"), ValueError, "not both"),
}


@pytest.mark.parametrize("question", ANSWERS)
def test_questions_without_an_answer(trial: ts.Trial, question: str) -> None:
    ask, kind, message = ANSWERS[question]
    with pytest.raises(kind, match=message) as raised:
        ask(trial)
    assert type(raised.value) is kind


def test_attributes_say_what_was_asked(trial: ts.Trial) -> None:
    def raised(ask: Callable[[], object]) -> Any:
        with pytest.raises(exceptions.TrialscopeError) as caught:
            ask()
        return caught.value

    assert raised(lambda: trial.tensor("nothing")).tname == "nothing"
    assert raised(lambda: trial.tensor("w").value(0, worker="worker_9")).worker == "worker_9"
    error = raised(lambda: trial.tensor("w").value(7, "eval"))
    assert (error.step, error.mode) == (7, "EVAL")
    error = raised(lambda: trial.tensor("w").value(0, "eval"))
    assert (error.tname, error.step, error.mode, error.has_reductions) == ("w", 0, "EVAL", True)
    error = raised(lambda: trial.tensor("train-auc").value(10))
    assert (error.tname, error.has_reductions) == ("train-auc", False)


def test_values_beside_steps_that_have_only_reductions(trial: ts.Trial) -> None:
    tensor = trial.tensor("w")
    assert tensor.steps() == [0, 10]
    assert list(tensor.values()) == [0]
    with pytest.raises(exceptions.TensorUnavailableForStep, match="only reductions"):
        tensor.values("eval")
    assert trial.tensor("train-auc").values("eval") == {}


def test_steps_that_are_asked_about_and_not_for_have_an_answer(trial: ts.Trial) -> None:
    assert trial.mode_modestep(-1) == trial.mode_modestep(5) == (None, None)
    assert trial.global_step("eval", -1) is trial.global_step("eval", 5) is None
    assert trial.global_step("predict", 0) is None
    assert trial.steps("predict") == []
    assert trial.has_passed_step(-1) is ts.StepState.UNAVAILABLE


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (exceptions.NotATrial, FileNotFoundError),
        (exceptions.TrialExists, FileExistsError),
        (exceptions.StorageError, OSError),
        (exceptions.InvalidLocation, ValueError),
        (exceptions.DamagedFile, ValueError),
        (exceptions.InvalidPattern, ValueError),
        (exceptions.InvalidTensor, TypeError),
        (exceptions.TensorUnavailable, LookupError),
        (exceptions.TensorUnavailableForStep, LookupError),
        (exceptions.ShapeUnavailableForStep, LookupError),
        (exceptions.StepUnavailable, LookupError),
        (exceptions.InvalidWorker, LookupError),
        (exceptions.UnknownCollection, LookupError),
        (exceptions.NoMoreData, EOFError),
    ],
)
def test_the_builtin_users_would_catch(kind: type[BaseException], builtin: type[BaseException]) -> None:
    assert issubclass(kind, exceptions.TrialscopeError)
    assert issubclass(kind, builtin)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path / "missing", "there is no such folder"),
        (lambda path: path / "empty", "no collections file, no index file"),
        (lambda path: path / "file.txt", "it is a file"),
    ],
)
def test_what_is_not_a_trial(tmp_path: Path, make: Callable[[Path], Path], reason: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("text")
    place = make(tmp_path)
    with pytest.raises(exceptions.NotATrial, match=f"{re.escape(str(place))} is not a trial: .*{reason}"):
        ts.open(place)
    with pytest.raises(FileNotFoundError):
        ts.open(str(place))


@pytest.mark.parametrize("place", ["", "nowhere://bucket/trial"])
def test_what_is_not_a_place(place: str) -> None:
    with pytest.raises(exceptions.InvalidLocation):
        ts.open(place)


def test_patterns_are_those_of_python(trial: ts.Trial) -> None:
    names = trial.tensor_names()
    for pattern in ["", "^train", "loss$", "a.c", "[tw]", "(?i)LOSS", r"^(?!train)", r"\bauc\b", "train-(loss|auc)$"]:
        assert trial.tensor_names(regex=pattern) == [name for name in names if re.search(pattern, name)], pattern
    assert trial.tensor_names(regex=["^w$", "auc"]) == ["train-auc", "w"]
    assert trial.tensor_names(regex="nothing like it") == []
    assert trial.tensor_names(regex=[]) == names


def test_collections_select_by_pattern_and_by_name(trial: ts.Trial) -> None:
    assert set(trial.collections()) == {"metrics", "weights", "everything"}
    assert trial.collection("weights").tensor_names == {"w"}
    assert trial.tensor_names(collection="metrics") == ["train-auc", "train-loss"]
    assert trial.tensor_names(collection="metrics", mode="eval") == ["train-loss"]
    assert trial.tensor_names(collection=trial.collection("weights")) == ["w"]
    assert trial.tensor_names(collection="everything", step=10) == ["train-loss", "w"]
