"""Shoes, kind by kind."""
