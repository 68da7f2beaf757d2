"""Colours as words and as numbers: what ink stands for which catalogue colour."""

from __future__ import annotations

import numpy as np

from retrieval.values.datatypes import Rgb

# Typical sRGB values of the catalogue's colour words.
COLOUR_RGB: dict[str, Rgb] = {
    "Beige": (222, 200, 165), "Black": (20, 20, 22), "Blue": (40, 90, 200), "Bronze": (150, 105, 50),
    "Brown": (110, 70, 40), "Burgundy": (115, 20, 45), "Charcoal": (60, 62, 66), "Coffee Brown": (85, 55, 35),
    "Copper": (180, 100, 60), "Cream": (245, 235, 205), "Fluorescent Green": (90, 240, 40), "Gold": (205, 165, 60),
    "Green": (30, 140, 60), "Grey": (130, 130, 132), "Grey Melange": (165, 165, 168), "Khaki": (170, 155, 105),
    "Lavender": (185, 165, 220), "Lime Green": (130, 210, 40), "Magenta": (205, 30, 130), "Maroon": (120, 20, 40),
    "Mauve": (175, 130, 165), "Mustard": (215, 165, 40), "Navy Blue": (25, 35, 90), "Nude": (225, 190, 165),
    "Off White": (240, 238, 228), "Olive": (105, 110, 50), "Orange": (240, 120, 30), "Peach": (250, 190, 160),
    "Pink": (240, 110, 160), "Purple": (110, 50, 150), "Red": (215, 25, 35), "Rose": (225, 90, 115),
    "Rust": (170, 70, 35), "Sea Green": (45, 140, 110), "Silver": (190, 192, 196), "Skin": (230, 190, 160),
    "Steel": (150, 155, 162), "Tan": (195, 150, 100), "Taupe": (135, 120, 110), "Teal": (20, 125, 130),
    "Turquoise Blue": (45, 190, 200), "White": (250, 250, 250), "Yellow": (245, 215, 40),
}  # fmt: skip

INKABLE = frozenset({
    "Red", "Green", "Blue", "Yellow", "Orange", "Pink", "Purple", "Brown", "Maroon", "Magenta", "Teal", "Olive",
    "Navy Blue", "Turquoise Blue",
})  # fmt: skip
"""Colours that a person would draw in; black, white and grey ink say nothing about the item's colour."""

PEN_RGB: dict[str, Rgb] = {
    "Red": (214, 40, 40), "Green": (22, 150, 72), "Blue": (40, 90, 220), "Yellow": (240, 200, 40),
    "Orange": (240, 130, 30), "Pink": (240, 120, 180), "Purple": (140, 60, 190), "Brown": (120, 75, 40),
}  # fmt: skip
"""The coloured pens of the drawing program, by the catalogue colour that each stands for."""

PEN_SHARE = 0.5
"""How often coloured ink in training is exactly one of the program's pens, where there is one of that colour."""


def ink_of(colour: str, rng: np.random.Generator) -> Rgb:
    """Pick the ink in which a person would draw something of a catalogue colour, one of ``COLOUR_RGB``."""
    if colour in PEN_RGB and rng.random() < PEN_SHARE:
        return PEN_RGB[colour]
    red, green, blue = np.clip(np.array(COLOUR_RGB[colour]) + rng.normal(0, 14, 3), 0, 245).astype(int)
    return int(red), int(green), int(blue)


def neutral_ink(rng: np.random.Generator) -> Rgb:
    """Pick an ink that says nothing about colour: black, nearly black, or now and then grey."""
    level = int(rng.integers(0, 45)) if rng.random() < 0.85 else int(rng.integers(60, 150))
    return level, level, level
