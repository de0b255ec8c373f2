"""Tree tables of the original, for the model it captured."""

# pyright: reportArgumentType=false, reportCallIssue=false
from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xgboost as xgb

from trialscope.xgboost.raw_model import read_trees
from trialscope.xgboost.trees import COLUMNS, tree_table

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.mark.parametrize("fixture", ["xgboost-binary", "xgboost-multiclass"])
def test_the_tree_the_original_stored_is_in_ours(fixture: str) -> None:
    folder = FIXTURES / fixture
    booster = xgb.Booster(model_file=folder / "model.json")
    nodes, _ = read_trees(booster.save_raw("ubj"), skip_trees=0, skip_bytes=0)
    names = booster.feature_names or [f"f{index}" for index in range(booster.num_features())]
    table = tree_table(nodes, first_tree=0, features=names, types=[])
    tensors = json.loads((folder / "trees.json").read_text())["tensors"]
    steps = tensors["trees/Tree"]["steps"]
    for step in [step for of_mode in steps.values() for step in of_mode]:
        rows = np.flatnonzero(table["Tree"] == step)
        for column in COLUMNS:
            stored = tensors[f"trees/{column}"]["values"][str(step)]["worker_0"]
            found = [table[column][row] for row in rows]
            expected = [float("nan") if value == "NaN" else value for value in stored["values"]]
            if stored["dtype"] == "float64":
                # The original read nine printed digits.
                np.testing.assert_allclose(found, expected, rtol=1e-8)
            else:
                assert found == expected
