"""Tree tables: the columns of ``Booster.trees_to_dataframe`` for the trees grown since the last saved step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from trialscope.xgboost.entry import Entry, tensor
from trialscope.xgboost.model import GrowingModel, Progress, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialscope.xgboost.names import FeatureNames
    from trialscope.xgboost.raw_model import Nodes

COLUMNS = ("Tree", "Node", "ID", "Feature", "Split", "Yes", "No", "Missing", "Gain", "Cover", "Category")
_CATEGORICAL = 1


class Trees:
    """Source of ``trees/<column>``: one row per node of every tree grown since it was asked last."""

    collections = frozenset({"trees"})

    def __init__(self, model: GrowingModel, features: FeatureNames) -> None:
        self._model = model
        self._features = features
        self._done = model.at_start
        self._generation = model.generation

    def names(self) -> list[str]:
        """Tensor names."""
        return [f"trees/{column}" for column in COLUMNS]

    def entries(self) -> list[Entry]:
        """All columns of shape ``(num_nodes,)``: int64, float64 and texts as in :func:`tree_table`."""
        if self._generation != self._model.generation:
            self._generation, self._done = self._model.generation, Progress()
        nodes, done = self._model.trees_since(self._done)
        if nodes.vector_leaves:
            raise UnavailableError("trees with a vector in each leaf have no row per leaf")
        types = self._model.booster.feature_types or []
        table = tree_table(nodes, first_tree=self._done.trees, features=self._features.labels, types=types)
        self._done = done
        return [tensor([f"trees/{column}"], values) for column, values in table.items() if len(values)]


def tree_table(
    nodes: Nodes, *, first_tree: int, features: Sequence[str], types: Sequence[str]
) -> dict[str, npt.NDArray[np.int64] | npt.NDArray[np.float64] | list[str]]:
    """The columns smdebug stores for a tree, for several trees.

    Parameters
    ----------
    nodes : Nodes
    first_tree : int
        Index in the model of the first of these trees.
    features : sequence of str
        Name of each feature.
    types : sequence of str
        XGBoost's feature types; empty for all numeric.

    Returns
    -------
    dict of str to column, each of shape ``(num_nodes,)``
        ``Tree``, ``Node`` int64; ``Split``, ``Gain``, ``Cover`` float64 (``Gain`` of a leaf is its value, ``Split`` of
        a leaf NaN); ``ID``, ``Yes``, ``No``, ``Missing`` texts ``"<tree>-<node>"``, ``"nan"`` below a leaf; ``Feature``
        texts, ``"Leaf"`` for a leaf; ``Category`` texts, the printed list of categories or ``"nan"``.
    """
    num_nodes = len(nodes.left)
    leaf = nodes.left < 0
    offset = np.repeat(nodes.starts(), nodes.sizes)
    ids = [f"{tree}-{node}" for tree, size in enumerate(nodes.sizes.tolist(), first_tree) for node in range(size)]
    left, right = (np.where(leaf, num_nodes, child + offset) for child in (nodes.left, nodes.right))
    default = np.where(nodes.default_left, left, right)
    yes, no = left, right
    split = np.where(leaf, np.nan, nodes.threshold.astype(np.float64))
    if types:
        yes, no, split = _by_type(nodes, leaf, (left, right, default), split, types)
    category = ["nan"] * num_nodes
    for node, values in nodes.categories.items():
        category[node] = str(values)
    table: dict[str, npt.NDArray[np.int64] | npt.NDArray[np.float64] | list[str]] = {
        "Tree": np.repeat(np.arange(first_tree, first_tree + len(nodes.sizes), dtype=np.int64), nodes.sizes),
        "Node": np.arange(num_nodes, dtype=np.int64) - offset,
        "ID": ids,
        "Feature": _pick([*features, "Leaf"], np.where(leaf, len(features), nodes.feature)),
        "Split": split,
        "Yes": _pick([*ids, "nan"], yes),
        "No": _pick([*ids, "nan"], no),
        "Missing": _pick([*ids, "nan"], default),
        "Gain": np.where(leaf, nodes.threshold, nodes.gain).astype(np.float64),
        "Cover": nodes.cover.astype(np.float64),
        "Category": category,
    }
    return _drop_unreachable(table, nodes) if nodes.has_deleted else table


def _by_type(
    nodes: Nodes,
    leaf: npt.NDArray[np.bool_],
    children: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]],
    split: npt.NDArray[np.float64],
    types: Sequence[str],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Yes, No and Split where a feature is categorical, an indicator or an integer: as XGBoost prints them."""
    left, right, default = children
    kind = np.array([*types, "q"])[np.where(leaf, len(types), nodes.feature)]
    categorical = (nodes.split_type == _CATEGORICAL) & ~leaf
    indicator = (kind == "i") & ~categorical
    # A categorical split sends its listed categories to the right; an indicator prints the way of "present" as yes.
    yes = np.where(categorical, right, np.where(indicator, np.where(nodes.default_left, right, left), left))
    no = np.where(categorical, left, np.where(indicator, default, right))
    split = np.where(categorical | indicator, np.nan, split)
    return yes, no, np.where(kind == "int", np.ceil(split), split)


def _pick(texts: list[str], index: npt.NDArray[np.int64]) -> list[str]:
    return [texts[i] for i in index.tolist()]


def _drop_unreachable(
    table: dict[str, npt.NDArray[np.int64] | npt.NDArray[np.float64] | list[str]], nodes: Nodes
) -> dict[str, npt.NDArray[np.int64] | npt.NDArray[np.float64] | list[str]]:
    kept = np.flatnonzero(nodes.reachable())
    return {
        column: _pick(values, kept) if isinstance(values, list) else values[kept] for column, values in table.items()
    }
