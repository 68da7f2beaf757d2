"""MediaPipe's hand landmarker, asked with as little around it as can be; the only module that imports mediapipe.

The import takes a second, so a tracker does it when it is made.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import cv2
import mediapipe
import numpy as np
from mediapipe.framework.formats.classification_pb2 import ClassificationList
from mediapipe.python._framework_bindings import _packet_getter
from mediapipe.tasks.python import BaseOptions, vision

from air_sketch.datatypes import OPPOSITE_HAND, Float32Array, HandObservation, UInt8Array

_DETECTION_CONFIDENCE = 0.3
"""Below MediaPipe's 0.5: finds every hand of our clips sooner, and still none in pictures without a hand."""

_PRESENCE_CONFIDENCE = {"VIDEO": 0.4, "IMAGE": 0.3}
"""How sure the landmarks must be. Lower keeps a hand through blur and poor light; in a video, too low a value
would go on tracking the place where a hand has been."""

_LANDMARKS = struct.Struct("<" + 21 * "2x xf xf xf")
"""A hand as a protocol buffer writes it: for each landmark tag and length, then x, y and z, each a tag and a float."""


def hand_options(model_path: Path, mode: str) -> Any:
    """Return the landmarker's settings for one hand; ``mode`` is "VIDEO" or "IMAGE"."""
    return vision.HandLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model_path)),
        running_mode=getattr(vision.RunningMode, mode),
        num_hands=1,
        min_hand_detection_confidence=_DETECTION_CONFIDENCE,
        min_hand_presence_confidence=_PRESENCE_CONFIDENCE[mode],
    )


class HandGraph(vision.HandLandmarker):
    """The landmarker's graph, without what ``detect`` and ``detect_for_video`` wrap around it.

    They copy the picture, and make two Python objects of each of 42 landmarks. The graph itself takes a picture where
    it lies, has done with it when it answers, and its answer is three short strings of bytes: the same numbers, 0.25 ms
    a frame sooner. Names and layout are those of mediapipe 0.10.21, to which we are pinned.
    """

    def __init__(self, graph_config: Any, running_mode: Any, packet_callback: Any = None) -> None:
        """Called by ``create_from_options``."""
        super().__init__(graph_config, running_mode, packet_callback)
        whole = mediapipe.tasks.components.containers.NormalizedRect(x_center=0.5, y_center=0.5, width=1.0, height=1.0)
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
        found = self._runner.process(packets)
        if found["landmarks"].is_empty():
            return None
        label = ClassificationList.FromString(_first(found["handedness"])).classification[0]
        hand = str(label.label)
        return HandObservation(
            landmarks_norm=_points(_first(found["landmarks"])),
            world_landmarks_m=_points(_first(found["world_landmarks"])),
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
        return mediapipe.packet_creator.create_image(
            self._read_only, image_format=mediapipe.ImageFormat.SRGB, copy=False
        )


def _first(packet: Any) -> bytes:
    """Return what a packet says of the first hand, as a protocol buffer."""
    return _packet_getter._get_serialized_proto_list(packet)[0]


def _points(written: bytes) -> Float32Array:
    return np.array(_LANDMARKS.unpack(written), dtype=np.float32).reshape(-1, 3)
