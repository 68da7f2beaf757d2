"""Fits the settings to a hand: what to show, and what follows from it."""
