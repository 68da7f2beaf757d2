"""The values that travel between the rooms of the drawing half.

Conventions: names carry units and spaces. ``_px`` is canvas pixels (x right, y down), ``_norm`` is 0..1
of the mirrored camera frame, ``_s`` is seconds, ``_rgb`` / ``_bgr`` is the channel order, ``_wh`` is
(width, height). Every frame is mirrored once, at the camera, so all coordinates are as the user sees them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Float32Array = npt.NDArray[np.float32]
Int64Array = npt.NDArray[np.int64]
UInt8Array = npt.NDArray[np.uint8]

Rgb = tuple[int, int, int]
PointPx = tuple[float, float]
PointNorm = tuple[float, float]

StrokePoint = tuple[float, float, float]
"""x_px, y_px, t_s."""

BoundsPx = tuple[float, float, float, float]
"""left, top, right, bottom."""

BoxNorm = tuple[float, float, float, float]
"""left, top, right, bottom of a part of the camera picture."""

WHOLE_PICTURE: BoxNorm = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Frame:
    """One camera or video picture, already mirrored when its source is.

    Attributes:
        image_bgr: uint8 (H, W, 3).
        t_s: seconds on the source's own clock (monotonic; a video starts at 0.0).
        index: 0, 1, 2, ... in the order delivered.
    """

    image_bgr: UInt8Array
    t_s: float
    index: int


@dataclass(frozen=True)
class Stroke:
    """One finished or growing line; the drawing's truth.

    Attributes:
        points: in canvas pixels and source seconds.
        color_rgb: ink, each 0..255.
        width_px: pen width in canvas pixels.
    """

    points: tuple[StrokePoint, ...]
    color_rgb: Rgb
    width_px: float

    @cached_property
    def bounds_px(self) -> BoundsPx:
        """Left, top, right, bottom of the points (without the pen's width)."""
        xs, ys = [point[0] for point in self.points], [point[1] for point in self.points]
        return min(xs), min(ys), max(xs), max(ys)


Strokes = tuple[Stroke, ...]


@dataclass(frozen=True)
class SessionEvent:
    """Something that happened at a time, e.g. ``pen_down``, ``pen_up``, ``select``, ``clear``, ``hand_lost``."""

    t_s: float
    kind: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ResultCard:
    """One search hit as the window shows it.

    Attributes:
        rank: 1 for the best.
        score: higher is better; cosine of query and item.
        title: as the gallery names it.
        image_path: the picture on disk, None when it lives in an archive.
        thumbnail_rgb: uint8 (H, W, 3) for the panel, None when it cannot be read.
        url: product page, "" when there is none.
        id: unique within the gallery; ``SearchRequest.like`` takes it.
        sketch_score, words_score, like_score: how much of the score comes from the drawing, the words and the picked
            picture; None for what was not asked.
        alike: how many near-duplicates are folded into this hit.
        record: the hit as the gallery's own JSON values, its manifest columns (brand, price, ...) among them.
        match: 0..1, the chance that it is of the kind that was meant; None when nobody can tell.
    """

    rank: int
    score: float
    title: str
    image_path: Path | None
    thumbnail_rgb: UInt8Array | None
    url: str = ""
    id: str = ""
    sketch_score: float | None = None
    words_score: float | None = None
    like_score: float | None = None
    alike: int = 0
    record: dict[str, Any] = field(default_factory=dict)
    match: float | None = None

    @property
    def shown_score(self) -> float:
        """The figure that people see: a chance, or what the search ranks by where nobody can tell."""
        return self.score if self.match is None else self.match


@dataclass(frozen=True)
class SearchRequest:
    """What to look for in the gallery. At least one of picture, caption and like is given.

    Attributes:
        picture_rgb: uint8 (H, W, 3), the drawing on white paper; None when nothing is drawn.
        caption: the words; "" when there are none.
        k: number of cards on a page, at least 1.
        sketch_weight: 0..1, how much the drawing counts against the words; 0.5 is the gallery's own balance.
        where: a filter such as "gender=Women,price<50", "" for none.
        like: ids of cards whose pictures join the query.
        page: which page of k cards, from 0.
        fold: put near-duplicates into one card.
        as_typed: mend no typing errors, and take no filters out of the caption.
    """

    picture_rgb: UInt8Array | None
    caption: str
    k: int
    sketch_weight: float = 0.5
    where: str = ""
    like: tuple[str, ...] = ()
    page: int = 0
    fold: bool = True
    as_typed: bool = False


@dataclass(frozen=True)
class SearchAnswer:
    """One page of cards, best first, and how the caption was understood.

    Attributes:
        cards: fewer than asked for when there are no more.
        note: what of the caption was understood otherwise than it was typed, and what nobody knows; "" for nothing.
        is_as_typed: whether it was searched word for word; if not, the user may ask for that.
        is_doubted: whether what was meant is rather not among them.
    """

    cards: tuple[ResultCard, ...]
    note: str = ""
    is_as_typed: bool = True
    is_doubted: bool = False


@dataclass(frozen=True)
class Transcript:
    """What a recogniser heard.

    Attributes:
        text: the words, normalised; "" when it did not understand.
        confidence: 0..1, how sure it is that the words were said; below the recogniser's floor the text is "".
    """

    text: str
    confidence: float


@dataclass(frozen=True)
class StepResult:
    """What one step found and did, for the screen.

    Attributes:
        tool_state: "lost", "hover", "select", "draw" or "erase".
        hand_seen: whether there is a hand in this frame.
        tip_px: the fingertip or pointer on the canvas, filtered.
        palm_px: middle of the palm on the canvas.
        eraser_radius_px: how far the eraser reaches around the palm.
        select_progress: 0..1, how far a pen's pose has ripened.
        select_color_rgb: the ink of that pen, None when none is being picked.
    """

    tool_state: str
    hand_seen: bool
    tip_px: PointPx | None
    palm_px: PointPx | None
    eraser_radius_px: float
    select_progress: float = 0.0
    select_color_rgb: Rgb | None = None
