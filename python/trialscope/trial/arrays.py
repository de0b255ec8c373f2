"""Values as the native module hands them over, turned into NumPy arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialscope._native import TensorBuffer

    NativeValue = tuple[str, Sequence[int], TensorBuffer | list[str]]


def to_array(value: NativeValue) -> np.ndarray[Any, Any]:
    """Give the array of a saved value.

    Parameters
    ----------
    value : tuple
        Name of the element type, shape, and the values: raw bytes in C order, or a list of strings.

    Returns
    -------
    ndarray
        Read-only. Numeric values are a view of the file or of the bytes read from it; nothing is copied. ``bfloat16``
        has the type of the package ``ml_dtypes`` where it is installed, and is widened to float32 where it is not.
    """
    dtype, shape, values = value
    if isinstance(values, list):
        array = np.array(values, dtype=np.str_)
    elif dtype == "bfloat16":
        array = _bfloat16(np.frombuffer(values, dtype="<u2"))
    else:
        array = np.frombuffer(values, dtype=np.dtype(dtype).newbyteorder("<"))
    # A view of a file cannot be written to, and who asks does not know which values are one.
    array.flags.writeable = False
    return array.reshape(tuple(shape))


def _bfloat16(bits: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    try:
        import ml_dtypes  # pyright: ignore[reportMissingImports]
    except ImportError:
        return (bits.astype("<u4") << 16).view("<f4")
    return bits.view(ml_dtypes.bfloat16)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
