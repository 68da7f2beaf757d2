"""``python -m retrieval``."""

import sys

from retrieval.command_line import main

sys.exit(main())
