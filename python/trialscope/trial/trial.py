"""A trial: what one training has saved, read while it grows or afterwards."""

from __future__ import annotations

import json
import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from trialscope import _native
from trialscope.config.collection import Collection
from trialscope.config.modes import ModeKeys
from trialscope.config.suggest import unknown
from trialscope.exceptions import MissingCollectionFiles, UnknownCollection
from trialscope.trial.scalars import scalar_table
from trialscope.trial.shap import explanation_of
from trialscope.trial.steps import mode_name, saved_step, span_of, step_range
from trialscope.trial.tensor import StepState, Tensor
from trialscope.trial.waiting import wait_for_steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from trialscope.explanation import Explanation
    from trialscope.trial.frames import ScalarTable


class Trial:
    """What one training has saved. Every question first takes in what is new, unless the training is over.

    Parameters
    ----------
    path, name, range_steps, verify
        See :func:`trialscope.open`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        name: str | None = None,
        range_steps: tuple[int | None, int | None] | None = None,
        verify: bool = True,
    ) -> None:
        self.path = os.fspath(path).strip()
        self.name = PurePosixPath(self.path).name if name is None else name
        self.dynamic_refresh = True
        self._native = _native.Trial(self.path, step_range(range_steps), verify)

    # --- what there is

    def tensor_names(
        self,
        *,
        step: int | None = None,
        mode: ModeKeys | str = ModeKeys.GLOBAL,
        regex: str | Sequence[str] | None = None,
        collection: str | Collection | None = None,
    ) -> list[str]:
        """Names of saved tensors, sorted.

        Parameters
        ----------
        step : int, optional
            Only those saved at this step, counted in ``mode``.
        mode : ModeKeys or str
            Only those saved in this mode; GLOBAL for any.
        regex : str or sequence of str, optional
            Only names in which one of these patterns occurs (``re.search``).
        collection : str or Collection, optional
            Only members of this collection.

        Raises
        ------
        ValueError
            If both ``regex`` and ``collection`` are given, or a pattern is not a regular expression.
        StepUnavailable, StepNotYetAvailable, UnknownCollection
        """
        if regex is not None and collection is not None:
            raise ValueError("give either regex or collection, not both")
        if collection is not None and not isinstance(collection, (str, Collection)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"collection is a name or a Collection, not {type(collection).__name__}")
        patterns = [regex] if isinstance(regex, str) else list(regex or [])
        collection = collection.name if isinstance(collection, Collection) else collection
        step = None if step is None else saved_step(step, mode)
        return self.fresh().tensor_names(mode_name(mode), step, patterns, collection)

    def tensor(self, name: str) -> Tensor:
        """Give a tensor by name.

        Real feature names may stand for ``f0``, ``f1``, ... where they are kept beside the trial.

        Raises
        ------
        TensorUnavailable
            If none was saved under that name; the nearest name is suggested.
        """
        saved = self._saved_name(name)
        if saved is None:
            # Asking anyway raises the exception that names what is near.
            self._native.tensor_workers(name, 0, "GLOBAL")
        return Tensor(self, saved or name)

    def has_tensor(self, name: str) -> bool:
        """Whether :meth:`tensor` finds a tensor of that name."""
        return self._saved_name(name) is not None

    def _saved_name(self, name: str) -> str | None:
        native = self.fresh()
        if native.has_tensor(name):
            return name
        for index, feature in enumerate(native.feature_names() or []):
            if name.endswith(f"/{feature}"):
                saved = f"{name.removesuffix(feature)}f{index}"
                if native.has_tensor(saved):
                    return saved
        return None

    def steps(self, mode: ModeKeys | str = ModeKeys.GLOBAL, *, show_incomplete_steps: bool = False) -> list[int]:
        """Saved steps, ascending, counted in ``mode``."""
        return self.fresh().steps(mode_name(mode), show_incomplete_steps)

    def modes(self) -> list[ModeKeys]:
        """Modes in which steps were saved, without GLOBAL."""
        return [ModeKeys[name] for name in self.fresh().modes()]

    def mode(self, global_step: int) -> ModeKeys | None:
        """Mode of a global step; None for a step that was not saved."""
        return self.mode_modestep(global_step)[0]

    def mode_step(self, global_step: int) -> int | None:
        """Step within its mode of a global step; None for a step that was not saved."""
        return self.mode_modestep(global_step)[1]

    def mode_modestep(self, global_step: int) -> tuple[ModeKeys, int] | tuple[None, None]:
        """Mode and step within it of a global step; ``(None, None)`` for a step that was not saved."""
        found = self.fresh().mode_step(global_step) if global_step >= 0 else None
        return (None, None) if found is None else (ModeKeys[found[0]], found[1])

    def global_step(self, mode: ModeKeys | str, mode_step: int) -> int | None:
        """Global step of a step counted in a mode; None for a step that was not saved."""
        return self.fresh().global_step(mode_name(mode), mode_step) if mode_step >= 0 else None

    def workers(self) -> list[str]:
        """Workers that save, sorted."""
        return self.fresh().workers()

    @property
    def num_workers(self) -> int | None:
        """How many workers save; None while that is not known."""
        return self.fresh().num_workers()

    def collections(self) -> dict[str, Collection]:
        """Every defined collection, by name."""
        defined = json.loads(self.fresh().collections())["collections"]
        return {name: _collection(fields) for name, fields in defined.items()}

    def collection(self, name: str) -> Collection:
        """Give a collection.

        Raises
        ------
        UnknownCollection
            If none of that name is defined.
        """
        defined = self.collections()
        if name not in defined:
            raise UnknownCollection(unknown("collection", name, sorted(defined)))
        return defined[name]

    @property
    def feature_names(self) -> list[str] | None:
        """Real feature names, where the hook was told to keep them beside the trial."""
        return self.fresh().feature_names()

    @property
    def problems(self) -> list[str]:
        """What could not be read: one sentence per file, with the place. The rest of the trial is not affected."""
        return self.fresh().problems()

    # --- how far it is

    @property
    def loaded_all_steps(self) -> bool:
        """Whether the training is over and everything of it was seen."""
        return self.fresh().is_complete

    @property
    def last_complete_step(self) -> int:
        """Last global step that every worker has saved; -1 before the first."""
        step = self.fresh().last_complete_step()
        return -1 if step is None else step

    def is_interrupted(self) -> bool:
        """Whether the training process is gone without having ended the trial. Known of local trials only."""
        return not self.loaded_all_steps and self._native.writer_state() == "gone"

    def has_passed_step(self, step: int, mode: ModeKeys | str = ModeKeys.GLOBAL) -> StepState:
        """Whether a step, counted in ``mode``, can be read, may still come, or will not."""
        return StepState(self.fresh().availability(step, mode_name(mode))) if step >= 0 else StepState.UNAVAILABLE

    def wait_for_steps(
        self, required_steps: Sequence[int], mode: ModeKeys | str = ModeKeys.GLOBAL, *, timeout: float | None = None
    ) -> None:
        """Wait until all these steps can be read.

        Parameters
        ----------
        required_steps : sequence of int
            Steps, counted in ``mode``.
        mode : ModeKeys or str
        timeout : float, optional
            Seconds to wait at most. Default: until they are there or cannot come any more.

        Raises
        ------
        NoMoreData
            If the training ended, or its process died, before one of them.
        StepUnavailable
            If the training went past one of them without saving it.
        TimeoutError
            If they are not there in time.
        """
        steps = [saved_step(step, mode) for step in required_steps]
        wait_for_steps(self._native, steps, mode_name(mode), timeout)

    def refresh_data(self) -> None:
        """Take in what is new."""
        self._native.refresh()

    def fresh(self) -> _native.Trial:
        """Give the native trial after taking in what is new."""
        if self.dynamic_refresh and not self._native.is_complete:
            self._native.refresh()
        return self._native

    def native(self) -> _native.Trial:
        """Give the native trial as it is."""
        return self._native

    # --- values of a step

    def labels(self, step: int, mode: ModeKeys | str = ModeKeys.GLOBAL) -> list[Any]:
        """Values of the tensors whose names begin with ``labels`` at a step, in the order of their numbers."""
        return self._numbered("labels", step, mode)

    def predictions(self, step: int, mode: ModeKeys | str = ModeKeys.GLOBAL) -> list[Any]:
        """Values of the tensors whose names begin with ``predictions`` at a step, in the order of their numbers."""
        return self._numbered("predictions", step, mode)

    def _numbered(self, stem: str, step: int, mode: ModeKeys | str) -> list[Any]:
        def number(name: str) -> tuple[int, str]:
            digits = name.rpartition("_")[2]
            return (int(digits) if digits.isdigit() else -1, name)

        names = sorted(self.tensor_names(step=step, mode=mode, regex=f"^{stem}"), key=number)
        return [self.tensor(name).value(step, mode) for name in names]

    def explanation(
        self, step: int | None = None, mode: ModeKeys | str = ModeKeys.GLOBAL, worker: str | None = None
    ) -> Explanation:
        """SHAP values of the training rows at a step, from the collection ``full_shap``.

        Parameters
        ----------
        step : int, optional
            Step, counted in ``mode``. Default: the last at which they were saved.
        mode : ModeKeys or str
        worker : str, optional

        Returns
        -------
        Explanation
            ``values`` of shape (rows, features), or (rows, features, outputs) for several classes.

        Raises
        ------
        TensorUnavailable
            If the trial has no full SHAP values.
        """
        return explanation_of(self, step, mode, worker)

    # --- tables of scalars

    def scalars(
        self,
        names: str | Sequence[str] | None = None,
        *,
        mode: ModeKeys | str = ModeKeys.GLOBAL,
        regex: str | Sequence[str] | None = None,
        collection: str | Collection | None = None,
        worker: str | None = None,
    ) -> ScalarTable:
        """Every tensor that is a single number, over steps.

        Parameters
        ----------
        names : str or sequence of str, optional
            Only these tensors. Default: those that ``regex`` or ``collection`` select, else all.
        mode, regex, collection
            See :meth:`tensor_names`.
        worker : str, optional
            Default: at each step the first that saved the tensor.

        Returns
        -------
        ScalarTable
            One row per step, one column per tensor; NaN where a tensor was not saved.

        Raises
        ------
        ValueError
            If ``names`` are given and ``regex`` or ``collection`` too.
        TensorUnavailable
            If no tensor of one of the ``names`` was saved.
        InvalidTensor
            If one of the ``names`` is a tensor with values of which none is a single number.
        """
        return scalar_table(self, names, mode=mode, regex=regex, collection=collection, worker=worker)

    def to_pandas(
        self,
        names: str | Sequence[str] | None = None,
        *,
        mode: ModeKeys | str = ModeKeys.GLOBAL,
        regex: str | Sequence[str] | None = None,
        collection: str | Collection | None = None,
        worker: str | None = None,
    ) -> pd.DataFrame:
        """Scalars as a pandas data frame, indexed by step; arguments as :meth:`scalars`."""
        return self.scalars(names, mode=mode, regex=regex, collection=collection, worker=worker).to_pandas()

    def to_polars(
        self,
        names: str | Sequence[str] | None = None,
        *,
        mode: ModeKeys | str = ModeKeys.GLOBAL,
        regex: str | Sequence[str] | None = None,
        collection: str | Collection | None = None,
        worker: str | None = None,
    ) -> pl.DataFrame:
        """Scalars as a polars data frame with a column ``step``; arguments as :meth:`scalars`."""
        return self.scalars(names, mode=mode, regex=regex, collection=collection, worker=worker).to_polars()

    def to_arrow(  # pyright: ignore[reportUnknownParameterType] - pyarrow has no types
        self,
        names: str | Sequence[str] | None = None,
        *,
        mode: ModeKeys | str = ModeKeys.GLOBAL,
        regex: str | Sequence[str] | None = None,
        collection: str | Collection | None = None,
        worker: str | None = None,
    ) -> pa.Table:  # pyright: ignore[reportUnknownMemberType]
        """Scalars as an Arrow table with a column ``step``; arguments as :meth:`scalars`."""
        table = self.scalars(names, mode=mode, regex=regex, collection=collection, worker=worker)
        return table.to_arrow()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]

    # --- itself

    def require_collections(self) -> None:
        """Check that the job has said what it saves.

        Raises
        ------
        MissingCollectionFiles
            If it ended without having done so.
        """
        if self.loaded_all_steps and not self.collections():
            raise MissingCollectionFiles(f"{self.path}: the training ended without writing its collections")

    def __repr__(self) -> str:
        span = span_of(self.steps()) or "no steps yet"
        state = "complete" if self.loaded_all_steps else "interrupted" if self.is_interrupted() else "growing"
        return f"Trial({self.path!r}, {state}, {span}, {len(self.tensor_names())} tensors)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trial) and (self.name, self.path) == (other.name, other.path)

    def __hash__(self) -> int:
        return hash((self.name, self.path))


def _collection(fields: Mapping[str, Any]) -> Collection:
    # Patterns are matched natively. One that this version of Python refuses must not hide what else is defined.
    collection = Collection.from_dict({**fields, "include_regex": None})
    collection.include_regex = list(fields["include_regex"])
    return collection
