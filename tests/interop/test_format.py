"""Which liberties with the format the original accepts: the ground that our extensions stand on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from handmade import Record, end_job, message, varint, write_collections, write_step
from original import Original, Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

A = np.arange(3.0)
COLLECTIONS: dict[str, dict[str, Any]] = {"m": {"include_regex": ["^a"]}}
INDEX = "index/000000000/000000000000_worker_0.json"


def assert_sees(original: Original, trial: Path, expected: dict[str, Any]) -> None:
    seen = original.read(trial)
    assert seen.names == sorted(expected)
    assert seen.collections["m"]["tensors_in_trial"] == sorted(expected)
    for name, value in expected.items():
        read = seen.value(name, 0)
        if isinstance(value, list):
            assert read == value
        else:
            assert read.dtype == value.dtype
            assert np.array_equal(read, value)


@pytest.mark.parametrize("checksums", [False, True])
def test_checksums_in_index_and_collections(original: Original, trial: Path, *, checksums: bool) -> None:
    write_collections(trial, COLLECTIONS, meta_crc=checksums)
    write_step(trial, 0, [Record(tag="a", value=A)], entry_crc=checksums, file_crc=checksums)
    end_job(trial)
    assert_sees(original, trial, {"a": A})


def test_several_names_for_one_record(original: Original, trial: Path) -> None:
    write_collections(trial, COLLECTIONS)
    records = [
        Record(tag="a/x", value=A, names=["a/x", "a/y"]),
        Record(tag="not in the index", value=A + 1, names=["a/z"]),
    ]
    write_step(trial, 0, records)
    end_job(trial)
    assert_sees(original, trial, {"a/x": A, "a/y": A, "a/z": A + 1})


def padding(num_bytes: int) -> bytes:
    return message(1000, bytes(num_bytes))


@pytest.mark.parametrize(
    "record",
    [
        *(pytest.param(Record(tag="a", value=A, pad_event=padding(n)), id=f"{n} bytes") for n in (0, 1, 60, 4096)),
        pytest.param(Record(tag="a", value=A, pad_event_end=padding(9)), id="behind the summary"),
        pytest.param(Record(tag="a", value=A, pad_value=padding(9)), id="in Summary.Value"),
        pytest.param(Record(tag="a", value=A, pad_tensor=padding(9)), id="in TensorProto"),
        pytest.param(Record(tag="a", value=A, pad_event=padding(3) + padding(5)), id="twice"),
        pytest.param(Record(tag="a", value=A, pad_event=varint(1000 << 3) + b"\x80\x80\x00"), id="long varint"),
        pytest.param(Record(tag="a", value=["x", "é"], pad_event=padding(9)), id="ahead of strings"),
        pytest.param(Record(tag="a", value=A, gap_before=bytes(7)), id="gap ahead of the record"),
    ],
)
def test_padding_by_an_unknown_field(original: Original, trial: Path, record: Record) -> None:
    write_collections(trial, COLLECTIONS)
    write_step(trial, 0, [record, Record(tag="a2", value=A + 1, gap_before=record.gap_before)])
    end_job(trial)
    assert_sees(original, trial, {"a": record.value, "a2": A + 1})


def feature_names(trial: Path) -> None:
    (trial / "feature_names.json").write_text('{"feature_names": ["age"]}')


def held_claim(trial: Path) -> None:
    (trial / "claim.smd").touch()


def torn_step(trial: Path) -> None:
    (trial / "events/000000000005").mkdir()
    (trial / "events/000000000005/000000000005_worker_0.tfevents.tmp").write_bytes(b"torn")
    (trial / "index/000000000/000000000005_worker_0.json.tmp").write_text("{")


@pytest.mark.parametrize("add", [feature_names, held_claim, torn_step])
def test_other_files_in_the_trial(original: Original, trial: Path, add: Callable[[Path], None]) -> None:
    write_collections(trial, COLLECTIONS)
    write_step(trial, 0, [Record(tag="a", value=A)])
    add(trial)
    end_job(trial)
    assert_sees(original, trial, {"a": A})


@pytest.mark.parametrize("name", ["a/é 'q\"<b>", "a b", "a" * 5000, "a\\n", "smdebug/a"])
def test_odd_names(original: Original, trial: Path, name: str) -> None:
    write_collections(trial, {"m": {"include_regex": ["a"]}})
    write_step(trial, 0, [Record(tag=name, value=A)])
    end_job(trial)
    assert_sees(original, trial, {name: A})


def test_what_the_original_refuses(original: Original, trial: Path) -> None:
    """Limits that the writer has to keep: if the original were more tolerant, so could we be."""
    true_crc = trial / "true-crc"
    write_collections(true_crc, COLLECTIONS)
    write_step(true_crc, 0, [Record(tag="a", value=A, check=1)])
    end_job(true_crc)
    with pytest.raises(Refused, match="NameError"):
        original.read(true_crc).value("a", 0)

    top_level = trial / "top-level-key"
    write_collections(top_level, COLLECTIONS, meta_crc=False)
    write_step(top_level, 0, [Record(tag="a", value=A)])
    end_job(top_level)
    file = top_level / "collections/000000000/worker_0_collections.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "crc32c": "00000000"}))
    with pytest.raises(Refused, match="allowed params"):
        original.read(top_level)


def test_unknown_keys_in_an_index_file(original: Original, trial: Path) -> None:
    write_collections(trial, COLLECTIONS)
    write_step(trial, 0, [Record(tag="a", value=A)])
    end_job(trial)
    document = json.loads((trial / INDEX).read_text())
    document["meta"]["unknown"] = 1
    (trial / INDEX).write_text(json.dumps({"unknown": {"a": [1]}, **document}))
    assert_sees(original, trial, {"a": A})
