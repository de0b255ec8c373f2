"""Runs every benchmark, one after the other, and keeps the results beside the scripts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from harness import machine

BENCHMARKS = ("hook_overhead", "hook_vs_smdebug", "bytes_vs_smdebug", "read_vs_smdebug", "writer_throughput")


def main() -> int:
    """Runs them all; the exit code is that of the first that failed."""
    here = Path(__file__).parent
    results = here / "results"
    results.mkdir(exist_ok=True)
    print("  ".join(f"{key}: {value}" for key, value in machine().items()), flush=True)
    failed = 0
    for name in BENCHMARKS:
        command = [sys.executable, here / f"{name}.py", "--json", results / f"{name}.json"]
        failed = failed or subprocess.run(command, check=False).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
