"""Hand tracking with MediaPipe Tasks; the only module that imports mediapipe.

mediapipe takes a second to import, so that happens when a tracker is made, not when this module is read.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np

from air_sketch.camera.native_noise import native_chatter_silenced
from air_sketch.hands.model_file import ensure_hand_model
from air_sketch.hands.slips import SlipWatch
from air_sketch.hands.still_views import views
from air_sketch.values.datatypes import Frame, UInt8Array
from air_sketch.values.errors import HandModelError, first_line
from air_sketch.values.hand import OPPOSITE_HAND, HandObservation

_DETECTION_CONFIDENCE = 0.3
"""Below MediaPipe's 0.5: finds every hand of our clips sooner, and still none in pictures without a hand."""

_PRESENCE_CONFIDENCE = {"VIDEO": 0.4, "IMAGE": 0.3}
"""How sure the landmarks must be. Lower keeps a hand through blur and poor light; in a video, too low a value
would go on tracking the place where a hand has been."""


_AUDIO_TASKS = "mediapipe.tasks.python.audio"
"""Left out of mediapipe: it imports sounddevice, which probes every sound device of the machine, and a faulty driver
or JACK server ends the process there."""


class MediaPipeHandTracker:
    """Follow one hand through the frames of a camera or a video (``HandLandmarker``, VIDEO mode)."""

    def __init__(self, mirrored: bool = True, model_path: Path | None = None) -> None:
        """Load the model.

        Args:
            mirrored: whether the frames are mirrored; the network sees a mirrored right hand as a left one.
            model_path: a ``hand_landmarker.task``; None builds or finds the usual one.
        Raises:
            HandModelError: if there is no usable model.
        """
        self._landmarker: Landmarker | None = open_landmarker("VIDEO", model_path)
        self._mirrored = mirrored
        self._slips = SlipWatch()
        self._follows = False  # whether the landmarker had a hand in its last look

    def detect(self, frame: Frame) -> HandObservation | None:
        """Return the hand in this frame, or None. Times that do not advance are moved on by a millisecond."""
        found = self._find(frame)
        if not self._slips.doubts(found, frame.t_s):
            return found
        self._look(np.zeros_like(frame.image_bgr), frame.t_s)  # without a hand to follow, the next look starts afresh
        fresh = self._look(frame.image_bgr, frame.t_s)
        self._slips.doubts(fresh, frame.t_s)
        return found if fresh is None else fresh

    def _find(self, frame: Frame) -> HandObservation | None:
        """Look for the hand, and twice when it is new.

        The first look is where the palm detector points, and may put a finger a third of the picture away; the second
        is where the first one's landmarks are, as in every frame that follows.
        """
        is_new = not self._follows
        found = self._look(frame.image_bgr, frame.t_s)
        if found is None or not is_new:
            return found
        nearer = self._look(frame.image_bgr, frame.t_s)
        return found if nearer is None else nearer

    def _look(self, image_bgr: UInt8Array, t_s: float) -> HandObservation | None:
        assert self._landmarker is not None, "the tracker is closed"
        found = self._landmarker.look(image_bgr, self._mirrored, t_s)
        self._follows = found is not None
        return found

    def close(self) -> None:
        """Release the model; safe to call twice."""
        landmarker, self._landmarker = self._landmarker, None
        if landmarker is not None:
            landmarker.close()


class StillHandTracker:
    """Find one hand in a single picture (IMAGE mode), trying harder than a video can afford."""

    def __init__(self, mirrored: bool = False, model_path: Path | None = None) -> None:
        """Load the model; photos are usually not mirrored.

        Raises:
            HandModelError: if there is no usable model.
        """
        self._landmarker: Landmarker | None = open_landmarker("IMAGE", model_path)
        self._mirrored = mirrored

    def detect(self, frame: Frame) -> HandObservation | None:
        """Return the hand, or None when no view of the picture shows one."""
        assert self._landmarker is not None, "the tracker is closed"
        for view_bgr, to_picture in views(frame.image_bgr):
            found = self._landmarker.look(view_bgr, self._mirrored)
            if found is not None:
                return to_picture(found)
        return None

    def close(self) -> None:
        """Release the model; safe to call twice."""
        landmarker, self._landmarker = self._landmarker, None
        if landmarker is not None:
            landmarker.close()


