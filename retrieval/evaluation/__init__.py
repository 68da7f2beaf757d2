"""How well an encoder finds what is meant: one measure a file, joined by ``evaluator``."""
