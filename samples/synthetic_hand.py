"""A kinematic hand: 21 landmarks from finger curls, for recorded samples and for tests.

Lengths are in palms (wrist to middle knuckle). Local axes: x to the thumb's side, y from wrist to fingers, z away
from the camera (curled fingers come nearer). It is the right hand of a person who looks at a mirrored picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from air_sketch.values.datatypes import PointPx
from air_sketch.values.hand import HandLandmark, HandObservation

Float64Array = npt.NDArray[np.float64]

PALM_M = 0.09
_KNUCKLES = {"index": (0.27, 0.97), "middle": (0.03, 1.0), "ring": (-0.2, 0.93), "pinky": (-0.41, 0.8)}
_BONES = {
    "index": (0.44, 0.26, 0.2),
    "middle": (0.48, 0.3, 0.21),
    "ring": (0.44, 0.28, 0.2),
    "pinky": (0.34, 0.2, 0.18),
}
_SPLAY_DEG = {"index": 9.0, "middle": 1.0, "ring": -8.0, "pinky": -18.0}
_FULL_CURL_DEG = (78.0, 100.0, 62.0)
FINGERS = ("index", "middle", "ring", "pinky")


@dataclass(frozen=True)
class HandShape:
    """How far each digit is curled (0 straight, 1 in the fist) and how the hand is held.

    Attributes:
        thumb: 0 stretched sideways, 1 folded over the palm.
        roll_deg: turn in the picture plane.
        yaw_deg: turn about the forearm, away from the camera.
    """

    thumb: float = 1.0
    index: float = 1.0
    middle: float = 1.0
    ring: float = 1.0
    pinky: float = 1.0
    roll_deg: float = -12.0
    yaw_deg: float = 12.0

    def towards(self, other: HandShape, share: float) -> HandShape:
        """Return the shape part of the way to another."""
        names = ("thumb", *FINGERS, "roll_deg", "yaw_deg")
        return HandShape(**{n: getattr(self, n) + share * (getattr(other, n) - getattr(self, n)) for n in names})


@dataclass(frozen=True)
class Person:
    """How one person's hand differs from the usual one.

    Attributes:
        finger_length: of all four fingers, 1 is usual.
        straightest: the least curl that the fingers can do, 0 is straight.
        tightest: the most curl that they can do, 1 is a fist.
        thumb_tightest: the same for the thumb.
        left: a left hand.
    """

    finger_length: float = 1.0
    straightest: float = 0.0
    tightest: float = 1.0
    thumb_tightest: float = 1.0
    left: bool = False

    def limits(self, shape: HandShape) -> HandShape:
        """Return what this person makes of a shape."""
        span = self.tightest - self.straightest
        curls = {name: self.straightest + span * getattr(shape, name) for name in FINGERS}
        return replace(shape, thumb=shape.thumb * self.thumb_tightest, **curls)


ANYBODY = Person()
FIST = HandShape()
ONE = HandShape(index=0.0)
TWO = HandShape(index=0.0, middle=0.0)
THREE = HandShape(index=0.0, middle=0.0, ring=0.0)
FOUR = HandShape(index=0.0, middle=0.0, ring=0.0, pinky=0.0)
FIVE = HandShape(thumb=0.0, index=0.0, middle=0.0, ring=0.0, pinky=0.0)
BY_COUNT = (FIST, ONE, TWO, THREE, FOUR, FIVE)


def make_observation(
    shape: HandShape,
    tip_px: PointPx,
    *,
    frame_wh: tuple[int, int] = (640, 480),
    palm_px: float = 95.0,
    jitter_px: float = 0.0,
    rng: np.random.Generator | None = None,
    decimals: int | None = None,
    person: Person = ANYBODY,
) -> HandObservation:
    """Place a hand so that its index fingertip, were it as straight as it can be, lies at ``tip_px``."""
    anchor = _turned(_local_landmarks(replace(shape, index=0.0), person), shape)[HandLandmark.INDEX_TIP]
    local = _turned(_local_landmarks(shape, person), shape)
    side = 1.0 if person.left else -1.0
    image_px = (local - [anchor[0], anchor[1], 0.0]) * [side * palm_px, -palm_px, palm_px] + [*tip_px, 0.0]
    world_m = (local - local.mean(axis=0)) * [side * PALM_M, -PALM_M, PALM_M]
    if rng is not None and jitter_px > 0.0:
        image_px += rng.normal(0.0, jitter_px, image_px.shape)
        world_m += rng.normal(0.0, jitter_px / palm_px * PALM_M, world_m.shape)
    landmarks = image_px / [frame_wh[0], frame_wh[1], frame_wh[0]]
    if decimals is not None:
        landmarks, world_m = landmarks.round(decimals), world_m.round(decimals)
    hand = "Left" if person.left else "Right"
    return HandObservation(landmarks.astype(np.float32), world_m.astype(np.float32), hand, 0.97, frame_wh)


def _local_landmarks(shape: HandShape, person: Person) -> Float64Array:
    points = np.zeros((21, 3))
    shape = person.limits(shape)
    points[HandLandmark.THUMB_CMC : HandLandmark.THUMB_TIP + 1] = _thumb(shape.thumb)
    for i, name in enumerate(FINGERS):
        points[5 + 4 * i : 9 + 4 * i] = _finger(name, getattr(shape, name), person.finger_length)
    return points


def _finger(name: str, curl: float, length: float) -> Float64Array:
    """Chain knuckle and three bones, bending towards the camera."""
    splay = math.radians(_SPLAY_DEG[name]) * (1.0 - 0.7 * curl)
    chain = [np.array([*_KNUCKLES[name], 0.0])]
    bend = 0.0
    for bone, full_deg in zip(_BONES[name], _FULL_CURL_DEG, strict=True):
        bend += math.radians(full_deg) * curl + 0.02
        along = math.cos(bend)
        chain.append(
            chain[-1] + length * bone * np.array([along * math.sin(splay), along * math.cos(splay), -math.sin(bend)])
        )
    return np.array(chain)


def _thumb(fold: float) -> Float64Array:
    """Chain the thumb from its base, swinging over the palm as it folds."""
    points = [np.array([0.22, 0.16, -0.05])]
    for bone, open_deg, folded_deg in ((0.36, 52.0, 22.0), (0.3, 48.0, -38.0), (0.25, 42.0, -78.0)):
        angle = math.radians(open_deg + fold * (folded_deg - open_deg))
        points.append(points[-1] + bone * np.array([math.sin(angle), math.cos(angle), -0.45 * fold]))
    return np.array(points)


def _turned(points: Float64Array, shape: HandShape) -> Float64Array:
    """Turn about the forearm, then in the picture plane."""
    yaw, roll = math.radians(shape.yaw_deg), math.radians(shape.roll_deg)
    about_y = np.array([[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]])
    about_z = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
    turned: Float64Array = points @ about_y.T @ about_z.T
    return turned
