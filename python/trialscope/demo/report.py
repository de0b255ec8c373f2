"""The walkthrough's result as lines for people, and as one document for programs."""

from __future__ import annotations

import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialscope.demo import figures
from trialscope.demo.terminal import BOLD, CYAN, DIM, GREEN, YELLOW

if TYPE_CHECKING:
    from trialscope.demo.census import Located
    from trialscope.demo.rule_process import Verdict
    from trialscope.demo.terminal import Screen
    from trialscope.demo.training import Findings, Outcome

SCHEMA = "trialscope.demo/1"

SYNTHETIC_NOTE = (
    "This is NOT the census data: the rows are made up by a generator in this package.",
    "The tools work the same on them; the figures say nothing about real people.",
)


@dataclass(frozen=True, kw_only=True)
class Result:
    """Everything the walkthrough found out.

    Attributes
    ----------
    trial : Path
        The trial folder.
    located : Located
        Where the data came from.
    num_train, num_validation : int
        Rows.
    outcome : Outcome
        The training.
    findings : Findings
        What was read back from the trial.
    verdict : Verdict
        What the rule said.
    size_bytes, num_files : int
        What the trial takes on disk.
    """

    trial: Path
    located: Located
    num_train: int
    num_validation: int
    outcome: Outcome
    findings: Findings
    verdict: Verdict
    size_bytes: int
    num_files: int


def data_lines(located: Located, *, num_rows: int, num_train: int, num_validation: int) -> list[str]:
    """What the model learns from, in one or a few lines."""
    split = f"{figures.row_count(num_train)} to train, {figures.row_count(num_validation)} to validate"
    if located.path is None:
        return [
            f"Data      synthetic census sample, {figures.row_count(num_rows)} made-up rows: {split}",
            *(f"          {line}" for line in SYNTHETIC_NOTE),
            f"          Reason: {located.reason}",
            "          To use the real sample: trialscope demo --data PATH/TO/adult.data",
        ]
    return [
        f"Data      UCI Adult census sample, {figures.row_count(num_rows)} rows: {split}",
        f"          {located.path}",
    ]


def command_name() -> str:
    """How the command can be typed here: by its name if that is on the path, else by where it is."""
    if shutil.which("trialscope"):
        return "trialscope"
    beside = Path(sys.executable).with_name("trialscope")
    if not beside.is_file():
        return f"{shlex.quote(sys.executable)} -m trialscope"
    here = Path.cwd()
    return shlex.quote(str(beside.relative_to(here) if beside.is_relative_to(here) else beside))


def next_commands(trial: Path, command: str) -> list[tuple[str, str]]:
    """What to type next, each with what it does; `command` is how the command line is called."""
    path = shlex.quote(str(trial))
    return [
        (f"{command} tensors {path}", "what was saved"),
        (f"{command} show {path} validation-logloss", "a metric over the steps"),
        (f"{command} show {path} average_shap/f0", "how a feature's influence grew"),
        (f"{command} rules {path} --rule Overfit", "judge the finished run with another rule"),
        (f"{command} doctor {path}", "check every byte that was written"),
    ]


def rule_note(verdict: Verdict) -> str:
    """What the rule says while the training goes on, in a few words."""
    if verdict.findings:
        return f"{verdict.rule}: {len(verdict.findings)} found"
    return f"{verdict.rule}: " + ("starting" if verdict.last_step is None else f"step {verdict.last_step} fine")


def rule_lines(verdict: Verdict) -> list[str]:
    """The rule's verdict, with every finding and message."""
    looked = f"looked {verdict.evaluations} times"
    if verdict.last_step is not None:
        looked += f", last at step {verdict.last_step}"
    lines = [f"{verdict.rule}  {verdict.status}  {looked}"]
    for finding in verdict.findings:
        lines.append(f"  step {finding['step']}: {finding['explanation']}")
        if finding.get("remedy"):
            lines.append(f"    {finding['remedy']}")
    return lines + [f"  {message}" for message in verdict.messages]


def result_lines(result: Result, screen: Screen) -> list[str]:
    """The report, ready to print on `screen`."""
    findings = result.findings
    colour = GREEN if result.verdict.status == "NoIssuesFound" and result.verdict.evaluations else YELLOW
    over = f"{figures.row_count(result.num_train)} training rows"
    saved = f"{findings.num_tensors} tensors at {len(findings.steps)} steps"
    lines = [
        "",
        screen.paint("Rule", BOLD),
        *(screen.paint(f"  {line}", colour) for line in rule_lines(result.verdict)),
        "",
        screen.paint("Metrics", BOLD) + "  at the saved steps",
        *figures.metric_lines(findings.metrics),
        "",
        screen.paint("Mean |SHAP| per feature", BOLD) + f"  in log-odds, over {over}, at step {findings.shap_step}",
        *figures.ranking_lines(findings.mean_abs_shap, width=screen.width, unicode=screen.unicode),
        "",
        screen.paint("Trial", BOLD),
        f"  {result.trial}",
        f"  {result.outcome.cost}",
        f"  {saved}, {figures.byte_count(result.size_bytes)} in {figures.row_count(result.num_files)} files",
        *(screen.paint(f"  {problem}", YELLOW) for problem in result.outcome.problems),
        "",
        screen.paint("What to type next", BOLD),
    ]
    commands = next_commands(result.trial, command_name())
    width = max(len(command) for command, _ in commands)
    lines += [
        f"  {screen.paint(f'{command:<{width}}', CYAN)}  {screen.paint('# ' + purpose, DIM)}"
        for command, purpose in commands
    ]
    if result.located.path is None:
        lines += ["", *(screen.paint(line, YELLOW) for line in SYNTHETIC_NOTE)]
    return lines


def document(result: Result) -> dict[str, Any]:
    """The result as one versioned document."""
    findings = result.findings
    ranked = sorted(findings.mean_abs_shap.items(), key=lambda item: -item[1])
    return {
        "schema": SCHEMA,
        "trial": str(result.trial),
        "data": {
            "origin": result.located.origin,
            "synthetic": result.located.path is None,
            "path": None if result.located.path is None else str(result.located.path),
            "reason": result.located.reason,
            "train_rows": result.num_train,
            "validation_rows": result.num_validation,
        },
        "training": {
            "rounds": result.outcome.rounds,
            "seconds": round(result.outcome.seconds, 4),
            "hook_seconds": round(result.outcome.hook_seconds, 4),
            "problems": result.outcome.problems,
        },
        "saved": {
            "steps": findings.steps,
            "tensors": findings.num_tensors,
            "bytes": result.size_bytes,
            "files": result.num_files,
        },
        "metrics": {
            name: {str(step): value for step, value in sorted(values.items())}
            for name, values in findings.metrics.items()
        },
        "mean_abs_shap": {
            "step": findings.shap_step,
            "unit": "log-odds",
            "ranking": [{"feature": name, "value": value} for name, value in ranked],
        },
        "rule": {
            "rule": result.verdict.rule,
            "status": result.verdict.status,
            "last_step": result.verdict.last_step,
            "evaluations": result.verdict.evaluations,
            "findings": result.verdict.findings,
            "messages": result.verdict.messages,
        },
        "next": [command for command, _ in next_commands(result.trial, command_name())],
    }
