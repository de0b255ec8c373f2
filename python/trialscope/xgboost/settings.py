"""What a hook was told, changeable until its training starts, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from trialscope.config import Collection, ModeKeys, SaveConfig
from trialscope.config.suggest import unknown
from trialscope.xgboost import data

if TYPE_CHECKING:
    from trialscope.xgboost.options import HookOptions
    from trialscope.xgboost.summary import Summary
    from trialscope.xgboost.training import Given


class HookSettings:
    """The settings and the state of a hook."""

    _options: HookOptions
    _given: Given
    _step: int
    _mode: ModeKeys
    _failure: BaseException | None
    _summary: Summary | None

    @property
    def out_dir(self) -> str:
        """Folder or URL of the trial."""
        return self._options.out_dir

    @property
    def save_config(self) -> SaveConfig | None:
        """When collections are saved that do not say so themselves."""
        return self._options.save_config

    @property
    def include_collections(self) -> list[str]:
        """Names of the collections that are saved."""
        return self._options.saved()

    @property
    def train_data(self) -> object:
        """Rows to explain."""
        return self._given.train_data

    @train_data.setter
    def train_data(self, value: object) -> None:
        data.check(value, name="train_data")
        self._given.train_data = value

    @property
    def validation_data(self) -> object:
        """Rows to predict."""
        return self._given.validation_data

    @validation_data.setter
    def validation_data(self, value: object) -> None:
        data.check(value, name="validation_data")
        self._given.validation_data = value

    @property
    def hyperparameters(self) -> Mapping[str, object] | None:
        """Values for the collection ``hyperparameters``."""
        return self._given.hyperparameters

    @hyperparameters.setter
    def hyperparameters(self, value: Mapping[str, object] | None) -> None:
        if value is not None and not isinstance(value, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"hyperparameters must be a dict, not {type(value).__name__}")
        self._given.hyperparameters = None if value is None else {str(key): part for key, part in value.items()}

    def get_collections(self) -> dict[str, Collection]:
        """All defined collections by name; they may be configured until the training starts."""
        return self._options.defined

    def get_collection(self, name: str, *, create: bool = False) -> Collection:
        """A defined collection; with `create`, a new one that is saved, if there is none of that name.

        Raises
        ------
        ValueError
            If there is none; the nearest name is suggested.
        """
        if name not in self._options.defined:
            if not create:
                raise ValueError(unknown("collection", name, self._options.defined))
            self._options.include(Collection(name))
        return self._options.defined[name]

    def add_collection(self, collection: Collection) -> None:
        """Define a collection, or replace the one of its name, and save it."""
        if not isinstance(collection, Collection):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"add_collection needs a Collection, not {type(collection).__name__}")
        self._options.include(collection)

    @property
    def step(self) -> int:
        """Boosting round grown last, -1 before the first."""
        return self._step

    @property
    def mode(self) -> ModeKeys:
        """Mode under which steps are saved."""
        return self._mode

    @property
    def failure(self) -> BaseException | None:
        """Why the hook stepped aside, if it did."""
        return self._failure

    @property
    def summary(self) -> Summary | None:
        """What was saved and what it cost, once the training is over."""
        return self._summary

    def set_mode(self, mode: ModeKeys | str) -> None:
        """Save the following steps under another mode; GLOBAL at first, with the step as step of the mode."""
        self._mode = ModeKeys.parse(mode)
