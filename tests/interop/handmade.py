"""A second, independent writer of the on-disk format, in plain Python.

It exists to ask the original reader questions about byte layouts, including ones that no writer of ours
produces, so it shares no code with the crates.
Bit-by-bit CRC and string concatenation are fine at this size.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

PAYLOAD_CHECK = 0x062DC0B3
"""What smdebug expects after every payload, whatever the payload is."""

DTYPE_CODES = {
    "float32": 1,
    "float64": 2,
    "int32": 3,
    "uint8": 4,
    "int16": 5,
    "int8": 6,
    "int64": 9,
    "bool": 10,
    "uint16": 17,
    "float16": 19,
    "uint32": 22,
    "uint64": 23,
}


def crc32c(data: bytes) -> int:
    """CRC-32C (Castagnoli), not masked."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(crc: int) -> int:
    """The masking that TFRecord framing applies to a CRC."""
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def varint(number: int) -> bytes:
    """A protobuf varint."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def message(number: int, body: bytes) -> bytes:
    """Length-delimited protobuf field `number`."""
    return varint(number << 3 | 2) + varint(len(body)) + body


@dataclass(kw_only=True)
class Record:
    """One tensor to write, and the liberties to take while writing it."""

    tag: str
    value: np.ndarray[Any, Any] | list[str]
    step: int = 0
    names: list[str] = field(default_factory=list[str])
    """Names in the index; empty means the tag alone."""
    pad_event: bytes = b""
    """Fields put into `Event` ahead of its summary."""
    pad_event_end: bytes = b""
    """Fields put behind the summary."""
    pad_value: bytes = b""
    """Fields put into `Summary.Value` ahead of its tensor."""
    pad_tensor: bytes = b""
    """Fields put into `TensorProto` ahead of its content."""
    metadata: bool = True
    gap_before: bytes = b""
    """Bytes between the previous record and this one that belong to neither."""
    check: int = PAYLOAD_CHECK


def encode(record: Record, mode: int = 1, mode_step: int = 0) -> bytes:
    """The framed record."""
    if isinstance(record.value, list):
        shape = (len(record.value),)
        dtype, content = b"", b"".join(message(8, item.encode()) for item in record.value)
    else:
        shape = record.value.shape
        dtype = b"\x08" + varint(DTYPE_CODES[record.value.dtype.name])
        content = message(4, record.value.tobytes())
    dims = b"".join(message(2, (b"\x08" + varint(size)) if size else b"") for size in shape)
    tensor = dtype + message(2, dims) + record.pad_tensor + content
    plugins = b"".join(
        message(1, message(1, key) + message(2, text))
        for key, text in ((b"mode_step", str(mode_step).encode()), (b"mode", str(mode).encode()))
    )
    value = message(1, record.tag.encode()) + record.pad_value + message(8, tensor)
    if record.metadata:
        value += message(9, plugins)
    event = b"\x09" + struct.pack("<d", 1_700_000_000.0)
    if record.step:
        event += b"\x10" + varint(record.step)
    event += record.pad_event + message(5, message(1, value)) + record.pad_event_end
    length = struct.pack("<Q", len(event))
    return length + struct.pack("<I", masked(crc32c(length))) + event + struct.pack("<I", record.check)


def write_step(
    trial: Path,
    step: int,
    records: list[Record],
    *,
    worker: str = "worker_0",
    mode: str = "TRAIN",
    mode_step: int | None = None,
    entry_crc: bool = True,
    file_crc: bool = True,
    tail: bytes = b"",
) -> None:
    """Writes the event file and the index file of one step."""
    number = {"TRAIN": 1, "EVAL": 2, "PREDICT": 3, "GLOBAL": 4}[mode]
    mode_step = step if mode_step is None else mode_step
    event_name = f"events/{step:012}/{step:012}_{worker}.tfevents"
    content = b""
    payload: list[dict[str, Any]] = []
    for record in records:
        record.step = step
        content += record.gap_before
        framed = encode(record, number, mode_step)
        for name in record.names or [record.tag]:
            entry: dict[str, Any] = {"tensorname": name, "start_idx": len(content), "length": len(framed)}
            if entry_crc:
                entry["crc32c"] = f"{crc32c(framed):08x}"
            payload.append(entry)
        content += framed
    event_path = trial / event_name
    event_path.parent.mkdir(parents=True, exist_ok=True)
    event_path.write_bytes(content + tail)
    meta = {"mode": mode, "mode_step": mode_step, "event_file_name": event_name}
    document = json.dumps({"meta": meta, "tensor_payload": payload, "shape_payload": []})
    index_path = trial / f"index/{step // 1000:09}/{step:012}_{worker}.json"
    index_path.parent.mkdir(parents=True, exist_ok=True)
    index_path.write_text(with_crc(document, "}") if file_crc else document)


def with_crc(document: str, closing: str) -> str:
    """`document` with a last key `crc32c` over everything ahead of that key."""
    body = document.removesuffix(closing)
    return f'{body}, "crc32c": "{crc32c(body.encode()):08x}"{closing}'


def write_collections(
    trial: Path,
    collections: dict[str, dict[str, Any]],
    *,
    worker: str = "worker_0",
    num_workers: int = 1,
    meta_crc: bool = True,
) -> None:
    """Writes the collections file of one worker."""
    each_mode = {"save_interval": 5, "save_steps": [], "start_step": 0, "end_step": None}
    full = {
        name: {
            "name": name,
            "include_regex": [],
            "tensor_names": [],
            "reduction_config": {"save_raw_tensor": True, "reductions": "", "save_shape": False},
            "save_config": dict.fromkeys(("TRAIN", "EVAL", "PREDICT", "GLOBAL"), each_mode),
            "save_histogram": True,
        }
        | chosen
        for name, chosen in collections.items()
    }
    document = json.dumps({"collections": full, "_meta": {"num_workers": num_workers}})
    path = trial / f"collections/000000000/{worker}_collections.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(with_crc(document, "}}") if meta_crc else document)


def end_job(trial: Path) -> None:
    """Says that no more data will come."""
    (trial / "training_job_end.ts").touch()
