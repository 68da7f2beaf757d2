"""Colours by their catalogue names, and the paints that one item is made with."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

from garments.dice import Dice

Rgb = tuple[int, int, int]

BLACK: Rgb = (0, 0, 0)
WHITE: Rgb = (255, 255, 255)
COLOURS: dict[str, Rgb] = {
    "Black": (38, 38, 41),
    "White": (244, 244, 242),
    "Grey": (140, 143, 148),
    "Navy Blue": (34, 44, 88),
    "Blue": (48, 104, 196),
    "Turquoise Blue": (62, 176, 196),
    "Teal": (20, 116, 118),
    "Red": (204, 36, 44),
    "Maroon": (112, 26, 44),
    "Pink": (238, 138, 172),
    "Orange": (238, 124, 36),
    "Yellow": (246, 208, 60),
    "Green": (44, 142, 74),
    "Olive": (106, 108, 56),
    "Purple": (118, 66, 150),
    "Lavender": (180, 164, 214),
    "Brown": (118, 76, 46),
    "Tan": (190, 140, 92),
    "Beige": (214, 192, 158),
    "Cream": (244, 233, 206),
    "Silver": (190, 194, 200),
    "Gold": (212, 170, 84),
}
WASHED: dict[str, tuple[Rgb, ...]] = {  # the same names on denim
    "Blue": ((62, 100, 158), (84, 124, 178), (50, 84, 142)),
    "Navy Blue": ((38, 50, 86), (46, 58, 92)),
    "Grey": ((120, 124, 132), (146, 150, 156)),
}
METALS = ("Silver", "Gold")
GEMS: tuple[Rgb, ...] = ((190, 30, 60), (40, 90, 190), (30, 140, 90), (200, 225, 240), (150, 80, 180), (245, 240, 232))

CONTRASTS: dict[str, tuple[str, ...]] = {
    "Black": ("White", "Red", "Grey", "Yellow", "Gold"),
    "White": ("Navy Blue", "Red", "Black", "Green", "Blue", "Pink"),
    "Grey": ("Black", "White", "Navy Blue", "Yellow"),
    "Navy Blue": ("White", "Red", "Cream", "Grey"),
    "Blue": ("White", "Navy Blue", "Yellow", "Orange"),
    "Turquoise Blue": ("White", "Navy Blue", "Pink"),
    "Teal": ("Cream", "Orange", "White"),
    "Red": ("White", "Navy Blue", "Black", "Cream"),
    "Maroon": ("Cream", "Grey", "Pink", "Gold"),
    "Pink": ("White", "Maroon", "Purple", "Grey"),
    "Orange": ("White", "Navy Blue", "Brown"),
    "Yellow": ("White", "Black", "Grey", "Blue"),
    "Green": ("White", "Cream", "Yellow", "Navy Blue"),
    "Olive": ("Cream", "Black", "Orange", "Beige"),
    "Purple": ("White", "Lavender", "Yellow", "Pink"),
    "Lavender": ("White", "Purple", "Cream"),
    "Brown": ("Cream", "Beige", "Orange", "White"),
    "Tan": ("White", "Brown", "Navy Blue"),
    "Beige": ("White", "Brown", "Navy Blue", "Black"),
    "Cream": ("Brown", "Navy Blue", "Maroon", "Green"),
    "Silver": ("Black", "White", "Blue"),
    "Gold": ("White", "Black", "Maroon"),
}


@dataclass(frozen=True)
class Paint:
    """Colour and surface of one part."""

    rgb: Rgb
    gloss: float = 0.0  # 0 matt, 1 polished metal
    fabric: str = ""  # "" is smooth
    patterned: bool = False


def jitter(rgb: Rgb, dice: Dice) -> Rgb:
    """Vary a shade a little without leaving its name."""
    hue, light, saturation = colorsys.rgb_to_hls(*(c / 255 for c in rgb))
    hue = (hue + dice.between(-0.009, 0.009)) % 1.0
    light = min(0.97, max(0.08, light + dice.between(-0.035, 0.035)))
    saturation = min(1.0, max(0.0, saturation * dice.between(0.88, 1.1)))
    red, green, blue = colorsys.hls_to_rgb(hue, light, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def mix(a: Rgb, b: Rgb, share: float) -> Rgb:
    """Blend two colours; ``share`` 1 is all ``b``."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def luminance(rgb: Rgb) -> float:
    """Return the perceived brightness, 0 to 255."""
    return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]


