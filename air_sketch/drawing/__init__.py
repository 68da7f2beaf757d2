"""From poses to strokes: session, tools, pens, filters, and the settings of all of them."""
