"""Measures of the whole search, which looks words up beside the encoder and says how sure it is."""
