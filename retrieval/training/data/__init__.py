"""Training sets: built from catalogues, read as augmented examples."""
