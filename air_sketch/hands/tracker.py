"""Hand tracking with MediaPipe Tasks; the only module that imports mediapipe.

mediapipe takes a second to import, so that happens when a tracker is made, not when this module is read.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from air_sketch.camera.native_noise import native_chatter_silenced
from air_sketch.hands.model_file import ensure_hand_model
from air_sketch.hands.slips import SlipWatch
from air_sketch.hands.still_views import views
from air_sketch.values.datatypes import Float32Array, Frame, UInt8Array
from air_sketch.values.errors import HandModelError, first_line
from air_sketch.values.hand import OPPOSITE_HAND, HandObservation

_DETECTION_CONFIDENCE = 0.3
"""Below MediaPipe's 0.5: finds every hand of our clips sooner, and still none in pictures without a hand."""

_PRESENCE_CONFIDENCE = {"VIDEO": 0.4, "IMAGE": 0.3}
"""How sure the landmarks must be. Lower keeps a hand through blur and poor light; in a video, too low a value
would go on tracking the place where a hand has been."""

_LANDMARKS = struct.Struct("<" + 21 * "3sf sf sf")
"""A hand as a protocol buffer writes it: for each landmark a mark of three bytes, then x, y and z after a mark each."""

_MARKS = 21 * (b"\x0a\x0f\x0d", b"\x15", b"\x1d")
"""Of a landmark: field 1 of the list, 15 bytes, field 1 (a float). Then field 2 and field 3, floats, too."""


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
        self._graph: HandGraph | None = open_graph("VIDEO", model_path)
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
        assert self._graph is not None, "the tracker is closed"
        found = self._graph.look(image_bgr, self._mirrored, t_s)
        self._follows = found is not None
        return found

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
        self._graph: HandGraph | None = open_graph("IMAGE", model_path)
        self._mirrored = mirrored

    def detect(self, frame: Frame) -> HandObservation | None:
        """Return the hand, or None when no view of the picture shows one."""
        assert self._graph is not None, "the tracker is closed"
        for view_bgr, to_picture in views(frame.image_bgr):
            found = self._graph.look(view_bgr, self._mirrored)
            if found is not None:
                return to_picture(found)
        return None

    def close(self) -> None:
        """Release the model; safe to call twice."""
        graph, self._graph = self._graph, None
        if graph is not None:
            graph.close()


def open_graph(mode: str, model_path: Path | None = None) -> HandGraph:
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
            graph = HandGraph(hand_options(path, mode))
        except (ImportError, AttributeError) as error:
            raise HandModelError(f"mediapipe cannot be imported ({error})", "Install requirements.txt.") from None
        except (RuntimeError, ValueError) as error:
            raise HandModelError(
                f"{path} cannot be opened ({first_line(error)})", "Delete it; it is made again."
            ) from None
        empty = np.zeros((64, 64, 3), dtype=np.uint8)
        graph.look(empty, mirrored=False)  # late start-up messages come while they are caught
    return graph


def hand_options(model_path: Path, mode: str) -> Any:
    """Return the landmarker's settings for one hand; ``mode`` is "VIDEO" or "IMAGE"."""
    from mediapipe.tasks.python import BaseOptions, vision

    return vision.HandLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model_path)),
        running_mode=getattr(vision.RunningMode, mode),
        num_hands=1,
        min_hand_detection_confidence=_DETECTION_CONFIDENCE,
        min_hand_presence_confidence=_PRESENCE_CONFIDENCE[mode],
    )


