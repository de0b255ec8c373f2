"""The hook: a callback that captures an XGBoost training."""

from __future__ import annotations

import logging
import sys
import weakref
from dataclasses import replace
from enum import Enum
from threading import get_ident
from time import perf_counter
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from xgboost.callback import TrainingCallback

from trialscope.config import ModeKeys, ReductionConfig
from trialscope.config.hook_json import read_hook_config
from trialscope.exceptions import StorageError, TrialscopeError
from trialscope.xgboost import entry, options
from trialscope.xgboost.hyperparameters import to_tensor
from trialscope.xgboost.settings import HookSettings
from trialscope.xgboost.training import Given, Model, Training

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    from trialscope.config import SaveConfig, SaveConfigMode
    from trialscope.xgboost.metrics import EvalsLog
    from trialscope.xgboost.summary import Summary

logger = logging.getLogger("trialscope")


class _Phase(Enum):
    READY = "before its training"
    TRAINING = "in a training"
    IDLE = "in a training that it does not save"
    ASIDE = "stepped aside"
    FINISHED = "after its training"


# Hooks in a training, by location, with the thread of the training. Interrupting a notebook cell keeps the hook of its
# training alive in the traceback, and with it the claim on the trial.
_in_training: dict[str, tuple[weakref.ref[Hook], int]] = {}


