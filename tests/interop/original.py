"""Asks the real smdebug what it sees in a trial."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

READER = Path(__file__).parent / "smdebug_reader.py"
TIMEOUT_SECS = 60
"""The original waits for ever where a trial has no collections file."""


class Refused(Exception):
    """The original raised an error; its class and message are the arguments."""


class Seen:
    """A trial as the original sees it.

    Parameters
    ----------
    answer : dict
        What the reader script wrote.
    """

    def __init__(self, answer: dict[str, Any]) -> None:
        self.steps: list[int] = answer["steps"]
        self.steps_by_mode: dict[str, list[int]] = answer["steps_by_mode"]
        self.names_by_mode: dict[str, list[str]] = answer["names_by_mode"]
        self.mode_of_step = {int(step): tuple(mode) for step, mode in answer["mode_of_step"].items()}
        self.workers: list[str] = answer["workers"]
        self.num_workers: int = answer["num_workers"]
        self.loaded_all_steps: bool = answer["loaded_all_steps"]
        self.collections: dict[str, dict[str, list[str]]] = answer["collections"]
        self._tensors = answer["tensors"]

    @property
    def names(self) -> list[str]:
        """All tensor names, sorted."""
        return list(self._tensors)

    def steps_of(self, name: str) -> list[int]:
        """Steps at which a tensor was saved."""
        return self._tensors[name]["steps"]

    def value(self, name: str, step: int, worker: str = "worker_0") -> Any:
        """An array exactly as `Tensor.value` returned it, or a list of strings.

        Raises
        ------
        Refused
            If the original raised an error instead or returned None.
        """
        described = self._tensors[name]["values"][str(step)][worker]
        if "strings" in described:
            return described["strings"]
        if "base64" not in described:
            raise Refused(described.get("error", "None"), described.get("message", ""))
        raw = base64.b64decode(described["base64"])
        return np.frombuffer(raw, dtype=described["dtype"]).reshape(described["shape"])


class Original:
    """The real smdebug in its own interpreter.

    Parameters
    ----------
    python : Path
        That interpreter.
    answers : Path
        A folder for its answers.
    """

    def __init__(self, python: Path, answers: Path) -> None:
        self.python = python
        self._answers = answers

    def read(self, trial: Path) -> Seen:
        """Reads everything in a trial.

        Raises
        ------
        Refused
            If the trial cannot be opened at all.
        """
        self._answers.mkdir(exist_ok=True)
        output = self._answers / f"{len(list(self._answers.iterdir()))}.json"
        finished = subprocess.run(
            [self.python, READER, trial, output],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECS,
            check=False,
        )
        if not output.is_file():
            raise Refused("no answer", finished.stderr)
        answer = json.loads(output.read_text())
        if "error" in answer:
            raise Refused(answer["error"], answer["message"])
        return Seen(answer["trial"])
