"""What the hand tracker gives to MediaPipe: the picture itself, in red-green-blue, without a copy of its own."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from air_sketch.datatypes import UInt8Array
from air_sketch.tracker import _PictureConverter


def noise(height_px: int, width_px: int, seed: int = 0) -> UInt8Array:
    """Return a picture in which every byte counts."""
    return np.random.default_rng(seed).integers(0, 256, (height_px, width_px, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [(480, 640), (101, 77), (1, 1)])
def test_mediapipe_sees_the_same_pixels_as_in_a_copy(size: tuple[int, int]) -> None:
    import mediapipe

    picture = noise(*size)
    copied = mediapipe.Image(
        image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
    )
    shared = _PictureConverter()(picture)
    assert (shared.width, shared.height, shared.image_format) == (copied.width, copied.height, copied.image_format)
    np.testing.assert_array_equal(shared.numpy_view(), copied.numpy_view())


def test_the_next_picture_takes_the_place_of_the_last_one() -> None:
    convert = _PictureConverter()
    first = convert(noise(48, 64, seed=1))
    second = convert(noise(48, 64, seed=2))
    assert second is first  # no memory is taken per picture
    np.testing.assert_array_equal(second.numpy_view(), noise(48, 64, seed=2)[:, :, ::-1])


def test_the_landmarker_keeps_a_copy_of_its_own() -> None:
    """The buffer may be written again as soon as a picture has been handed over."""
    import mediapipe

    convert, picture = _PictureConverter(), noise(48, 64, seed=1)
    packet = mediapipe.packet_creator.create_image(convert(picture))  # what ``detect_for_video`` does first
    convert(noise(48, 64, seed=2))
    np.testing.assert_array_equal(mediapipe.packet_getter.get_image(packet).numpy_view(), picture[:, :, ::-1])


def test_a_picture_of_another_size_gets_a_buffer_of_its_own() -> None:
    convert = _PictureConverter()
    small, large = convert(noise(30, 40)), convert(noise(60, 80, seed=1))
    np.testing.assert_array_equal(small.numpy_view(), noise(30, 40)[:, :, ::-1])
    np.testing.assert_array_equal(large.numpy_view(), noise(60, 80, seed=1)[:, :, ::-1])