class Hook(HookSettings, TrainingCallback):
    """Captures what happens in one XGBoost training: give it to ``callbacks=``.

    Works with ``xgboost.train``, with ``XGBClassifier``, ``XGBRegressor`` and ``XGBRanker``, and with ``xgboost.cv``,
    which gets a trial per fold in ``fold_<i>`` and one with mean and standard deviation of the metrics, shape ``(2,)``,
    above them. A step is a boosting round, counted from 0, and on from the rounds of a model that is trained further.

    An error in the hook never ends the training: it is logged once, and the hook steps aside.

    Parameters
    ----------
    out_dir : str or path
        Folder, or URL of an object store, of the trial.
    train_data : DMatrix, array, data frame, (data, labels) or (path, content type), optional
        Rows to explain, shape ``(n_rows, n_features)``, for ``full_shap`` and ``average_shap``. A sample of the
        training data is enough. XGBoost does not show it to callbacks, so it has to be given, also to an estimator.
    validation_data : as `train_data`, optional
        For ``predictions`` and ``labels``. A DMatrix that is also among the ``evals`` costs next to nothing.
    hyperparameters : dict of str to value, optional
        For the collection of that name. What is None is left out.
    collections : list of str or Collection, optional
        What to save besides ``metrics``: ``losses``, ``hyperparameters``, ``predictions``, ``labels``,
        ``feature_importance``, ``average_shap``, ``full_shap``, ``trees``, or collections of your own. To switch
        ``metrics`` off, give ``Collection("metrics", save_config=SaveConfig(end_step=0))``.
    include_collections : list, optional
        smdebug's name of `collections`.
    save_config : SaveConfig, SaveConfigMode or dict of modes, optional
        When collections are saved that do not say so themselves; every 10 rounds if nobody says anything.
    save_interval : int, optional
        Short for ``save_config=SaveConfig(save_interval=...)``.
    reduction_config : ReductionConfig, optional
        Form in which arrays are saved: predictions, labels, full SHAP values and what your own collections pick.
    include_regex : str or list of str, optional
        Tensors to save besides, by regular expressions searched in their names (collection ``default``).
    save_all : bool, default False
        Save every defined collection, and the base value among the SHAP tensors.
    include_workers : {"one", "all"}, default "one"
        Which processes of a distributed training save.
    feature_names : {"private", "sidecar", "tensor"}, default "private"
        ``"private"`` calls features ``f0 ... fn`` in everything that is saved, ``"sidecar"`` keeps the real names in a
        file ``feature_names.json`` beside the trial, ``"tensor"`` puts them into tensor names as smdebug did.
    if_exists : {"error", "resume", "overwrite"}, default "error"
        What to do where a finished trial is already; an interrupted one is continued unless it is to be overwritten.
    strict : bool, default False
        Raise errors of the hook instead, which ends the training.
    dry_run : bool, default False
        Save nothing and write nothing.
    verbose : bool, optional
        Print what was saved to stderr at the end; by default if stderr is a terminal.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or names something unknown; the nearest name is suggested.
    TrialExists
        If there is a finished trial in `out_dir` and `if_exists` is ``"error"``.

    Examples
    --------
    >>> hook = Hook("runs/adult", train_data=dtrain, save_interval=5, collections=["full_shap"])  # doctest: +SKIP
    >>> xgboost.train(params, dtrain, 51, evals=[(dtrain, "train")], callbacks=[hook])  # doctest: +SKIP
    """

    def __init__(
        self,
        out_dir: str | os.PathLike[str],
        *,
        train_data: object = None,
        validation_data: object = None,
        hyperparameters: Mapping[str, object] | None = None,
        collections: Iterable[object] | None = None,
        include_collections: Iterable[object] | None = None,
        save_config: SaveConfig | SaveConfigMode | Mapping[Any, Any] | None = None,
        save_interval: int | str | None = None,
        reduction_config: ReductionConfig | None = None,
        include_regex: Iterable[str] | str | None = None,
        save_all: bool = False,
        include_workers: str = "one",
        feature_names: str = "private",
        if_exists: str = "error",
        strict: bool = False,
        dry_run: bool = False,
        verbose: bool | None = None,
    ) -> None:
        super().__init__()
        if reduction_config is not None and not isinstance(reduction_config, ReductionConfig):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"reduction_config must be a ReductionConfig, not {type(reduction_config).__name__}")
        defined, included = options.define_collections(
            [collections or [], include_collections or []], include_regex=include_regex
        )
        self._options = options.HookOptions(
            out_dir=options.location(out_dir),
            defined=defined,
            included=included,
            save_config=options.merged_save_config(save_config, save_interval),
            reduction_config=reduction_config,
            save_all=save_all,
            include_workers=options.choice(include_workers, name="include_workers", known=("one", "all")),
            feature_names=options.feature_name_policy(feature_names),
            if_exists=options.choice(if_exists, name="if_exists", known=("error", "resume", "overwrite")),
            strict=strict,
            dry_run=dry_run,
            verbose=sys.stderr.isatty() if verbose is None else verbose,
        )
        if if_exists == "error" and not dry_run:
            options.refuse_finished(self._options.out_dir)
        if save_all:
            defined["all"].include(".*")
        self._given = Given()
        self.train_data = train_data
        self.validation_data = validation_data
        self.hyperparameters = hyperparameters
        self._start()

    def _start(self) -> None:
        self._mode = ModeKeys.GLOBAL
        self._step = -1
        self._phase = _Phase.READY
        self._failure: BaseException | None = None
        self._summary: Summary | None = None
        self._refused: weakref.WeakSet[Model] = weakref.WeakSet()
        self._has_refused = False
        self._began = self._seconds = 0.0
        self._training = Training(self._options)
        # Runs when the hook is forgotten and when the interpreter ends, so what was handed over is never lost.
        self._finalizer = weakref.finalize(self, self._training.abandon)

    @classmethod
    def create_from_json_file(cls, path: str | os.PathLike[str] | None = None) -> Self:
        """Make a hook from a JSON configuration.

        Parameters
        ----------
        path : path, optional
            Else the file named by ``SMDEBUG_CONFIG_FILE_PATH``, else ``/opt/ml/input/config/debughookconfig.json``.
            Data and hyperparameters are assigned to the hook afterwards.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it says something that is not known.
        """
        config = read_hook_config(path)
        return cls(
            config.out_dir,
            collections=config.collections,
            save_config=config.save_config,
            reduction_config=config.reduction_config,
            include_regex=config.include_regex,
            save_all=config.save_all,
            include_workers=config.include_workers,
            dry_run=config.dry_run,
        )

    hook_from_config = create_from_json_file

    def save_scalar(self, name: str, value: float | str) -> None:
        """Save one number, or one text, as ``scalar/<name>`` with the next saved step, at the latest at the end.

        Parameters
        ----------
        name : str
        value : scalar or array of one element
            Stored with its dtype and shape ``(1,)``.

        Raises
        ------
        TypeError
            If the value has not exactly one element.
        """
        array = to_tensor(value)
        if len(array) != 1 or (not isinstance(array, list) and array.size != 1):
            raise TypeError(f"save_scalar needs one value, and {name!r} has more; save_tensor takes arrays")
        if self._takes_values():
            self._training.recorder.add_scalar(entry.raw(f"scalar/{name}", array))

    def save_tensor(
        self, tensor_name: str, tensor_value: object, collections_to_write: str | Iterable[str] = "default"
    ) -> None:
        """Save an array with the next step, whatever the save configuration says; after the last step, with that one.

        Parameters
        ----------
        tensor_name : str
        tensor_value : array, scalar, text, or list of texts
            Stored with its dtype and shape.
        collections_to_write : str or list of str
            Collections it becomes a member of; they are created if they do not exist.
        """
        value = np.asarray(tensor_value)
        texts = value.dtype.kind in "UT" or (value.dtype.kind == "O" and all(isinstance(v, str) for v in value.flat))
        collections = [collections_to_write] if isinstance(collections_to_write, str) else list(collections_to_write)
        if self._takes_values():
            stored = [str(text) for text in value.ravel()] if texts else np.atleast_1d(value)
            self._training.recorder.add_tensor(entry.raw(tensor_name, stored), collections)

    def _takes_values(self) -> bool:
        return not self._options.dry_run and self._phase in (_Phase.READY, _Phase.TRAINING, _Phase.FINISHED)

    def before_training(self, model: Model) -> Model:
        """Open the trial. Called by XGBoost."""
        if self._phase is not _Phase.READY:
            self._refuse(model)
            return model
        self._began = perf_counter()
        try:
            self._begin(model)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the training goes on
            self._step_aside(error)
        self._seconds += perf_counter() - self._began
        return model

    def after_iteration(self, model: Model, epoch: int, evals_log: EvalsLog) -> bool:  # noqa: ARG002 - XGBoost's interface
        """Save what is to be saved after a round; never stops the training. Called by XGBoost."""
        if self._phase is not _Phase.TRAINING or (self._refused and model in self._refused):
            return False
        started = perf_counter()
        try:
            self._step = self._training.after_round(evals_log, self._mode)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the training goes on
            self._step_aside(error)
        self._seconds += perf_counter() - started
        return False

    def after_training(self, model: Model) -> Model:
        """Finish the trial and say what was saved. Called by XGBoost."""
        if self._phase is not _Phase.TRAINING or (self._refused and model in self._refused):
            return model
        started = perf_counter()
        self._end()
        ended = perf_counter()
        self._seconds += ended - started
        self._report(training_seconds=ended - self._began - self._seconds)
        return model

    def close(self) -> None:
        """Write what waits and mark the trial as finished; without effect if that has happened.

        Needed only for what is saved after the training, and where a training was given up.
        """
        if self._phase in (_Phase.READY, _Phase.TRAINING, _Phase.FINISHED):
            self._end()

    def flush(self) -> None:
        """Wait until everything handed over is on disk, for example before a checkpoint of the model is kept."""
        self._training.flush()

    def interrupt(self) -> None:
        """Write what was handed over and stop; the trial stays open to be continued."""
        self._training.abandon()
        self._phase = _Phase.FINISHED

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.interrupt()

    def _begin(self, model: Model) -> None:
        if self._options.dry_run:
            self._phase = _Phase.IDLE
            return
        former, thread = _in_training.get(self.out_dir, (None, 0))
        former = former() if former else None
        if former is not None and thread == get_ident():
            # It cannot be training any more in the thread that is here now: its training was interrupted.
            former.interrupt()
        saves = self._training.begin(model, self._given)
        self._phase = _Phase.TRAINING if saves else _Phase.IDLE
        if saves:
            _in_training[self.out_dir] = (weakref.ref(self), get_ident())

    def _end(self) -> None:
        self._forget()
        self._phase = _Phase.FINISHED
        try:
            self._summary = self._training.finish(self._mode, end_of_job=True)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the training goes on
            self._step_aside(error)

    def _step_aside(self, error: BaseException) -> None:
        """Log `error` once, leave the trial as interrupted and do nothing more; or raise it."""
        if isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit)):
            raise error
        self._phase = _Phase.ASIDE
        self._failure = error
        self._forget()
        if not self._options.strict:
            known = isinstance(error, TrialscopeError)
            logger.error(
                "trialscope: nothing more is saved to %s: %s. The training goes on without the hook"
                " (strict=True raises instead).",
                self.out_dir,
                error if known else f"{type(error).__name__} after round {self._step}: {error}",
                exc_info=None if known else error,
            )
        self._training.abandon()
        self._summary = self._training.summary()
        if self._options.strict:
            raise error

    def _refuse(self, model: Model) -> None:
        if self._options.dry_run:
            return
        is_first, self._has_refused = not self._has_refused, True
        self._refused.add(model)
        message = (
            f"this hook is {self._phase.value} and captures one training only, so this one is not saved; make a new"
            " Hook for each training (to cross-validate, give one to xgboost.cv)"
        )
        if self._options.strict:
            raise RuntimeError(message)
        if is_first and self._phase is not _Phase.ASIDE:
            logger.warning("trialscope: %s", message)

    def _report(self, *, training_seconds: float) -> None:
        """Say what was saved, and what was not."""
        if self._summary is None or self._phase is _Phase.ASIDE:
            return
        self._summary = replace(self._summary, hook_seconds=self._seconds, training_seconds=max(training_seconds, 0.0))
        for problem in (*self._summary.lost, *self._summary.problems):
            logger.error("trialscope: not saved in %s: %s", self.out_dir, problem)
        if self._summary.lost and self._options.strict:
            raise StorageError(f"{len(self._summary.lost)} steps were not saved; the first: {self._summary.lost[0]}")
        logger.info("%s", self._summary)
        if self._options.verbose and not (logger.isEnabledFor(logging.INFO) and logger.hasHandlers()):
            sys.stderr.write(f"{self._summary}\n")

    def _forget(self) -> None:
        _in_training.pop(self.out_dir, None)

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """The hook itself: scikit-learn copies the parameters of an estimator, and a trial has one writer."""
        return self

    def __getstate__(self) -> dict[str, Any]:
        """Configuration and data; the open trial stays in the process it belongs to."""
        return {"options": self._options, "given": self._given, "is_used": self._phase is not _Phase.READY}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._options, self._given = state["options"], state["given"]
        self._start()
        if state["is_used"]:
            self._phase = _Phase.FINISHED
