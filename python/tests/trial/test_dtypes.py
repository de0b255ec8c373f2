"""What a hook can save reads back as it was."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import trialscope as ts

from .writing import Writer, event_file

NUMERIC = [
    "bool",
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]


def round_trip(folder: Path, value: object) -> np.ndarray[Any, Any]:
    """Write one value, and read it."""
    with Writer(folder) as writer:
        writer.save(0, {"x": value})
    return ts.open(folder).tensor("x").value(0)


def assert_identical(found: np.ndarray[Any, Any], expected: np.ndarray[Any, Any]) -> None:
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", NUMERIC)
def test_extremes_of_every_type(tmp_path: Path, dtype: str) -> None:
    kind = np.dtype(dtype)
    if kind.kind in "iu":
        elements: list[Any] = [np.iinfo(kind).min, np.iinfo(kind).max, 0, 1]
    elif kind.kind == "b":
        elements = [True, False]
    else:
        limits = np.finfo(kind)
        elements = [limits.min, limits.max, limits.tiny, limits.smallest_subnormal, -0.0, np.inf, -np.inf, np.nan]
    value = np.array(elements, dtype=kind)
    if kind.kind == "c":
        value = np.array([complex(real, imag) for real, imag in zip(elements, elements[::-1], strict=True)], dtype=kind)
    assert_identical(round_trip(tmp_path / "t", value), value)


ARRAYS = hnp.arrays(
    dtype=st.sampled_from(NUMERIC), shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)
)


@settings(max_examples=60, deadline=None)
@given(arrays=st.lists(ARRAYS, min_size=1, max_size=5))
def test_any_arrays_of_a_step(arrays: list[np.ndarray[Any, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with Writer(Path(folder)) as writer:
            writer.save(0, {f"x{index}": array for index, array in enumerate(arrays)})
        trial = ts.open(folder)
        for index, array in enumerate(arrays):
            assert_identical(trial.tensor(f"x{index}").value(0), array)
            assert trial.tensor(f"x{index}").shape(0) == array.shape


@pytest.mark.parametrize(
    "layout",
    [
        pytest.param(lambda a: a[:, ::2], id="every other column"),
        pytest.param(lambda a: a[::-1, ::-1], id="backwards"),
        pytest.param(lambda a: a.T, id="transposed"),
        pytest.param(np.asfortranarray, id="Fortran order"),
        pytest.param(lambda a: np.broadcast_to(a[0], (3, *a[0].shape)), id="broadcast"),
        pytest.param(lambda a: a[:0], id="empty"),
        pytest.param(lambda a: a[2, 3], id="NumPy scalar"),
        pytest.param(lambda a: a[2:3, 3:].reshape(()), id="0-d"),
    ],
)
@pytest.mark.parametrize("order", ["<", ">"])
def test_any_memory_layout(tmp_path: Path, layout: Any, order: str) -> None:
    array = np.arange(12, dtype=f"{order}f4").reshape(3, 4)
    value = layout(array)
    found = round_trip(tmp_path / "t", value)
    # A scalar, that is not an array, is saved as an array of one element.
    shape = value.shape if isinstance(value, np.ndarray) else (1,)
    assert (found.dtype, found.shape) == (np.dtype("<f4"), shape)
    assert found.ravel().tolist() == value.ravel().tolist()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2.5, np.array([2.5])),
        (7, np.array([7])),
        (True, np.array([True])),
        ("text", np.array(["text"])),
        ([1, 2], np.array([1, 2])),
        ((1.5, 2.5), np.array([1.5, 2.5])),
        (["b", "", "ä€🙂"], np.array(["b", "", "ä€🙂"])),
        (("x", "yy"), np.array(["x", "yy"])),
        (np.str_("text"), np.array(["text"])),
        (np.array("text"), np.array("text")),
        (np.array([["a", "bb"], ["ccc", ""]]), np.array([["a", "bb"], ["ccc", ""]])),
        (np.array(["a", "bb"], dtype=object), np.array(["a", "bb"])),
        (np.array([], dtype="U3"), np.array([], dtype="U1")),
    ],
)
def test_python_values_and_text(tmp_path: Path, value: object, expected: np.ndarray[Any, Any]) -> None:
    found = round_trip(tmp_path / "t", value)
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    assert found.tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (np.array(["2020-01-01"], dtype="datetime64[D]"), r"datetime64\[D\]"),
        (np.zeros(2, dtype="timedelta64[s]"), r"timedelta64\[s\]"),
        (np.zeros(2, dtype=[("a", "i4"), ("b", "f4")]), "void64"),
        (np.array([b"ab"]), "bytes16"),
        (np.zeros(2, dtype=np.clongdouble), np.dtype(np.clongdouble).name),
        (np.array([1, "a"], dtype=object), "objects"),
        (None, "objects"),
        ({"a": 1}, "objects"),
    ],
)
def test_other_types_are_refused_by_name(tmp_path: Path, value: object, name: str) -> None:
    with Writer(tmp_path / "t") as writer:
        with pytest.raises(TypeError, match=name):
            writer.save(0, {"good": np.zeros(3), "bad": value})
        writer.save(1, {"good": np.ones(3)})
    trial = ts.open(tmp_path / "t")
    assert trial.steps() == [1]
    assert trial.tensor("good").value(1).tolist() == [1, 1, 1]


def without_ml_dtypes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)


def bfloat16_trial(folder: Path, bits: list[int]) -> None:
    """Write 16-bit integers, and give them the code of bfloat16: 14, as TensorFlow's ``types.proto`` has it."""
    with Writer(folder) as writer:
        writer.save(0, {"x": np.array(bits, dtype=np.uint16)})
    path = event_file(folder, 0)
    content = path.read_bytes()
    dtype_and_shape = b"\x08\x11\x12"
    assert content.count(dtype_and_shape) == 1
    path.write_bytes(content.replace(dtype_and_shape, b"\x08\x0e\x12"))


# 1, -2, 0.5, infinity, and the largest finite one: (2 - 2^-7) 2^127.
BITS = [0x3F80, 0xC000, 0x3F00, 0x7F80, 0x7F7F]
NUMBERS = [1.0, -2.0, 0.5, np.inf, (2 - 2**-7) * 2.0**127]


def test_bfloat16_is_widened_without_ml_dtypes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_ml_dtypes(monkeypatch)
    bfloat16_trial(tmp_path / "t", BITS)
    found = ts.open(tmp_path / "t", verify=False).tensor("x").value(0)
    assert found.dtype == np.float32
    assert found.tolist() == NUMBERS
    assert not found.flags.writeable


def test_bfloat16_has_its_own_type_with_ml_dtypes(tmp_path: Path) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    bfloat16_trial(tmp_path / "t", BITS)
    found = ts.open(tmp_path / "t", verify=False).tensor("x").value(0)
    assert found.dtype == ml_dtypes.bfloat16
    assert found.astype(np.float32).tolist() == NUMBERS
    value = np.array(NUMBERS, dtype=ml_dtypes.bfloat16).reshape(5, 1)
    assert_identical(round_trip(tmp_path / "u", value), value)
