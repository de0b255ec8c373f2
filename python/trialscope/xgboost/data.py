"""Training and validation data as the hook accepts them."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any, cast

import numpy as np
from xgboost import Booster, DMatrix

from trialscope.config.suggest import unknown

_PAIR = 2
_CSV = ("csv", "text/csv")
_LIBSVM = ("libsvm", "text/libsvm", "text/x-libsvm")


def check(data: object, *, name: str) -> None:
    """Refuse at once what :func:`to_dmatrix` could never take."""
    if data is None or isinstance(data, DMatrix):
        return
    if _is_file(data):
        path, content_type = cast("tuple[Any, str]", data)
        if content_type not in (*_CSV, *_LIBSVM):
            raise ValueError(unknown(f"content type of {name}", content_type, (*_CSV, *_LIBSVM)))
        if not Path(path).is_file():
            raise FileNotFoundError(f"{name}: there is no file {path}")
        return
    if isinstance(data, tuple) and len(cast("tuple[object, ...]", data)) != _PAIR:
        raise TypeError(f"{name} must be data, (data, labels) or (path, content type)")
    matrix: object = cast("tuple[object, ...]", data)[0] if isinstance(data, tuple) else data
    if not (hasattr(matrix, "shape") or isinstance(matrix, list)):
        raise TypeError(
            f"{name} must be a DMatrix, an array, a data frame, (data, labels) or (path, content type),"
            f" not {type(matrix).__name__}"
        )


def to_dmatrix(data: object, booster: Booster) -> DMatrix | None:
    """`data` as a DMatrix whose features are those of `booster`.

    Parameters
    ----------
    data : DMatrix, QuantileDMatrix, array, data frame, table, (data, labels) or (path, content type)
        Shape ``(n_rows, n_features)``. A CSV file has no header and the label in its first column. Categories of a
        data frame are taken as they are.
    booster : xgboost.Booster
        Gives feature names and types to data that has none.
    """
    if data is None or isinstance(data, DMatrix):
        return data
    label: object = None
    if _is_file(data):
        path, content_type = cast("tuple[str, str]", data)
        data, label = _read_csv(path) if content_type in _CSV else _read_libsvm(path, int(booster.num_features()))
    elif isinstance(data, tuple):
        data, label = cast("tuple[object, object]", data)
    if isinstance(data, list):
        data = np.asarray(cast("list[object]", data), dtype=np.float32)
    named = hasattr(data, "columns") or hasattr(data, "column_names")
    return DMatrix(
        cast("Any", data),
        label=cast("Any", label),
        feature_names=None if named else booster.feature_names,
        feature_types=None if named else booster.feature_types,
        enable_categorical=True,
    )


def _is_file(data: object) -> bool:
    if not isinstance(data, tuple) or len(cast("tuple[object, ...]", data)) != _PAIR:
        return False
    path, content_type = cast("tuple[object, object]", data)
    return isinstance(path, (str, os.PathLike)) and isinstance(content_type, str)


def _read_csv(path: str) -> tuple[Any, Any]:
    with Path(path).open(encoding="utf-8", newline="") as file:
        first = file.readline()
    try:
        delimiter = csv.Sniffer().sniff(first).delimiter
    except csv.Error:
        delimiter = ","
    table = np.genfromtxt(path, delimiter=delimiter, dtype=np.float32, ndmin=2)
    return table[:, 1:], table[:, 0]


def _read_libsvm(path: str, num_features: int) -> tuple[Any, Any]:
    from scipy.sparse import csr_matrix

    labels: list[float] = []
    values: list[float] = []
    columns: list[int] = []
    row_ends = [0]
    with Path(path).open(encoding="utf-8") as file:
        for line in file:
            label, *fields = line.partition("#")[0].split() or [""]
            if not label:
                continue
            labels.append(float(label.partition(":")[0]))
            for field in fields:
                index, _, value = field.partition(":")
                if index == "qid":
                    continue
                columns.append(int(index))
                values.append(float(value))
            row_ends.append(len(values))
    width = max([num_features - 1, *columns]) + 1
    matrix = csr_matrix(
        (np.asarray(values, dtype=np.float32), np.asarray(columns), np.asarray(row_ends)), shape=(len(labels), width)
    )
    return matrix, np.asarray(labels, dtype=np.float32)
