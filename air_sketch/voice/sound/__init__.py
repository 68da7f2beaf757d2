"""Sound as numbers: files, levels, noise."""
