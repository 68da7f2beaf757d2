"""Hand tracking with MediaPipe Tasks; the only place that imports mediapipe.

mediapipe takes a second to import, so that happens when a tracker is made, not when this module is read.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from air_sketch.datatypes import Float32Array, Frame, HandObservation, UInt8Array
from air_sketch.errors import HandModelError, first_line
from air_sketch.hand_model import ensure_hand_model
from air_sketch.native_noise import native_chatter_silenced
from air_sketch.slips import SlipWatch

_OPPOSITE = {"Left": "Right", "Right": "Left"}
_DETECTION_CONFIDENCE = 0.3
"""Below MediaPipe's 0.5: finds every hand of our clips sooner, and still none in pictures without a hand."""

_PRESENCE_CONFIDENCE = {"VIDEO": 0.4, "IMAGE": 0.3}
"""How sure the landmarks must be. Lower keeps a hand through blur and poor light; in a video, too low a value
would go on tracking the place where a hand has been."""


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
        self._mirrored = mirrored
        self._last_ms = 0  # taken by the warm-up picture
        self._landmarker = _create_landmarker("VIDEO", model_path)
        self._to_mediapipe = _PictureConverter()
        self._slips = SlipWatch()

    def detect(self, frame: Frame) -> HandObservation | None:
        """Return the hand in this frame, or None. Times that do not advance are moved on by a millisecond."""
        found = self._look(frame.image_bgr, frame.t_s)
        if not self._slips.doubts(found, frame.t_s):
            return found
        self._look(np.zeros_like(frame.image_bgr), frame.t_s)  # without a hand to follow, the next look starts afresh
        fresh = self._look(frame.image_bgr, frame.t_s)
        self._slips.doubts(fresh, frame.t_s)
        return found if fresh is None else fresh

    def _look(self, image_bgr: UInt8Array, t_s: float) -> HandObservation | None:
        assert self._landmarker is not None, "the tracker is closed"
        self._last_ms = max(self._last_ms + 1, round(t_s * 1000.0))
        result = self._landmarker.detect_for_video(self._to_mediapipe(image_bgr), self._last_ms)
        return _to_observation(result, image_bgr, self._mirrored)

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
        self._mirrored = mirrored
        self._landmarker = _create_landmarker("IMAGE", model_path)
        self._to_mediapipe = _PictureConverter()

    def detect(self, frame: Frame) -> HandObservation | None:
        """Return the hand, or None when no view of the picture shows one."""
        assert self._landmarker is not None, "the tracker is closed"
        for view_bgr, to_picture in _views(frame.image_bgr):
            found = _to_observation(self._landmarker.detect(self._to_mediapipe(view_bgr)), view_bgr, self._mirrored)
            if found is not None:
                return to_picture(found)
        return None

    def close(self) -> None:
        """Release the model; safe to call twice."""
        landmarker, self._landmarker = self._landmarker, None
        if landmarker is not None:
            landmarker.close()


def _create_landmarker(mode: str, model_path: Path | None) -> Any:
    """Import mediapipe quietly and open the model."""
    path = model_path or ensure_hand_model()
    os.environ.setdefault("GLOG_minloglevel", "2")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with native_chatter_silenced():
        try:
            from mediapipe.tasks.python import BaseOptions, vision
        except ImportError as error:
            raise HandModelError(f"mediapipe cannot be imported ({error}). Install requirements.txt.") from None
        options = vision.HandLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(path)),
            running_mode=getattr(vision.RunningMode, mode),
            num_hands=1,
            min_hand_detection_confidence=_DETECTION_CONFIDENCE,
            min_hand_presence_confidence=_PRESENCE_CONFIDENCE[mode],
        )
        try:
            landmarker = vision.HandLandmarker.create_from_options(options)
        except (RuntimeError, ValueError) as error:
            raise HandModelError(
                f"{path} cannot be opened ({first_line(error)}). Delete it; it is made again."
            ) from None
        _warm_up(landmarker, mode)
    return landmarker


def _warm_up(landmarker: Any, mode: str) -> None:
    """Run one empty picture, so that late start-up messages come while they are caught."""
    empty = _PictureConverter()(np.zeros((64, 64, 3), dtype=np.uint8))
    if mode == "VIDEO":
        landmarker.detect_for_video(empty, 0)
    else:
        landmarker.detect(empty)


