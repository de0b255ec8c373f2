"""Entry point of ``python -m trialscope.demo``."""

import sys

from trialscope.demo.main import main

if __name__ == "__main__":
    sys.exit(main())
