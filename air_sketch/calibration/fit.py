"""From a recording of one person's hand to that person's settings.

Pure: recorded hands and the settings so far in, fitted settings and their accuracy out, or an error that says what
was wrong with the recording. Nothing is guessed: what was not measured stays as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from statistics import mode

import numpy as np

from air_sketch.calibration.motion import box_of_corners, fit_filter, resting_noise_px
from air_sketch.calibration.phases import PHASES, HandRecording, Phase, TimedHand
from air_sketch.drawing.settings import Calibration, FitRecord
from air_sketch.hands.gestures import Band, FingerBands, PoseTracker
from air_sketch.values.datatypes import BoxNorm, Float32Array
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

MIN_ACCURACY, MIN_PHASE_ACCURACY = 0.9, 0.7
"""Below this the recording does not show what was asked for."""

ONE_HAND_SHARE = 0.8
"""A phase belongs to one hand when this share of its frames says so."""

PEN_PALMS = 0.055
"""Pen width over palm size: a hand at an arm's length before a laptop then has the default pen."""

PEN_FRACTION_RANGE = (0.006, 0.016)


@dataclass(frozen=True)
class PhaseScore:
    """How many frames of one phase are read right, with the fitted and with the earlier thresholds."""

    phase: Phase
    frames: int
    right: int
    right_before: int


@dataclass(frozen=True)
class FitResult:
    """The fitted settings and what they rest on.

    Attributes:
        calibration: ready to be saved.
        record: its figures.
        scores: per phase.
        kept: names of fingers whose thresholds could not be told apart and stayed as they were.
    """

    calibration: Calibration
    record: FitRecord
    scores: tuple[PhaseScore, ...]
    kept: tuple[str, ...]


def fit_calibration(recording: HandRecording, before: Calibration, prior: FingerBands) -> FitResult:
    """Fit finger thresholds, filter, hand, pen width and canvas map to one person.

    Args:
        recording: steady frames of every phase.
        before: the person's settings so far (or the default); pens, times and gestures are kept from it.
        prior: thresholds that suit most people; the person's values pull away from them as far as needed.
    Raises:
        CalibrationError: saying what in the recording contradicts itself.
    """
    hand = _one_hand(recording)
    extensions = {phase: np.array([hand.extensions for hand in recording[phase]]) for phase in PHASES}
    bands, kept = fit_bands(extensions[Phase.PALM], extensions[Phase.FIST], extensions[Phase.POINT], prior)
    box = box_of_corners(recording[Phase.UPPER_LEFT], recording[Phase.LOWER_RIGHT])
    fist_has_thumb = "thumb" not in kept  # a fist that leaves it out hovers all the same
    right, right_before = (_count_right(extensions, one, fist_has_thumb) for one in (bands, before.finger_bands))
    if sum(right_before) > sum(right):
        bands, kept, right = before.finger_bands, FINGER_NAMES, right_before
    counts = zip(PHASES, right, right_before, strict=True)
    scores = tuple(PhaseScore(phase, len(recording[phase]), *rights) for phase, *rights in counts)
    frames = sum(score.frames for score in scores)
    accuracy, accuracy_before = sum(right) / frames, sum(right_before) / frames
    worst = min(scores, key=lambda score: score.right / score.frames)
    if worst.right < MIN_PHASE_ACCURACY * worst.frames or accuracy < MIN_ACCURACY:
        raise CalibrationError(
            f"{worst.phase.label}: seen in only {worst.right} of {worst.frames} frames",
            "Hold each pose until its ring is full",
        )
    still = recording[Phase.STILL]
    palm = float(np.median([hand.palm_norm for hand in (*recording[Phase.PALM], *recording[Phase.POINT], *still)]))
    figures = (round(figure, 4) for figure in (accuracy, accuracy_before, resting_noise_px(still), palm))
    record = FitRecord(frames, *figures)
    fitted = replace(
        before,
        finger_bands=bands,
        filter=fit_filter(still, before.filter, box),
        pen_width_fraction=_pen_width_fraction(palm, still[0], box),
        active_box_norm=box,
        hand=hand,
        fit=record,
    )
    return FitResult(fitted, record, scores, kept)


def _one_hand(recording: HandRecording) -> str:
    """Name the hand that was shown; a phase with another one contradicts the others."""
    sides = {phase: [hand.observation.handedness for hand in recording[phase]] for phase in PHASES}
    name = mode(side for phase in PHASES for side in sides[phase])
    for phase, shown in sides.items():
        if shown.count(name) <= (1.0 - ONE_HAND_SHARE) * len(shown):
            raise CalibrationError(
                f"the hand changed: {phase.label} does not show the {name.lower()} hand",
                "Show one hand throughout",
            )
    return name


def _count_right(extensions: dict[Phase, Float32Array], bands: FingerBands, fist_has_thumb: bool) -> list[int]:
    """Count each phase's frames in which the recogniser, with its memory, sees what was asked for."""
    counts = []
    for phase, rows in extensions.items():
        tracker, right = PoseTracker(bands), 0
        for row in rows.tolist():
            pose = tracker.read(row)
            if phase is Phase.PALM:
                right += all(pose.fingers_up)
            elif phase is Phase.FIST:
                right += not any(pose.fingers_up[0 if fist_has_thumb else 1 :])
            else:
                right += pose.pointing
        counts.append(right)
    return counts


def _pen_width_fraction(palm_fraction: float, sample: TimedHand, box: BoxNorm) -> float:
    """Choose the pen for the palm as it appears on the canvas."""
    width_px, height_px = sample.observation.frame_wh
    on_canvas = palm_fraction * width_px / height_px / (box[2] - box[0])
    return round(float(np.clip(PEN_PALMS * on_canvas, *PEN_FRACTION_RANGE)), 4)


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
