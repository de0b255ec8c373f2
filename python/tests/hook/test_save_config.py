"""When a step is saved: smdebug's rules, checked by hand."""

# pyright: reportArgumentType=false
from __future__ import annotations

import pytest

from trialscope.config import Collection, ModeKeys, ReductionConfig, SaveConfig, SaveConfigMode
from trialscope.xgboost.builtin import resolve


@pytest.mark.parametrize(
    ("config", "saved"),
    [
        (SaveConfigMode(save_interval=4), [0, 4, 8]),
        (SaveConfigMode(save_interval=4, start_step=3), [4, 8]),
        (SaveConfigMode(save_interval=4, end_step=8), [0, 4]),
        (SaveConfigMode(save_interval=4, end_step=0), []),
        (SaveConfigMode(save_interval=4, end_step=9, save_steps=(1, 7)), [0, 1, 4, 7, 8]),
        (SaveConfigMode(save_steps=(3, 7)), [0, 3, 7]),
        (SaveConfigMode(save_interval="2", end_step="5"), [0, 2, 4]),
    ],
)
def test_the_list_of_steps_adds_to_the_interval(config: SaveConfigMode, saved: list[int]) -> None:
    assert [step for step in range(10) if config.should_save_step(step)] == saved
    for step in range(10):
        later = [s for s in saved if s >= step]
        found = config.next_step(step)
        assert (found if found is not None and found < 10 else None) == (later[0] if later else None)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"save_interval": 0}, ValueError),
        ({"save_interval": "ten"}, ValueError),
        ({"save_interval": 2.5}, TypeError),
        ({"save_interval": True}, TypeError),
        ({"start_step": -1}, ValueError),
        ({"save_steps": [1.5]}, TypeError),
    ],
)
def test_bad_values_are_refused(arguments: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        SaveConfig(**arguments)


def test_a_mode_wins_over_all_modes_and_a_collection_over_the_hook() -> None:
    mine = Collection("mine", include_regex="x", save_config=SaveConfig({"TRAIN": SaveConfigMode(3)}, start_step=5))
    hook = SaveConfig({ModeKeys.EVAL: SaveConfigMode(4)}, save_interval=7, end_step=90)
    resolved = resolve([mine], save_config=hook, reduction_config=None)["mine"]["save_config"]
    assert resolved["TRAIN"] == {"save_interval": 3, "save_steps": [], "start_step": 5, "end_step": 90}
    assert resolved["EVAL"] == {"save_interval": 4, "save_steps": [], "start_step": 5, "end_step": 90}
    assert resolved["GLOBAL"] == {"save_interval": 7, "save_steps": [], "start_step": 5, "end_step": 90}


def test_xgboost_saves_every_tenth_round_where_nobody_says_otherwise() -> None:
    resolved = resolve([Collection("mine", include_regex="x")], save_config=None, reduction_config=None)["mine"]
    assert resolved["save_config"]["GLOBAL"]["save_interval"] == 10
    assert resolved["reduction_config"] == {"save_raw_tensor": True, "reductions": "", "save_shape": False}


def test_reductions_in_the_order_of_the_collections_file() -> None:
    config = ReductionConfig(reductions=["min", "median"], abs_reductions=["mean"], norms=["l1"], abs_norms=["l2"])
    assert config.to_json_dict()["reductions"] == "min,median,l1_norm,abs_mean,abs_l2_norm"
    assert ReductionConfig.from_dict({"reductions": "min,median,l1,abs_mean,abs_l2_norm"}) == config
    with pytest.raises(ValueError, match="did you mean 'variance'"):
        ReductionConfig(reductions=["varience"])


def test_a_collection_survives_json() -> None:
    collection = Collection("mine", include_regex=["relu"], tensor_names=["a"], save_config=SaveConfig(save_interval=2))
    assert Collection.from_json(collection.to_json()) == collection
    with pytest.raises(ValueError, match="no regular expression"):
        Collection("mine", include_regex="(")
