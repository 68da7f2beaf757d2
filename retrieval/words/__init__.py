"""Words: spelling, captions as people type and say them, colours, inks, numbers. Pure."""
