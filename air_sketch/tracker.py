"""Hand tracking with MediaPipe Tasks: one hand through the frames of a video, or in still pictures."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from air_sketch.datatypes import OPPOSITE_HAND, Frame, HandObservation, UInt8Array
from air_sketch.errors import HandModelError, first_line
from air_sketch.hand_model import ensure_hand_model
from air_sketch.native_noise import native_chatter_silenced
from air_sketch.slips import SlipWatch

if TYPE_CHECKING:
    from air_sketch.hand_graph import HandGraph


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
        self._graph: HandGraph | None = _open_graph("VIDEO", model_path)
        self._mirrored = mirrored
        self._slips = SlipWatch()
        self._follows = False  # whether the graph had a hand in its last look

    def detect(self, frame: Frame) -> HandObservation | None:
        """Return the hand in this frame, or None. Times that do not advance are moved on by a millisecond."""
        found = self._find(frame)
        if not self._slips.doubts(found, frame.t_s):
            return found
        self._look(np.zeros_like(frame.image_bgr), frame.t_s)  # without a hand to follow, the next look starts afresh
        fresh = self._look(frame.image_bgr, frame.t_s)
        self._slips.doubts(fresh, frame.t_s)
        self._follows = fresh is not None
        return found if fresh is None else fresh

    def _find(self, frame: Frame) -> HandObservation | None:
        """Look for the hand, and twice when it is new.

        The first look is where the palm detector points, and may put a finger a third of the picture away; the second
        is where the first one's landmarks are, as in every frame that follows.
        """
        found = self._look(frame.image_bgr, frame.t_s)
        if found is None or self._follows:
            self._follows = found is not None
            return found
        nearer = self._look(frame.image_bgr, frame.t_s)
        self._follows = nearer is not None
        return found if nearer is None else nearer

    def _look(self, image_bgr: UInt8Array, t_s: float) -> HandObservation | None:
        assert self._graph is not None, "the tracker is closed"
        return self._graph.look(image_bgr, self._mirrored, t_s)

    def close(self) -> None:
        """Release the model; safe to call twice."""
        graph, self._graph = self._graph, None
        if graph is not None:
            graph.close()


class StillHandTracker:
    """Find one hand in a single picture (IMAGE mode), trying harder than a video can afford."""

    def __init__(self, mirrored: bool = False, model_path: Path | None = None) -> None:
        """Load the model; photos are usually not mirrored.

        Raises:
            HandModelError: if there is no usable model.
        """
        self._graph: HandGraph | None = _open_graph("IMAGE", model_path)
        self._mirrored = mirrored

    def detect(self, frame: Frame) -> HandObservation | None:
        """Return the hand, or None when no view of the picture shows one."""
        assert self._graph is not None, "the tracker is closed"
        for view_bgr, to_picture in _views(frame.image_bgr):
            found = self._graph.look(view_bgr, self._mirrored)
            if found is not None:
                return to_picture(found)
        return None

    def close(self) -> None:
        """Release the model; safe to call twice."""
        graph, self._graph = self._graph, None
        if graph is not None:
            graph.close()


def _open_graph(mode: str, model_path: Path | None) -> HandGraph:
    """Import mediapipe quietly, which takes a second, and open the model."""
    path = model_path or ensure_hand_model()
    os.environ.setdefault("GLOG_minloglevel", "2")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with native_chatter_silenced():
        try:
            from air_sketch.hand_graph import HandGraph, hand_options
        except ImportError as error:
            raise HandModelError(f"mediapipe cannot be imported ({error}). Install requirements.txt.") from None
        try:
            graph: HandGraph = HandGraph.create_from_options(hand_options(path, mode))
        except (RuntimeError, ValueError) as error:
            raise HandModelError(
                f"{path} cannot be opened ({first_line(error)}). Delete it; it is made again."
            ) from None
        empty = np.zeros((64, 64, 3), dtype=np.uint8)
        graph.look(empty, mirrored=False)  # late start-up messages come while they are caught
    return graph


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
    return replace(found, landmarks_norm=landmarks, world_landmarks_m=world, handedness=OPPOSITE_HAND[found.handedness])


def _from_box(left_px: int, top_px: int, width_px: int, height_px: int, zoom: float = 1.0) -> _ToPicture:
    """Return the map from a cut-out (or a margin) back to the whole picture."""

    def to_picture(found: HandObservation) -> HandObservation:
        view_wh = np.array(found.frame_wh, dtype=np.float32) / zoom
        landmarks = found.landmarks_norm.copy()
        landmarks[:, :2] = (landmarks[:, :2] * view_wh + (left_px, top_px)) / (width_px, height_px)
        landmarks[:, 2] *= view_wh[0] / width_px
        return replace(found, landmarks_norm=landmarks, frame_wh=(width_px, height_px))

    return to_picture
