"""The JSON configuration of a job."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trialscope.config import ModeKeys
from trialscope.config.hook_json import parse_hook_config, read_hook_config
from trialscope.xgboost import Hook


def test_values_come_as_strings() -> None:
    config = parse_hook_config(
        {
            "S3OutputPath": "s3://bucket/prefix",
            "LocalPath": "/opt/tensors",
            "HookParameters": {
                "save_interval": "100",
                "train.save_interval": "10",
                "save_all": "True",
                "dry_run": "true",
            },
            "CollectionConfigurations": [
                {
                    "CollectionName": "feature_importance",
                    "CollectionParameters": {"save_steps": "1,2", "end_step": "9"},
                },
                {
                    "CollectionName": "mine",
                    "CollectionParameters": {"include_regex": "relu,tanh", "reductions": "mean"},
                },
                {"CollectionName": "trees", "CollectionParameters": None},
            ],
        }
    )
    assert (config.out_dir, config.save_all, config.dry_run) == ("/opt/tensors", True, True)
    assert config.save_config is not None
    assert config.save_config.get_save_config(ModeKeys.TRAIN).save_interval == 10
    assert config.save_config.get_save_config(ModeKeys.EVAL).save_interval == 100
    importance, mine, trees = config.collections
    assert importance.save_config is not None
    assert importance.save_config.get_save_config("global").save_steps == (1, 2)
    assert mine.include_regex == ["relu", "tanh"]
    assert mine.reduction_config is not None
    assert mine.reduction_config.reductions == ("mean",)
    assert trees.save_config is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"HookParameter": {}}, "did you mean 'HookParameters'"),
        ({"HookParameters": {"save_intervall": "3"}}, "did you mean 'save_interval'"),
        ({"CollectionConfigurations": [{"CollectionParameters": {}}]}, "no CollectionName"),
        ({"HookParameters": {"save_all": "yes"}}, "save_all must be true or false"),
        ({"HookParameters": {"save_interval": "0"}}, "at least 1"),
    ],
)
def test_mistakes_name_the_file_and_the_nearest_key(tmp_path: Path, content: object, message: str) -> None:
    place = tmp_path / "debughookconfig.json"
    place.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=message) as caught:
        read_hook_config(place)
    assert str(place) in str(caught.value)


def test_a_hook_from_the_file_the_environment_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "config.json"
    names = [{"CollectionName": "full_shap"}]
    place.write_text(json.dumps({"LocalPath": str(tmp_path / "t"), "CollectionConfigurations": names}))
    monkeypatch.setenv("SMDEBUG_CONFIG_FILE_PATH", str(place))
    hook = Hook.create_from_json_file()
    assert hook.out_dir == str(tmp_path / "t")
    assert hook.include_collections == ["metrics", "full_shap"]
    assert hook.get_collection("full_shap").include_regex == ["^full_shap/(?!bias$)"]
    with pytest.raises(FileNotFoundError):
        Hook.hook_from_config(tmp_path / "none.json")


@pytest.mark.parametrize("parameters", [{"export_tensorboard": "True"}, {"tensorboard_dir": "tb"}])
def test_an_export_that_is_asked_for_and_not_made_is_told(
    parameters: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    parse_hook_config({"HookParameters": {"export_tensorboard": "False"}})
    assert not caplog.records
    parse_hook_config({"HookParameters": parameters})
    assert "TensorBoard" in caplog.text
