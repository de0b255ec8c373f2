"""Time to open a trial and to read every value of it, against smdebug."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from collections_used import ALL
from harness import Report, adult_input, arguments, interleaved, run_contestant, smdebug_python, workplace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WITHOUT_PAUSE = {"SMDEBUG_TRAINING_END_DELAY_REFRESH": "0"}
"""The original sleeps a second at the first query of a finished trial; here it need not."""


def main() -> None:
    """Runs the benchmark."""
    options = arguments(__doc__ or "", repeats=5)
    theirs = smdebug_python()
    num_values: dict[str, int] = {}
    with workplace() as folder:
        source = adult_input(folder)
        written = {"smdebug": folder / "by-smdebug", "trialscope": folder / "by-trialscope"}
        for hook, python in (("smdebug", theirs), ("trialscope", sys.executable)):
            run_contestant(
                python, "train", "--hook", hook, "--collections", ",".join(ALL),
                "--input", source, "--trial", written[hook],
            )  # fmt: skip

        def contestant(label: str, python: Path | str, reader: str, trial: Path) -> Callable[[], float]:
            def run() -> float:
                answer = run_contestant(python, "read", "--reader", reader, "--trial", trial, environ=WITHOUT_PAUSE)
                num_values[label] = answer["values"]
                return answer["seconds"]

            return run

        results = interleaved(
            {
                label: contestant(label, python, reader, written[writer])
                for label, python, reader, writer in (
                    ("ours reads ours", sys.executable, "trialscope", "trialscope"),
                    ("smdebug reads ours", theirs, "smdebug", "trialscope"),
                    ("ours reads smdebug's", sys.executable, "trialscope", "smdebug"),
                    ("smdebug reads smdebug's", theirs, "smdebug", "smdebug"),
                )
            },
            repeats=options.repeats,
        )
    report = Report(
        title="Open a trial and read every value, against smdebug 1.0.34",
        setting="UCI Adult, 11 steps, all collections; files in the page cache; smdebug without its pause of 1 s "
        "and, on Python 3.11 and newer, with the Python implementation of protobuf",
    )
    ours = report.add(
        "ours reads its own", results["ours reads ours"], "s", note=f"{num_values['ours reads ours']} values"
    )
    theirs_own = report.add(
        "smdebug reads its own",
        results["smdebug reads smdebug's"],
        "s",
        against=ours,
        note=f"times ours; {num_values['smdebug reads smdebug' + chr(39) + 's']} values",
    )
    on_theirs = report.add("ours reads smdebug's trial", results["ours reads smdebug's"], "s")
    report.add("smdebug reads ours", results["smdebug reads ours"], "s")
    report.conclude(
        f"{theirs_own / ours:.0f} times faster each on its own trial, "
        f"{theirs_own / on_theirs:.0f} times on smdebug's trial (aim: 20)"
    )
    report.publish(options.json)


if __name__ == "__main__":
    main()
