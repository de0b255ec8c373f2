"""The read side: a trial, its tensors, and what they explain."""

from __future__ import annotations

from trialscope.trial.opening import open_trial
from trialscope.trial.refreshing import no_refresh, refresh
from trialscope.trial.tensor import StepState, Tensor
from trialscope.trial.trial import Trial

__all__ = ["StepState", "Tensor", "Trial", "no_refresh", "open_trial", "refresh"]
