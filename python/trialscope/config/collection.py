"""Named groups of tensors that are saved alike."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from trialscope.config.reduction import ReductionConfig
from trialscope.config.save import SaveConfig, SaveConfigMode


class CollectionKeys:
    """Names of the built-in collections."""

    DEFAULT = "default"
    ALL = "all"
    INPUTS = "inputs"
    OUTPUTS = "outputs"
    WEIGHTS = "weights"
    GRADIENTS = "gradients"
    LOSSES = "losses"
    BIASES = "biases"
    LAYERS = "layers"
    SM_METRICS = "sm_metrics"
    OPTIMIZER_VARIABLES = "optimizer_variables"
    TENSORFLOW_SUMMARIES = "tensorflow_summaries"
    METRICS = "metrics"
    HYPERPARAMETERS = "hyperparameters"
    PREDICTIONS = "predictions"
    LABELS = "labels"
    FEATURE_IMPORTANCE = "feature_importance"
    AVERAGE_SHAP = "average_shap"
    FULL_SHAP = "full_shap"
    TREES = "trees"


def _strings(value: object, *, what: str) -> list[str]:
    """Flatten a string or a nested list of strings."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Iterable):
        return [text for part in cast("Iterable[object]", value) for text in _strings(part, what=what)]
    raise TypeError(f"{what} must be a string or a list of strings, not {type(value).__name__}")


class Collection:
    """A group of tensors: those whose name is listed or matches one of its regular expressions.

    Parameters
    ----------
    name : str
    include_regex : str or list of str, optional
        Python regular expressions, searched anywhere in the tensor name.
    tensor_names : list or set of str, optional
    reduction_config : ReductionConfig, optional
        ``None`` leaves it to the hook.
    save_config : SaveConfig or dict of modes, optional
        What is unset is left to the hook.
    save_histogram : bool, default True
        Kept in the collections file; for TensorBoard export.

    Raises
    ------
    ValueError
        If the name is empty or a regular expression does not compile.
    TypeError
        If an argument has another type.
    """

    def __init__(
        self,
        name: str,
        *,
        include_regex: Iterable[str] | str | None = None,
        tensor_names: Iterable[str] | None = None,
        reduction_config: ReductionConfig | None = None,
        save_config: SaveConfig | Mapping[Any, Any] | None = None,
        save_histogram: bool = True,
    ) -> None:
        if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"a collection's name must be a string, not {type(name).__name__}")
        if not name:
            raise ValueError("a collection needs a name")
        self.name = name
        self.include_regex: list[str] = []
        self.save_histogram = save_histogram
        self.tensor_names = tensor_names
        self.reduction_config = reduction_config
        self.save_config = save_config
        self.include(include_regex or [])

    def include(self, patterns: Iterable[str] | str) -> None:
        """Add regular expressions (a string, or a nested list of strings)."""
        for pattern in _strings(patterns, what="include_regex"):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"collection {self.name!r}: {pattern!r} is no regular expression: {error}") from None
            self.include_regex.append(pattern)

    @property
    def tensor_names(self) -> set[str]:
        """Names that belong to the collection whatever its regular expressions say."""
        return self._tensor_names

    @tensor_names.setter
    def tensor_names(self, names: Iterable[str] | None) -> None:
        self._tensor_names = set(_strings(names or [], what="tensor_names"))

    def add_tensor_name(self, name: str) -> None:
        """Add one name."""
        self._tensor_names.add(name)

    def remove_tensor_name(self, name: str) -> None:
        """Remove one name if it is there."""
        self._tensor_names.discard(name)

    def has_tensor_name(self, name: str) -> bool:
        """Whether the name is listed (regular expressions are not asked)."""
        return name in self._tensor_names

    @property
    def reduction_config(self) -> ReductionConfig | None:
        """Form the tensors are saved in; ``None`` leaves it to the hook."""
        return self._reduction_config

    @reduction_config.setter
    def reduction_config(self, config: ReductionConfig | None) -> None:
        if config is not None and not isinstance(config, ReductionConfig):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"reduction_config must be a ReductionConfig, not {type(config).__name__}")
        self._reduction_config = config

    @property
    def save_config(self) -> SaveConfig | None:
        """When the tensors are saved; what is unset is left to the hook."""
        return self._save_config

    @save_config.setter
    def save_config(self, config: SaveConfig | SaveConfigMode | Mapping[Any, Any] | None) -> None:
        self._save_config = SaveConfig.parse(config)

    def to_json_dict(self) -> dict[str, Any]:
        """The collection's entry in a collections file."""
        return {
            "name": self.name,
            "include_regex": list(self.include_regex),
            "tensor_names": sorted(self.tensor_names),
            "reduction_config": None if self.reduction_config is None else self.reduction_config.to_json_dict(),
            "save_config": None if self.save_config is None else self.save_config.to_json_dict(),
            "save_histogram": self.save_histogram,
        }

    def to_json(self) -> str:
        """:meth:`to_json_dict` as text."""
        return json.dumps(self.to_json_dict())

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Collection:
        """Read a collections file's entry; unknown keys are ignored."""
        reduction, save = values.get("reduction_config"), values.get("save_config")
        return cls(
            values["name"],
            include_regex=values.get("include_regex"),
            tensor_names=values.get("tensor_names"),
            reduction_config=None if reduction is None else ReductionConfig.from_dict(reduction),
            save_config=None if save is None else SaveConfig(save),
            save_histogram=values.get("save_histogram", True),
        )

    @classmethod
    def from_json(cls, text: str) -> Collection:
        """Read what :meth:`to_json` writes."""
        return cls.from_dict(json.loads(text))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Collection) and self.to_json_dict() == other.to_json_dict()

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"Collection({self.to_json_dict()!r})"
