"""The explanation that a trial holds at a step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialscope.exceptions import InvalidTensor, StepUnavailable, TensorUnavailable, TrialscopeError
from trialscope.explanation import Explanation
from trialscope.trial.feature_columns import name_columns

if TYPE_CHECKING:
    import numpy as np

    from trialscope.config.modes import ModeKeys
    from trialscope.trial.tensor import Tensor
    from trialscope.trial.trial import Trial

    Array = np.ndarray[Any, Any]

_PREFIX = "full_shap/"
_AVERAGE_PREFIX = "average_shap/"
_ONE_OUTPUT, _SEVERAL_OUTPUTS = 2, 3


def explanation_of(trial: Trial, step: int | None, mode: ModeKeys | str, worker: str | None) -> Explanation:
    """Read the SHAP values of a step; see :meth:`trialscope.Trial.explanation`."""
    names = trial.tensor_names(mode=mode, regex=f"^{_PREFIX}")
    if not names:
        raise TensorUnavailable(
            "this trial has no full SHAP values; save the collection full_shap, with train_data given to the hook",
            tname=f"{_PREFIX}*",
        )
    # Every name of the family stands for the whole matrix.
    tensor = trial.tensor(names[0])
    if step is None:
        steps = tensor.steps(mode)
        if not steps:
            raise StepUnavailable("no step with full SHAP values is complete yet")
        step = steps[-1]
    matrix = tensor.value(step, mode, worker)
    if matrix.ndim not in (_ONE_OUTPUT, _SEVERAL_OUTPUTS):
        raise InvalidTensor(f"tensor {tensor.name!r} of shape {matrix.shape} is not a matrix of SHAP values")
    # The last column is the base value. Several outputs lie on the middle axis on disk, on the last in an explanation.
    values, base_values = matrix[..., :-1], matrix[..., -1]
    feature_names = trial.feature_names
    if feature_names is None or len(feature_names) != values.shape[-1]:
        feature_names = _names_from_tensors(tensor, values, step, mode, worker)
    if values.ndim == _SEVERAL_OUTPUTS:
        values = values.swapaxes(1, 2)
    return Explanation(values=values, base_values=base_values, feature_names=feature_names, step=step)


def _names_from_tensors(
    tensor: Tensor, values: Array, step: int, mode: ModeKeys | str, worker: str | None
) -> list[str]:
    trial = tensor.trial
    saved_by = worker or tensor.workers(step, mode)[0]
    written = [
        name.removeprefix(_PREFIX)
        for name in trial.native().names_as_written(trial.global_step(mode, step) or 0, saved_by)
        if name.startswith(_PREFIX)
    ]
    averages: dict[str, float] = {}
    for feature in written:
        try:
            average = trial.tensor(f"{_AVERAGE_PREFIX}{feature}").value(step, mode, saved_by)
        except TrialscopeError:
            # Not saved, or not readable: then it does not help to tell the columns apart.
            continue
        if average.size == 1:
            averages[feature] = float(average.item())
    importances = trial.tensor_names(regex="^feature_importance/[^/]+/.")
    return name_columns(values, written, averages, {name.split("/", 2)[2] for name in importances})
