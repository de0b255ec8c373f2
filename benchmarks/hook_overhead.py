"""What the hook costs: training time of the main job with and without it."""

from __future__ import annotations

import itertools
import sys
from typing import TYPE_CHECKING

from collections_used import ALL, CHEAP
from harness import Report, adult_input, arguments, interleaved, run_contestant, workplace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def main() -> None:
    """Runs the benchmark."""
    options = arguments(__doc__ or "", repeats=9)
    with workplace() as folder:
        source = adult_input(folder)
        numbers = itertools.count()

        def contestant(hook: str, collections: tuple[str, ...]) -> Callable[[], float]:
            def run() -> float:
                trial: Path = folder / f"trial-{next(numbers)}"
                answer = run_contestant(
                    sys.executable, "train", "--hook", hook, "--collections", ",".join(collections),
                    "--input", source, "--trial", trial,
                )  # fmt: skip
                return answer["seconds"]

            return run

        results = interleaved(
            {
                "none": contestant("none", ()),
                "cheap": contestant("trialscope", CHEAP),
                "all": contestant("trialscope", ALL),
            },
            repeats=options.repeats,
        )
    report = Report(
        title="Training time with the hook",
        setting="UCI Adult, 26,048 x 12, 51 rounds, saved every 5; a process per run; seconds inside the training call",
    )
    base = report.add("without the hook", results["none"], "s")
    cheap = report.add("all collections but SHAP", results["cheap"], "s", against=base, note="of the time without")
    full = report.add("all collections", results["all"], "s", against=base, note="of the time without")
    report.conclude(f"overhead without SHAP: {100 * (cheap / base - 1):.1f} % (aim: below 10 %)")
    report.conclude(f"overhead with SHAP: {full - base:.3f} s")
    report.publish(options.json)


if __name__ == "__main__":
    main()
