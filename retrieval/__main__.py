"""``python -m retrieval``."""

import os
import sys

# ``-m`` lets Python look for modules in the working directory first; it may be a stranger's gallery.
if sys.path[0] == os.getcwd() and not os.path.exists(os.path.join("retrieval", "__main__.py")):
    del sys.path[0]

from retrieval.commands.parser import main

sys.exit(main())
