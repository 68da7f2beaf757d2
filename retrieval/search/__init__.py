"""One query against an open gallery."""
