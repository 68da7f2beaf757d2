"""What a person's movement asks for: how strongly to smooth, and which part of the picture is the canvas."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from air_sketch.calibration.phases import TimedHand
from air_sketch.drawing.filters import REFERENCE_WIDTH_PX, OneEuroFilter
from air_sketch.drawing.settings import OneEuroSettings
from air_sketch.values.datatypes import WHOLE_PICTURE, BoxNorm
from air_sketch.values.errors import CalibrationError

Float64Array = npt.NDArray[np.float64]

REST_RMS_PX = 0.5
"""Jitter to be left of a resting fingertip, in pixels of a 640 px wide canvas; a third of a common pen."""

MIN_CUTOFF_RANGE_HZ = (0.5, 4.0)
REST_SPEED_RANGE = (8.0, 160.0)
REST_SPEED_MARGIN = 1.3
"""Over the 95th percentile of the speeds that a resting finger seems to have."""

MOVED_PALMS = 0.6
"""A finger that was to be held still and wandered further than this was not."""

SMALLEST_REACH = 0.12
"""Two corners nearer than this part of the picture are one place."""

SMALLEST_BOX = 0.35
"""A smaller box would blow up the tracker's own noise to more than three times its size."""

WHOLE_FROM = 0.9
"""A box this large is taken for the whole picture, which then needs no zoom."""

LARGEST_STRETCH = 1.25
"""How much wider than high (in parts of the picture) the box may be; more would squash what is drawn."""

EDGE_INSET = 0.03
"""The canvas' edge lies this much inside the farthest reach, so that it is reached without stretching."""


def box_of_corners(upper_left: Sequence[TimedHand], lower_right: Sequence[TimedHand]) -> BoxNorm:
    """Choose the part of the camera picture that covers the whole canvas.

    Raises:
        CalibrationError: if the corners are swapped or too near to each other.
    """
    left, top = np.median([hand.tip_norm for hand in upper_left], axis=0).tolist()
    right, bottom = np.median([hand.tip_norm for hand in lower_right], axis=0).tolist()
    width, height = right - left, bottom - top
    if min(width, height) < SMALLEST_REACH:
        raise CalibrationError(
            f"the corners are too close or swapped: lower right lies {width:.0%} of the picture to the right and "
            f"{height:.0%} below, expected at least {SMALLEST_REACH:.0%}",
            "Reach further, upper left first",
        )
    width, height = width * (1.0 - 2.0 * EDGE_INSET), height * (1.0 - 2.0 * EDGE_INSET)
    width = max(width, height / LARGEST_STRETCH, SMALLEST_BOX)
    height = max(height, width / LARGEST_STRETCH)
    if min(width, height) >= WHOLE_FROM:
        return WHOLE_PICTURE
    x0, x1 = _placed((left + right) / 2.0, min(width, 1.0))
    y0, y1 = _placed((top + bottom) / 2.0, min(height, 1.0))
    return x0, y0, x1, y1


def fit_filter(still: Sequence[TimedHand], before: OneEuroSettings, box: BoxNorm) -> OneEuroSettings:
    """Choose the One Euro settings for a fingertip that jitters as recorded, seen through the box.

    A first-order low-pass of weight a leaves sqrt(a / (2 - a)) of white noise; the minimum cutoff is the one that
    leaves ``REST_RMS_PX``. The rest speed is what the filter's own speed estimate shows at rest.

    Raises:
        CalibrationError: if the finger was not held still.
    """
    tips = _tips_px(still)
    palm_px = REFERENCE_WIDTH_PX * float(np.median([hand.palm_norm for hand in still]))
    wandered = float(np.linalg.norm(np.percentile(tips, 95, axis=0) - np.percentile(tips, 5, axis=0)))
    if wandered > MOVED_PALMS * palm_px:
        raise CalibrationError(
            f"the finger moved by {wandered / max(palm_px, 1e-6):.1f} palms while it was to be held still",
            "Rest the elbow and try again",
        )
    scale = 1.0 / (box[2] - box[0])
    noise_px = resting_noise_px(still) * scale
    times = np.array([hand.t_s for hand in still])
    dt_s = float(np.median(np.diff(times)))
    share = min(REST_RMS_PX / max(noise_px, 1e-3), 0.999)
    alpha = 2.0 * share**2 / (1.0 + share**2)
    cutoff_hz = alpha / (1.0 - alpha) / (2.0 * math.pi * dt_s)
    speeds = _seeming_speeds(tips * scale, times, before)
    rest_speed = REST_SPEED_MARGIN * float(np.percentile(speeds, 95))
    return replace(
        before,
        min_cutoff_hz=round(float(np.clip(cutoff_hz, *MIN_CUTOFF_RANGE_HZ)), 3),
        rest_speed=round(float(np.clip(rest_speed, *REST_SPEED_RANGE)), 2),
    )


def resting_noise_px(still: Sequence[TimedHand]) -> float:
    """Estimate the jitter of one coordinate, rms in pixels of a 640 px wide picture.

    From second differences, which slow drift does not enter; the median keeps slips out.
    """
    bends = np.diff(_tips_px(still), n=2, axis=0)
    return float(1.4826 * np.median(np.abs(bends)) / math.sqrt(6.0)) if len(bends) else 0.0


def _seeming_speeds(tips_px: Float64Array, times: Float64Array, settings: OneEuroSettings) -> list[float]:
    """Run the filter over the resting tip and return its estimates of the speed, px/s."""
    smoother = OneEuroFilter(replace(settings, rest_speed=0.0))
    speeds = []
    for (x, y), t_s in zip(tips_px, times, strict=True):
        smoother.smooth((float(x), float(y)), float(t_s))
        speeds.append(math.hypot(*smoother.velocity))
    return speeds[len(speeds) // 4 :]


def _tips_px(hands: Sequence[TimedHand]) -> Float64Array:
    """Return fingertips in pixels of a 640 px wide picture, (N, 2)."""
    tips = [hand.tip_norm for hand in hands]
    width, height = hands[0].observation.frame_wh
    return np.array(tips, dtype=np.float64) * (REFERENCE_WIDTH_PX, REFERENCE_WIDTH_PX * height / width)


def _placed(middle: float, size: float) -> tuple[float, float]:
    """Return both ends of a stretch of this size around the middle, moved into 0..1 where it stands out."""
    start = min(max(middle - size / 2.0, 0.0), 1.0 - size)
    return round(start, 4), round(start + size, 4)
