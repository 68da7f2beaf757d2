"""Measurements, each one command that writes a Markdown table beside it."""
