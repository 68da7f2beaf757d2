"""Which catalogue colours count as which colour that a person would name.

The families are the eleven basic colour terms (Berlin & Kay, 1969) plus beige. The catalogue's words are put
where a shopper would accept them: a navy shirt answers "blue", a maroon one "red", a silver watch "grey".
Words on a border are decided once, here: teal and turquoise are blue, khaki and tan are brown, cream is white,
peach and rust are orange. ``Multi``, ``NA`` and unknown words belong to no family and never count as right.
"""

from __future__ import annotations

from collections.abc import Mapping

COLOUR_FAMILIES: Mapping[str, frozenset[str]] = {
    "black": frozenset({"Black"}),
    "white": frozenset({"White", "Off White", "Cream"}),
    "grey": frozenset({"Grey", "Grey Melange", "Charcoal", "Silver", "Steel"}),
    "red": frozenset({"Red", "Maroon", "Burgundy"}),
    "pink": frozenset({"Pink", "Magenta", "Rose"}),
    "orange": frozenset({"Orange", "Peach", "Rust"}),
    "yellow": frozenset({"Yellow", "Mustard", "Gold"}),
    "green": frozenset({"Green", "Olive", "Sea Green", "Lime Green", "Fluorescent Green"}),
    "blue": frozenset({"Blue", "Navy Blue", "Turquoise Blue", "Teal"}),
    "purple": frozenset({"Purple", "Lavender", "Mauve"}),
    "brown": frozenset({"Brown", "Coffee Brown", "Mushroom Brown", "Tan", "Khaki", "Bronze", "Copper", "Taupe"}),
    "beige": frozenset({"Beige", "Nude", "Skin"}),
}
"""Colour as a person says it -> the catalogue's words for it."""

_FAMILY_OF = {word: family for family, words in COLOUR_FAMILIES.items() for word in words}


def family_of(colour: str) -> str:
    """The family of a catalogue colour, "" when it has none."""
    return _FAMILY_OF.get(colour, "")
