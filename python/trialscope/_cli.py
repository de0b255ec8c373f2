"""The ``trialscope`` command, as installed with the package."""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Runs the command line of this process and returns its exit code."""
    from trialscope import _native

    # The command is Rust: an interrupt or a closed pipe ends it as it would end any other program, instead of
    # being noted for an interpreter that is not running.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    return _native.run_cli(["trialscope", *sys.argv[1:]], python=sys.executable)
