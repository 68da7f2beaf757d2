"""The kinds of things in the gallery, and what each may be made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from garments.brushes.figure import Figure
from garments.clothes import bottoms, dresses, innerwear, knitwear, outerwear, tops
from garments.dice import Dice
from garments.extras import accessories, bags, eyewear, headwear, jewellery, neckwear
from garments.shoes import boots, fine_shoes, sandals, sneakers

Weights = Mapping[str, float]

CLOTH = {
    "Black": 4,
    "White": 3,
    "Grey": 3,
    "Navy Blue": 4,
    "Blue": 4,
    "Red": 4,
    "Maroon": 2,
    "Pink": 3,
    "Orange": 2,
    "Yellow": 3,
    "Green": 3,
    "Olive": 2,
    "Purple": 3,
    "Brown": 2,
    "Beige": 2,
    "Cream": 2,
    "Teal": 2,
    "Turquoise Blue": 1,
    "Lavender": 1,
}
DENIM = {"Blue": 6, "Navy Blue": 4, "Black": 3, "Grey": 2, "White": 1}
LEATHERS = {
    "Black": 5,
    "Brown": 5,
    "Tan": 4,
    "Red": 2,
    "Beige": 1,
    "Maroon": 2,
    "Navy Blue": 2,
    "White": 1,
    "Grey": 1,
    "Olive": 1,
}
BRIGHT_LEATHERS = {**CLOTH, "Tan": 3, "Gold": 1, "Silver": 1}
JEWELS = {
    "Gold": 6,
    "Silver": 6,
    "Red": 1,
    "Blue": 1,
    "Green": 1,
    "Purple": 1,
    "Pink": 1,
    "Turquoise Blue": 1,
    "Black": 1,
    "White": 1,
}

PLAIN = {"Solid": 1.0}
MOSTLY_PLAIN = {"Solid": 6, "Striped": 1, "Checked": 0.7, "Colourblocked": 0.7}
SHIRTING = {"Solid": 4, "Striped": 3, "Checked": 4, "Floral": 0.6, "Polka Dot": 0.6}
SUMMER = {"Solid": 5, "Floral": 4, "Polka Dot": 2, "Striped": 1.5, "Checked": 0.8}
TEES = {"Solid": 4, "Printed": 4, "Striped": 3, "Colourblocked": 1.2, "Camouflage": 0.3}


@dataclass(frozen=True)
class Kind:
    """One kind of thing: its outline and the weights of everything that is chosen for it."""

    name: str
    build: Callable[[Dice], Figure]
    article: str  # the catalogue's article type unless the figure has its own
    share: int  # cards in the deck that items are dealt from
    colours: Weights
    materials: Weights  # fabric texture names
    genders: Weights
    price: tuple[float, float]
    patterns: Weights = field(default_factory=lambda: PLAIN)
    flips: bool = False  # may be shown mirrored
    tilt_deg: float = 2.0  # how much it may be turned
    fill: float = 0.84  # share of the canvas that it fills


BOTH = {"Men": 3, "Women": 3, "Unisex": 0.6, "Boys": 0.4, "Girls": 0.4}
MEN = {"Men": 5, "Women": 1.5, "Boys": 0.7}
WOMEN = {"Women": 6, "Girls": 0.8}
ANY = {"Men": 2, "Women": 2, "Unisex": 2}

# fmt: off
KINDS: tuple[Kind, ...] = (
    Kind("t-shirt", tops.tshirt, "Tshirts", 5, CLOTH, {"cotton": 5, "linen": 1}, BOTH, (9, 39), TEES),
    Kind("shirt", tops.shirt, "Shirts", 4, CLOTH, {"cotton": 4, "linen": 2, "denim": 1}, MEN, (19, 79), SHIRTING),
    Kind(
        "top", tops.top, "Tops", 3, CLOTH, {"cotton": 3, "silk": 2, "chiffon": 2, "linen": 1}, WOMEN, (12, 59), SUMMER
    ),
    Kind("sweater", knitwear.sweater, "Sweaters", 3, CLOTH, {"knit": 4, "wool": 2}, BOTH, (29, 119), MOSTLY_PLAIN),
    Kind(
        "sweatshirt", knitwear.sweatshirt, "Sweatshirts", 3, CLOTH, {"fleece": 2, "cotton": 4}, BOTH, (25, 79),
        {"Solid": 5, "Printed": 3, "Colourblocked": 1, "Camouflage": 0.5}
    ),
    Kind(
        "jacket", outerwear.jacket, "Jackets", 4, CLOTH, {"nylon": 3, "leather": 2, "denim": 2, "wool": 1, "suede": 1},
        BOTH, (49, 249), {"Solid": 8, "Colourblocked": 1, "Camouflage": 0.4}
    ),
    Kind(
        "coat", outerwear.coat, "Coats", 2, {**CLOTH, "Tan": 4}, {"wool": 4, "cotton": 2}, BOTH, (89, 349),
        {"Solid": 6, "Checked": 2}
    ),
    Kind(
        "waistcoat", outerwear.waistcoat, "Waistcoat", 1, LEATHERS, {"wool": 3, "linen": 1}, MEN, (29, 99),
        {"Solid": 3, "Checked": 1, "Striped": 1}
    ),
    Kind(
        "dress", dresses.dress, "Dresses", 5, CLOTH, {"cotton": 3, "silk": 2, "chiffon": 2, "linen": 1, "satin": 1},
        WOMEN, (25, 189), SUMMER
    ),
    Kind(
        "skirt", dresses.skirt, "Skirts", 3, CLOTH, {"cotton": 3, "denim": 1, "silk": 1, "wool": 1}, WOMEN, (15, 89),
        SUMMER
    ),
    Kind("jeans", bottoms.jeans, "Jeans", 3, DENIM, {"denim": 1}, BOTH, (29, 129)),
    Kind(
        "trousers", bottoms.trousers, "Trousers", 3, {**CLOTH, "Tan": 2},
        {"cotton": 4, "wool": 2, "linen": 1, "corduroy": 0.7}, BOTH, (19, 119),
        {"Solid": 7, "Checked": 1, "Striped": 0.8}
    ),
    Kind(
        "shorts", bottoms.shorts, "Shorts", 3, {**CLOTH, "Tan": 2}, {"cotton": 4, "denim": 1, "nylon": 2}, BOTH,
        (12, 59), {"Solid": 6, "Checked": 1.5, "Striped": 0.6, "Camouflage": 0.6, "Floral": 0.7}
    ),
    Kind(
        "underwear", innerwear.briefs, "Briefs", 2, CLOTH, {"cotton": 4, "silk": 1}, {"Men": 3, "Women": 2}, (6, 29),
        {"Solid": 5, "Striped": 1, "Polka Dot": 1, "Floral": 0.6}, fill=0.74
    ),
    Kind(
        "sock", innerwear.sock, "Socks", 2, CLOTH, {"knit": 2, "cotton": 3}, BOTH, (3, 19),
        {"Solid": 4, "Striped": 3, "Polka Dot": 1, "Checked": 0.6}, fill=0.76, flips=True, tilt_deg=3.0
    ),
    Kind(
        "sports shoe", sneakers.sports_shoe, "Sports Shoes", 3, CLOTH, {"mesh": 3, "nylon": 1, "leather": 1}, BOTH,
        (39, 159), flips=True, tilt_deg=3.0
    ),
    Kind(
        "casual shoe", sneakers.casual_shoe, "Casual Shoes", 4, {**CLOTH, "Tan": 3},
        {"canvas": 4, "leather": 2, "suede": 1}, BOTH, (25, 119), {"Solid": 8, "Checked": 0.6, "Floral": 0.5},
        flips=True, tilt_deg=3.0
    ),
    Kind(
        "formal shoe", fine_shoes.formal_shoe, "Formal Shoes", 2,
        {"Black": 5, "Brown": 5, "Tan": 4, "Maroon": 2, "Navy Blue": 1}, {"leather": 4, "patent": 1},
        {"Men": 8, "Women": 1}, (59, 249), flips=True, tilt_deg=3.0
    ),
    Kind(
        "heel", fine_shoes.heel, "Heels", 3, BRIGHT_LEATHERS, {"leather": 3, "patent": 2, "suede": 2, "satin": 1},
        {"Women": 1}, (29, 189), flips=True, tilt_deg=3.0
    ),
    Kind(
        "flat", fine_shoes.flat, "Flats", 2, BRIGHT_LEATHERS, {"leather": 3, "suede": 1, "satin": 1},
        {"Women": 6, "Girls": 1}, (19, 99), {"Solid": 6, "Polka Dot": 1, "Floral": 1}, flips=True, tilt_deg=3.0
    ),
    Kind(
        "boot", boots.boot, "Boots", 3, LEATHERS, {"leather": 4, "suede": 2}, BOTH, (59, 249), fill=0.78,
        flips=True, tilt_deg=3.0,
    ),
    Kind(
        "sandal", sandals.sandal, "Sandals", 2, BRIGHT_LEATHERS, {"leather": 3, "suede": 1}, BOTH, (15, 89), flips=True,
        tilt_deg=3.0
    ),
    Kind("flip flop", sandals.flip_flop, "Flip Flops", 2, CLOTH, {"rubber": 1}, BOTH, (6, 29), fill=0.76),
    Kind(
        "handbag", bags.handbag, "Handbags", 5, BRIGHT_LEATHERS, {"leather": 5, "canvas": 2, "suede": 1}, {"Women": 1},
        (29, 289), {"Solid": 7, "Floral": 0.8, "Striped": 0.8, "Checked": 0.6, "Polka Dot": 0.5}
    ),
    Kind(
        "clutch", bags.clutch, "Clutches", 2, BRIGHT_LEATHERS, {"leather": 3, "satin": 2, "patent": 1}, {"Women": 1},
        (15, 129), {"Solid": 7, "Floral": 1, "Striped": 0.5}
    ),
    Kind(
        "backpack", bags.backpack, "Backpacks", 3, CLOTH, {"nylon": 3, "canvas": 3, "leather": 1}, ANY, (25, 139),
        {"Solid": 7, "Camouflage": 0.8, "Floral": 0.6, "Checked": 0.5, "Colourblocked": 1}
    ),
    Kind(
        "suitcase", bags.suitcase, "Trolley Bag", 1, {**CLOTH, "Silver": 1, "Tan": 1}, {"nylon": 1, "leather": 1},
        {"Unisex": 1}, (59, 279)
    ),
    Kind(
        "cap", headwear.cap, "Caps", 3, CLOTH, {"cotton": 3, "canvas": 1}, ANY, (9, 35),
        {"Solid": 8, "Camouflage": 0.7, "Checked": 0.6}, fill=0.78, flips=True, tilt_deg=3.0
    ),
    Kind("hat", headwear.hat, "Hat", 3, {**CLOTH, "Tan": 3}, {"wool": 3, "straw": 2, "suede": 1}, ANY, (15, 89)),
    Kind(
        "scarf", neckwear.scarf, "Scarves", 2, CLOTH, {"knit": 1, "wool": 3, "silk": 2}, BOTH, (12, 79),
        {"Solid": 3, "Checked": 3, "Striped": 2, "Polka Dot": 0.7, "Floral": 0.7}, flips=True
    ),
    Kind(
        "belt", accessories.belt, "Belts", 2, LEATHERS, {"leather": 4, "suede": 1, "canvas": 1}, BOTH, (12, 69),
        flips=True, tilt_deg=3.0
    ),
    Kind(
        "tie", neckwear.tie, "Ties", 2, CLOTH, {"silk": 3, "satin": 1, "wool": 1}, {"Men": 1}, (12, 59),
        {"Solid": 3, "Striped": 3, "Polka Dot": 2, "Checked": 1}
    ),
    Kind(
        "watch", accessories.watch, "Watches", 3,
        {
            "Black": 4, "Brown": 3, "Tan": 2, "Silver": 4, "Gold": 3, "Blue": 1, "Navy Blue": 1, "Red": 1, "Pink": 1,
            "White": 1, "Green": 1
        },
        {"leather": 3, "rubber": 1}, ANY, (39, 399), fill=0.8
    ),
    Kind(
        "sunglasses", eyewear.sunglasses, "Sunglasses", 3,
        {
            "Black": 6, "Brown": 4, "Gold": 2, "Silver": 2, "Red": 1, "Blue": 1, "White": 1, "Pink": 1, "Green": 1,
            "Purple": 1
        },
        {"patent": 1}, ANY, (15, 159)
    ),
    Kind(
        "umbrella", headwear.umbrella, "Umbrellas", 2, CLOTH, {"nylon": 1}, {"Unisex": 3, "Women": 1}, (9, 45),
        {"Solid": 5, "Polka Dot": 1, "Striped": 0.6, "Checked": 1, "Floral": 0.8}, tilt_deg=8.0
    ),
    Kind(
        "necklace", jewellery.necklace, "Necklace and Chains", 2, JEWELS, {"patent": 1}, {"Women": 1}, (12, 249),
        fill=0.78
    ),
    Kind(
        "ring", jewellery.finger_ring, "Ring", 2, {"Gold": 1, "Silver": 1}, {"patent": 1}, {"Women": 4, "Men": 1},
        (15, 499), fill=0.62
    ),
    Kind("earrings", jewellery.earrings, "Earrings", 2, JEWELS, {"patent": 1}, {"Women": 1}, (8, 149), fill=0.68),
    Kind("bracelet", jewellery.bracelet, "Bracelet", 1, JEWELS, {"patent": 1}, {"Women": 1}, (8, 149), fill=0.74),
)

# fmt: on
