"""Where everything goes: the window is cut into rectangles, whatever its size.

::

    +--header---------------------+ +--panel--+
    +--view-----------------------+ |         |
    |  camera and ink             | |  hits   |
    +-----------------------------+ |         |
    +--caption--------------------+ |         |
    +--status---------------------+ +---------+
"""

from __future__ import annotations

from dataclasses import dataclass

from air_sketch.values.datatypes import PointPx
from air_sketch.window.brushes.theme import GAP_PX, MARGIN_PX

# Below this the panel's cards become unreadable; HighGUI then shrinks the finished picture.
SMALLEST_WINDOW_WH = (820, 540)
# Above this composing costs more than it shows; HighGUI then centres or enlarges the finished picture.
LARGEST_WINDOW_WH = (2560, 1600)
# The first window fits a 1366 x 768 laptop with its bars.
FIRST_VIEW_LARGEST_WH = (880, 540)
# A camera picture is shown pixel by pixel (sharp, and copied rather than resized) if it is not much smaller than that.
SHOWN_AS_IT_IS_FROM = 0.75

HEADER_HEIGHT_PX = 34
CAPTION_HEIGHT_PX = 46
STATUS_HEIGHT_PX = 22
PANEL_SHARE = 0.32
PANEL_WIDTH_RANGE_PX = (300, 520)


@dataclass(frozen=True)
class Rect:
    """A rectangle of window pixels: left, top, width, height."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        """First column beyond it."""
        return self.x + self.w

    @property
    def bottom(self) -> int:
        """First row beyond it."""
        return self.y + self.h

    @property
    def rows_and_columns(self) -> tuple[slice, slice]:
        """Where its pixels are in a picture."""
        return slice(self.y, self.bottom), slice(self.x, self.right)

    @property
    def center_xy(self) -> PointPx:
        """Its middle."""
        return self.x + self.w / 2, self.y + self.h / 2

    def inset(self, by_px: int) -> Rect:
        """Return it smaller by this much on every side."""
        return Rect(self.x + by_px, self.y + by_px, max(0, self.w - 2 * by_px), max(0, self.h - 2 * by_px))

    def contains(self, x_px: float, y_px: float) -> bool:
        """Tell whether a point lies inside."""
        return self.x <= x_px < self.right and self.y <= y_px < self.bottom

    def fit(self, content_wh: tuple[int, int]) -> Rect:
        """Return the largest rectangle of the content's aspect inside this one, centred."""
        scale = min(self.w / content_wh[0], self.h / content_wh[1])
        return self.middle(max(1, round(content_wh[0] * scale)), max(1, round(content_wh[1] * scale)))

    def middle(self, width: int, height: int) -> Rect:
        """Return a rectangle of this size in the middle of this one."""
        return Rect(self.x + (self.w - width) // 2, self.y + (self.h - height) // 2, width, height)


@dataclass(frozen=True)
class Layout:
    """The rectangles of one window size.

    Attributes:
        window_wh: size of the composed picture.
        canvas_wh: size of the drawing, shown in ``view``.
        header, view, caption, status, panel: where they are, in window pixels.
    """

    window_wh: tuple[int, int]
    canvas_wh: tuple[int, int]
    header: Rect
    view: Rect
    caption: Rect
    status: Rect
    panel: Rect

    @classmethod
    def for_window(cls, window_wh: tuple[int, int], canvas_wh: tuple[int, int]) -> Layout:
        """Cut up a window of this size for a drawing of that size."""
        width = min(max(window_wh[0], SMALLEST_WINDOW_WH[0]), LARGEST_WINDOW_WH[0])
        height = min(max(window_wh[1], SMALLEST_WINDOW_WH[1]), LARGEST_WINDOW_WH[1])
        panel_width = min(max(round(width * PANEL_SHARE), PANEL_WIDTH_RANGE_PX[0]), PANEL_WIDTH_RANGE_PX[1])
        panel = Rect(width - MARGIN_PX - panel_width, MARGIN_PX, panel_width, height - 2 * MARGIN_PX)
        left_width = panel.x - GAP_PX - MARGIN_PX
        header = Rect(MARGIN_PX, MARGIN_PX, left_width, HEADER_HEIGHT_PX)
        status = Rect(MARGIN_PX, height - MARGIN_PX - STATUS_HEIGHT_PX, left_width, STATUS_HEIGHT_PX)
        caption = Rect(MARGIN_PX, status.y - 8 - CAPTION_HEIGHT_PX, left_width, CAPTION_HEIGHT_PX)
        box_top = header.bottom + 10
        view = Rect(MARGIN_PX, box_top, left_width, caption.y - GAP_PX - box_top).fit(canvas_wh)
        return cls((width, height), canvas_wh, header, view, caption, status, panel)

    @classmethod
    def first(cls, canvas_wh: tuple[int, int]) -> Layout:
        """Choose a comfortable first window for a drawing of this size."""
        scale = min(FIRST_VIEW_LARGEST_WH[0] / canvas_wh[0], FIRST_VIEW_LARGEST_WH[1] / canvas_wh[1])
        if SHOWN_AS_IT_IS_FROM * scale <= 1.0 <= scale:
            scale = 1.0
        view_width, view_height = round(canvas_wh[0] * scale), round(canvas_wh[1] * scale)
        width = round((view_width + 2 * MARGIN_PX + GAP_PX) / (1 - PANEL_SHARE))
        around = 2 * MARGIN_PX + HEADER_HEIGHT_PX + 10 + GAP_PX + CAPTION_HEIGHT_PX + 8 + STATUS_HEIGHT_PX
        return cls.for_window((width, view_height + around), canvas_wh)

    def to_canvas(self, x_px: float, y_px: float) -> PointPx:
        """Map a window point to the canvas, or to its edge."""
        (width, height), view = self.canvas_wh, self.view
        x, y = (x_px - view.x) * width / view.w, (y_px - view.y) * height / view.h
        return min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0)
