"""Air Sketch's drawing half: camera -> hand -> gesture -> strokes -> picture."""
