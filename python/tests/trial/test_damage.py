"""Damage is told with its place, and costs nothing but what it hit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import trialscope as ts
from trialscope.exceptions import DamagedFile, StepUnavailable, TensorUnavailable

from .writing import Writer, collections_file, event_file, index_file

STEPS = [0, 1, 2]
VALUES: dict[str, Any] = {"first": np.arange(3.0), "large": np.arange(2000, dtype=np.float32), "text": ["one", "two"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Writer(tmp_path / "t", feature_names=["age", "income"]) as writer:
        for step in STEPS:
            writer.save(step, VALUES)
    return tmp_path / "t"


def replace(path: Path, content: bytes) -> None:
    """Put other content in place of a file, as a new file: the old one may be mapped."""
    path.unlink()
    path.write_bytes(content)


def flip(path: Path, byte: int) -> None:
    content = bytearray(path.read_bytes())
    content[byte] ^= 0x10
    replace(path, bytes(content))


def records(folder: Path, step: int) -> dict[str, tuple[int, int]]:
    """Start and end of each value in its event file."""
    payload: list[dict[str, Any]] = json.loads(index_file(folder, step).read_text())["tensor_payload"]
    return {entry["tensorname"]: (entry["start_idx"], entry["start_idx"] + entry["length"]) for entry in payload}


def assert_readable(trial: ts.Trial, *, but: tuple[str, int] | None = None) -> None:
    for name, value in VALUES.items():
        for step in trial.steps():
            if (name, step) != but:
                assert trial.tensor(name).value(step).tolist() == list(value)


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("where", [0, 0.5, 1])
def test_a_flipped_bit_in_a_value(folder: Path, name: str, where: float) -> None:
    start, end = records(folder, 1)[name]
    flip(event_file(folder, 1), start + int((end - 1 - start) * where))
    trial = ts.open(folder)
    place = rf"events/000000000001/000000000001_worker_0\.tfevents is damaged at byte {start}:.*trialscope doctor"
    for _ in range(2):
        with pytest.raises(DamagedFile, match=place):
            trial.tensor(name).value(1)
    assert_readable(trial, but=(name, 1))


def test_a_check_can_be_switched_off(folder: Path) -> None:
    values = event_file(folder, 1).read_bytes().index(VALUES["large"].tobytes())
    flip(event_file(folder, 1), values + 4 * 1000)
    with pytest.raises(DamagedFile, match="checksum"):
        ts.open(folder).tensor("large").value(1)
    found = ts.open(folder, verify=False).tensor("large").value(1)
    assert np.flatnonzero(found != VALUES["large"]).tolist() == [1000]


def test_a_truncated_event_file(folder: Path) -> None:
    start, _ = records(folder, 1)["large"]
    replace(event_file(folder, 1), event_file(folder, 1).read_bytes()[: start + 100])
    trial = ts.open(folder)
    ends = {name: end for name, (_, end) in records(folder, 1).items()}
    for name, value in VALUES.items():
        if ends[name] <= start + 100:
            assert trial.tensor(name).value(1).tolist() == list(value)
        else:
            with pytest.raises(DamagedFile, match=r"000000000001_worker_0\.tfevents is damaged at byte"):
                trial.tensor(name).value(1)
    assert trial.steps() == STEPS


def test_a_lost_event_file(folder: Path) -> None:
    event_file(folder, 1).unlink()
    trial = ts.open(folder)
    with pytest.raises(OSError, match=r"events/000000000001/000000000001_worker_0\.tfevents"):
        trial.tensor("first").value(1)
    assert trial.tensor("first").value(2).tolist() == [0, 1, 2]


@pytest.mark.parametrize("damage", ["flipped", "truncated", "empty"])
def test_a_damaged_index_file(folder: Path, damage: str) -> None:
    path = index_file(folder, 1)
    content = path.read_bytes()
    # A digit of a number stays a digit: only the checksum can tell.
    flipped = content.replace(b'"mode_step": 1', b'"mode_step": 3', 1)
    assert flipped != content
    replace(path, {"flipped": flipped, "truncated": content[: len(content) // 2], "empty": b""}[damage])
    trial = ts.open(folder)
    (problem,) = trial.problems
    assert problem.startswith("index/000000000/000000000001_worker_0.json is damaged at byte ")
    assert trial.steps() == [0, 2]
    assert trial.loaded_all_steps
    with pytest.raises(StepUnavailable):
        trial.tensor("first").value(1)
    assert_readable(trial)


@pytest.mark.parametrize("damage", ["flipped", "truncated"])
def test_a_damaged_collections_file(folder: Path, damage: str) -> None:
    path = collections_file(folder)
    content = path.read_bytes()
    replace(path, content.replace(b'".*"', b'".+"') if damage == "flipped" else content[:-20])
    trial = ts.open(folder)
    (problem,) = trial.problems
    assert problem.startswith("collections/000000000/worker_0_collections.json is damaged at byte ")
    assert trial.collections() == {}
    assert trial.steps() == STEPS
    assert_readable(trial)


def test_damaged_feature_names(folder: Path) -> None:
    assert ts.open(folder).feature_names == ["age", "income"]
    replace(folder / "feature_names.json", b'{"feature_names": ["age", ')
    trial = ts.open(folder)
    assert trial.feature_names is None
    (problem,) = trial.problems
    assert problem.startswith("feature_names.json is damaged at byte ")
    with pytest.raises(TensorUnavailable):
        trial.tensor("first/age")
    assert_readable(trial)


def test_a_pattern_that_python_refuses_hides_no_collection(tmp_path: Path) -> None:
    # Python 3.8, for which smdebug was made, took flags in the middle of a pattern; 3.11 refuses them.
    collections = {
        "old": {"name": "old", "include_regex": ["loss(?i)"]},
        "good": {"name": "good", "include_regex": ["x"]},
        "wrong": {"name": "wrong", "include_regex": ["("]},
    }
    with Writer(tmp_path / "t", collections={"good": collections["good"]}) as writer:
        writer.save(0, {"x": 1.0})
    document = json.loads(collections_file(tmp_path / "t").read_text())
    del document["_meta"]["crc32c"]
    document["collections"] |= collections
    replace(collections_file(tmp_path / "t"), json.dumps(document).encode())
    trial = ts.open(tmp_path / "t")
    assert {name: collection.include_regex for name, collection in trial.collections().items()} == {
        "old": ["loss(?i)"],
        "good": ["x"],
        "wrong": ["("],
    }
    assert trial.tensor_names(collection="good") == ["x"]
    assert any("wrong" in problem for problem in trial.problems)
