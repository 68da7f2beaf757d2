"""Vector indexes; ``retrieval/index/folder/choice.py`` says who gets which."""
