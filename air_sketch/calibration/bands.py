"""Finger thresholds between a person's own curled and stretched values."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from air_sketch.hands.gestures import Band, FingerBands
from air_sketch.values.datatypes import Float32Array
from air_sketch.values.errors import CalibrationError

FINGER_NAMES = tuple(f.name for f in fields(FingerBands))
THUMB, INDEX = 0, 1

STRETCHED_PERCENTILE, CURLED_PERCENTILE = 10, 90
"""The weak ends of both groups; the few frames beyond are slips of the tracker."""

MIN_GAP = 0.06
"""Less room than this between curled and stretched, and noise would decide."""

IDEAL_SHARE = 0.55
"""Where the threshold lies between curled (0) and stretched (1), if nothing but the recording were known: a little
towards stretched, because fingers that are not needed hang loosely."""

PRIOR_WEIGHT = 0.6
"""How much the usual threshold counts beside the ideal one. On 234 photos of other people, thresholds fitted to one
person read 98 % of the finger counts right, the usual ones 99 %."""

SAFE_SHARES = (0.35, 0.65)
"""How far the usual threshold may pull the person's one away from there."""

WIDTH_SHARE, WIDTH_RANGE = 0.2, (0.02, 0.14)
"""Hysteresis: part of the gap between curled and stretched."""


def fit_bands(
    palm: Float32Array, fist: Float32Array, point: Float32Array, prior: FingerBands
) -> tuple[FingerBands, tuple[str, ...]]:
    """Place each finger's thresholds.

    A few seconds of one person say where that person's fingers stop; thousands of photos of others, behind
    ``prior``, say what fingers do in between. So the threshold lies between both, kept well inside the
    person's own gap.

    Args:
        palm: float32 (N, 5), extensions of the open hand.
        fist: the same of the fist.
        point: the same of one finger; its thumb may do anything.
        prior: thresholds that suit most people.
    Returns:
        The bands, and the names of fingers that kept their prior (only ever the thumb, which many fists leave out).
    Raises:
        CalibrationError: if a finger's curled and stretched values cannot be told apart.
    """
    bands, kept = {}, []
    for finger, (name, usual) in enumerate(zip(FINGER_NAMES, prior.in_order, strict=True)):
        stretched = [palm[:, finger], *([point[:, finger]] if finger == INDEX else [])]
        curled = [fist[:, finger], *([point[:, finger]] if finger > INDEX else [])]
        low = max(float(np.percentile(values, CURLED_PERCENTILE)) for values in curled)
        high = min(float(np.percentile(values, STRETCHED_PERCENTILE)) for values in stretched)
        if high - low >= MIN_GAP:
            bands[name] = band_between(low, high, usual)
        elif finger == THUMB:
            bands[name] = usual
            kept.append(name)
        else:
            seen = [float(np.median(pose[:, finger])) for pose in (palm, fist, point)]
            raise CalibrationError(
                f"the poses cannot be told apart: the {name} finger measures {seen[0]:.2f} open, "
                f"{seen[1]:.2f} in the fist and {seen[2]:.2f} pointing",
                "Turn the palm to the camera, close the hand fully, then point with the index finger alone",
            )
    return FingerBands(**bands), tuple(kept)


def band_between(curled: float, stretched: float, usual: Band) -> Band:
    """Place one finger's pair of thresholds between its own extremes."""
    gap = stretched - curled
    ideal = curled + IDEAL_SHARE * gap
    lowest, highest = (curled + share * gap for share in SAFE_SHARES)
    middle = min(max(ideal + PRIOR_WEIGHT * (usual.middle - ideal), lowest), highest)
    half = min(max(WIDTH_SHARE * gap, WIDTH_RANGE[0]), WIDTH_RANGE[1]) / 2.0
    return Band(on=round(middle + half, 4), off=round(middle - half, 4))
