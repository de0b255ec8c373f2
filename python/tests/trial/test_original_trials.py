"""A trial of smdebug says of itself what smdebug's own reader says."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

import trialscope as ts
from trialscope.exceptions import NotATrial

from .originals import EACH, Original

MODES = ["GLOBAL", "TRAIN", "EVAL", "PREDICT"]

pytestmark = pytest.mark.parametrize("original", EACH, indirect=True)


@pytest.fixture
def trial(original: Original) -> ts.Trial:
    return original.open()


@pytest.fixture
def expected(original: Original) -> dict[str, Any]:
    return original.expected["trial"]


def test_nothing_is_wrong_with_it(trial: ts.Trial) -> None:
    assert trial.problems == []


def test_names(trial: ts.Trial, expected: dict[str, Any]) -> None:
    assert trial.tensor_names() == expected["tensor_names"]
    for step, names in expected["tensor_names_by_step"].items():
        assert trial.tensor_names(step=int(step)) == names
        mode, mode_step = expected["global_step_to_mode"][step]
        assert trial.tensor_names(step=mode_step, mode=mode) == names
    for mode in MODES[1:]:
        assert trial.tensor_names(mode=mode) == expected["tensor_names_by_mode"].get(mode, [])
    for collection, names in expected["tensor_names_by_collection"].items():
        assert trial.tensor_names(collection=collection) == names
        assert trial.tensor_names(collection=trial.collection(collection)) == names


def test_steps(trial: ts.Trial, expected: dict[str, Any]) -> None:
    for mode in MODES:
        assert trial.steps(mode) == expected["steps"][mode]
        assert trial.steps(mode, show_incomplete_steps=True) == expected["steps_including_incomplete"][mode]
    assert sorted(mode.name for mode in trial.modes()) == sorted(expected["modes"])


def test_modes_of_global_steps(trial: ts.Trial, expected: dict[str, Any]) -> None:
    for key, (mode, mode_step) in expected["global_step_to_mode"].items():
        step = int(key)
        assert trial.mode_modestep(step) == (ts.modes[mode], mode_step)
        assert (trial.mode(step), trial.mode_step(step)) == (ts.modes[mode], mode_step)
        assert trial.global_step(mode, mode_step) == step
    assert trial.mode_modestep(99_999) == (None, None)


def test_workers(trial: ts.Trial, expected: dict[str, Any]) -> None:
    assert trial.workers() == expected["workers"]
    assert trial.num_workers == expected["num_workers"]
    saved_at: dict[int, set[str]] = defaultdict(set)
    for tensor in map(trial.tensor, trial.tensor_names()):
        for step in tensor.steps(show_incomplete_steps=True):
            saved_at[step].update(tensor.workers(step))
    assert {str(step): sorted(workers) for step, workers in saved_at.items()} == expected["workers_for_global_step"]


def test_how_far_it_is(trial: ts.Trial, expected: dict[str, Any], original: Original) -> None:
    assert trial.loaded_all_steps == expected["loaded_all_steps"]
    assert trial.last_complete_step == expected["last_complete_step"]
    assert not trial.is_interrupted()
    for mode, states in original.expected.get("has_passed_step", {}).items():
        for step, state in states.items():
            assert trial.has_passed_step(int(step), mode) is ts.StepState[state], (mode, step)


def test_collections(trial: ts.Trial, expected: dict[str, Any]) -> None:
    def comparable(collection: dict[str, Any]) -> dict[str, Any]:
        reductions = collection["reduction_config"]
        if reductions is not None:
            # One comma list of a set, in an order that nobody promised.
            reductions = {**reductions, "reductions": sorted(reductions["reductions"].split(","))}
        return {**collection, "reduction_config": reductions}

    found = {name: comparable(collection.to_json_dict()) for name, collection in trial.collections().items()}
    assert found == {name: comparable(collection) for name, collection in expected["collections"].items()}


def test_a_trial_is_not_the_folder_around_it(original: Original) -> None:
    with pytest.raises(NotATrial):
        ts.open(original.folder)
