"""The drawing itself: strokes, and the history of everything that changed them. Pure."""
