"""What the window paints with: text, fonts, shapes, colours, and where everything goes."""
