"""Speed of the writer alone: large tensors against a plain file write, and many small steps."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from harness import Report, arguments, interleaved, tree_size, workplace
from trialscope import _native

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy.typing as npt

LARGE_STEPS = 8
LARGE_BYTES = 64 << 20
SMALL_STEPS = 10_000


def capture(trial: Path) -> _native.Capture:
    """A writer that saves everything at every step."""
    always = {"save_interval": 1, "save_steps": [], "start_step": 0, "end_step": None}
    everything: dict[str, Any] = {
        "name": "everything",
        "include_regex": [".*"],
        "tensor_names": [],
        "reduction_config": None,
        "save_config": dict.fromkeys(("TRAIN", "EVAL", "PREDICT", "GLOBAL"), always),
        "save_histogram": False,
    }
    config = {"worker": "worker_0", "collections": {"everything": everything}, "include": ["everything"]}
    return _native.Capture(str(trial), json.dumps(config))


def large_tensors(place: Path, tensors: Sequence[npt.NDArray[np.float64]], *, kind: str) -> None:
    """Captures large tensors, one a step: ``"given"`` away by the hook, or kept by the training and copied."""
    hook = capture(place / "trial")
    for step in range(LARGE_STEPS):
        hook.save_step(step, "TRAIN", step, [(kind, ["x"], tensors[step % len(tensors)])])
    hook.close(end_of_job=True)


def large_files(place: Path, tensors: Sequence[npt.NDArray[np.float64]]) -> None:
    """Writes the same bytes, a file a step."""
    for step in range(LARGE_STEPS):
        with (place / f"{step}.bin").open("wb", buffering=0) as file:
            file.write(memoryview(tensors[step % len(tensors)]).cast("B"))


def small_steps(place: Path) -> None:
    """Captures one scalar a step."""
    hook = capture(place / "trial")
    for step in range(SMALL_STEPS):
        hook.save_step(step, "TRAIN", step, [("scalars", ["loss"], np.array([0.5 / (step + 1)]))])
    hook.close(end_of_job=True)


def small_files(place: Path) -> None:
    """Writes two small files a step, each under another name first, as the format asks."""
    events, index = b"x" * 90, b"x" * 250
    for step in range(SMALL_STEPS):
        (place / "events" / f"{step:012}").mkdir(parents=True)
        for name, content in ((f"events/{step:012}/e", events), (f"index-{step}", index)):
            part = place / f"{name}.tmp"
            part.write_bytes(content)
            part.rename(place / name)


def timed(
    folder: Path, work: Callable[[Path], None], *, ahead: Callable[[Path], None] | None = None
) -> Callable[[], float]:
    """A contestant: seconds that `work` takes in an empty place; `ahead` runs before, and does not count."""
    numbers = itertools.count()

    def run() -> float:
        place = folder / f"{work.__name__}-{next(numbers)}"
        if ahead is not None:
            # A virtual machine may give free memory back, and pays for it when it is used again: whoever came first
            # would pay for all. Each finds as much memory at hand as a plain write leaves behind.
            place.mkdir()
            ahead(place)
            shutil.rmtree(place)
        place.mkdir()
        start = time.perf_counter()
        work(place)
        seconds = time.perf_counter() - start
        shutil.rmtree(place)
        # What the last run left to the system must not be written while the next one is timed.
        os.sync()
        return seconds

    return run


def main() -> None:
    """Runs the benchmark."""
    options = arguments(__doc__ or "", repeats=5)
    draw = np.random.default_rng(0)
    tensors = [draw.random(LARGE_BYTES // 8) for _ in range(2)]

    def large_given(place: Path) -> None:
        large_tensors(place, tensors, kind="given")

    def large_copied(place: Path) -> None:
        large_tensors(place, tensors, kind="tensor")

    def large_plain(place: Path) -> None:
        large_files(place, tensors)

    with workplace() as folder:
        # Two groups: the file system goes on working after ten thousand small files, and whoever came next would pay.
        results = interleaved(
            {
                "large given": timed(folder, large_given, ahead=large_plain),
                "large copied": timed(folder, large_copied, ahead=large_plain),
                "large plain": timed(folder, large_plain, ahead=large_plain),
            },
            repeats=options.repeats,
        )
        results |= interleaved(
            {"small writer": timed(folder, small_steps), "small plain": timed(folder, small_files)},
            repeats=options.repeats,
        )
        trial = folder / "sized"
        trial.mkdir()
        small_steps(trial)
        num_bytes, num_files = tree_size(trial)
    report = Report(
        title="Writer throughput",
        setting=f"{LARGE_STEPS} steps of {LARGE_BYTES >> 20} MiB float64, and {SMALL_STEPS:,} steps of one scalar; "
        "from the first call to the closed trial; no fsync on either side",
    )
    megabytes = LARGE_STEPS * LARGE_BYTES / 1e6
    plain = report.add("plain file write", [megabytes / s for s in results["large plain"]], "MB/s")
    writer = report.add(
        "writer, memory given away",
        [megabytes / s for s in results["large given"]],
        "MB/s",
        against=plain,
        note="of plain",
    )
    copied = report.add(
        "writer, values copied first",
        [megabytes / s for s in results["large copied"]],
        "MB/s",
        against=plain,
        note="of plain",
    )
    small_base = report.add("two files per step, written by Python", results["small plain"], "s")
    small = report.add(
        f"{SMALL_STEPS:,} scalar steps",
        results["small writer"],
        "s",
        against=small_base,
        note=f"of plain; {num_bytes / 1e6:.1f} MB in {num_files:,} files",
    )
    report.conclude(f"large tensors at {100 * writer / plain:.0f} % of a plain file write (aim: 70 %)")
    report.conclude(f"large tensors that must be copied first at {100 * copied / plain:.0f} %")
    report.conclude(f"{SMALL_STEPS / small:,.0f} scalar steps per second")
    report.publish(options.json)


if __name__ == "__main__":
    main()