def paints_for(colour: str, second: str, fabric: str, gloss: float, dice: Dice) -> dict[str, Paint]:
    """Resolve every paint name that figures use for one item.

    Args:
        colour: the item's base colour, a key of ``COLOURS``.
        second: the contrasting colour, a key of ``COLOURS``.
        fabric: texture of the main parts, see ``fabrics``.
        gloss: shine of the main parts, 0 to 1.
        dice: decides shades and the colours of soles, metal and stones.
    """
    main, other = jitter(COLOURS[colour], dice), jitter(COLOURS[second], dice)
    if fabric == "denim" and colour in WASHED:
        main = jitter(dice.pick(WASHED[colour]), dice)
    light = luminance(main)
    metal_rgb = COLOURS[colour] if colour in METALS else COLOURS["Gold"] if dice.chance(0.4) else COLOURS["Silver"]
    shiny = 0.8 if colour in METALS else gloss
    trim = mix(main, BLACK, 0.2) if light > 60 else mix(main, WHITE, 0.1)
    thread = mix(main, WHITE, 0.4) if light < 110 else mix(main, BLACK, 0.3)
    if fabric == "denim" and light < 150:
        thread = (196, 134, 66)
    return {
        "main": Paint(main, shiny, fabric, True),
        "second": Paint(other, gloss * 0.8, fabric),
        "trim": Paint(trim, gloss * 0.7, fabric),
        "inside": Paint(mix(main, (24, 22, 26), 0.42 if light > 60 else 0.25)),
        "metal": Paint(metal_rgb, 0.9),
        "steel": Paint((172, 176, 184), 0.8),
        "dark": Paint((44, 44, 48), 0.3),
        "white": Paint((246, 245, 241), 0.05),
        "wood": Paint((140, 92, 54), 0.4),
        "fur": Paint(mix((214, 190, 156), main, 0.15), 0.0, "fleece"),
        "button": Paint(dice.pick([mix(main, WHITE, 0.55), mix(main, BLACK, 0.35), (236, 230, 218)]), 0.5),
        "strap": Paint(main, shiny, fabric),
        "stitch": Paint(thread),
        **_leather_paints(main, other, dice),
        **_glass_paints(main, colour, dice),
    }


def _leather_paints(main: Rgb, other: Rgb, dice: Dice) -> dict[str, Paint]:
    """Soles, laces and handles."""
    sole = mix((52, 50, 50), main, 0.1) if dice.chance(0.4) else mix((250, 249, 246), main, 0.04)
    heel = dice.pick([mix(main, (24, 18, 14), 0.55), (58, 42, 32), (36, 34, 34), mix(main, BLACK, 0.2)])
    handle = mix(main, (40, 24, 14), dice.pick([0.3, 0.12]))
    return {
        "sole": Paint(sole, 0.15),
        "heel": Paint(heel, 0.25),
        "bed": Paint(mix(main, (240, 230, 210), dice.pick([0.12, 0.3])), 0.05, "rubber"),
        "lace": Paint(dice.pick([(248, 247, 244), other, mix(main, BLACK, 0.3)]), 0.05),
        "handle": Paint(handle, 0.25, "leather"),
        "handle_back": Paint(mix(handle, BLACK, 0.22), 0.15, "leather"),
    }


def _glass_paints(main: Rgb, colour: str, dice: Dice) -> dict[str, Paint]:
    """Lenses, dials and stones."""
    lens = dice.pick([(44, 46, 52), (74, 52, 38), (48, 66, 86), (62, 72, 58)])
    dial = dice.pick([(248, 248, 246), (250, 246, 236), (28, 30, 36), main])
    gem = dice.pick(GEMS) if colour in METALS else main
    return {
        "dial": Paint(dial, 0.15),
        "mark": Paint((30, 30, 34) if luminance(dial) > 120 else (238, 236, 230), 0.2),
        "screen": Paint((176, 190, 168), 0.1),
        "lens": Paint(lens, 0.35),
        "glare": Paint(mix(lens, WHITE, 0.28)),
        "gem": Paint(gem, 1.0),
        "glint": Paint(mix(gem, WHITE, 0.75)),
    }
