"""Every tensor of a trial of smdebug at every step of every worker, to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trialscope.exceptions import ShapeUnavailableForStep, TensorUnavailableForStep

from .originals import EACH, KNOWN_DIFFERENCES, Original, assert_same, printed

# smdebug saves reductions as NumPy computes them in float64; sums of six elements differ by a few last bits.
ROUNDING = 1e-14

pytestmark = pytest.mark.parametrize("original", EACH, indirect=True)


def values_of(original: Original) -> list[tuple[str, int, str, dict[str, Any]]]:
    return [
        (name, int(step), worker, value)
        for name, tensor in original.expected["tensors"].items()
        for step, by_worker in tensor["values"].items()
        for worker, value in by_worker.items()
    ]


def test_values(original: Original) -> None:
    trial = original.open()
    for name, step, worker, expected in values_of(original):
        if original.unlike(name):
            continue
        tensor = trial.tensor(name)
        if "error" in expected:
            assert expected["error"] == "TensorUnavailableForStep"
            with pytest.raises(TensorUnavailableForStep) as raised:
                tensor.value(step, worker=worker)
            error = raised.value
            assert (error.tname, error.step, error.mode) == (name, step, "GLOBAL")
            assert error.has_reductions == ("has reductions saved" in expected["message"])
            continue
        assert_same(tensor.value(step, worker=worker), expected)
        mode, mode_step = trial.mode_modestep(step)
        assert mode is not None
        assert mode_step is not None
        assert_same(tensor.value(mode_step, mode, worker), expected)


def test_values_that_smdebug_could_not_read(original: Original) -> None:
    trial = original.open()
    differing: set[tuple[str, str]] = set()
    for name, step, worker, _ in values_of(original):
        if not original.unlike(name):
            continue
        differing.add((original.name, name))
        tensor = trial.tensor(name)
        value = tensor.value(step, worker=worker)
        dtype, shape, elements = KNOWN_DIFFERENCES[original.name, name]
        assert (value.dtype.name, value.shape) == (dtype, shape)
        assert tensor.shape(step, worker=worker) == shape
        if elements is not None:
            assert printed(value) == printed(np.array(elements, dtype=dtype))
            continue
        saved = tensor.reduction_values(step)
        assert saved
        computed = {"min": np.min, "max": np.max, "mean": np.mean, "l2": np.linalg.norm}
        for (kind, of_magnitudes), reduction in saved.items():
            again = computed[kind](np.abs(value) if of_magnitudes else value)
            np.testing.assert_allclose(reduction, [again], rtol=ROUNDING)
    assert differing == {key for key in KNOWN_DIFFERENCES if key[0] == original.name}


def test_first_worker_answers_when_none_is_named(original: Original) -> None:
    trial = original.open()
    for name, tensor in original.expected["tensors"].items():
        for step, by_worker in tensor["values"].items():
            first = by_worker[min(by_worker)]
            if "error" not in first and not original.unlike(name):
                assert_same(trial.tensor(name).value(int(step)), first)


def test_all_values_at_once(original: Original) -> None:
    trial = original.open()
    for name, tensor in original.expected["tensors"].items():
        if original.unlike(name):
            continue
        saved = {
            int(step): by_worker[min(by_worker)]
            for step, by_worker in tensor["values"].items()
            if int(step) in tensor["steps"]["GLOBAL"]
        }
        readable = {step: value for step, value in saved.items() if "error" not in value}
        if not readable and any("has reductions saved" in value["message"] for value in saved.values()):
            with pytest.raises(TensorUnavailableForStep):
                trial.tensor(name).values()
            continue
        found = trial.tensor(name).values()
        assert list(found) == list(readable)
        for step, value in readable.items():
            assert_same(found[step], value)


def test_steps_of_tensors(original: Original) -> None:
    trial = original.open()
    for name, expected in original.expected["tensors"].items():
        tensor = trial.tensor(name)
        assert (tensor.name, tensor.original_name) == (name, expected["original_name"])
        for mode, steps in expected["steps"].items():
            # smdebug compares the number of a mode step with that of a global step here, and so takes incomplete
            # steps for complete ones.
            complete = [step for step in steps if step in original.expected["trial"]["steps"][mode]]
            assert tensor.steps(mode) == complete
            assert tensor.prev_steps(10**6, mode=mode) == complete
            assert tensor.prev_steps(10**6, 2, mode=mode) == complete[-2:]
        for mode, steps in expected["steps_including_incomplete"].items():
            assert tensor.steps(mode, show_incomplete_steps=True) == steps
        for step, by_worker in expected["values"].items():
            assert tensor.workers(int(step)) == sorted(by_worker)


def test_shapes(original: Original) -> None:
    trial = original.open()
    for name, step, worker, expected in values_of(original):
        if original.unlike(name):
            continue
        if isinstance(expected["shape_method"], dict):
            assert expected["shape_method"]["error"] == "ShapeUnavailableForStep"
            with pytest.raises(ShapeUnavailableForStep) as raised:
                trial.tensor(name).shape(step, worker=worker)
            assert (raised.value.tname, raised.value.step) == (name, step)
        else:
            assert trial.tensor(name).shape(step, worker=worker) == tuple(expected["shape_method"])


def test_saved_reductions(original: Original) -> None:
    trial = original.open()
    for name, step, worker, expected in values_of(original):
        found = trial.tensor(name).reduction_values(step, worker=worker)
        saved = expected.get("saved_reductions", {})
        assert {f"abs_{kind}" if of_magnitudes else kind for kind, of_magnitudes in found} == set(saved)
        for (kind, of_magnitudes), reduction in found.items():
            assert_same(reduction, saved[f"abs_{kind}" if of_magnitudes else kind])
