"""The hand tracker asks MediaPipe's graph itself: the same picture in, the same numbers out as by the public calls."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from air_sketch.camera.video_file import VideoFileCamera
from air_sketch.hands.model_file import ensure_hand_model
from air_sketch.hands.tracker import MediaPipeHandTracker, hand_options, open_graph, read_landmarks
from air_sketch.values.datatypes import Frame, UInt8Array
from air_sketch.values.errors import HandModelError
from samples.synthetic_hand import ONE, make_observation

CLIP = Path(os.environ.get("AIR_SKETCH_DATA", Path(__file__).parents[4] / "shared" / "data")) / "hands" / "video"
CLIP /= "star_testvideo_star_1.mp4"


def noise(height_px: int, width_px: int, seed: int = 0) -> UInt8Array:
    """Return a picture in which every byte counts."""
    return np.random.default_rng(seed).integers(0, 256, (height_px, width_px, 3), dtype=np.uint8)


def pixels(packet):
    import mediapipe

    return mediapipe.packet_getter.get_image(packet).numpy_view()


@pytest.fixture(scope="module")
def graph():
    opened = open_graph("IMAGE")
    yield opened
    opened.close()


@pytest.mark.parametrize("size", [(480, 640), (101, 77), (1, 1)])
def test_mediapipe_sees_every_pixel_in_red_green_blue(graph, size: tuple[int, int]) -> None:
    np.testing.assert_array_equal(pixels(graph._share(noise(*size))), noise(*size)[:, :, ::-1])


def test_the_next_picture_takes_the_place_of_the_last_one(graph) -> None:
    """No memory is taken per picture; the graph has answered by then."""
    first = pixels(graph._share(noise(48, 64, seed=1)))
    graph._share(noise(48, 64, seed=2))
    np.testing.assert_array_equal(first, noise(48, 64, seed=2)[:, :, ::-1])


def test_a_picture_of_another_size_gets_a_buffer_of_its_own(graph) -> None:
    small = pixels(graph._share(noise(30, 40)))
    large = pixels(graph._share(noise(60, 80, seed=1)))
    np.testing.assert_array_equal(small, noise(30, 40)[:, :, ::-1])
    np.testing.assert_array_equal(large, noise(60, 80, seed=1)[:, :, ::-1])


@pytest.mark.skipif(not CLIP.is_file(), reason="no clips in $AIR_SKETCH_DATA or ../shared/data")
@pytest.mark.parametrize("mode", ["VIDEO", "IMAGE"])
def test_the_graph_says_what_the_public_call_says(mode: str) -> None:
    ours = open_graph(mode)
    import mediapipe
    from mediapipe.tasks.python import vision

    public = vision.HandLandmarker.create_from_options(hand_options(ensure_hand_model(), mode))
    camera, found = VideoFileCamera(CLIP), 0
    for number in range(20):
        image = camera.read().image_bgr
        rgb = np.ascontiguousarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=rgb)
        said = public.detect_for_video(picture, 33 * number + 1) if mode == "VIDEO" else public.detect(picture)
        hand = ours.look(image, mirrored=False, t_s=(33 * number + 1) / 1000)
        assert (hand is None) == (not said.hand_landmarks)
        if hand is not None:
            found += 1
            for array, points in (
                (hand.landmarks_norm, said.hand_landmarks[0]),
                (hand.world_landmarks_m, said.hand_world_landmarks[0]),
            ):
                np.testing.assert_array_equal(array, np.float32([(p.x, p.y, p.z) for p in points]))
            label = said.handedness[0][0]
            assert (hand.handedness, hand.score) == (label.category_name, label.score)
    assert found >= 10
    for landmarker in (ours, public):
        landmarker.close()
    camera.close()


def written(points, is_normalized: bool, **more: float) -> bytes:
    """Return landmarks as MediaPipe writes them; a coordinate that is NaN is left out."""
    from mediapipe.framework.formats import landmark_pb2

    marks = landmark_pb2.NormalizedLandmarkList() if is_normalized else landmark_pb2.LandmarkList()
    for point in points:
        given = {axis: float(value) for axis, value in zip("xyz", point, strict=True) if not np.isnan(value)}
        marks.landmark.add(**given, **more)
    return marks.SerializeToString()


POINTS = np.random.default_rng(3).normal(0.5, 0.5, (21, 3)).astype(np.float32)


@pytest.mark.parametrize("is_normalized", [True, False])
@pytest.mark.parametrize("more", [{}, {"visibility": 0.7}, {"visibility": 0.0, "presence": 0.9}])
@pytest.mark.parametrize("left_out", [None, 2, (slice(None), 2), (7, 0), slice(0, 21)], ids=str)
def test_landmarks_are_read_whatever_fields_they_have(left_out, more, is_normalized: bool) -> None:
    """A list without z but with the visibility is as long as the usual one."""
    points = POINTS.copy()
    if left_out is not None:
        points[left_out] = np.nan
    found = read_landmarks(written(points, is_normalized, **more))
    assert (found.dtype, found.shape) == (np.float32, (21, 3))
    np.testing.assert_array_equal(found, np.nan_to_num(points, nan=0.0))


def test_no_landmarks_are_an_empty_array() -> None:
    assert read_landmarks(b"").shape == (0, 3)


def test_the_usual_landmarks_need_no_protobuf_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading them attribute by attribute takes ten times as long, in every frame."""
    usual = written(POINTS, is_normalized=True)
    monkeypatch.setitem(sys.modules, "mediapipe.framework.formats.landmark_pb2", None)
    np.testing.assert_array_equal(read_landmarks(usual), POINTS)


def test_reading_the_module_does_not_import_mediapipe() -> None:
    program = "import sys, air_sketch.hands.tracker; sys.exit('mediapipe' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[3], check=False).returncode == 0


class ScriptedGraph:
    """Answers one look after the other."""

    def __init__(self, *answers) -> None:
        self.answers = list(answers)

    def look(self, _image_bgr, _mirrored, _t_s):
        return self.answers.pop(0)

    def close(self) -> None:
        """Nothing to release."""


def seen(script: ScriptedGraph, frames: int) -> list[object]:
    """Return what a tracker says of so many frames."""
    tracker = MediaPipeHandTracker()
    tracker.close()
    tracker._graph = script
    hands = [tracker.detect(Frame(noise(8, 8), number / 30, number)) for number in range(frames)]
    assert script.answers == []
    return hands


def test_a_new_hand_is_looked_at_twice_and_a_followed_one_once() -> None:
    a, b, c, d, e = (make_observation(ONE, (300.0 + 9 * i, 200.0)) for i in range(5))
    assert seen(ScriptedGraph(None, a, b, c, None, d, e), 5) == [None, b, c, None, e]


def test_a_second_look_that_finds_nothing_leaves_the_first() -> None:
    a, b, c = (make_observation(ONE, (300.0 + 9 * i, 200.0)) for i in range(3))
    assert seen(ScriptedGraph(a, None, b, c), 2) == [a, c]


def test_another_mediapipe_without_the_names_used_here_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    import mediapipe

    monkeypatch.delattr(mediapipe, "packet_creator")
    with pytest.raises(HandModelError, match=r"Install requirements.txt") as raised:
        MediaPipeHandTracker()
    assert "\n" not in str(raised.value)
