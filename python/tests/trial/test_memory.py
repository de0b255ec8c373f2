"""Large values are looked at where they lie in the file, and nobody can write to them."""

from __future__ import annotations

import gc
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import trialscope as ts

from .writing import Writer, event_file

LARGE = np.arange(20_000, dtype=np.float32).reshape(100, 200)
SMALL = np.arange(6, dtype=np.int16)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Writer(tmp_path / "t") as writer:
        writer.save(0, {"odd": np.ones(13, dtype=np.int8), "large": LARGE, "small": SMALL, "text": ["a", "b"]})
    return tmp_path / "t"


def address(array: np.ndarray[Any, Any]) -> int:
    return array.__array_interface__["data"][0]


def test_nobody_can_write(folder: Path) -> None:
    trial = ts.open(folder)
    for name in trial.tensor_names():
        value = trial.tensor(name).value(0)
        assert not value.flags.writeable, name
        with pytest.raises(ValueError, match="read-only"):
            value[...] = value[::-1]
        # Not even by asking: the file is open for reading only.
        if value.dtype.kind != "U":
            with pytest.raises(ValueError, match="WRITEABLE"):
                value.flags.writeable = True


def test_large_values_are_not_copied(folder: Path) -> None:
    trial = ts.open(folder)
    first, second = trial.tensor("large").value(0), trial.tensor("large").value(0)
    assert np.shares_memory(first, second)
    assert not first.flags.owndata
    assert not np.shares_memory(first, ts.open(folder).tensor("large").value(0))
    # A number that somebody keeps must not keep a file open.
    assert not np.shares_memory(trial.tensor("small").value(0), trial.tensor("small").value(0))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what lies where in memory")
def test_large_values_lie_in_the_mapped_file(folder: Path) -> None:
    value = ts.open(folder).tensor("large").value(0)
    for line in Path("/proc/self/maps").read_text().splitlines():
        start, _, end = line.split()[0].partition("-")
        if int(start, 16) <= address(value) < int(end, 16):
            assert line.endswith(str(event_file(folder.resolve(), 0)))
            return
    pytest.fail("the value lies nowhere")


def test_values_are_aligned(folder: Path) -> None:
    trial = ts.open(folder)
    for name in ("odd", "large", "small"):
        assert trial.tensor(name).value(0).flags.aligned
    # Beyond 4 KiB, a cache line.
    assert address(trial.tensor("large").value(0)) % 64 == 0


def test_values_outlive_the_trial_and_its_files(folder: Path) -> None:
    trial = ts.open(folder)
    large, small = trial.tensor("large").value(0), trial.tensor("small").value(0)
    part = large[3:5, ::7]
    del trial
    shutil.rmtree(folder)
    gc.collect()
    np.testing.assert_array_equal(large, LARGE)
    np.testing.assert_array_equal(small, SMALL)
    del large
    gc.collect()
    np.testing.assert_array_equal(part, LARGE[3:5, ::7])


def test_saved_arrays_may_change_afterwards(tmp_path: Path) -> None:
    array = LARGE.copy()
    with Writer(tmp_path / "t") as writer:
        writer.capture.save_step(0, "TRAIN", 0, [("tensor", ["x"], array)])
        array[:] = -1
    np.testing.assert_array_equal(ts.open(tmp_path / "t").tensor("x").value(0), LARGE)


def test_given_arrays_become_read_only(tmp_path: Path) -> None:
    array = LARGE.copy()
    with Writer(tmp_path / "t") as writer:
        writer.save(0, {"x": array}, kind="given")
        assert not array.flags.writeable
    assert np.array_equal(array, LARGE)
    np.testing.assert_array_equal(ts.open(tmp_path / "t").tensor("x").value(0), LARGE)


def test_given_arrays_that_have_to_be_copied_stay_free(tmp_path: Path) -> None:
    whole = LARGE.copy()
    with Writer(tmp_path / "t") as writer:
        writer.save(0, {"x": whole[:, ::2]}, kind="given")
        whole[:] = -1
    np.testing.assert_array_equal(ts.open(tmp_path / "t").tensor("x").value(0), LARGE[:, ::2])


def test_a_given_array_lives_until_it_is_written(tmp_path: Path) -> None:
    with Writer(tmp_path / "t") as writer:
        for step in range(20):
            # Nobody else holds it, and the next one may well take its place in memory.
            writer.capture.save_step(step, "TRAIN", step, [("given", ["x"], LARGE + step)])
    trial = ts.open(tmp_path / "t")
    for step in range(20):
        np.testing.assert_array_equal(trial.tensor("x").value(step), LARGE + step)
