"""The original hook and ours capture the same training; the real smdebug compares what they saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import xgboost as xgb

from job import Job

if TYPE_CHECKING:
    from pathlib import Path

    from original import Original


def test_same_names_and_values(original: Original, trial: Path) -> None:
    job = Job()
    theirs_path, ours_path = trial.parent / "theirs", trial.parent / "ours"
    version = job.run_with_original_hook(original, theirs_path)
    if version != xgb.__version__:
        pytest.skip(f"their xgboost is {version}, ours {xgb.__version__}: the models differ")
    job.run_with_our_hook(ours_path)
    theirs, ours = original.read(theirs_path), original.read(ours_path)

    assert ours.steps == theirs.steps
    assert ours.workers == theirs.workers
    assert ours.mode_of_step == theirs.mode_of_step
    # Ours has more: importances of features that no tree uses.
    assert set(theirs.names) <= set(ours.names)
    extra = {name for name in set(ours.names) - set(theirs.names) if not name.endswith("/f4")}
    assert extra == set()
    for name in theirs.names:
        for step in theirs.steps_of(name):
            expected, saved = theirs.value(name, step), ours.value(name, step)
            if name.startswith("trees/"):
                # Theirs holds one tree, ours every tree since the step ahead, that one last.
                saved = saved[-len(expected) :]
            if isinstance(expected, list):
                assert saved == expected, (name, step)
                continue
            assert saved.dtype == expected.dtype, (name, step)
            assert saved.shape == expected.shape, (name, step)
            # SHAP values are summed over trees in another order.
            np.testing.assert_allclose(saved, expected, rtol=1e-4, atol=1e-5, err_msg=f"{name} at {step}")
    for name, collection in theirs.collections.items():
        assert set(collection["tensors_in_trial"]) <= set(ours.collections[name]["tensors_in_trial"]), name
