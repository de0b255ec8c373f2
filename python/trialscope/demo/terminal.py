"""Lines for people: redrawn in place on a terminal, plain and few elsewhere."""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_WIDTH = 100
PLAIN_INTERVAL_SECS = 2.0
"""Least time between two progress lines where they cannot be redrawn."""

BOLD = "1"
DIM = "2"
GREEN = "32"
YELLOW = "33"
CYAN = "36"


class Screen:
    """A stream that people read.

    Parameters
    ----------
    stream : TextIO
        Where the lines go.
    live : bool
        Whether a line can be redrawn in place.
    colour : bool
        Whether colours may be used.
    width : int
        Columns available.
    quiet : bool
        Whether nothing is to be written at all.
    """

    def __init__(self, stream: TextIO, *, live: bool, colour: bool, width: int = 80, quiet: bool = False) -> None:
        self.width = width
        self._stream = stream
        self._live = live
        self._colour = colour
        self._quiet = quiet
        self._drawn = False
        self._last_plain = float("-inf")

    @classmethod
    def of(cls, stream: TextIO, *, quiet: bool = False, environ: Mapping[str, str] | None = None) -> Screen:
        """The screen behind `stream`: live on a terminal (not a dumb one), coloured unless ``NO_COLOR``."""
        environ = os.environ if environ is None else environ
        live = stream.isatty() and environ.get("TERM") != "dumb"
        columns = shutil.get_terminal_size((MAX_WIDTH, 24)).columns if live else MAX_WIDTH
        return cls(
            stream,
            live=live,
            colour=live and not environ.get("NO_COLOR"),
            width=max(40, min(columns, MAX_WIDTH)),
            quiet=quiet,
        )

    @property
    def unicode(self) -> bool:
        """Whether block characters can be written."""
        return "utf" in (self._stream.encoding or "").lower()

    def paint(self, text: str, style: str) -> str:
        """`text` in an ANSI style, or as it is where colours are off."""
        return f"\x1b[{style}m{text}\x1b[0m" if self._colour else text

    def line(self, text: str = "") -> None:
        """Writes a line that stays."""
        if self._quiet:
            return
        self._erase()
        try:
            self._stream.write(f"{text}\n")
        except UnicodeEncodeError:
            self._stream.write(text.encode("ascii", "replace").decode("ascii") + "\n")
        self._stream.flush()

    def progress(self, text: str, *, final: bool = False) -> None:
        """Shows how far something is; `final` marks the last state, which is never left out."""
        if self._quiet:
            return
        if self._live:
            self._stream.write(f"\r\x1b[K{text[: self.width - 1]}")
            self._stream.flush()
            self._drawn = True
            if final:
                self._stream.write("\n")
                self._drawn = False
            return
        now = time.monotonic()
        if final or now - self._last_plain >= PLAIN_INTERVAL_SECS:
            self._last_plain = now
            self.line(text)

    def _erase(self) -> None:
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._drawn = False
