"""The ways to fuse a drawing and words into one query, by name (what each does: ``retrieval.encoder.model.fusion``)."""

from __future__ import annotations

LEARNT_FUSIONS = ("concat", "gated")
"""Those with weights of their own."""

TRAINED_FUSIONS = ("average", *LEARNT_FUSIONS)
"""Those that training lowers a loss for; the mixed one is made of the learnt two."""

FUSION_KINDS = (*TRAINED_FUSIONS, "mixed")
"""All that can be asked for."""
