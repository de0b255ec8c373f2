"""Numbers as text."""

from __future__ import annotations

import math

import pytest

from trialscope.demo import figures


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.0, ""),
        (1.0, "████"),
        (0.5, "██"),
        (0.28125, "█▏"),  # 9 eighths of 4 columns
        (0.21875, "▉"),  # 7 eighths
        (2.0, "████"),
        (-1.0, ""),
        (math.nan, ""),
    ],
)
def test_bar_in_eighths(share: float, expected: str) -> None:
    assert figures.bar(share, 4) == expected


def test_bar_without_unicode() -> None:
    assert figures.bar(0.5, 4, unicode=False) == "##"
    assert figures.progress_bar(1, 4, 8, unicode=False) == "##------"


@pytest.mark.parametrize("done", range(8))
def test_progress_bar_keeps_its_width(done: int) -> None:
    assert len(figures.progress_bar(done, 7, 13)) == 13
    assert len(figures.progress_bar(done, 0, 13)) == 13


def test_ranking_is_sorted_and_aligned() -> None:
    lines = figures.ranking_lines({"Age": 0.5, "Capital Gain": 1.0, "Sex": 0.0}, width=40)
    assert lines == [
        "  Capital Gain   1.0000 ████████████████",
        "  Age            0.5000 ████████",
        "  Sex            0.0000",
    ]
    assert all(len(line) <= 40 for line in lines)


def test_ranking_of_zeros_and_of_nothing() -> None:
    assert figures.ranking_lines({"a": 0.0}, width=40) == ["  a   0.0000"]
    assert figures.ranking_lines({}, width=40) == []


def test_ranking_shortens_long_names() -> None:
    (line,) = figures.ranking_lines({"x" * 100: 1.0}, width=60)
    assert len(line) <= 60
    assert "…" in line


def test_metric_table() -> None:
    series = {"train-logloss": {0: 0.5, 5: 0.25, 10: 0.375}, "never": {}}
    assert figures.metric_lines(series) == [
        "  metric          first    best    last  at step",
        "  train-logloss  0.5000  0.2500  0.3750       10",
    ]
    assert figures.metric_lines({"never": {}}) == []
    assert "nan" in figures.metric_lines({"m": {0: math.nan}})[1]


def test_training_line_fits() -> None:
    line = figures.training_line(
        7, 51, {"train": 0.31234, "validation": 0.4}, width=80, note="LossNotDecreasing: watching"
    )
    assert line.startswith("Training  ")
    assert " 7/51  train 0.3123  validation 0.4000" in line
    assert len(line) <= 80


@pytest.mark.parametrize(("count", "expected"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (14_900_000, "14.9 MB")])
def test_sizes(count: int, expected: str) -> None:
    assert figures.byte_count(count) == expected
