"""Overhead of our hook against that of the smdebug hook, each in its own environment."""

from __future__ import annotations

import itertools
import sys
from typing import TYPE_CHECKING

from collections_used import ALL
from harness import (
    Report,
    adult_input,
    arguments,
    interleaved,
    run_contestant,
    skip,
    smdebug_python,
    workplace,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def main() -> None:
    """Runs the benchmark."""
    options = arguments(__doc__ or "", repeats=5)
    theirs = smdebug_python()
    versions: set[str] = set()
    with workplace() as folder:
        source = adult_input(folder)
        numbers = itertools.count()

        def contestant(python: Path | str, hook: str) -> Callable[[], float]:
            def run() -> float:
                answer = run_contestant(
                    python, "train", "--hook", hook, "--collections", ",".join(ALL),
                    "--input", source, "--trial", folder / f"trial-{next(numbers)}",
                )  # fmt: skip
                versions.add(answer["xgboost"])
                return answer["seconds"]

            return run

        results = interleaved(
            {
                "ours without": contestant(sys.executable, "none"),
                "theirs without": contestant(theirs, "none"),
                "ours": contestant(sys.executable, "trialscope"),
                "theirs": contestant(theirs, "smdebug"),
            },
            repeats=options.repeats,
        )
    if len(versions) != 1:
        skip(f"the two environments have different xgboost versions: {sorted(versions)}")
    report = Report(
        title="Overhead against smdebug 1.0.34, all collections",
        setting=f"UCI Adult, 26,048 x 12, 51 rounds, saved every 5, xgboost {versions.pop()} on both sides",
    )
    our_base = report.add("no hook, our environment", results["ours without"], "s")
    their_base = report.add("no hook, smdebug's environment", results["theirs without"], "s")
    ours = report.add("our hook", results["ours"], "s", against=our_base, note="of the time without")
    them = report.add("smdebug's hook", results["theirs"], "s", against=their_base, note="of the time without")
    factor = (them - their_base) / max(ours - our_base, 1e-9)
    report.conclude(
        f"overhead {ours - our_base:.3f} s against {them - their_base:.3f} s: {factor:.1f} times less (aim: 5)"
    )
    report.publish(options.json)


if __name__ == "__main__":
    main()
