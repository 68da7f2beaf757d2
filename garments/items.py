"""One item of the demo gallery: every choice about it, its picture and its catalogue row."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from garments.brushes.canvas import CANVAS_WH
from garments.brushes.curves import Curve
from garments.brushes.fabrics import GLOSS
from garments.brushes.figure import Figure, Line, Patch, Sheet
from garments.brushes.painter import Look, Painter, Pose
from garments.brushes.patterns import pattern_picture
from garments.brushes.prints import add_motif
from garments.deck import deal
from garments.dice import Dice
from garments.kinds import Kind
from garments.palette import CONTRASTS, METALS, Rgb, paints_for
from garments.titles import BRANDS, material_of, price_of, title_of

DEFAULT_SEED = 7
WOMENS_CUTS = ("Bikini", "Knee High", "Heeled Ankle", "Leggings", "Cat Eye")
BACKGROUNDS: tuple[Rgb, ...] = ((255, 255, 255), (255, 255, 255), (250, 250, 249), (247, 246, 244), (244, 246, 248))
SHAPED_COLOURS = {"straw": ("Beige", "Cream", "Tan", "Brown", "White")}


@dataclass(frozen=True)
class DemoItem:
    """One drawn product; ``row`` gives its line of the manifest."""

    picture: NDArray[np.uint8]  # (480, 360, 3) RGB
    file: str
    id: str
    title: str
    brand: str
    price: str
    url: str
    article_type: str
    base_colour: str
    gender: str
    material: str
    pattern: str
    split: str
    kind: str

    def row(self) -> dict[str, str]:
        """Return the manifest row in the manifest's column names."""
        return {
            "file": self.file, "id": self.id, "title": self.title, "brand": self.brand, "price": self.price,
            "url": self.url,
            "articleType": self.article_type, "baseColour": self.base_colour, "gender": self.gender,
            "material": self.material, "pattern": self.pattern, "split": self.split,
        }  # fmt: skip


COLUMNS = (
    "file",
    "id",
    "title",
    "brand",
    "price",
    "url",
    "articleType",
    "baseColour",
    "gender",
    "material",
    "pattern",
    "split",
)


@dataclass(frozen=True)
class Plan:
    """Every choice about an item, before anything is painted."""

    index: int
    seed: int
    kind: Kind
    figure: Figure
    colour: str
    second: str
    fabric: str
    pattern: str
    flipped: bool
    split: str


def plan_item(index: int, seed: int = DEFAULT_SEED) -> Plan:
    """Decide kind, cut, colours, fabric and pattern of one item, independently of all others."""
    kind, split = deal(index, seed)
    figure = kind.build(Dice(seed, index, "shape"))
    dice = Dice(seed, index, "surface")
    fabric = _fabric(kind, figure, dice)
    colour = dice.weighted(kind.colours)
    if fabric in SHAPED_COLOURS:
        colour = dice.pick(SHAPED_COLOURS[fabric])
    second = dice.pick(CONTRASTS[colour])
    pattern = dice.weighted(kind.patterns)
    if fabric in ("leather", "suede", "patent") and kind.name not in ("handbag", "clutch", "flat"):
        pattern = "Solid"
    if pattern == "Camouflage":
        colour = dice.pick(["Olive", "Olive", "Green", "Beige", "Grey"])
    if pattern == "Printed":
        figure = _with_motif(figure, kind, Dice(seed, index, "motif"))
    flipped = kind.flips and dice.chance(0.5)
    return Plan(index, seed, kind, figure, colour, second, fabric, pattern, flipped, split)


def _fabric(kind: Kind, figure: Figure, dice: Dice) -> str:
    """Choose the fabric; some cuts allow one only."""
    by_word = {
        "Denim": "denim", "Biker": "leather", "Puffer": "nylon", "Bomber": "nylon", "Track": "nylon", "Rain": "rubber",
        "Sports": "nylon", "Track Pants": "cotton", "Leggings": "cotton", "Canvas": "canvas", "Parka": "nylon",
        "Trench": "cotton", "Overcoat": "wool", "Blazer": "wool", "Digital": "rubber",
    }  # fmt: skip
    for word in (*figure.words, figure.noun):
        if word in by_word and kind.name not in ("sports shoe", "sandal"):
            return by_word[word]
    fabric = dice.weighted(kind.materials)
    if kind.name == "jacket" and fabric == "denim":
        return "cotton"
    if fabric == "straw" and not {"Fedora", "Sun"} & set(figure.words):
        return "wool"
    return fabric


