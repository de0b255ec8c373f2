"""Trials of smdebug 1.0.34, with what its own reader returned for them."""

from __future__ import annotations

import hashlib
import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import trialscope as ts

CHECKOUT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("TRIALSCOPE_SHARED") or CHECKOUT.parent / "shared") / "fixtures" / "smdebug-1.0.34"
BUNDLED = CHECKOUT / "crates" / "trialscope_store" / "tests" / "fixtures"

BUNDLED_NAMES = ["writer-dtypes", "writer-multiworker"]
"""Those that lie in the checkout and are tested everywhere."""
SHARED_NAMES = ["xgboost-binary", "xgboost-multiclass", "generic-hook", "writer-device-workers"]
"""Those that lie beside it."""

EACH = [*BUNDLED_NAMES, *(pytest.param(name, marks=pytest.mark.shared) for name in SHARED_NAMES)]

KNOWN_DIFFERENCES: dict[tuple[str, str], tuple[str, tuple[int, ...], list[Any] | None]] = {
    # smdebug returns uint8: 254 for -2.
    ("writer-dtypes", "t/int8"): ("int8", (2, 3), [0, 1, -2, 100, -101, 102]),
    # smdebug cannot read the rest.
    ("writer-dtypes", "t/int16"): ("int16", (2, 3), [0, 1, -2, 300, -301, 302]),
    ("writer-dtypes", "t/uint16"): ("uint16", (2, 3), [0, 1, 2, 60000, 60001, 65535]),
    ("writer-dtypes", "t/uint32"): ("uint32", (2, 3), [0, 1, 2, 4_000_000_000, 7, 8]),
    ("writer-dtypes", "t/uint64"): ("uint64", (2, 3), [0, 1, 2, 2**63, 7, 8]),
    ("writer-dtypes", "t/complex64"): ("complex64", (2,), [1 + 2j, complex(-0.0, -3.5)]),
    ("writer-dtypes", "t/empty_float"): ("float64", (0, 3), []),
    ("writer-dtypes", "t/empty_int32"): ("int32", (0,), []),
    # A shape saved beside a value hides the value from smdebug. What it is, its saved reductions tell.
    ("generic-hook", "m/both"): ("float64", (6,), None),
}
"""Tensors that read otherwise here: element type, shape, and the elements that lie in the event file."""


class Original:
    """A trial as smdebug left it.

    Attributes
    ----------
    name : str
    expected : dict
        What ``expected.json`` says; its fields are described beside the fixtures.
    folder : Path
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = (BUNDLED if name in BUNDLED_NAMES else SHARED) / name
        if not self.folder.is_dir():
            pytest.skip(f"no trial of smdebug at {self.folder}: set TRIALSCOPE_SHARED to the folder with fixtures/")
        self.expected: dict[str, Any] = json.loads((self.folder / "expected.json").read_text(encoding="utf-8"))

    def open(self) -> ts.Trial:
        """Open it with Trialscope."""
        return ts.open(self.folder / "trial")

    def unlike(self, tensor: str) -> bool:
        """Whether a tensor is known to read otherwise here."""
        return (self.name, tensor) in KNOWN_DIFFERENCES


def assert_same(found: np.ndarray[Any, Any], expected: dict[str, Any]) -> None:
    """Element type, shape and every bit are those of the original's array."""
    dtype = "str" if found.dtype.kind == "U" else found.dtype.name
    assert (dtype, list(found.shape)) == (expected["dtype"], expected["shape"])
    assert digest(found) == expected["sha256"]
    elements = printed(found)
    if "values" in expected:
        assert elements == expected["values"]
    else:
        assert elements[:6] + elements[-3:] == expected["head"] + expected["tail"]


def digest(values: np.ndarray[Any, Any]) -> str:
    """SHA-256 as the fixtures define it: of the bytes in C order, of text of its compact JSON list."""
    if values.dtype.kind == "U":
        text = json.dumps(values.ravel().tolist(), ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
    assert values.dtype.byteorder in "=|<"
    return hashlib.sha256(values.tobytes()).hexdigest()


def printed(values: np.ndarray[Any, Any]) -> list[Any]:
    """The elements as the fixtures print them."""
    return [_printed(element) for element in values.ravel().tolist()]


def _printed(element: object) -> object:
    if isinstance(element, complex):
        return [_printed(element.real), _printed(element.imag)]
    if isinstance(element, float) and not math.isfinite(element):
        return "NaN" if math.isnan(element) else "Infinity" if element > 0 else "-Infinity"
    return element
