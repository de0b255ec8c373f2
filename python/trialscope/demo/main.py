"""``trialscope demo``: the walkthrough from data to explanation."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from trialscope.demo import figures, report
from trialscope.demo.census import Located, locate
from trialscope.demo.errors import DemoError, UsageError
from trialscope.demo.prepare import Prepared, prepare, read_census, split
from trialscope.demo.rule_process import FAILED, RuleProcess
from trialscope.demo.synthetic import synthetic_census
from trialscope.demo.terminal import Screen
from trialscope.exceptions import TrialscopeError

if TYPE_CHECKING:
    from collections.abc import Sequence

RULE = "LossNotDecreasing:num_steps=10"
INTERRUPTED = 130

DESCRIPTION = """\
Train an XGBoost model on census data with the hook attached, have a rule judge it while it trains,
read the tensors back and show what the model learned.
"""
EPILOG = """\
examples:
  trialscope demo
  trialscope demo --data ~/data/adult.data --out runs/adult
  trialscope demo --json --quiet

exit codes:
  0 done   1 failed   2 wrong arguments   5 the data file is not the published one   130 interrupted
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the walkthrough and returns its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program name; those of the process by default.
    """
    options = parse(argv)
    try:
        return run(options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except DemoError as error:
        say_error(error, hint=error.hint, code=error.code, as_json=options.json)
        return error.exit_code
    except TrialscopeError as error:
        say_error(error, hint="", code="failed", as_json=options.json)
        return 1
    except BrokenPipeError:
        # Whoever read the output has seen enough.
        sys.stderr.close()
        return 1


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line; a wrong one ends the process with exit code 2."""
    parser = argparse.ArgumentParser(
        prog="trialscope demo",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="PATH",
        help="adult.data, or a folder that holds it (default: $TRIALSCOPE_DATA_DIR, the cache, a download)",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="trial folder (default: a new one below ./runs)")
    parser.add_argument("--rounds", type=_positive, default=51, metavar="N", help="boosting rounds (default: 51)")
    parser.add_argument("--interval", type=_positive, default=5, metavar="N", help="save every N rounds (default: 5)")
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="seed of the row sampling and of the synthetic data (default: 0)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of the report")
    parser.add_argument("--quiet", action="store_true", help="no progress and no notes")
    return parser.parse_args(argv)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {number}")
    return number


def run(options: argparse.Namespace) -> int:
    """Does the work of `main`; raises instead of reporting."""
    notes = Screen.of(sys.stderr, quiet=options.quiet)
    located, data = load(options.data, seed=options.seed, notes=notes)
    train, validation = split(data)
    trial = folder(options.out, synthetic=located.path is None)
    for line in report.data_lines(located, num_rows=len(data), num_train=len(train), num_validation=len(validation)):
        notes.line(line)
    notes.line(f"Trial     {trial}")

    training = _training_module()
    job = training.Training(
        trial,
        train=train,
        validation=validation,
        rounds=options.rounds,
        interval=options.interval,
        seed=options.seed,
    )
    judge = RuleProcess(trial, RULE)
    try:
        notes.line(f"Rule      {RULE}, watching in process {judge.pid}")

        def show(done: int, metrics: dict[str, float]) -> None:
            line = figures.training_line(
                done,
                options.rounds,
                {name.removesuffix("-logloss"): value for name, value in metrics.items()},
                width=notes.width,
                unicode=notes.unicode,
                note=report.rule_note(judge.verdict),
            )
            notes.progress(line, final=done == options.rounds)

        outcome = job.run(show)
        verdict = judge.finish()
    except KeyboardInterrupt:
        notes.line()
        notes.line(f"Stopped; what was saved until then is in {trial}")
        raise
    finally:
        judge.stop()

    size_bytes, num_files = disk_use(trial)
    result = report.Result(
        trial=trial,
        located=located,
        num_train=len(train),
        num_validation=len(validation),
        outcome=outcome,
        findings=training.read_back(trial),
        verdict=verdict,
        size_bytes=size_bytes,
        num_files=num_files,
    )
    if options.json:
        sys.stdout.write(json.dumps(report.document(result), ensure_ascii=False) + "\n")
    else:
        screen = Screen.of(sys.stdout)
        for line in report.result_lines(result, screen):
            screen.line(line)
    return 1 if verdict.status in {FAILED, "Error"} else 0


def load(data: Path | None, *, seed: int, notes: Screen) -> tuple[Located, Prepared]:
    """Finds the census sample, or makes the synthetic one where it cannot be had."""
    unicode = notes.unicode

    def show(received: int, expected: int) -> None:
        shown = figures.progress_bar(received, expected, 24, unicode=unicode)
        notes.progress(
            f"Download  {shown} {figures.byte_count(received)} of {figures.byte_count(expected)}",
            final=received == expected,
        )

    located = locate(data, progress=show)
    census = synthetic_census(seed=seed) if located.path is None else read_census(located.path)
    return located, prepare(census)


def folder(out: Path | None, *, synthetic: bool) -> Path:
    """The trial folder: the one asked for, else a new one named for data and time."""
    if out is not None:
        if out.is_file():
            raise UsageError(f"--out names a file, not a folder: {out}")
        return out
    stamp = datetime.now(UTC).astimezone().strftime("%Y%m%d-%H%M%S")
    return Path("runs") / f"adult-{'synthetic-' if synthetic else ''}{stamp}"


def disk_use(trial: Path) -> tuple[int, int]:
    """Bytes and files below `trial`."""
    sizes = [path.stat().st_size for path in trial.rglob("*") if path.is_file()]
    return sum(sizes), len(sizes)


def say_error(error: Exception, *, hint: str, code: str, as_json: bool) -> None:
    """Reports a failure on stderr, for people or as a JSON document."""
    if as_json:
        failure = {"code": code, "message": str(error), "hint": hint}
        sys.stderr.write(json.dumps({"error": failure}, ensure_ascii=False) + "\n")
        return
    sys.stderr.write(f"error: {error}\n")
    if hint:
        sys.stderr.write(f"hint: {hint}\n")


def _training_module():  # noqa: ANN202 - a module
    try:
        from trialscope.demo import training
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "xgboost":
            raise
        raise DemoError(
            "the walkthrough trains with xgboost, which is not installed",
            hint="pip install 'trialscope[xgboost]'",
        ) from error
    return training
