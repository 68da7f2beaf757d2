"""Recorded sessions and what makes them."""
