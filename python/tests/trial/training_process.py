"""A training in a process of its own, which does as it is told.

Each line of standard input is a step to save, ``close`` or ``stop``; each is repeated on standard output when it is on
disk.
"""

from __future__ import annotations

import json
import sys

import numpy as np

from trialscope import _native


def answer(line: str) -> None:
    """Say what was done."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(folder: str) -> None:
    """Write steps with one tensor ``x`` of the step's number, until told to end."""
    everything = {"everything": {"name": "everything", "include_regex": [".*"]}}
    capture = _native.Capture(folder, json.dumps({"collections": everything, "include": ["everything"]}))
    answer("open")
    for line in sys.stdin:
        order = line.strip()
        if order in ("close", "stop"):
            capture.close(order == "close")
        else:
            step = int(order)
            capture.save_step(step, "TRAIN", step, [("raw", ["x"], np.array([float(step)]))])
            capture.flush()
        answer(order)


if __name__ == "__main__":
    main(sys.argv[1])
