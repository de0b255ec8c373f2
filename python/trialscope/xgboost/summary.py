"""What a hook saved, and what that cost."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Summary:
    """Result of a capture.

    Attributes
    ----------
    location : str
        Folder or URL of the trial.
    steps, tensors, files, bytes : int
        What is on disk; of ``xgboost.cv`` the steps of one trial and the rest of all folds together.
    lost : tuple of str
        Steps that could not be written, with the reason.
    problems : tuple of str
        Parts of steps that could not be computed, and other failures that lost no step.
    hook_seconds : float
        Time the training spent inside the hook, waiting for the disk at the end included.
    training_seconds : float
        Time from the first to the last callback, without `hook_seconds`.
    """

    location: str
    steps: int = 0
    tensors: int = 0
    files: int = 0
    bytes: int = 0
    lost: tuple[str, ...] = field(default=())
    problems: tuple[str, ...] = field(default=())
    hook_seconds: float = 0.0
    training_seconds: float = 0.0

    @property
    def overhead_percent(self) -> float:
        """Time in the hook as a share of the time the training took without it, in percent; 0 without a training."""
        return 100.0 * self.hook_seconds / self.training_seconds if self.training_seconds > 0.0 else 0.0

    def plus(self, native_summary: str) -> Summary:
        """With what a capture reports at its end added."""
        report: dict[str, Any] = json.loads(native_summary)
        return replace(
            self,
            steps=self.steps + report["steps"],
            tensors=self.tensors + report["tensors"],
            files=self.files + report["files"],
            bytes=self.bytes + report["bytes"],
            lost=(*self.lost, *(f"step {lost['step']}: {lost['error']}" for lost in report.get("lost", []))),
            problems=(*self.problems, *report.get("problems", [])),
        )

    def with_trial(self, other: Summary) -> Summary:
        """With what another trial of the same training holds added."""
        return replace(
            self,
            steps=max(self.steps, other.steps),
            tensors=self.tensors + other.tensors,
            files=self.files + other.files,
            bytes=self.bytes + other.bytes,
            lost=(*self.lost, *other.lost),
            problems=(*self.problems, *other.problems),
        )

    def __str__(self) -> str:
        lost = f"; LOST {len(self.lost)} steps" if self.lost else ""
        return (
            f"trialscope: saved {self.steps} steps, {self.tensors} tensors, {_size(self.bytes)} to {self.location};"
            f" {self.hook_seconds:.3g} s in the hook, {self.overhead_percent:.1f} % of the training time{lost}"
        )


def _size(num_bytes: int) -> str:
    for power, unit in ((12, "TB"), (9, "GB"), (6, "MB"), (3, "kB")):
        if num_bytes >= 10**power:
            return f"{num_bytes / 10**power:.1f} {unit}"
    return f"{num_bytes} B"