class _PictureConverter:
    """Turns OpenCV's pictures into MediaPipe's, through one buffer that both share.

    ``mediapipe.Image(data=...)`` copies the picture into fresh memory, and the landmarker copies it once more before
    it looks. An image made by reference saves the first copy; the second one lets us write the next picture over it.
    """

    def __init__(self) -> None:
        self._rgb: UInt8Array = np.empty((0, 0, 3), dtype=np.uint8)
        self._shared: Any = None

    def __call__(self, image_bgr: UInt8Array) -> Any:
        """Return the picture as a ``mediapipe.Image``, good until the next call."""
        if self._rgb.shape != image_bgr.shape:
            self._rgb = np.empty(image_bgr.shape, dtype=np.uint8)
            self._shared = _image_over(self._rgb)
        cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB, dst=self._rgb)
        return self._shared


def _image_over(rgb: UInt8Array) -> Any:
    """Return a ``mediapipe.Image`` of this very memory; mediapipe refers only to arrays that it sees as read-only."""
    import mediapipe

    read_only = rgb.view()
    read_only.flags.writeable = False
    packet = mediapipe.packet_creator.create_image(read_only, image_format=mediapipe.ImageFormat.SRGB, copy=False)
    return mediapipe.packet_getter.get_image(packet)


def _to_observation(result: Any, image_bgr: UInt8Array, mirrored: bool) -> HandObservation | None:
    if not result.hand_landmarks:
        return None
    label = result.handedness[0][0]
    name = str(label.category_name)
    return HandObservation(
        landmarks_norm=_points(result.hand_landmarks[0]),
        world_landmarks_m=_points(result.hand_world_landmarks[0]),
        handedness=_OPPOSITE[name] if mirrored else name,
        score=float(label.score),
        frame_wh=(image_bgr.shape[1], image_bgr.shape[0]),
    )


def _points(landmarks: Any) -> Float32Array:
    flat = array("f")
    for landmark in landmarks:
        flat.extend((landmark.x, landmark.y, landmark.z))
    return np.frombuffer(flat, dtype=np.float32).reshape(-1, 3)


_ToPicture = Callable[[HandObservation], HandObservation]


def _views(image_bgr: UInt8Array) -> Iterator[tuple[UInt8Array, _ToPicture]]:
    """Yield the picture itself, then views that show a missed hand better, each with the way back.

    Mirrored: the palm detector is not symmetric. A grey margin: hands that are large or cut by the edge. A blur:
    noisy or dark pictures. Zooms: small hands far away.
    """
    height_px, width_px = image_bgr.shape[:2]
    yield image_bgr, lambda found: found
    yield np.ascontiguousarray(image_bgr[:, ::-1]), _unflipped
    margin_px = max(height_px, width_px) // 2
    grey = (127, 127, 127)
    margins = (margin_px, margin_px, margin_px, margin_px)
    padded = _pixels(cv2.copyMakeBorder(image_bgr, *margins, cv2.BORDER_CONSTANT, value=grey))
    yield padded, _from_box(-margin_px, -margin_px, width_px, height_px)
    yield _pixels(cv2.GaussianBlur(image_bgr, (5, 5), 0)), lambda found: found
    for left, top in ((0.35, 0.0), (0.0, 0.0), (0.2, 0.2)):
        x_px, y_px = int(left * width_px), int(top * height_px)
        part = image_bgr[y_px : y_px + int(0.8 * height_px), x_px : x_px + int(0.65 * width_px)]
        if min(part.shape[:2]) >= 32:
            zoomed = _pixels(cv2.resize(part, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC))
            yield zoomed, _from_box(x_px, y_px, width_px, height_px, zoom=1.5)


def _pixels(image: Any) -> UInt8Array:
    """Give one of OpenCV's results its type back."""
    return np.asarray(image, dtype=np.uint8)


def _unflipped(found: HandObservation) -> HandObservation:
    """Mirror an observation back, and name the other hand."""
    landmarks, world = found.landmarks_norm.copy(), found.world_landmarks_m.copy()
    landmarks[:, 0] = 1.0 - landmarks[:, 0]
    world[:, 0] = -world[:, 0]
    return replace(found, landmarks_norm=landmarks, world_landmarks_m=world, handedness=_OPPOSITE[found.handedness])


def _from_box(left_px: int, top_px: int, width_px: int, height_px: int, zoom: float = 1.0) -> _ToPicture:
    """Return the map from a cut-out (or a margin) back to the whole picture."""

    def to_picture(found: HandObservation) -> HandObservation:
        view_wh = np.array(found.frame_wh, dtype=np.float32) / zoom
        landmarks = found.landmarks_norm.copy()
        landmarks[:, :2] = (landmarks[:, :2] * view_wh + (left_px, top_px)) / (width_px, height_px)
        landmarks[:, 2] *= view_wh[0] / width_px
        return replace(found, landmarks_norm=landmarks, frame_wh=(width_px, height_px))

    return to_picture
