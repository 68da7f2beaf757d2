"""What any face of the program knows and does: events, state, query, searching, sitting. No pixels of a window."""
