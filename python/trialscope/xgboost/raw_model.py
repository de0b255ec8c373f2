"""The trees inside XGBoost's binary model (``Booster.save_raw("ubj")``), without parsing the rest.

UBJSON, see https://ubjson.org and XGBoost's ``doc/model.schema``: objects have no length, so a reader has to walk them;
arrays of numbers are typed, big-endian and have a length, so NumPy reads them as they lie. Trees come in the order in
which they were grown, and a tree that is grown keeps its bytes (DART scales trees in a list of its own).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

# `L`, an int64 length and the key. Texts inside a model are C strings without NUL, so nothing else looks like this.
_TREES_KEY = b"L\x00\x00\x00\x00\x00\x00\x00\x05trees[#L"
_INT64 = struct.Struct(">q")
_END, _ARRAY, _OBJECT, _TEXT, _TYPED, _INT32 = b"}[{S$l"
_MARKERS = {"d": ">f4", "D": ">f8", "U": "u1", "i": "i1", "I": ">i2", "l": ">i4", "L": ">i8"}
_NUMBERS = {ord(marker): np.dtype(kind) for marker, kind in _MARKERS.items()}
_SIZES = {marker: kind.itemsize for marker, kind in _NUMBERS.items()}
_COLUMNS = {
    "left": (b"left_children", np.int64),
    "right": (b"right_children", np.int64),
    "feature": (b"split_indices", np.int64),
    "threshold": (b"split_conditions", np.float32),
    "default_left": (b"default_left", np.bool_),
    "split_type": (b"split_type", np.uint8),
    "gain": (b"loss_changes", np.float32),
    "cover": (b"sum_hessian", np.float32),
}


@dataclass(frozen=True, slots=True)
class Nodes:
    """The nodes of consecutive trees, tree after tree; all arrays of shape ``(num_nodes,)``.

    A child is the id of a node within its tree, -1 for a leaf. `threshold` of a leaf is its value; `gain` and `cover`
    are the loss reduction of the split and the sum of hessians that reached the node.
    """

    sizes: npt.NDArray[np.int64]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    feature: npt.NDArray[np.int64]
    threshold: npt.NDArray[np.float32]
    default_left: npt.NDArray[np.bool_]
    split_type: npt.NDArray[np.uint8]
    gain: npt.NDArray[np.float32]
    cover: npt.NDArray[np.float32]
    categories: dict[int, list[int]]
    vector_leaves: bool
    has_deleted: bool

    def starts(self) -> npt.NDArray[np.int64]:
        """Index of the root of each tree, int64 of shape ``(num_trees,)``."""
        return np.cumsum(self.sizes) - self.sizes

    def without_first(self, num_trees: int) -> Nodes:
        """The nodes of all trees but the first `num_trees`."""
        if not num_trees:
            return self
        start = int(self.sizes[:num_trees].sum())
        return Nodes(
            sizes=self.sizes[num_trees:],
            left=self.left[start:],
            right=self.right[start:],
            feature=self.feature[start:],
            threshold=self.threshold[start:],
            default_left=self.default_left[start:],
            split_type=self.split_type[start:],
            gain=self.gain[start:],
            cover=self.cover[start:],
            categories={node - start: values for node, values in self.categories.items() if node >= start},
            vector_leaves=self.vector_leaves,
            has_deleted=self.has_deleted,
        )

    def reachable(self) -> npt.NDArray[np.bool_]:
        """Which nodes hang on their tree; nodes cut off by pruning stay in the model as waste."""
        if not self.has_deleted:
            return np.ones(len(self.left), dtype=np.bool_)
        reached = np.zeros(len(self.left), dtype=np.bool_)
        starts = self.starts()
        offset = np.repeat(starts, self.sizes)
        frontier = starts
        while len(frontier):
            reached[frontier] = True
            inner = frontier[self.left[frontier] >= 0]
            frontier = np.concatenate([self.left[inner] + offset[inner], self.right[inner] + offset[inner]])
        return reached


def count_trees(raw: bytes | bytearray) -> int:
    """Number of trees in a binary model."""
    return _INT64.unpack_from(raw, _first_tree(raw) - 8)[0]


def read_trees(raw: bytes | bytearray, *, skip_trees: int, skip_bytes: int) -> tuple[Nodes, int]:
    """Read all trees but the first `skip_trees`, which take `skip_bytes`.

    Returns
    -------
    nodes : Nodes
    size_bytes : int
        Bytes all trees take, to be skipped next time.

    Raises
    ------
    ValueError
        If the bytes are not laid out as a model, or `skip_bytes` is not where a tree begins.
    """
    start = _first_tree(raw)
    (num_trees,) = _INT64.unpack_from(raw, start - 8)
    rest = memoryview(raw)[start + skip_bytes :].tobytes()
    position = 0
    trees: list[_Tree] = []
    for _ in range(num_trees - skip_trees):
        if rest[position : position + 1] != b"{":
            raise ValueError(f"no tree at byte {start + skip_bytes + position} of the model")
        tree, position = _read_object(rest, position + 1)
        trees.append(tree)
    return _join(trees), skip_bytes + position


_Tree = dict[bytes, tuple[int, bytes]]
"""The arrays of a tree by name, each as type marker and raw bytes; numbers kept as texts have the marker ``S``."""


def _first_tree(raw: bytes | bytearray) -> int:
    found = raw.find(_TREES_KEY)
    if found < 0:
        raise ValueError("the model has no trees")
    return found + len(_TREES_KEY) + 8


def _read_object(raw: bytes, position: int) -> tuple[_Tree, int]:
    """Walk the object whose first key is at `position`; returns its arrays and texts, and where it ends."""
    found: _Tree = {}
    int64 = _INT64.unpack_from
    while raw[position] != _END:
        start = position + 9
        position = start + raw[position + 8]  # keys are shorter than 256 bytes, so the last byte is the length
        key = raw[start:position]
        marker = raw[position]
        if marker == _ARRAY:
            if raw[position + 1] == _TYPED:
                kind = raw[position + 2]
                start = position + 13
                position = start + int64(raw, position + 5)[0] * _SIZES[kind]
                found[key] = (kind, raw[start:position])
            elif int64(raw, position + 3)[0] == 0:
                position += 11
            else:
                raise ValueError(f"the array {key!r} of a tree has no type")
        elif marker == _OBJECT:
            inner, position = _read_object(raw, position + 1)
            found.update(inner)
        elif marker == _TEXT:
            start = position + 10
            position = start + int64(raw, position + 2)[0]
            found[key] = (_TEXT, raw[start:position])
        else:
            position += 1 + _SIZES[marker]
    return found, position + 1


def _join(trees: list[_Tree]) -> Nodes:
    sizes = np.array([int(tree[b"num_nodes"][1]) for tree in trees], dtype=np.int64)
    columns = {name: _column(trees, key, dtype) for name, (key, dtype) in _COLUMNS.items()}
    categories: dict[int, list[int]] = {}
    start = 0
    for tree, size in zip(trees, sizes.tolist(), strict=True):
        nodes = _numbers(tree, b"categories_nodes")
        if nodes:
            values = _numbers(tree, b"categories")
            firsts, counts = _numbers(tree, b"categories_segments"), _numbers(tree, b"categories_sizes")
            for node, first, count in zip(nodes, firsts, counts, strict=True):
                categories[start + node] = values[first : first + count]
        start += size
    return Nodes(
        sizes=sizes,
        **columns,
        categories=categories,
        vector_leaves=any(int(tree[b"size_leaf_vector"][1]) > 1 for tree in trees),
        has_deleted=any(tree[b"num_deleted"][1] != b"0" for tree in trees),
    )


def _column(trees: list[_Tree], key: bytes, dtype: type[np.generic]) -> npt.NDArray[Any]:
    kinds = {tree[key][0] for tree in trees}
    if len(kinds) > 1:  # an array is written with 64 bits where a tree is too large for 32
        parts = [np.frombuffer(tree[key][1], dtype=_NUMBERS[tree[key][0]]).astype(dtype) for tree in trees]
        return np.concatenate(parts)
    joined = b"".join([tree[key][1] for tree in trees])
    return np.frombuffer(joined, dtype=_NUMBERS[kinds.pop()] if kinds else dtype).astype(dtype)


def _numbers(tree: _Tree, key: bytes) -> list[int]:
    kind, values = tree.get(key, (_INT32, b""))
    return np.frombuffer(values, dtype=_NUMBERS[kind]).tolist() if values else []
