"""Lists of pictures as people make them: their letters, separators, columns and names of files."""
