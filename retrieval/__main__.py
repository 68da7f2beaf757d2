"""``python -m retrieval``."""

import sys

from retrieval.commands.parser import main

sys.exit(main())
