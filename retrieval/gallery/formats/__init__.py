"""What the formats of pictures need before, while and after they are decoded."""
