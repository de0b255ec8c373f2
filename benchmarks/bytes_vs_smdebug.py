"""Bytes and files written for the main job, against smdebug."""

from __future__ import annotations

import sys

from collections_used import ALL
from harness import Report, adult_input, arguments, run_contestant, smdebug_python, tree_size, workplace


def main() -> None:
    """Runs the benchmark."""
    options = arguments(__doc__ or "", repeats=1)
    from trialscope.demo.schema import FEATURES

    theirs = smdebug_python()
    names = ",".join(FEATURES.values())
    with workplace() as folder:
        source = adult_input(folder)
        sizes: dict[str, tuple[int, int]] = {}
        for label, python, hook, real_names in (
            ("ours", sys.executable, "trialscope", True),
            ("smdebug, features named f0 to f11", theirs, "smdebug", False),
            ("smdebug, real names: SHAP of 9 features only", theirs, "smdebug", True),
        ):
            trial = folder / f"trial-{len(sizes)}"
            run_contestant(
                python, "train", "--hook", hook, "--collections", ",".join(ALL), "--input", source,
                "--trial", trial, *(["--names", names] if real_names else []),
            )  # fmt: skip
            sizes[label] = tree_size(trial)
    report = Report(
        title="Bytes and files written against smdebug 1.0.34",
        setting="UCI Adult, 51 rounds, saved every 5, all collections; the original drops names that end in a, b, i, s",
    )
    our_bytes, our_files = sizes["ours"]
    for label, (num_bytes, num_files) in sizes.items():
        report.add(label, [num_bytes / 1e6], "MB", against=our_bytes / 1e6, note="times ours")
        report.add(f"{label}: files", [num_files], "files", against=our_files, note="times ours")
    fewer = [num_bytes / our_bytes for label, (num_bytes, _) in sizes.items() if label != "ours"]
    report.conclude(f"{fewer[1]:.1f} to {fewer[0]:.1f} times fewer bytes (aim: 8)")
    report.publish(options.json)


if __name__ == "__main__":
    main()
