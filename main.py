"""Air Sketch: draw in the air with one finger, say what it is, find it in your gallery. See ``--help``."""

from __future__ import annotations

import sys

from bridge.program import main

if __name__ == "__main__":
    sys.exit(main())
