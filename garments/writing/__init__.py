"""Data sets of what is drawn: the demo gallery's pack, and folders to train with."""
