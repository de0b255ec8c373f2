"""``reduction_value`` gives what smdebug gave: saved reductions to the bit, others as far as NumPy repeats itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import trialscope as ts
from trialscope.exceptions import InvalidTensor, TensorUnavailableForStep

from .originals import EACH, Original, assert_same, digest

# NumPy picks its order of summation, and so the last bits, by version and processor. The error is relative to what was
# added up. float16 goes through float16 between the steps of a variance, and has 11 bits.
ROUNDING = {"float16": 2e-3, "float32": 1e-5, "float64": 1e-13, "complex128": 1e-13}
# An element is picked, not computed.
EXACT = ("min", "max", "abs_min", "abs_max")

pytestmark = pytest.mark.parametrize("original", EACH, indirect=True)


def reductions_of(original: Original) -> list[tuple[str, int, str, dict[str, Any]]]:
    return [
        (name, max(map(int, tensor["values"])), word, expected)
        for name, tensor in original.expected["tensors"].items()
        if not original.unlike(name)
        for word, expected in tensor["reduction_value_at_last_step"].items()
    ]


def is_text(tensor: ts.Tensor, step: int) -> bool:
    try:
        return tensor.value(step).dtype.kind == "U"
    except TensorUnavailableForStep:
        return False


def test_every_name_is_asked_for(original: Original) -> None:
    words = {word for _, _, word, _ in reductions_of(original)}
    kinds = {"min", "max", "mean", "std", "variance", "sum", "prod", "l1", "l2"}
    assert words == kinds | {f"abs_{kind}" for kind in kinds}


def test_reductions(original: Original) -> None:
    trial = original.open()
    for name, step, word, expected in reductions_of(original):
        tensor = trial.tensor(name)
        if "error" in expected or is_text(tensor, step):
            continue
        kind, of_magnitudes = word.removeprefix("abs_"), word.startswith("abs_")
        found = tensor.reduction_value(step, kind, abs=of_magnitudes)
        if "python_type" not in expected:
            assert isinstance(found, np.ndarray)
            assert_same(found, expected)
            continue
        assert issubclass(type(found), np.generic), (name, word)
        assert (found.dtype.name, list(found.shape)) == (expected["dtype"], []), (name, word)
        if word in EXACT or found.dtype.kind in "biu":
            assert digest(np.asarray(found)) == expected["sha256"], (name, word)
            continue
        size = number(original.expected["tensors"][name]["reduction_value_at_last_step"][f"abs_{kind}"])
        scale = np.abs(size) if np.isfinite(size) else 0.0
        tolerance = ROUNDING[found.dtype.name]
        np.testing.assert_allclose(
            found, number(expected), rtol=tolerance, atol=tolerance * scale, err_msg=f"{word} of {name}"
        )


def number(expected: dict[str, Any]) -> Any:
    (value,) = expected["values"]
    return complex(*value) if isinstance(value, list) else float(value)


def test_where_smdebug_has_none(original: Original) -> None:
    trial = original.open()
    for name, step, word, expected in reductions_of(original):
        tensor = trial.tensor(name)
        if "error" not in expected and not is_text(tensor, step):
            continue
        kind, of_magnitudes = word.removeprefix("abs_"), word.startswith("abs_")
        if expected.get("error") == "TensorUnavailableForStep":
            with pytest.raises(TensorUnavailableForStep) as raised:
                tensor.reduction_value(step, kind, abs=of_magnitudes)
            # smdebug gives the name of the reduction here.
            assert (raised.value.tname, raised.value.step) == (name, step)
            continue
        if is_text(tensor, step):
            # NumPy parses text for a norm: that of "nan" is NaN.
            with pytest.raises(InvalidTensor, match=rf"there is no {kind} of tensor '{name}'.* text"):
                tensor.reduction_value(step, kind, abs=of_magnitudes)
            continue
        values = tensor.value(step)
        # NumPy has no norm of 0 or more than 2 axes, and no spectral norm of a float16 matrix.
        assert expected["message"] in (
            "Improper number of dimensions to norm.",
            "array type float16 is unsupported in linalg",
        )
        found = tensor.reduction_value(step, kind, abs=of_magnitudes)
        wide = values.astype(np.float64)
        again = np.linalg.norm(wide if values.ndim == 2 else wide.ravel(), 1 if kind == "l1" else 2)
        np.testing.assert_allclose(found, again, rtol=ROUNDING[values.dtype.name], err_msg=f"{word} of {name}")
