"""Numbers as lines of text; nothing here writes, reads or knows a terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EIGHTHS = " ▏▎▍▌▋▊▉"
BYTES_PER_UNIT = 1000


def bar(share: float, width: int, *, unicode: bool = True) -> str:
    """A horizontal bar of `share` (0 to 1) of `width` columns, in eighths of a column."""
    share = min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0
    if not unicode:
        return "#" * round(share * width)
    whole, rest = divmod(round(share * width * 8), 8)
    return "█" * whole + (EIGHTHS[rest] if rest else "")


def progress_bar(done: int, total: int, width: int, *, unicode: bool = True) -> str:
    """A bar with its empty part, `width` columns in all."""
    filled = bar(done / total if total else 0.0, width, unicode=unicode)
    return filled + ("░" if unicode else "-") * (width - len(filled))


def training_line(
    done: int, total: int, metrics: Mapping[str, float], *, width: int, unicode: bool = True, note: str = ""
) -> str:
    """One line of training progress: bar, rounds, newest metrics, and a note (a rule's status, say).

    Parameters
    ----------
    metrics : mapping of str to float
        Metric name to its newest value.
    width : int
        Columns available; metrics and note are cut to fit, the bar is not.
    """
    bar_width = max(10, min(18, width - 60))
    head = f"Training  {progress_bar(done, total, bar_width, unicode=unicode)} {done:>{len(str(total))}}/{total}"
    numbers = "  ".join(f"{name} {value:.4f}" for name, value in metrics.items())
    return "  ".join(part for part in (head, numbers, note) if part)[:width]


def ranking_lines(values: Mapping[str, float], *, width: int, unicode: bool = True) -> list[str]:
    """A bar chart, largest value first; ties keep the order given.

    Parameters
    ----------
    values : mapping of str to float
        Name to a value of at least 0.
    width : int
        Columns available.
    """
    if not values:
        return []
    ordered = sorted(values.items(), key=lambda item: -item[1])
    name_width = min(max(len(name) for name in values), max(8, width // 3))
    largest = ordered[0][1]
    bar_width = max(8, width - name_width - 12)
    lines: list[str] = []
    for name, value in ordered:
        shown = name if len(name) <= name_width else name[: name_width - 1] + "…"
        filled = bar(value / largest if largest > 0 else 0.0, bar_width, unicode=unicode)
        lines.append(f"  {shown:<{name_width}}  {value:7.4f} {filled}".rstrip())
    return lines


def metric_lines(series: Mapping[str, Mapping[int, float]]) -> list[str]:
    """A table of the first, best (smallest) and last saved value of each metric.

    Parameters
    ----------
    series : mapping of str to mapping of int to float
        Metric name to its value per step; metrics without a step are left out.
    """
    rows = [("metric", "first", "best", "last", "at step")]
    for name, values in series.items():
        if not values:
            continue
        steps = sorted(values)
        numbers = [value for value in values.values() if not math.isnan(value)]
        best = min(numbers) if numbers else math.nan
        rows.append((name, f"{values[steps[0]]:.4f}", f"{best:.4f}", f"{values[steps[-1]]:.4f}", str(steps[-1])))
    if len(rows) == 1:
        return []
    return table_lines(rows)


def table_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows in aligned columns: the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  "
        + "  ".join(
            f"{cell:<{width}}" if column == 0 else f"{cell:>{width}}"
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def byte_count(count: float) -> str:
    """A size for people, in decimal units: ``14.9 MB``."""
    unit = "B"
    for unit in ("B", "kB", "MB", "GB"):
        if count < BYTES_PER_UNIT or unit == "GB":
            break
        count /= BYTES_PER_UNIT
    return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"


def row_count(count: int) -> str:
    """A count for people: ``26,048``."""
    return f"{count:,}"
