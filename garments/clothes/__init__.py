"""Clothes, kind by kind."""
