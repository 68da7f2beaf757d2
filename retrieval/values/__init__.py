"""Datatypes, errors and ports of the retrieval half; they import nothing of ours."""
