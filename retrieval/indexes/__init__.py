"""Vector indexes behind the ``VectorIndex`` port; ``retrieval/index_choice.py`` says which gallery gets which."""

from __future__ import annotations

from retrieval.indexes.exact import ExactIndex

__all__ = ["ExactIndex"]
