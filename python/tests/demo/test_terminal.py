"""What is written to a terminal, to a file, and to nobody."""

from __future__ import annotations

import io

from trialscope.demo.terminal import BOLD, Screen


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_progress_is_redrawn_on_a_terminal_and_gives_way_to_lines() -> None:
    stream = Terminal()
    screen = Screen.of(stream, environ={})
    screen.progress("1 of 2")
    screen.line("a note")
    screen.progress("2 of 2", final=True)
    assert stream.getvalue() == "\r\x1b[K1 of 2\r\x1b[Ka note\n\r\x1b[K2 of 2\n"


def test_few_plain_lines_elsewhere() -> None:
    stream = io.StringIO()
    screen = Screen.of(stream, environ={})
    for done in range(100):
        screen.progress(f"{done} of 99", final=done == 99)
    assert stream.getvalue() == "0 of 99\n99 of 99\n"
    assert screen.paint("x", BOLD) == "x"


def test_no_color() -> None:
    assert Screen.of(Terminal(), environ={}).paint("x", BOLD) == "\x1b[1mx\x1b[0m"
    assert Screen.of(Terminal(), environ={"NO_COLOR": "1"}).paint("x", BOLD) == "x"
    # The convention counts only a non-empty value.
    assert Screen.of(Terminal(), environ={"NO_COLOR": ""}).paint("x", BOLD) != "x"


def test_dumb_terminal_is_no_terminal() -> None:
    stream = Terminal()
    Screen.of(stream, environ={"TERM": "dumb"}).progress("1", final=True)
    assert stream.getvalue() == "1\n"


def test_quiet() -> None:
    stream = Terminal()
    screen = Screen.of(stream, quiet=True, environ={})
    screen.line("x")
    screen.progress("x", final=True)
    assert stream.getvalue() == ""


def test_narrow_encodings_are_survived() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    screen = Screen.of(stream, environ={})
    assert not screen.unicode
    screen.line("café")
    assert raw.getvalue() == b"caf?\n"
