"""A gallery that the program draws itself, so that a first search works offline, and pen drawings of its things."""

from garments.items import DEFAULT_SEED, DemoItem, describe_item, draw_item
from garments.pen_drawings import DRAWN_KINDS, kind_drawing, line_drawing
from garments.writer import DEMO_COUNT, DEMO_VERSION, write_demo_gallery

__all__ = [
    "DEFAULT_SEED",
    "DEMO_COUNT",
    "DEMO_VERSION",
    "DRAWN_KINDS",
    "DemoItem",
    "describe_item",
    "draw_item",
    "kind_drawing",
    "line_drawing",
    "write_demo_gallery",
]
