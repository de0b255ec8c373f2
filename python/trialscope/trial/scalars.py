"""The single numbers of a trial, read into a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialscope.exceptions import InvalidTensor, TensorUnavailableForStep
from trialscope.trial.frames import ScalarTable
from trialscope.trial.steps import mode_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialscope.config.collection import Collection
    from trialscope.config.modes import ModeKeys
    from trialscope.trial.tensor import Tensor
    from trialscope.trial.trial import Trial


def scalar_table(
    trial: Trial,
    names: str | Sequence[str] | None,
    *,
    mode: ModeKeys | str,
    regex: str | Sequence[str] | None,
    collection: str | Collection | None,
    worker: str | None,
) -> ScalarTable:
    """Read a table; see :meth:`trialscope.Trial.scalars`."""
    if names is None:
        selected = trial.tensor_names(mode=mode, regex=regex, collection=collection)
    elif regex is not None or collection is not None:
        raise ValueError("give either names, or regex or collection, not both")
    else:
        selected = [names] if isinstance(names, str) else names
    tensors = {name: trial.tensor(name) for name in selected}
    native = trial.fresh()
    series = {name: native.scalars(tensor.name, mode_name(mode), worker) for name, tensor in tensors.items()}
    if names is None:
        return ScalarTable({name: points for name, points in series.items() if points[0]})
    for name, (steps, _) in series.items():
        if not steps:
            _require_no_value(tensors[name], mode, worker)
    return ScalarTable(series)


def _require_no_value(tensor: Tensor, mode: ModeKeys | str, worker: str | None) -> None:
    for step in tensor.steps(mode)[-1:]:
        try:
            value = tensor.value(step, mode, worker)
        except TensorUnavailableForStep:
            continue
        raise InvalidTensor(
            f"tensor {tensor.name!r} is not a single number: at step {step} it is {value.dtype} of shape {value.shape}"
        )
