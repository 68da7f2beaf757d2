"""Vector indexes; ``retrieval/index/folder/choice.py`` says who gets which."""

import logging

logging.getLogger("faiss.loader").setLevel(logging.WARNING)  # it reports every CPU variant that it tries
