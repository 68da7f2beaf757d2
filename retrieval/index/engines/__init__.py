"""Vector indexes behind the ``VectorIndex`` port; ``retrieval/index/folder/choice.py`` says who gets which."""

from __future__ import annotations

from retrieval.index.engines.exact import ExactIndex

__all__ = ["ExactIndex"]
