"""The fused encoder as ``torch`` and ``transformers`` classes."""
