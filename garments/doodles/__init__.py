"""Things as people draw them in a few conventional lines."""