def _with_motif(figure: Figure, kind: Kind, dice: Dice) -> Figure:
    """Print a motif on the chest, below any collar."""
    sheet = Sheet()
    size = dice.between(13, 20)
    add_motif(sheet, dice, 0.0, dice.between(40, 48) if kind.name == "t-shirt" else 46.0, size)
    front = next(i for i, layer in enumerate(figure.layers) if isinstance(layer, Patch) and layer.cast == 0.45)
    layers = (*figure.layers[: front + 1], *sheet.layers, *figure.layers[front + 1 :])
    return replace(figure, layers=layers)


def figure_bounds(figure: Figure) -> tuple[Curve, Curve]:
    """Return the lowest and the highest x and y of everything that is painted."""
    points = np.concatenate([c for layer in figure.layers for c in _outline_of(layer)])
    return points.min(axis=0), points.max(axis=0)


def _outline_of(layer: Patch | Line) -> tuple[Curve, ...]:
    if isinstance(layer, Line):
        return (layer.path,)
    return layer.within or layer.contours


def _pose(plan: Plan, dice: Dice) -> Pose:
    """Fit the figure into the canvas with a slight turn, shift and change of size."""
    low, high = figure_bounds(plan.figure)
    size = np.maximum(high - low, 1e-3)
    fill = plan.kind.fill * dice.between(0.93, 1.0)
    scale = float(min(CANVAS_WH[0] * (fill + 0.02) / size[0], CANVAS_WH[1] * fill / size[1]))
    angle = math.radians(dice.normal(plan.kind.tilt_deg * 0.5))
    matrix = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) * scale
    if plan.flipped:
        matrix = matrix @ np.diag([-1.0, 1.0])
    centre = (low + high) / 2
    target = np.array([CANVAS_WH[0] / 2 + dice.between(-4, 4), CANVAS_WH[1] / 2 + dice.between(-6, 4)])
    return Pose(scale, matrix.astype(np.float32), np.asarray(target - matrix @ centre, dtype=np.float32))


def paint_plan(plan: Plan) -> NDArray[np.uint8]:
    """Paint the picture of a plan, uint8 (480, 360, 3) RGB."""
    dice = Dice(plan.seed, plan.index, "paint")
    gloss = GLOSS.get(plan.fabric, 0.0)
    paints = paints_for(plan.colour, plan.second, plan.fabric, gloss, dice)
    pattern = pattern_picture(plan.pattern, paints["main"].rgb, plan.second, CANVAS_WH, dice)
    look = Look(paints, pattern, dice.pick(BACKGROUNDS))
    return Painter(look, _pose(plan, dice)).paint(plan.figure)


def draw_item(index: int, seed: int = DEFAULT_SEED) -> DemoItem:
    """Draw item ``index`` of the gallery with the given seed.

    The same index and seed give the same item, whatever else is drawn.

    Args:
        index: 0 or more.
        seed: names the gallery.
    """
    plan = plan_item(index, seed)
    return replace(_described(plan), picture=paint_plan(plan))


def describe_item(index: int, seed: int = DEFAULT_SEED) -> DemoItem:
    """Return an item as ``draw_item`` does, but with an empty picture, in a hundredth of the time."""
    return _described(plan_item(index, seed))


def _described(plan: Plan) -> DemoItem:
    dice = Dice(plan.seed, plan.index, "catalogue")
    gender = dice.weighted(plan.kind.genders)
    if set(WOMENS_CUTS) & {*plan.figure.words, plan.figure.noun}:
        gender = "Women"
    brand = dice.pick(BRANDS)
    item_id = f"demo-{plan.index:05d}"
    return DemoItem(
        picture=np.empty((0, 0, 3), np.uint8),
        file=f"{item_id}.jpg",
        id=item_id,
        title=title_of(plan.kind, plan.figure, brand, gender, plan.colour, plan.pattern, plan.fabric, dice),
        brand=brand,
        price=price_of(plan.kind, dice),
        url=f"https://example.com/demo/{item_id}",
        article_type=plan.figure.article or plan.kind.article,
        base_colour=plan.colour,
        gender=gender,
        material=material_of(plan.kind, plan.fabric, plan.colour if plan.colour in METALS else ""),
        pattern=plan.pattern,
        split=plan.split,
        kind=plan.kind.name,
    )
