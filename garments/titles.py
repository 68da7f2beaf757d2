"""Brands, prices and titles, worded as a catalogue words them."""

from __future__ import annotations

from garments.brushes.figure import Figure
from garments.dice import Dice
from garments.kinds import Kind
from garments.palette import METALS

BRANDS = (
    "Nimbus & Fold",
    "Halden Row",
    "Ostrava Lane",
    "Kettle & Wren",
    "Marrowby",
    "Tindlemoor",
    "Pellaway",
    "Quillmere",
    "Sorrel Yard",
    "Brambury",
    "Vantisse",
    "Larkhollow",
    "Ondeva",
    "Fernwicke",
    "Calloday",
    "Dovecrag",
    "Mistralle",
    "Harbourne Nine",
    "Zephyrin",
    "Tallowick",
    "Juniper Sable",
    "Northgable",
    "Pomelune",
    "Wexley Thorn",
)

MATERIAL_WORDS = {
    "cotton": "Cotton",
    "linen": "Linen",
    "denim": "Denim",
    "silk": "Silk",
    "chiffon": "Chiffon",
    "satin": "Satin",
    "wool": "Wool",
    "knit": "Knitted",
    "fleece": "Fleece",
    "nylon": "Nylon",
    "leather": "Leather",
    "suede": "Suede",
    "canvas": "Canvas",
    "corduroy": "Corduroy",
    "mesh": "Mesh",
    "patent": "Patent Leather",
    "rubber": "Rubber",
    "straw": "Straw",
}

WITHOUT_MATERIAL = ("sunglasses", "necklace", "ring", "earrings", "bracelet", "suitcase", "umbrella")


def material_of(kind: Kind, fabric: str, metal: str) -> str:
    """Name the material for the catalogue; ``metal`` its colour when it looks like metal."""
    if kind.name in ("necklace", "ring", "earrings", "bracelet"):
        return metal or "Alloy"
    if kind.name == "watch" and metal:
        return "Steel"
    if kind.name == "sunglasses":
        return "Acetate"
    if kind.name == "suitcase":
        return "Polycarbonate" if fabric == "nylon" else "Leather"
    return MATERIAL_WORDS[fabric]


def title_of(
    kind: Kind, figure: Figure, brand: str, gender: str, colour: str, pattern: str, fabric: str, dice: Dice
) -> str:
    """Word a title such as "Halden Row Women Red Floral Maxi Dress"."""
    words = list(figure.words)
    plain = pattern == "Solid"
    pattern_word = "" if plain and dice.chance(0.75) else pattern
    material = ""
    if kind.name not in WITHOUT_MATERIAL and dice.chance(0.45):
        material = "Steel" if kind.name == "watch" and colour in METALS else MATERIAL_WORDS[fabric]
    described = [*words, material] if dice.chance(0.5) else [material, *words]
    parts = [brand, gender, colour, pattern_word, *described, figure.noun or kind.name.title()]
    return " ".join(_without_repeats(parts))


def _without_repeats(parts: list[str]) -> list[str]:
    """Drop empty words and words that the title has already."""
    kept: list[str] = []
    for i, part in enumerate(parts):
        later = " ".join(parts[i + 1 :]).lower()
        said = " ".join(kept).lower()
        if part and part.lower() not in said and part.lower() not in later:
            kept.append(part)
    return kept


def price_of(kind: Kind, dice: Dice) -> str:
    """Choose a price with two decimals, more often a low one."""
    low, high = kind.price
    amount = low + (high - low) * dice.between(0, 1) ** 1.8
    return f"{int(amount) + dice.pick([0.0, 0.49, 0.5, 0.95, 0.99]):.2f}"
