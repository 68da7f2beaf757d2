"""The program, from a checkout: ``python main.py``."""

import sys

from bridge.program import main

if __name__ == "__main__":
    sys.exit(main())
