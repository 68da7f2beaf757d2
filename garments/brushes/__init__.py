"""What garments are drawn with: curves, paint, pen, cloth."""
