"""Scalars of a trial as a table: one row per step, one column per tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa


class ScalarTable:
    """Series of numbers over steps.

    Parameters
    ----------
    series : dict of str to (list of int, list of float)
        Steps, ascending, and values, by tensor name.

    Attributes
    ----------
    steps : ndarray of int64, shape (n_steps,)
        Every step at which any of the tensors was saved, ascending.
    columns : dict of str to ndarray of float64, shape (n_steps,)
        By tensor name; NaN where the tensor was not saved.
    """

    def __init__(self, series: dict[str, tuple[list[int], list[float]]]) -> None:
        every: set[int] = set()
        for steps, _ in series.values():
            every.update(steps)
        self.steps = np.array(sorted(every), dtype=np.int64)
        self.columns: dict[str, np.ndarray[Any, np.dtype[np.float64]]] = {}
        for name, (steps, values) in series.items():
            column = np.full(len(self.steps), np.nan)
            column[np.searchsorted(self.steps, steps)] = values
            self.columns[name] = column

    def to_pandas(self) -> pd.DataFrame:
        """Give a pandas data frame, indexed by step."""
        import pandas as pd

        return pd.DataFrame(self.columns, index=pd.Index(self.steps, name="step"))

    def to_polars(self) -> pl.DataFrame:
        """Give a polars data frame; the first column is ``step``."""
        import polars as pl

        return pl.DataFrame({"step": self.steps, **self.columns})

    def to_arrow(self) -> pa.Table:  # pyright: ignore[reportUnknownParameterType, reportUnknownMemberType] - no types
        """Give an Arrow table; the first column is ``step``."""
        import pyarrow as pa

        return pa.table(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            {"step": self.steps, **self.columns}
        )

    def __len__(self) -> int:
        return len(self.steps)

    def __repr__(self) -> str:
        return f"ScalarTable({len(self.steps)} steps, {len(self.columns)} tensors)"
