"""The help page over the view: what the hand does, what the keys do."""

from __future__ import annotations

from collections.abc import Mapping

from air_sketch.values.datatypes import UInt8Array
from air_sketch.window.brushes import brush, text
from air_sketch.window.brushes.layout import Rect
from air_sketch.window.brushes.theme import BACKGROUND, BODY, HEADING, HELP_TITLE, RADIUS_PX, SMALL

Rows = tuple[tuple[str, str], ...]

MOUSE_ROWS: Rows = (("left", "draws while held"), ("right", "erases while held"))
SEARCH_ROWS: Rows = (
    ("T", "type what it is"),
    ("V", "say what it is"),
    ("Enter", "search"),
    ("1 - 9", "open that result"),
    ("M 1-9", "more like that result"),
    ("PgDn", "next results, PgUp back"),
    ("- =", "more words, more drawing"),
    ("F", "filter: gender=Women,price<50"),
    ("L", "live hits, after every stroke"),
    ("D", "near-duplicates folded or all"),
    ("X", "words exactly as typed"),
    ("H", "this page"),
    ("Q", "quit"),
)
DRAWING_ROWS: Rows = (
    ("S", "save PNG, SVG, JSON"),
    ("Z", "undo"),
    ("Y", "redo"),
    ("R", "clear the drawing"),
    ("C", "next colour, Shift-C back"),
    ("[ ]", "thinner, thicker pen"),
)
ROW_HEIGHT_PX = 28


_GESTURE_CAPS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "fist": "fist"}


def hand_rows(gesture_map: Mapping[str, str]) -> Rows:
    """Say what each hand pose does, from the calibration's gesture map."""
    words = {"draw": "draws", "erase": "erases while held", "hover": "moves freely"}
    actions = {cap: gesture_map[gesture] for gesture, cap in _GESTURE_CAPS.items() if gesture in gesture_map}
    return tuple((cap, words.get(do, f"hold: {do.removeprefix('pen:')} pen")) for cap, do in actions.items())


def draw_help(image_bgr: UInt8Array, view: Rect, hand_rows: Rows) -> None:
    """Draw the page over the view, in place; ``hand_rows`` says what gestures do, MOUSE_ROWS what buttons do."""
    hand_title = "Your mouse" if hand_rows is MOUSE_ROWS else "Fingers up"
    brush.box(image_bgr, view, BACKGROUND, RADIUS_PX, 0.93)
    columns = (((hand_title, hand_rows), ("Drawing", DRAWING_ROWS)), (("Search", SEARCH_ROWS),))
    lines = max(sum(len(rows) + 1 for _, rows in column) for column in columns)
    row_height = min(ROW_HEIGHT_PX, (view.h - 90) // lines)
    height = 64 + lines * row_height
    top = view.y + max(16, (view.h - height) // 2)
    left = view.x + max(24, view.w // 2 - 270)
    width = (view.right - 24 - left) // 2
    text.draw(image_bgr, "Draw in the air, find it in your gallery", left, top + 10, HELP_TITLE)
    text.draw(image_bgr, "H or Esc closes this page", left, top + 38, SMALL)
    for number, column in enumerate(columns):
        x, y = left + number * width, top + 72 - row_height
        for title, rows in column:
            y += row_height
            text.draw(image_bgr, title, x, y, HEADING)
            for cap, words in rows:
                y += row_height
                brush.keycap(image_bgr, cap, x, y)
                text.draw(image_bgr, words, x + 66, y, BODY, max_width_px=width - 70)
