"""What Trialscope raises. Every class derives from `TrialscopeError`; names shared with smdebug mean the same."""

from __future__ import annotations


class TrialscopeError(Exception):
    """Base of all exceptions of this package."""


class InvalidLocation(TrialscopeError, ValueError):
    """The path or URL cannot be opened as a place for a trial."""


class NotATrial(TrialscopeError, FileNotFoundError):
    """There is nothing at the place, or nothing of a trial."""


class TrialExists(TrialscopeError, FileExistsError):
    """A finished trial is in the way of a new one."""


class TrialInUse(TrialscopeError, RuntimeError):
    """Another live hook is writing to the place."""


class StorageError(TrialscopeError, OSError):
    """The disk or object store refused or failed."""


class DamagedFile(TrialscopeError, ValueError):
    """A file of the trial is damaged; the message names it and the offset."""


class InvalidTensor(TrialscopeError, TypeError):
    """A name or value that cannot be saved, or a statistic that cannot be taken of it."""


class InvalidPattern(TrialscopeError, ValueError):
    """A pattern is not a regular expression."""


class UnknownCollection(TrialscopeError, LookupError):
    """A collection that is not defined."""


class InvalidCollectionConfiguration(TrialscopeError, ValueError):
    """A collection with nothing to match."""


class HookClosed(TrialscopeError, RuntimeError):
    """The hook was closed before."""


class MissingCollectionFiles(TrialscopeError):
    """The job ended without having written what was configured."""


class _StepError(TrialscopeError):
    def __init__(self, message: str = "", *, step: int | str | None = None, mode: str | None = None) -> None:
        super().__init__(message)
        self.step = None if step is None else int(step)
        self.mode = mode


class StepUnavailable(_StepError, LookupError):
    """The step was not saved and will not be."""


class StepNotYetAvailable(_StepError):
    """The training has not reached the step."""


class NoMoreData(_StepError, EOFError):
    """The training ended before the step."""


class TensorUnavailable(TrialscopeError, LookupError):
    """No tensor of that name was saved."""

    def __init__(self, message: str = "", *, tname: str | None = None) -> None:
        super().__init__(message)
        self.tname = tname


class _TensorStepError(_StepError, LookupError):
    def __init__(
        self,
        message: str = "",
        *,
        tname: str | None = None,
        step: int | str | None = None,
        mode: str | None = None,
    ) -> None:
        super().__init__(message, step=step, mode=mode)
        self.tname = tname


class TensorUnavailableForStep(_TensorStepError):
    """The step was saved, this tensor's value in it was not."""

    def __init__(
        self,
        message: str = "",
        *,
        tname: str | None = None,
        step: int | str | None = None,
        mode: str | None = None,
        has_reductions: bool | str = False,
    ) -> None:
        super().__init__(message, tname=tname, step=step, mode=mode)
        self.has_reductions = has_reductions in (True, "true")


class ShapeUnavailableForStep(_TensorStepError):
    """Neither a shape nor a value of the tensor was saved at the step."""


class InvalidWorker(TrialscopeError, LookupError):
    """A worker that saved nothing."""

    def __init__(self, message: str = "", *, worker: str | None = None) -> None:
        super().__init__(message)
        self.worker = worker


class UnknownRule(TrialscopeError, LookupError):
    """A rule that does not exist."""


class InvalidRuleParameter(TrialscopeError, ValueError):
    """A parameter a rule does not have, or a value it does not take."""
