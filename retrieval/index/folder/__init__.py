"""What an index folder holds: vectors, items, the kind of vector index, the journal of an unfinished run."""
