"""The real smdebug reads what our writer writes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from trialscope import _native

if TYPE_CHECKING:
    from pathlib import Path

    from original import Original

MODES = ("TRAIN", "EVAL", "PREDICT", "GLOBAL")


def collection(name: str, *regexes: str) -> dict[str, Any]:
    every_step = {"save_interval": 1, "save_steps": [], "start_step": 0, "end_step": None}
    return {
        "name": name,
        "include_regex": list(regexes),
        "tensor_names": [],
        "reduction_config": None,
        "save_config": dict.fromkeys(MODES, every_step),
        "save_histogram": True,
    }


def capture(trial: Path, *, worker: int = 0, num_workers: int = 1, if_exists: str = "error") -> _native.Capture:
    config = {
        "worker": f"worker_{worker}",
        "num_workers": num_workers,
        "if_exists": if_exists,
        "collections": {"all": collection("all", ".*"), "some": collection("some", "^some/")},
        "include": ["all", "some"],
    }
    return _native.Capture(str(trial), json.dumps(config))


def entry(name: str, value: object) -> tuple[str, list[str], object]:
    return ("tensor", [name], value)


READABLE = {
    "float32": np.array([[1.5, -0.0, np.inf], [np.nan, 1e-45, 3.4e38]], dtype=np.float32),
    "float64": np.array([np.pi, -np.inf, np.nan, 5e-324]),
    "float16": np.array([[0.5], [65504]], dtype=np.float16),
    "int32": np.array([-(2**31), 2**31 - 1], dtype=np.int32),
    "int64": np.array([-(2**63), 2**63 - 1], dtype=np.int64),
    "uint8": np.array([0, 255], dtype=np.uint8),
    "bool": np.array([[True, False], [False, True]]),
    "rank0": np.array(2.5),
    "rank5": np.arange(32, dtype=np.float32).reshape(2, 2, 2, 2, 2),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "strided": np.arange(20.0)[::3],
    "large": np.arange(100_000, dtype=np.float32).reshape(-1, 10),
    "some/é '\"<script>": np.array([1.0]),
}


def test_every_dtype_that_the_original_reads(original: Original, trial: Path) -> None:
    hook = capture(trial)
    words = ["", "é", "a b", "x" * 300]
    entries = [entry(name, value) for name, value in READABLE.items()]
    hook.save_step(0, "TRAIN", 0, [*entries, entry("words", words)])
    hook.close(end_of_job=True)
    seen = original.read(trial)
    assert seen.names == sorted([*READABLE, "words"])
    assert seen.value("words", 0) == words
    for name, value in READABLE.items():
        read = seen.value(name, 0)
        assert read.dtype == value.dtype, name
        assert read.shape == value.shape, name
        assert read.tobytes() == np.ascontiguousarray(value).tobytes(), name


def test_what_it_cannot_read_does_not_hide_the_rest(original: Original, trial: Path) -> None:
    hook = capture(trial)
    unreadable = {
        "int16": np.array([-1], dtype=np.int16),
        "uint64": np.array([2**64 - 1], dtype=np.uint64),
        "empty": np.zeros((0, 3)),
    }
    entries = [entry(name, value) for name, value in unreadable.items()]
    hook.save_step(0, "TRAIN", 0, [*entries, entry("readable", np.array([1.0]))])
    hook.close(end_of_job=True)
    seen = original.read(trial)
    assert seen.names == ["empty", "int16", "readable", "uint64"]
    assert seen.value("readable", 0).tolist() == [1.0]


def test_modes_and_their_steps(original: Original, trial: Path) -> None:
    hook = capture(trial)
    plan = [("TRAIN", 0), ("TRAIN", 1), ("EVAL", 0), ("PREDICT", 0), ("TRAIN", 2), ("GLOBAL", 5)]
    for step, (mode, mode_step) in enumerate(plan):
        hook.save_step(step, mode, mode_step, [entry("x", np.array([float(step)]))])
    hook.close(end_of_job=True)
    seen = original.read(trial)
    assert seen.steps == [0, 1, 2, 3, 4, 5]
    assert seen.mode_of_step == dict(enumerate(plan))
    assert seen.steps_by_mode == {
        "TRAIN": [0, 1, 2],
        "EVAL": [0],
        "PREDICT": [0],
        "GLOBAL": [0, 1, 2, 3, 4, 5],
    }
    assert [seen.value("x", step).tolist() for step in seen.steps] == [[float(step)] for step in range(6)]


def test_large_and_distant_steps(original: Original, trial: Path) -> None:
    hook = capture(trial)
    steps = [0, 999, 1000, 123_456_789]
    for step in steps:
        hook.save_step(step, "TRAIN", step, [entry("x", np.array([step]))])
    hook.close(end_of_job=True)
    seen = original.read(trial)
    assert seen.steps == steps
    assert [int(seen.value("x", step)[0]) for step in steps] == steps


def test_collections(original: Original, trial: Path) -> None:
    hook = capture(trial)
    hook.save_step(0, "TRAIN", 0, [entry("some/x", np.array([1.0])), entry("other", np.array([2.0]))])
    hook.close(end_of_job=True)
    seen = original.read(trial)
    assert seen.collections["some"]["include_regex"] == ["^some/"]
    assert seen.collections["some"]["tensors_in_trial"] == ["some/x"]
    assert seen.collections["all"]["tensors_in_trial"] == ["other", "some/x"]


def test_one_record_with_several_names(original: Original, trial: Path) -> None:
    hook = capture(trial)
    matrix = np.arange(40_000, dtype=np.float32).reshape(-1, 4)
    names = [f"full_shap/f{feature}" for feature in range(3)]
    hook.save_step(0, "TRAIN", 0, [("tensor", names, matrix), ("scalars", ["s0", "s1"], np.array([0.5, 1.5]))])
    hook.close(end_of_job=True)
    stored = sum(file.stat().st_size for file in trial.rglob("*.tfevents"))
    assert stored < matrix.nbytes + 1000
    seen = original.read(trial)
    assert seen.names == [*names, "s0", "s1"]
    assert all(np.array_equal(seen.value(name, 0), matrix) for name in names)
    assert seen.value("s1", 0).tolist() == [1.5]


def test_two_workers_of_which_one_is_late(original: Original, trial: Path) -> None:
    hooks = [capture(trial, worker=worker, num_workers=2) for worker in (0, 1)]
    for step in (0, 10):
        for worker, hook in enumerate(hooks):
            hook.save_step(step, "TRAIN", step // 10, [entry("x", np.array([10.0 * step + worker]))])
    hooks[0].save_step(20, "TRAIN", 2, [entry("x", np.array([200.0]))])
    for hook in hooks:
        hook.flush()
    running = original.read(trial)
    assert (running.workers, running.num_workers) == (["worker_0", "worker_1"], 2)
    assert running.steps == [0, 10]
    assert not running.loaded_all_steps
    for hook in hooks:
        hook.close(end_of_job=True)
    ended = original.read(trial)
    assert ended.steps == [0, 10, 20]
    assert [ended.value("x", 10, worker)[0] for worker in ended.workers] == [100.0, 101.0]


def test_a_resumed_trial(original: Original, trial: Path) -> None:
    first = capture(trial)
    first.save_step(0, "TRAIN", 0, [entry("x", np.array([0.0]))])
    first.save_step(5, "TRAIN", 5, [entry("x", np.array([5.0]))])
    first.close(end_of_job=False)
    interrupted = original.read(trial)
    assert (interrupted.steps, interrupted.loaded_all_steps) == ([0, 5], False)
    second = capture(trial, if_exists="resume")
    # The step at which the first run was interrupted is done again.
    second.save_step(5, "TRAIN", 5, [entry("x", np.array([5.5]))])
    second.save_step(10, "TRAIN", 10, [entry("x", np.array([10.0])), entry("y", np.array([1.0]))])
    second.close(end_of_job=True)
    seen = original.read(trial)
    assert seen.steps == [0, 5, 10]
    assert [seen.value("x", step)[0] for step in seen.steps] == [0.0, 5.5, 10.0]
    assert seen.steps_of("y") == [10]
    assert seen.loaded_all_steps


@pytest.mark.parametrize("amend", [False, True])
def test_a_step_written_twice(original: Original, trial: Path, *, amend: bool) -> None:
    hook = capture(trial)
    hook.save_step(0, "TRAIN", 0, [entry("x", np.array([1.0])), entry("y", np.array([2.0]))])
    hook.flush()
    hook.save_step(0, "TRAIN", 0, [entry("y", np.array([3.0]))], amend)
    hook.close(end_of_job=True)
    seen = original.read(trial)
    assert seen.value("y", 0).tolist() == [3.0]
    assert seen.names == (["x", "y"] if amend else ["y"])
