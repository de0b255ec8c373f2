"""What to save and when: save configurations, reductions, collections, and the JSON hook configuration."""

from trialscope.config.collection import Collection, CollectionKeys
from trialscope.config.modes import ModeKeys, modes
from trialscope.config.reduction import ReductionConfig
from trialscope.config.save import SaveConfig, SaveConfigMode

__all__ = [
    "Collection",
    "CollectionKeys",
    "ModeKeys",
    "ReductionConfig",
    "SaveConfig",
    "SaveConfigMode",
    "modes",
]
