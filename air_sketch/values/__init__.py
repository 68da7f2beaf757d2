"""Datatypes, errors and ports of the drawing half; they import nothing of ours."""
