"""Strokes as pictures: on white paper, and as ink over the camera."""
