"""Find gallery pictures by a drawing, by words, or by both."""
