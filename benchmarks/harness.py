"""What every benchmark shares: interleaved runs, medians and ratios, the machine, a table and a JSON file."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

ROOT = Path(__file__).parents[1]
SHARED_ADULT = ROOT.parent / "shared" / "data" / "adult" / "adult.data"
CONTESTANT = Path(__file__).parent / "contestant.py"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a result.

    Attributes
    ----------
    name : str
        What was measured.
    median, low, high : float
        Of all runs.
    unit : str
        Unit of the three.
    ratio : float or None
        Median over the median of the row it is compared with.
    note : str
        What the ratio is against, or what else there is to know.
    """

    name: str
    median: float
    low: float
    high: float
    unit: str
    ratio: float | None = None
    note: str = ""


@dataclass(kw_only=True)
class Report:
    """Result of one benchmark."""

    title: str
    setting: str
    rows: list[Row] = field(default_factory=list[Row])
    conclusions: list[str] = field(default_factory=list[str])

    def add(
        self,
        name: str,
        values: Sequence[float],
        unit: str,
        *,
        against: float | None = None,
        note: str = "",
    ) -> float:
        """Adds a row of `values` and returns their median."""
        median = statistics.median(values)
        ratio = None if against is None else median / against
        self.rows.append(
            Row(name=name, median=median, low=min(values), high=max(values), unit=unit, ratio=ratio, note=note)
        )
        return median

    def conclude(self, text: str) -> None:
        """Adds a sentence that says what the numbers mean."""
        self.conclusions.append(text)

    def publish(self, json_path: Path | None) -> None:
        """Prints the table, and writes the JSON document if a path is given."""
        print(f"\n{self.title}\n{self.setting}\n")
        cells = [("", "median", "min", "max", "", "ratio", "")]
        cells += [
            (
                row.name,
                _number(row.median),
                _number(row.low),
                _number(row.high),
                row.unit,
                "" if row.ratio is None else f"{row.ratio:.2f}",
                row.note,
            )
            for row in self.rows
        ]
        widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
        for line in cells:
            left = f"  {line[0]:<{widths[0]}}"
            numbers = "".join(f"  {cell:>{width}}" for cell, width in zip(line[1:4], widths[1:4], strict=True))
            print(f"{left}{numbers} {line[4]:<{widths[4]}}  {line[5]:>{widths[5]}}  {line[6]}".rstrip())
        for text in self.conclusions:
            print(f"  => {text}")
        if json_path is not None:
            document = {"machine": machine(), **asdict(self)}
            json_path.write_text(json.dumps(document, indent=1) + "\n")


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def interleaved(contestants: Mapping[str, Callable[[], float]], *, repeats: int) -> dict[str, list[float]]:
    """Runs all contestants in turn, `repeats` times, after one round that does not count.

    Parameters
    ----------
    contestants : mapping of str to callable
        Each runs once and returns its measure.
    repeats : int
        Rounds.

    Returns
    -------
    dict of str to list of float, length `repeats`
    """
    results: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(repeats + 1):
        for name, run in contestants.items():
            measure = run()
            if turn > 0:
                results[name].append(measure)
    return results


def machine() -> dict[str, str]:
    """The machine the numbers belong to."""
    described = {
        "system": f"{platform.system()} {platform.release()}",
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "python": platform.python_version(),
    }
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        names = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        described["processor"] = names[0] if names else platform.machine()
    if hasattr(os, "getloadavg"):
        # On a machine that does other work the figures mean little.
        described["load"] = f"{os.getloadavg()[0]:.1f}"
    return described


def arguments(description: str, *, repeats: int) -> argparse.Namespace:
    """The options every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--repeats", type=int, default=repeats, help=f"rounds (default: {repeats})")
    parser.add_argument("--json", type=Path, metavar="PATH", help="also write the result as JSON")
    return parser.parse_args()


def skip(reason: str) -> NoReturn:
    """Ends the benchmark because something it needs is not here."""
    print(f"skipped: {reason}")
    sys.exit(0)


def smdebug_python() -> Path:
    """The interpreter that has the real smdebug; ends the benchmark where there is none."""
    python = Path(os.environ.get("TRIALSCOPE_INTEROP_PYTHON") or ROOT / ".venv-interop" / "bin" / "python")
    if not python.is_file():
        skip(f"no environment with smdebug at {python}; make test sets it up")
    return python


@contextmanager
def workplace() -> Generator[Path]:
    """A folder of its own, on the disk of the temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="trialscope-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def adult_input(folder: Path) -> Path:
    """The main job's rows as ``input.npz``, read by both environments; ends the benchmark without the data."""
    import numpy as np

    from trialscope.demo.prepare import prepare, read_census, split

    if not SHARED_ADULT.is_file():
        skip(f"no census sample at {SHARED_ADULT}")
    train, validation = split(prepare(read_census(SHARED_ADULT)))
    path = folder / "input.npz"
    np.savez(
        path,
        train_x=train.features,
        train_y=train.labels,
        validation_x=validation.features,
        validation_y=validation.labels,
    )
    return path


def run_contestant(python: Path | str, *options: str | Path, environ: Mapping[str, str] | None = None) -> Any:
    """Runs `contestant.py` in an interpreter of its own and returns the JSON it prints last."""
    finished = subprocess.run(
        [python, CONTESTANT, *options],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environ or {})},
    )
    if finished.returncode != 0:
        sys.exit(f"{python} {options} failed:\n{finished.stderr}")
    return json.loads(finished.stdout.strip().splitlines()[-1])


def tree_size(folder: Path, pattern: str = "*") -> tuple[int, int]:
    """Bytes and number of files below `folder`."""
    sizes = [path.stat().st_size for path in folder.rglob(pattern) if path.is_file()]
    return sum(sizes), len(sizes)
