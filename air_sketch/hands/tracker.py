"""Hand tracking with MediaPipe Tasks; the only module that imports mediapipe.

mediapipe takes a second to import, so that happens when a tracker is made, not when this module is read.
"""

from __future__ import annotations

import importlib.util
import io
import os
import sys
import zipfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np

from air_sketch.camera.native_noise import native_chatter_silenced
from air_sketch.hands.slips import SlipWatch
from air_sketch.values.datatypes import Frame, UInt8Array
from air_sketch.values.errors import HandModelError, first_line
from air_sketch.values.hand import HandObservation

_DETECTION_CONFIDENCE = 0.3
"""Below MediaPipe's 0.5: finds every hand of our clips sooner, and still none in pictures without a hand."""

_PRESENCE_CONFIDENCE = {"VIDEO": 0.4, "IMAGE": 0.3}
"""How sure the landmarks must be. Lower keeps a hand through blur and poor light; in a video, too low a value
would go on tracking the place where a hand has been."""

_AUDIO_TASKS = "mediapipe.tasks.python.audio"
"""Left out of mediapipe: it imports sounddevice, which probes every sound device of the machine, and a faulty driver
or JACK server ends the process there."""

NETWORKS: Mapping[str, str] = {
    "hand_detector.tflite": "modules/palm_detection/palm_detection_full.tflite",
    "hand_landmarks_detector.tflite": "modules/hand_landmark/hand_landmark_full.tflite",
}
"""Name in a ``.task`` file -> where mediapipe keeps it."""

_OPPOSITE_HAND = {"Left": "Right", "Right": "Left"}


class MediaPipeHandTracker:
    """Follow one hand through the frames of a camera or a video (``HandLandmarker``, VIDEO mode)."""

    def __init__(self, mirrored: bool = True) -> None:
        """Load the model.

        Args:
            mirrored: whether the frames are mirrored; the network sees a mirrored right hand as a left one.
        Raises:
            HandModelError: if there is no usable model.
        """
        self._landmarker = Landmarker("VIDEO")
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
        return fresh or found

    def _find(self, frame: Frame) -> HandObservation | None:
        """Look for the hand, and twice when it is new.

        The first look is where the palm detector points, and may put a finger a third of the picture away; the second
        is where the first one's landmarks are, as in every frame that follows.
        """
        is_new = not self._follows
        found = self._look(frame.image_bgr, frame.t_s)
        if found is None or not is_new:
            return found
        return self._look(frame.image_bgr, frame.t_s) or found

    def _look(self, image_bgr: UInt8Array, t_s: float) -> HandObservation | None:
        found = self._landmarker.look(image_bgr, self._mirrored, t_s)
        self._follows = found is not None
        return found

    def close(self) -> None:
        """Release the model."""
        self._landmarker.close()


class Landmarker:
    """A ``HandLandmarker`` (``task``) for one hand, and what it says as a ``HandObservation``."""

    def __init__(self, mode: str) -> None:
        """Open the model quietly, and run it once; ``mode`` is "VIDEO" or "IMAGE".

        Raises:
            HandModelError: if there is no usable model, or no mediapipe.
        """
        os.environ.setdefault("GLOG_minloglevel", "2")
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        sys.modules.setdefault(_AUDIO_TASKS, ModuleType(_AUDIO_TASKS))
        with native_chatter_silenced():
            try:
                import mediapipe
                from mediapipe.tasks.python import BaseOptions, vision

                options = vision.HandLandmarkerOptions(
                    base_options=BaseOptions(model_asset_buffer=hand_model()),
                    running_mode=getattr(vision.RunningMode, mode),
                    num_hands=1,
                    min_hand_detection_confidence=_DETECTION_CONFIDENCE,
                    min_hand_presence_confidence=_PRESENCE_CONFIDENCE[mode],
                )
                self.task = vision.HandLandmarker.create_from_options(options)
                self._picture = partial(mediapipe.Image, image_format=mediapipe.ImageFormat.SRGB)
            except (ImportError, AttributeError, RuntimeError, ValueError) as error:
                raise HandModelError(
                    f"mediapipe cannot open the hand model ({first_line(error)})", "Install requirements.txt."
                ) from None
            self._is_video = mode == "VIDEO"
            self._last_ms = -1
            self._rgb: Any = None
            empty = np.zeros((64, 64, 3), dtype=np.uint8)
            self.look(empty, mirrored=False)  # late start-up messages come while they are caught

    def look(self, image_bgr: UInt8Array, mirrored: bool, t_s: float = 0.0) -> HandObservation | None:
        """Return the hand in a picture, or None.

        Args:
            image_bgr: uint8 (H, W, 3).
            mirrored: whether a right hand looks like a left one in it.
            t_s: seconds; a time that does not advance is moved on by a millisecond.
        """
        self._rgb = cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB, self._rgb)  # MediaPipe copies it
        picture = self._picture(data=self._rgb)
        if self._is_video:
            self._last_ms = max(self._last_ms + 1, round(t_s * 1000.0))
            found = self.task.detect_for_video(picture, self._last_ms)
        else:
            found = self.task.detect(picture)
        if not found.hand_landmarks:
            return None
        label = found.handedness[0][0]
        hand = label.category_name
        return HandObservation(
            landmarks_norm=np.array([(p.x, p.y, p.z) for p in found.hand_landmarks[0]], dtype=np.float32),
            world_landmarks_m=np.array([(p.x, p.y, p.z) for p in found.hand_world_landmarks[0]], dtype=np.float32),
            handedness=_OPPOSITE_HAND[hand] if mirrored else hand,
            score=float(label.score),
            frame_wh=(image_bgr.shape[1], image_bgr.shape[0]),
        )

    def close(self) -> None:
        """Release the model."""
        self.task.close()


def hand_model() -> bytes:
    """Return the model as the bytes of a ``.task`` file, without importing mediapipe.

    mediapipe 0.10.21 carries both networks as separate files; a ``.task`` is nothing but a stored zip of them. So
    nothing has to be downloaded.

    Raises:
        HandModelError: if mediapipe is not installed, or is one without the networks.
    """
    found = importlib.util.find_spec("mediapipe")
    if found is None or found.origin is None:
        raise HandModelError("mediapipe is not installed", "Install requirements.txt.")
    folder, content = Path(found.origin).parent, io.BytesIO()
    try:
        with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
            for name, source in NETWORKS.items():
                archive.writestr(name, (folder / source).read_bytes())
    except OSError as error:
        raise HandModelError(
            f"the installed mediapipe has no hand models ({error})", "Install mediapipe==0.10.21, which carries them."
        ) from None
    return content.getvalue()
