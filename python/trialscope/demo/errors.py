"""What can go wrong in the walkthrough, with the exit code each failure has."""

from __future__ import annotations


class DemoError(Exception):
    """The walkthrough cannot go on.

    Parameters
    ----------
    message : str
        What failed, and on which file.
    hint : str, optional
        What the user can do about it.
    """

    exit_code = 1
    code = "demo_failed"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(DemoError):
    """An argument that cannot be right."""

    exit_code = 2
    code = "usage"


class UnsupportedFileError(DemoError):
    """A file that is not what it should be."""

    exit_code = 5
    code = "unsupported_file"
