"""One tensor of a trial, over steps, modes and workers."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from trialscope.config.modes import ModeKeys
from trialscope.exceptions import InvalidTensor, TensorUnavailableForStep
from trialscope.trial.arrays import to_array
from trialscope.trial.statistics import check_reduction_name, compute
from trialscope.trial.steps import mode_name, saved_step, span_of

if TYPE_CHECKING:
    import numpy as np

    from trialscope.trial.trial import Trial

    Array = np.ndarray[Any, Any]


class StepState(Enum):
    """Whether a step can be read."""

    UNAVAILABLE = 0
    """It was not saved and will not be."""
    AVAILABLE = 1
    """Every worker has saved it."""
    NOT_YET_AVAILABLE = 2
    """It may still come."""


class Tensor:
    """A tensor of a trial. Steps are counted in the mode that is asked for; GLOBAL counts the steps of all modes.

    Get one from :meth:`trialscope.Trial.tensor`.
    """

    def __init__(self, trial: Trial, name: str) -> None:
        self._trial = trial
        self._name = name

    @property
    def name(self) -> str:
        """Name under which it was saved."""
        return self._name

    @property
    def trial(self) -> Trial:
        """The trial it belongs to."""
        return self._trial

    @property
    def original_name(self) -> str | None:
        """The framework's own name, where a shape was saved with it."""
        return self._trial.native().original_name(self._name)

    def steps(self, mode: ModeKeys | str = ModeKeys.GLOBAL, *, show_incomplete_steps: bool = False) -> list[int]:
        """Steps at which it was saved, ascending.

        Parameters
        ----------
        mode : ModeKeys or str
            Mode in which steps are counted.
        show_incomplete_steps : bool
            Whether steps count that some workers have not saved yet.
        """
        return self._trial.fresh().tensor_steps(self._name, mode_name(mode), show_incomplete_steps)

    def value(self, step_num: int, mode: ModeKeys | str = ModeKeys.GLOBAL, worker: str | None = None) -> Array:
        """Value at a step.

        Parameters
        ----------
        step_num : int
            Step, counted in ``mode``.
        mode : ModeKeys or str
        worker : str, optional
            Default: the first that saved it.

        Returns
        -------
        ndarray
            As it was saved, read-only; large values are a view of the file. Copy it to change it.

        Raises
        ------
        StepUnavailable, StepNotYetAvailable, TensorUnavailableForStep, InvalidWorker, DamagedFile
        """
        step = saved_step(step_num, mode)
        return to_array(self._trial.fresh().value(self._name, step, mode_name(mode), worker))

    def values(self, mode: ModeKeys | str = ModeKeys.GLOBAL, worker: str | None = None) -> dict[int, Array]:
        """Values of all steps at which one was saved, by step; see :meth:`value`.

        Raises
        ------
        TensorUnavailableForStep
            If there is no value at all, but there are reductions.
        """
        found: dict[int, Array] = {}
        only_reductions: TensorUnavailableForStep | None = None
        native = self._trial.fresh()
        for step in native.tensor_steps(self._name, mode_name(mode), include_incomplete=False):
            try:
                found[step] = to_array(native.value(self._name, step, mode_name(mode), worker))
            except TensorUnavailableForStep as error:
                if error.has_reductions:
                    only_reductions = error
        if only_reductions is not None and not found:
            raise only_reductions
        return found

    def shape(
        self, step_num: int, mode: ModeKeys | str = ModeKeys.GLOBAL, worker: str | None = None
    ) -> tuple[int, ...]:
        """Shape at a step: the saved one, else that of the value.

        Raises
        ------
        ShapeUnavailableForStep
            If neither was saved. Otherwise as :meth:`value`.
        """
        step = saved_step(step_num, mode)
        return tuple(self._trial.fresh().shape(self._name, step, mode_name(mode), worker))

    def reduction_value(
        self,
        step_num: int,
        reduction_name: str,
        mode: ModeKeys | str = ModeKeys.GLOBAL,
        worker: str | None = None,
        abs: bool = False,  # noqa: A002, FBT001, FBT002 - smdebug's signature
    ) -> Any:
        """Reduction at a step: the saved one, else computed from the value.

        Parameters
        ----------
        step_num : int
        reduction_name : str
            ``min max mean median std variance sum prod l1 l2``.
        mode : ModeKeys or str
        worker : str, optional
        abs : bool
            Whether it is taken of absolute values.

        Returns
        -------
        ndarray of shape (1,) or numpy scalar
            A saved reduction is an array, a computed one a scalar. Computed ``l1`` and ``l2`` of a matrix are matrix
            norms, as smdebug computes them; those a hook of ours saves are element-wise.

        Raises
        ------
        ValueError
            If there is no such reduction.
        TensorUnavailableForStep
            If neither the reduction nor the value was saved.
        InvalidTensor
            If the value is text or empty.
        """
        name = check_reduction_name(reduction_name)
        saved = self.reduction_values(step_num, mode, worker)
        if (name, abs) in saved:
            return saved[name, abs]
        value = self.value(step_num, mode, worker)
        try:
            return compute(value, name, of_magnitudes=abs)
        except (TypeError, ValueError) as error:
            raise InvalidTensor(
                f"there is no {name} of tensor {self._name!r} at step {step_num} of mode {mode_name(mode)}: {error}"
            ) from error

    def reduction_values(
        self, step_num: int, mode: ModeKeys | str = ModeKeys.GLOBAL, worker: str | None = None
    ) -> dict[tuple[str, bool], Array]:
        """Saved reductions of a step, by name and whether they are of absolute values."""
        step = saved_step(step_num, mode)
        saved = self._trial.fresh().saved_reductions(self._name, step, mode_name(mode), worker)
        return {(name, of_magnitudes): to_array(value) for name, of_magnitudes, value in saved}

    def workers(self, step_num: int, mode: ModeKeys | str = ModeKeys.GLOBAL) -> list[str]:
        """Workers that saved it at a step, sorted."""
        return self._trial.fresh().tensor_workers(self._name, saved_step(step_num, mode), mode_name(mode))

    def prev_steps(self, step: int, n: int | None = None, mode: ModeKeys | str = ModeKeys.GLOBAL) -> list[int]:
        """The last ``n`` saved steps up to and including ``step``, ascending; all of them where ``n`` is None or 0."""
        return self._trial.fresh().prev_steps(self._name, step, n or None, mode_name(mode)) if step >= 0 else []

    def __repr__(self) -> str:
        return f"Tensor({self._name!r}, {span_of(self.steps()) or 'no steps'})"
