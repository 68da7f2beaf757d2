"""One module per command, and the parser of them all."""
