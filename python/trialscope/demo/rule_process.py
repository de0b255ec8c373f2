"""A rule in a process of its own, watching a trial while it grows."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from pathlib import Path

FINISH_TIMEOUT_SECS = 60.0
"""Rules judge a whole walkthrough in well under a second; this is for very slow machines."""


STARTING = "Starting"
FAILED = "Failed"
"""Words for what the rule cannot say itself; all others are the rule's own."""


@dataclass(kw_only=True)
class Verdict:
    """What the rule said.

    Attributes
    ----------
    rule : str
        The rule's name.
    status : str
        ``"InProgress"``, ``"NoIssuesFound"``, ``"IssuesFound"``, ..., or `STARTING` or `FAILED`.
    last_step : int or None
        The last step it looked at.
    evaluations : int
        How often it looked.
    findings : list of dict
        Each finding as the rule reported it, in the order they came.
    messages : list of str
        What else the rule said: why it could not look, say.
    """

    rule: str
    status: str = STARTING
    last_step: int | None = None
    evaluations: int = 0
    findings: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    messages: list[str] = field(default_factory=list[str])


class RuleProcess:
    """``trialscope rules TRIAL --rule RULE --follow --json``, running beside the training.

    Parameters
    ----------
    trial : Path
        The trial to watch; it may be empty still.
    rule : str
        Rule name with its parameters, as the command line takes it: ``LossNotDecreasing:num_steps=10``.
    """

    def __init__(self, trial: Path, rule: str) -> None:
        self.rule = rule
        self._verdict = Verdict(rule=rule.partition(":")[0])
        self._errors: list[str] = []
        command = [sys.executable, "-m", "trialscope", "rules", str(trial)]
        command += ["--rule", rule, "--follow", "--json"]
        self._process = subprocess.Popen(  # noqa: S603 - our own command with our own arguments
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._readers = [
            threading.Thread(target=self._read_documents, name="rule-output", daemon=True),
            threading.Thread(target=self._read_errors, name="rule-errors", daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def verdict(self) -> Verdict:
        """What the rule has said so far."""
        return self._verdict

    def finish(self, timeout_secs: float = FINISH_TIMEOUT_SECS) -> Verdict:
        """Waits until the rule has judged the finished trial; a rule that does not end is stopped."""
        try:
            exit_code = self._process.wait(timeout_secs)
        except subprocess.TimeoutExpired:
            self.stop()
            self._verdict.status = FAILED
            self._verdict.messages = [f"it did not end within {timeout_secs:.0f} s of the training's end"]
            return self._verdict
        for reader in self._readers:
            reader.join()
        if exit_code != 0:
            self._verdict.status = FAILED
            last = self._errors[-1] if self._errors else "it gave no reason"
            self._verdict.messages.append(f"its process ended with exit code {exit_code}: {last}")
        return self._verdict

    def stop(self) -> None:
        """Ends the process, politely first."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for reader in self._readers:
            reader.join()

    def _read_documents(self) -> None:
        for line in self._process.stdout or ():
            update(self._verdict, line)

    def _read_errors(self) -> None:
        self._errors.extend(line.rstrip() for line in self._process.stderr or () if line.strip())


def update(verdict: Verdict, line: str) -> None:
    """Takes one line of the rule's output into account; lines that are no JSON object are passed over."""
    try:
        event = json.loads(line)
    except ValueError:
        return
    if isinstance(event, dict):
        _take(verdict, cast("dict[str, Any]", event))


def _take(verdict: Verdict, event: dict[str, Any]) -> None:
    match event.get("event"):
        case "step_evaluated":
            verdict.last_step = event["step"]
            if verdict.status == STARTING:
                verdict.status = "InProgress"
        case "finding_opened":
            verdict.status = "IssuesFound"
            verdict.findings.append(event["finding"])
        case "rule_status":
            verdict.status = event["status"]
            verdict.last_step = event["last_step"]
            verdict.evaluations = event["evaluations"]
            verdict.messages = [message["text"] for message in event["messages"]]
        case _:
            # Kinds of events may be added.
            pass