def open_landmarker(mode: str, model_path: Path | None = None) -> Landmarker:
    """Open the model quietly, and run it once.

    Args:
        mode: "VIDEO" or "IMAGE".
        model_path: a ``hand_landmarker.task``; None builds or finds the usual one.
    Raises:
        HandModelError: if there is no usable model, or no mediapipe.
    """
    path = model_path or ensure_hand_model()
    os.environ.setdefault("GLOG_minloglevel", "2")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with native_chatter_silenced():
        try:
            landmarker = Landmarker(path, mode)
        except (ImportError, AttributeError) as error:
            raise HandModelError(f"mediapipe cannot be imported ({error})", "Install requirements.txt.") from None
        except (RuntimeError, ValueError) as error:
            raise HandModelError(
                f"{path} cannot be opened ({first_line(error)})", "Delete it; it is made again."
            ) from None
        empty = np.zeros((64, 64, 3), dtype=np.uint8)
        landmarker.look(empty, mirrored=False)  # late start-up messages come while they are caught
    return landmarker


def import_vision() -> Any:
    """Import MediaPipe's vision tasks, without its audio tasks."""
    sys.modules.setdefault(_AUDIO_TASKS, ModuleType(_AUDIO_TASKS))
    from mediapipe.tasks.python import vision

    return vision


def hand_options(model_path: Path, mode: str) -> Any:
    """Return the landmarker's settings for one hand; ``mode`` is "VIDEO" or "IMAGE"."""
    vision = import_vision()
    from mediapipe.tasks.python import BaseOptions

    return vision.HandLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model_path)),
        running_mode=getattr(vision.RunningMode, mode),
        num_hands=1,
        min_hand_detection_confidence=_DETECTION_CONFIDENCE,
        min_hand_presence_confidence=_PRESENCE_CONFIDENCE[mode],
    )


class Landmarker:
    """A ``HandLandmarker`` for one hand, and what it says as a ``HandObservation``."""

    def __init__(self, model_path: Path, mode: str) -> None:
        """Open the model; ``mode`` is "VIDEO" or "IMAGE".

        Raises:
            ImportError, AttributeError: without mediapipe, or with one of another make.
            RuntimeError, ValueError: if the model cannot be opened.
        """
        vision = import_vision()
        import mediapipe

        self._landmarker = vision.HandLandmarker.create_from_options(hand_options(model_path, mode))
        self._picture = partial(mediapipe.Image, image_format=mediapipe.ImageFormat.SRGB)
        self._is_video = mode == "VIDEO"
        self._last_ms = -1

    def look(self, image_bgr: UInt8Array, mirrored: bool, t_s: float = 0.0) -> HandObservation | None:
        """Return the hand in a picture, or None.

        Args:
            image_bgr: uint8 (H, W, 3).
            mirrored: whether a right hand looks like a left one in it.
            t_s: seconds; a time that does not advance is moved on by a millisecond.
        """
        picture = self._picture(data=cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB))
        if self._is_video:
            self._last_ms = max(self._last_ms + 1, round(t_s * 1000.0))
            found = self._landmarker.detect_for_video(picture, self._last_ms)
        else:
            found = self._landmarker.detect(picture)
        if not found.hand_landmarks:
            return None
        label = found.handedness[0][0]
        hand = label.category_name
        return HandObservation(
            landmarks_norm=np.array([(p.x, p.y, p.z) for p in found.hand_landmarks[0]], dtype=np.float32),
            world_landmarks_m=np.array([(p.x, p.y, p.z) for p in found.hand_world_landmarks[0]], dtype=np.float32),
            handedness=OPPOSITE_HAND[hand] if mirrored else hand,
            score=float(label.score),
            frame_wh=(image_bgr.shape[1], image_bgr.shape[0]),
        )

    def close(self) -> None:
        """Release the model."""
        self._landmarker.close()
