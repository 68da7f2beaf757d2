"""Draws garments as data sets: a tool for training and for the demo gallery's pack; nothing imports it at run time."""

from garments.items import DEFAULT_SEED, DemoItem, describe_item, draw_item
from garments.pen_drawings import DRAWN_KINDS, kind_drawing, line_drawing

__all__ = [
    "DEFAULT_SEED",
    "DRAWN_KINDS",
    "DemoItem",
    "describe_item",
    "draw_item",
    "kind_drawing",
    "line_drawing",
]