class HandGraph:
    """The graph of a ``HandLandmarker``, without what ``detect`` and ``detect_for_video`` wrap around it.

    They copy the picture, and make two Python objects of each of 42 landmarks. The graph itself takes a picture where
    it lies, has done with it when it answers, and its answer is three short strings of bytes: the same numbers, 0.25 ms
    a frame sooner. The names used are those of mediapipe 0.10.21, to which we are pinned.
    """

    def __init__(self, options: Any) -> None:
        """Open the model; ``options`` are those of ``hand_options``.

        Raises:
            ImportError, AttributeError: without mediapipe, or with one that lacks a name used here.
            RuntimeError, ValueError: if the model cannot be opened.
        """
        import mediapipe
        from mediapipe.framework.formats.classification_pb2 import ClassificationList
        from mediapipe.python._framework_bindings._packet_getter import _get_serialized_proto_list
        from mediapipe.tasks.python import vision
        from mediapipe.tasks.python.components.containers import NormalizedRect

        self._landmarker = vision.HandLandmarker.create_from_options(options)
        self._process = self._landmarker._runner.process
        self._read_list, self._read_labels = _get_serialized_proto_list, ClassificationList.FromString
        self._create_image, self._rgb_format = mediapipe.packet_creator.create_image, mediapipe.ImageFormat.SRGB
        whole = NormalizedRect(x_center=0.5, y_center=0.5, width=1.0, height=1.0)
        self._whole_picture = mediapipe.packet_creator.create_proto(whole.to_pb2())
        self._rgb: UInt8Array = np.empty((0, 0, 3), dtype=np.uint8)
        self._read_only = self._rgb
        self._last_ms = -1

    def look(self, image_bgr: UInt8Array, mirrored: bool, t_s: float = 0.0) -> HandObservation | None:
        """Return the hand in a picture, or None.

        Args:
            image_bgr: uint8 (H, W, 3).
            mirrored: whether a right hand looks like a left one in it.
            t_s: seconds; a time that does not advance is moved on by a millisecond.
        """
        self._last_ms = max(self._last_ms + 1, round(t_s * 1000.0))
        at_us = self._last_ms * 1000
        packets = {"image_in": self._share(image_bgr).at(at_us), "norm_rect_in": self._whole_picture.at(at_us)}
        found = self._process(packets)
        if found["landmarks"].is_empty():
            return None
        # Each list has one entry for each hand, and there is one hand.
        label = self._read_labels(self._read_list(found["handedness"])[0]).classification[0]
        hand = str(label.label)
        return HandObservation(
            landmarks_norm=read_landmarks(self._read_list(found["landmarks"])[0]),
            world_landmarks_m=read_landmarks(self._read_list(found["world_landmarks"])[0]),
            handedness=OPPOSITE_HAND[hand] if mirrored else hand,
            score=float(label.score),
            frame_wh=(image_bgr.shape[1], image_bgr.shape[0]),
        )

    def _share(self, image_bgr: UInt8Array) -> Any:
        """Return the picture as a packet, good until the next call: they all share one buffer."""
        if self._rgb.shape != image_bgr.shape:
            self._rgb = np.empty(image_bgr.shape, dtype=np.uint8)
            self._read_only = self._rgb.view()
            self._read_only.flags.writeable = False  # mediapipe refers only to arrays that it sees as read-only
        cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB, dst=self._rgb)
        return self._create_image(self._read_only, image_format=self._rgb_format, copy=False)

    def close(self) -> None:
        """Release the model."""
        self._landmarker.close()


def read_landmarks(written: bytes) -> Float32Array:
    """Return a serialized ``LandmarkList`` or ``NormalizedLandmarkList`` as float32 (N, 3): x, y, z.

    Their bytes are alike. The usual 21 landmarks with these three fields are read at once, all else by MediaPipe's own
    classes: a field that is missing counts as 0, and others, such as the visibility, are passed over.
    """
    if len(written) == _LANDMARKS.size:
        fields = _LANDMARKS.unpack(written)
        if fields[::2] == _MARKS:
            return np.array(fields[1::2], dtype=np.float32).reshape(-1, 3)
    from mediapipe.framework.formats.landmark_pb2 import LandmarkList

    points = LandmarkList.FromString(written).landmark
    return np.array([(p.x, p.y, p.z) for p in points], dtype=np.float32).reshape(-1, 3)
