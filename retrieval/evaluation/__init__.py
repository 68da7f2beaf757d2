"""The parts of ``python -m retrieval evaluate``: one measurement per file, joined by ``retrieval.evaluator``."""
