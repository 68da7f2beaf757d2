"""One module per command of ``python -m retrieval``, and the parser of them all."""
