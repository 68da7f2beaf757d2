"""Measurements on one hand: how far each finger is stretched, where its palm is, how large it is.

Everything is a ratio of lengths on the same hand, so distance to the camera and tilt fall out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from air_sketch.datatypes import Float32Array, HandLandmark, HandObservation

_FINGER_CHAINS = np.array(
    [
        [HandLandmark.INDEX_MCP, HandLandmark.INDEX_PIP, HandLandmark.INDEX_DIP, HandLandmark.INDEX_TIP],
        [HandLandmark.MIDDLE_MCP, HandLandmark.MIDDLE_PIP, HandLandmark.MIDDLE_DIP, HandLandmark.MIDDLE_TIP],
        [HandLandmark.RING_MCP, HandLandmark.RING_PIP, HandLandmark.RING_DIP, HandLandmark.RING_TIP],
        [HandLandmark.PINKY_MCP, HandLandmark.PINKY_PIP, HandLandmark.PINKY_DIP, HandLandmark.PINKY_TIP],
    ]
)

# The lengths that are measured, all at once: four fingertips and four middle joints from the wrist, the four bones
# of each finger from the wrist on, the thumb's tip to the pinky's knuckle, and the wrist to the middle knuckle.
_WRISTS = np.full((4, 1), HandLandmark.WRIST)
_CHAINS_FROM_WRIST = np.concatenate([_WRISTS, _FINGER_CHAINS], axis=1)
_FROM = np.concatenate(
    [
        _FINGER_CHAINS[:, 3],
        _FINGER_CHAINS[:, 1],
        _CHAINS_FROM_WRIST[:, 1:].ravel(),
        [HandLandmark.THUMB_TIP, HandLandmark.MIDDLE_MCP],
    ]
)
_TO = np.concatenate(
    [_WRISTS[:, 0], _WRISTS[:, 0], _CHAINS_FROM_WRIST[:, :-1].ravel(), [HandLandmark.PINKY_MCP, HandLandmark.WRIST]]
)

LONE_FINGER_MAX_REACH = 0.72
"""When the other three fingers reach less than this (of 1.0), they are surely curled."""

LONE_FINGER_REACH_TO_EXTENSION = 0.28
"""Added to a lone index finger's reach, it gives an extension on the usual scale (0.86 -> 1.14)."""


def isotropic_landmarks_px(observation: HandObservation) -> Float32Array:
    """Scale the image landmarks to pixels in all three axes.

    Returns:
        float32 (21, 3), frame pixels; z has the scale of x, smaller is nearer to the camera.
    """
    width_px, height_px = observation.frame_wh
    return observation.landmarks_norm * np.array([width_px, height_px, width_px], dtype=np.float32)


def finger_extensions(observation: HandObservation) -> Float32Array:
    """Measure how far each finger is stretched, thumb first.

    Fingers: ``|tip - wrist| / |pip - wrist|``, averaged over the world landmarks and the image landmarks
    with their depth. The two models err on different hands: alone they confuse 9 and 2 of 1056 fingers on
    photos, together only those that are tracked wrongly. An index finger whose neighbours are surely curled
    is measured by its reach as well, which still works when it points away from the camera.
    Thumb: ``|tip - pinky knuckle| / |wrist - middle knuckle|``: folded over the palm it comes nearer.

    Returns:
        float32 (5,): thumb about 0.6 folded to 1.3 stretched, fingers about 0.75 curled to 1.4 straight.
        Never NaN; a collapsed hand measures 0.
    """
    spaces = np.stack([isotropic_landmarks_px(observation), observation.world_landmarks_m])
    steps = spaces[:, _FROM] - spaces[:, _TO]
    lengths = np.sqrt((steps * steps).sum(axis=2))
    tips, pips, bones = lengths[:, 0:4], lengths[:, 4:8], lengths[:, 8:24]
    extensions = np.empty(5, dtype=np.float32)
    extensions[0] = _ratio(lengths[:, 24], lengths[:, 25]).mean()
    extensions[1:] = _ratio(tips, pips).mean(axis=0)
    reach = _ratio(tips[0], bones[0].reshape(4, 4).sum(axis=1))
    if reach[0] > reach[1:].max() and reach[1:].max() < LONE_FINGER_MAX_REACH:
        extensions[1] = max(extensions[1], reach[0] + LONE_FINGER_REACH_TO_EXTENSION)
    return np.asarray(np.nan_to_num(extensions), dtype=np.float32)


def palm_size_px(observation: HandObservation, canvas_wh: tuple[int, int]) -> float:
    """Measure the palm, wrist to middle knuckle, with depth, in canvas pixels.

    The knuckles' spread stands in when the hand points at the camera and the palm looks short.
    """
    points = isotropic_landmarks_px(observation) * np.float32(canvas_wh[0] / max(observation.frame_wh[0], 1))
    length_px = float(np.linalg.norm(points[HandLandmark.WRIST] - points[HandLandmark.MIDDLE_MCP]))
    spread_px = float(np.linalg.norm(points[HandLandmark.INDEX_MCP] - points[HandLandmark.PINKY_MCP]))
    size_px = max(length_px, 1.3 * spread_px)
    return size_px if np.isfinite(size_px) else 0.0


def palm_center_norm(observation: HandObservation) -> tuple[float, float]:
    """Return the middle of wrist and knuckles in frame units."""
    corners = [HandLandmark.WRIST, HandLandmark.INDEX_MCP, HandLandmark.PINKY_MCP]
    center = observation.landmarks_norm[corners, :2].mean(axis=0)
    return float(center[0]), float(center[1])


def _ratio(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> Float32Array:
    """Divide, giving 0 where there is no length to divide by."""
    top, bottom = np.asarray(numerator, dtype=np.float32), np.asarray(denominator, dtype=np.float32)
    return np.where(bottom > 1e-9, top / np.maximum(bottom, np.float32(1e-9)), np.float32(0.0))
