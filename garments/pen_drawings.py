"""Pen drawings: of the gallery's own items, and of any kind of thing that people draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from garments.brushes.curves import Curve, xy
from garments.brushes.figure import Figure
from garments.brushes.pen import draw_by_hand
from garments.clothes import bottoms, dresses, innerwear, knitwear, outerwear, tops
from garments.dice import Dice
from garments.doodles import quick_clothes, quick_extras
from garments.extras import accessories, bags, eyewear, headwear, jewellery, neckwear
from garments.items import DEFAULT_SEED, plan_item
from garments.shoes import boots, fine_shoes, sandals, sneakers

Builder = Callable[[Dice], Figure]

SIDE_VIEWS = (
    "shoe",
    "sneaker",
    "formal shoe",
    "heel",
    "high heels",
    "boot",
    "sandal",
    "sock",
    "cap",
    "helmet",
    "flat",
    "backpack",
)

WORDS: Mapping[str, Mapping[Builder, float]] = {
    "t-shirt": {tops.tshirt: 2, quick_clothes.shirt: 2},
    "shirt": {tops.shirt: 3, quick_clothes.jacket: 0.4, quick_clothes.shirt: 0.6},
    "top": {tops.top: 1},
    "sweater": {knitwear.sweater: 2, knitwear.sweatshirt: 0.5, quick_clothes.sweater: 2},
    "hoodie": {knitwear.sweatshirt: 1},
    "jacket": {outerwear.jacket: 2, quick_clothes.jacket: 2, outerwear.coat: 0.5, knitwear.sweatshirt: 0.3},
    "coat": {outerwear.coat: 3, quick_clothes.jacket: 0.6},
    "waistcoat": {outerwear.waistcoat: 1},
    "dress": {dresses.dress: 1},
    "skirt": {dresses.skirt: 1},
    "jeans": {bottoms.jeans: 2, quick_clothes.pants: 1},
    "pants": {bottoms.trousers: 1, bottoms.jeans: 1, quick_clothes.pants: 2},
    "shorts": {bottoms.shorts: 2, quick_clothes.shorts: 2},
    "underwear": {innerwear.briefs: 3, quick_clothes.shorts: 0.4},
    "sock": {innerwear.sock: 1},
    "shoe": {
        sneakers.sports_shoe: 1,
        sneakers.casual_shoe: 1,
        fine_shoes.formal_shoe: 1,
        fine_shoes.heel: 0.4,
        boots.boot: 0.4,
        quick_clothes.shoe: 2.5,
    },
    "sneaker": {sneakers.sports_shoe: 2, sneakers.casual_shoe: 2, quick_clothes.shoe: 1},
    "formal shoe": {fine_shoes.formal_shoe: 3, quick_clothes.shoe: 0.7},
    "heel": {fine_shoes.heel: 2, quick_clothes.heel: 1.5},
    "high heels": {fine_shoes.heel: 2, quick_clothes.heel: 1.5},
    "flat": {fine_shoes.flat: 1},
    "boot": {boots.boot: 1},
    "sandal": {sandals.sandal: 2, quick_clothes.sandal: 1.5, sandals.flip_flop: 0.7},
    "flip flops": {sandals.flip_flop: 1, quick_clothes.flip_flops: 3},
    "purse": {bags.handbag: 2, bags.clutch: 0.4, quick_extras.purse: 2},
    "handbag": {bags.handbag: 2, quick_extras.purse: 1},
    "clutch": {bags.clutch: 1},
    "backpack": {bags.backpack: 1.2, quick_extras.backpack: 1.5, quick_extras.rucksack: 2.5},
    "suitcase": {bags.suitcase: 3, quick_extras.purse: 0.4},
    "cap": {headwear.cap: 1},
    "hat": {headwear.hat: 2, quick_extras.hat: 2.5, headwear.cap: 0.3},
    "helmet": {quick_extras.helmet: 1},
    "crown": {quick_extras.crown: 1},
    "scarf": {neckwear.scarf: 1},
    "tie": {neckwear.tie: 1},
    "bowtie": {neckwear.bow_tie: 1},
    "umbrella": {headwear.umbrella: 1},
    "belt": {accessories.belt: 2, quick_extras.belt: 2},
    "wristwatch": {accessories.watch: 2, quick_extras.watch: 2},
    "eyeglasses": {eyewear.sunglasses: 1, quick_extras.glasses: 2},
    "sunglasses": {eyewear.sunglasses: 3, quick_extras.glasses: 0.5},
    "necklace": {jewellery.necklace: 2, quick_extras.necklace: 2},
    "ring": {jewellery.finger_ring: 1},
    "earring": {jewellery.earrings: 1},
    "bracelet": {jewellery.bracelet: 1},
}

DRAWN_KINDS: tuple[str, ...] = tuple(WORDS)


def line_drawing(index: int, seed: int = DEFAULT_SEED, style_seed: int = 0) -> list[Curve]:
    """Draw gallery item ``index`` with a pen, as one person would.

    Args:
        index: the item, as in ``draw_item``.
        seed: the gallery's seed.
        style_seed: names the person and the moment: another one draws the same item differently.
    Returns:
        Polylines float32 (N >= 2, 2) in 0..1, x right, y down.
    """
    plan = plan_item(index, seed)
    return _flipped(draw_by_hand(plan.figure.strokes, Dice(seed, index, style_seed, "pen")), plan.flipped)


def kind_drawing(kind: str, style_seed: int) -> list[Curve]:
    """Draw a random thing of a kind with a pen; see ``DRAWN_KINDS`` for the words.

    Args:
        kind: one of ``DRAWN_KINDS``.
        style_seed: decides the cut of the thing and how it is drawn.
    Returns:
        Polylines float32 (N >= 2, 2) in 0..1, x right, y down.
    Raises:
        KeyError: if the kind is unknown.
    """
    dice = Dice(kind, style_seed, "thing")
    figure = dice.weighted(WORDS[kind])(dice)
    strokes = draw_by_hand(figure.strokes, Dice(kind, style_seed, "pen"))
    return _flipped(strokes, kind in SIDE_VIEWS and dice.chance(0.5))


def _flipped(strokes: list[Curve], flip: bool) -> list[Curve]:
    if not flip:
        return strokes
    return [stroke * xy(-1, 1) + xy(1, 0) for stroke in strokes]
