"""Checks of everything the drawing half needs, and how to mend it."""
