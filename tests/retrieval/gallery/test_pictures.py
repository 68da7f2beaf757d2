from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retrieval.gallery.pictures import read_picture
from retrieval.values.errors import CatalogError
from tests.retrieval.gallery.picture_bytes import ORIENTATION, corner_picture, encoded
from tests.retrieval.making import product_photo


@pytest.mark.parametrize(
    ("orientation", "red_corner", "shape"),
    [(1, (2, 2), (40, 60)), (3, (-3, -3), (40, 60)), (6, (2, -3), (60, 40)), (8, (-3, 2), (60, 40))],
)
def test_a_photo_is_turned_as_its_camera_says(
    orientation: int, red_corner: tuple[int, int], shape: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    for side in (None, 30):
        picture = read_picture(encoded(corner_picture(), "JPEG", exif=exif, quality=95), max_side_px=side)
        factor = 1 if side is None else 2
        assert picture.shape == (shape[0] // factor, shape[1] // factor, 3)
        assert picture[red_corner][0] > 200
        assert picture[-red_corner[0], -red_corner[1]][2] > 200


def test_transparency_lies_on_white_paper() -> None:
    rgba = np.zeros((8, 8, 4), np.uint8)
    rgba[:, :4] = (200, 0, 0, 255)
    rgba[:, 4:] = (0, 0, 0, 0)
    palette = Image.fromarray(np.zeros((8, 8), np.uint8), "L").convert("P")
    grey = Image.fromarray(np.dstack([np.zeros((8, 8), np.uint8)] * 2), "LA")
    assert read_picture(encoded(Image.fromarray(rgba)))[0].tolist() == [[200, 0, 0]] * 4 + [[255, 255, 255]] * 4
    assert (read_picture(encoded(grey)) == 255).all()
    assert (read_picture(encoded(palette, transparency=0)) == 255).all()
    assert (read_picture(encoded(palette, "GIF", transparency=0)) == 255).all()
    shrunk = read_picture(encoded(Image.fromarray(rgba)), max_side_px=4)
    assert shrunk[0].tolist() == [[200, 0, 0]] * 2 + [[255, 255, 255]] * 2


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "YCbCr", "HSV", "LAB", "I", "F", "I;16"])
@pytest.mark.parametrize("side", [None, 16])
def test_every_mode_becomes_rgb_bytes(mode: str, side: int | None) -> None:
    photo = Image.fromarray(product_photo(size_px=48))
    image = photo.convert("L").convert("I").convert("I;16") if mode == "I;16" else photo_in(photo, mode)
    for kind in ("TIFF",) if mode == "I" else ("PNG", "TIFF"):  # Pillow no longer writes that mode as PNG
        try:
            data = encoded(image, kind)
        except OSError:
            continue  # this format cannot hold this mode
        try:
            picture = read_picture(data, max_side_px=side)
        except CatalogError as error:
            assert mode in {"LAB", "YCbCr"}, error  # some versions of Pillow write such TIFFs damaged
            continue
        assert picture.dtype == np.uint8
        assert picture.shape == ((48, 48, 3) if side is None else (16, 16, 3))


def photo_in(photo: Image.Image, mode: str) -> Image.Image:
    if mode == "LAB":
        return Image.merge("LAB", photo.split())
    return photo.convert(mode)


def test_sixteen_bits_keep_their_shades() -> None:
    ramp = np.linspace(0, 65535, 64 * 8).reshape(8, 64).astype(np.uint16)
    picture = read_picture(encoded(Image.fromarray(ramp)))
    assert np.abs(picture[:, :, 0].astype(int) - ramp // 257).max() <= 1
    assert (picture[:, :, 0] == picture[:, :, 2]).all()


def test_cmyk_colours_survive() -> None:
    photo = Image.fromarray(product_photo()).convert("CMYK")
    picture = read_picture(encoded(photo, "JPEG", quality=95))
    assert np.abs(picture.astype(int) - product_photo()).mean() < 12


def test_an_animation_gives_its_first_frame() -> None:
    frames = [Image.new("RGB", (10, 10), color) for color in ("red", "green", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert read_picture(data)[5, 5].tolist() == [255, 0, 0]


def test_palette_pictures_are_averaged_when_they_shrink() -> None:
    checks = (np.indices((64, 64)).sum(axis=0) % 2 * 255).astype(np.uint8)
    data = encoded(Image.fromarray(checks).convert("P"))
    assert np.abs(read_picture(data, max_side_px=8).astype(int) - 127).max() <= 1


def test_large_jpegs_shrink_to_the_asked_side_and_small_ones_stay() -> None:
    data = encoded(Image.fromarray(product_photo(size_px=1000)).crop((0, 0, 1000, 700)), "JPEG")
    assert read_picture(data, max_side_px=320).shape == (224, 320, 3)
    assert read_picture(data, max_side_px=3000).shape == (700, 1000, 3)
    sliver = encoded(Image.new("RGB", (2000, 1)), "PNG")
    assert read_picture(sliver, max_side_px=100).shape == (1, 100, 3)


def one_line_error(source: bytes | Path, name: str = "it") -> str:
    with pytest.raises(CatalogError) as caught:
        read_picture(source, name)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(name)
    return message


def png_header(width: int, height: int) -> bytes:
    """A PNG that says how large it is and ends there."""
    body = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + body
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return start + struct.pack(">I", 1_000_000) + b"IDAT"


@pytest.mark.parametrize("side_px", [50_000, 12_000])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(side_px: int) -> None:
    message = one_line_error(png_header(side_px, side_px))
    assert "large" in message or "exceeds" in message


@pytest.mark.parametrize(
    "content", [b"", b"<html>not a picture</html>", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"II*\0"]
)
def test_what_is_no_picture_is_an_error_in_one_line(tmp_path: Path, content: bytes) -> None:
    one_line_error(content)
    path = tmp_path / "x.png"
    path.write_bytes(content)
    assert "x.png" in one_line_error(path, "")


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    assert "not there" in one_line_error(tmp_path / "none.png", "")
    one_line_error(tmp_path, "")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
def test_a_truncated_picture_is_an_error(kind: str) -> None:
    data = encoded(Image.fromarray(product_photo()), kind)
    for share in (0.2, 0.5, 0.8):
        one_line_error(data[: int(len(data) * share)])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
def test_damaged_bytes_give_a_picture_or_an_error_in_one_line(kind: str) -> None:
    rng = np.random.default_rng(3)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010F] = "a camera maker"
    options = {"exif": exif} if kind in {"PNG", "JPEG", "WEBP", "TIFF"} else {}
    whole = encoded(Image.fromarray(product_photo(size_px=40)), kind, **options)
    for _ in range(150):
        data = np.frombuffer(whole, np.uint8).copy()
        places = rng.integers(0, min(len(data), 400 if rng.random() < 0.7 else len(data)), int(rng.integers(1, 6)))
        data[places] = rng.integers(0, 256, len(places))
        try:
            assert read_picture(data.tobytes(), "it", 32).ndim == 3
        except CatalogError as error:
            assert "\n" not in str(error)
