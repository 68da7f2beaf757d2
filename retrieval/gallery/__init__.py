"""A folder of pictures as a list of items: manifest, files, packs, columns, filters."""
