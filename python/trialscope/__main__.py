"""Entry point of ``python -m trialscope``."""

import sys

from trialscope._cli import main

if __name__ == "__main__":
    sys.exit(main())
