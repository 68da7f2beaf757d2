"""Pictures as phones, cameras, shops, scanners and programs write them: seen as viewers show them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from retrieval.gallery.formats import colours as picture_colours
from retrieval.gallery.pictures import MAX_PICTURE_PIXELS, read_picture
from retrieval.values.errors import CatalogError
from tests.retrieval.gallery.picture_bytes import (
    EXIF_IFD,
    GPS,
    INTEROPERABILITY,
    LONG,
    MAKE,
    MINUS_ONE_OF_ZERO,
    ORIENTATION,
    SIGNED_RATIONAL,
    X_RESOLUTION,
    Entry,
    chunk,
    corner_picture,
    encoded,
    exif,
    jpeg_with,
    orientation,
    png_with,
    profile_of_inks,
    segment,
    tiff,
)
from tests.retrieval.making import product_photo

SCANS = (b"\xff\xda" + bytes(50)) * 500
RED, BLUE = (255, 0, 0), (0, 0, 255)
MEGABYTES = 1_000_000


def profile_with_swapped_colours() -> bytes:
    """A profile whose first number is blue and whose last is red."""
    content = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return content.replace(b"rXYZ", b"zXYZ").replace(b"bXYZ", b"rXYZ").replace(b"zXYZ", b"bXYZ")


SWAPPED = profile_with_swapped_colours()
TURNED = exif(orientation(6))


def packed_text(size: int) -> bytes:
    return zlib.compress(b"x" * size)


def profile_chunk(profile: bytes, checksum: int | None = None) -> bytes:
    return chunk(b"iCCP", b"some\0\0" + zlib.compress(profile), checksum)


def with_thumbnail() -> bytes:
    return jpeg_with(segment(0xE1, b"Exif\0\0" + jpeg_with(SCANS[:2000])))


def frames(kind: str) -> bytes:
    return encoded(corner_picture(), kind, save_all=True, append_images=[corner_picture().rotate(180)])


PLAIN: dict[str, Callable[[], bytes]] = {
    "a film behind the end": lambda: jpeg_with(end=SCANS),
    "a film behind a progressive picture": lambda: jpeg_with(end=SCANS, progressive=True),
    "scan marks in side data": lambda: jpeg_with(segment(0xE1, b"\xff\xda" * 30_000)),
    "scan marks in many segments": lambda: jpeg_with(segment(0xED, b"\xff\xda" * 500) * 40),
    "scan marks in a comment": lambda: jpeg_with(segment(0xFE, b"\xff\xda" * 500)),
    "scan marks in a thumbnail": with_thumbnail,
    "fill bytes": lambda: jpeg_with(b"\xff\xff\xff"),
    "restart marks": lambda: jpeg_with(restart_marker_blocks=1),
    "another picture behind the end": lambda: jpeg_with(end=jpeg_with()),
    "no mark of the end": lambda: jpeg_with()[:-2],
    "no mark of the end, progressive": lambda: jpeg_with(progressive=True)[:-2],
    "several pictures": lambda: frames("MPO"),
    "a film, GIF": lambda: frames("GIF"),
    "a film, PNG": lambda: frames("PNG"),
    "a film, WebP": lambda: frames("WEBP"),
    "a film, AVIF": lambda: frames("AVIF"),
    "a series, HEIF": lambda: frames("HEIF"),
    "HEIF": lambda: encoded(corner_picture(), "HEIF"),
    "HEIF in tiles": lambda: encoded(corner_picture().resize((600, 400), 0), "HEIF", tile_size=256),
    "AVIF": lambda: encoded(corner_picture(), "AVIF"),
    "AVIF by its second name": lambda: encoded(corner_picture(), "AVIF").replace(b"ftypavif", b"ftypmif1"),
    "WebP": lambda: encoded(corner_picture(), "WEBP", lossless=True),
    "palette": lambda: encoded(corner_picture().convert("P")),
    "CMYK": lambda: encoded(corner_picture().convert("CMYK"), "JPEG", quality=95),
    "CMYK, TIFF": lambda: encoded(corner_picture().convert("CMYK"), "TIFF"),
    "YCbCr, TIFF": lambda: tiff(np.asarray(corner_picture().convert("YCbCr")), 6, further=[(530, 3, 2, b"\1\0\1\0")]),
    "LAB, TIFF": lambda: encoded(in_lab(corner_picture()), "TIFF"),
    "coloured floats": lambda: tiff(np.asarray(corner_picture(), np.float32) / 255, 2),
    "coloured floats, the other way round": lambda: tiff(np.asarray(corner_picture(), np.float32) / 255, 2, ">"),
    "coloured floats of bytes": lambda: tiff(np.asarray(corner_picture(), np.float32), 2),
    "coloured doubles": lambda: tiff(np.asarray(corner_picture(), np.float64) / 255, 2),
    "coloured shorts": lambda: tiff(np.asarray(corner_picture(), np.uint16) * 257, 2),
    "packed text": lambda: png_with(chunk(b"zTXt", b"k\0\0" + packed_text(30 * MEGABYTES))),
    "packed text, international": lambda: png_with(chunk(b"iTXt", b"k\0\1\0\0\0" + packed_text(3 * MEGABYTES))),
    "text": lambda: png_with(chunk(b"iTXt", b"k\0\0\0\0\0" + b"x" * 5 * MEGABYTES)),
    "many texts": lambda: png_with(*[chunk(b"zTXt", b"k\0\0" + packed_text(MEGABYTES))] * 100),
    "text behind the picture": lambda: encoded(corner_picture())[:-12] + chunk(b"tEXt", b"k\0" + bytes(99)),
    "a wrong checksum of text": lambda: png_with(chunk(b"tEXt", b"k\0v", checksum=1)),
    "a wrong checksum of EXIF": lambda: png_with(chunk(b"eXIf", TURNED[6:], checksum=1)),
    "a wrong checksum of a profile": lambda: png_with(profile_chunk(SWAPPED, checksum=1)),
    "a broken length of gamma": lambda: png_with(chunk(b"gAMA", b"")),
    "a broken length of transparency": lambda: png_with(chunk(b"tRNS", b"1")),
    "a profile that is not packed": lambda: png_with(chunk(b"iCCP", b"k\0\0junk")),
    "a profile that is cut": lambda: png_with(chunk(b"iCCP", b"k\0\0" + zlib.compress(SWAPPED)[:40])),
    "a profile packed in another way": lambda: png_with(chunk(b"iCCP", b"k\0\7" + zlib.compress(SWAPPED))),
    "an endless profile": lambda: png_with(profile_chunk(SWAPPED + bytes(50 * MEGABYTES))),
    "half a profile": lambda: jpeg_with(icc_profile=SWAPPED[:200]),
    "a profile of junk": lambda: jpeg_with(icc_profile=b"x" * 5000),
    "a profile of zeros": lambda: jpeg_with(icc_profile=SWAPPED[:128] + bytes(5000)),
    "a profile of the wrong type": lambda: tiff(np.asarray(corner_picture()), 2, further=[(34675, LONG, 1, bytes(4))]),
    "an orientation of 0": lambda: jpeg_with(exif=exif(orientation(0))),
    "an orientation of 9": lambda: jpeg_with(exif=exif(orientation(9))),
    "an orientation in letters": lambda: jpeg_with(exif=exif((ORIENTATION, 2, 2, b"6\0"))),
    "EXIF that ends at once": lambda: jpeg_with(exif=b"Exif\0\0"),
    "EXIF of text": lambda: jpeg_with(exif=b"Exif\0\0hello world"),
    "EXIF that points behind its end": lambda: jpeg_with(exif=b"Exif\0\0II*\0\xff\xff\xff\x7f"),
}


def in_lab(image: Image.Image) -> Image.Image:
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    return ImageCms.profileToProfile(image, *profiles, outputMode="LAB")


def corners_of(picture: np.ndarray) -> list[tuple[int, ...]]:
    """Colours near the four corners, row by row."""
    rows, columns = ((picture.shape[axis] // 8, -picture.shape[axis] // 8) for axis in (0, 1))
    return [tuple(picture[row, column].astype(int)) for row in rows for column in columns]


def assert_corners(picture: np.ndarray, *colours: tuple[int, int, int]) -> None:
    assert picture.dtype == np.uint8
    assert np.abs(np.array(corners_of(picture)) - colours).max() <= 30, corners_of(picture)


@pytest.mark.parametrize("kind", PLAIN)
def test_a_picture_is_seen_as_viewers_show_it(kind: str) -> None:
    for side in (None, 40):
        picture = read_picture(PLAIN[kind](), "it", side)
        assert picture.shape[1] * 2 == picture.shape[0] * 3 or picture.shape == (27, 40, 3)
        assert_corners(picture, RED, BLUE, BLUE, BLUE)


RATIONAL = (X_RESOLUTION, SIGNED_RATIONAL, 1, MINUS_ONE_OF_ZERO)
TO_ITSELF = struct.pack("<I", 8)
DAMAGED_EXIF = {
    "whole": TURNED,
    "a resolution of -1/0": exif(orientation(6), RATIONAL),
    "as a long": exif((ORIENTATION, LONG, 1, struct.pack("<I", 6))),
    "as a byte": exif((ORIENTATION, 1, 1, b"\6")),
    "twice": exif(orientation(6), orientation(3)),
    "an IFD in itself": exif(orientation(6), (EXIF_IFD, LONG, 1, TO_ITSELF)),
    "places in themselves": exif(orientation(6), (GPS, LONG, 1, TO_ITSELF)),
    "places elsewhere": exif(orientation(6), (GPS, LONG, 1, b"\xf0\xff\xff\xff")),
    "places of text": exif(orientation(6), (GPS, 2, 5, b"abcde")),
    "a maker outside": exif((MAKE, 2, 4000, b"\xff\xff\0\0"), orientation(6)),
    "a kind that is not known": exif((MAKE, 99, 4, bytes(4)), orientation(6)),
    "the next one is itself": TURNED[:-4] + TO_ITSELF,
    "cut": exif(orientation(6), RATIONAL)[:30],
    "more entries than there are": TURNED[:14] + b"\xff\xff" + TURNED[16:],
}


@pytest.mark.parametrize("damage", DAMAGED_EXIF)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_picture_is_turned_though_the_rest_of_its_exif_is_damaged(kind: str, damage: str) -> None:
    content = DAMAGED_EXIF[damage][6 if kind == "PNG" else 0 :]
    data = encoded(corner_picture(), kind, exif=content, **({} if kind == "PNG" else {"quality": 95}))
    assert_corners(read_picture(data), BLUE, RED, BLUE, BLUE)


@pytest.mark.parametrize(
    "damaged",
    [
        RATIONAL,
        (EXIF_IFD, LONG, 1, TO_ITSELF),
        (EXIF_IFD, 2, 3, b"abc"),
        (GPS, LONG, 1, b"\xff\xff\xff\x7f"),
        (GPS, 9, 1, b"\xff\xff\xff\xff"),
        (INTEROPERABILITY, LONG, 1, TO_ITSELF),
        (MAKE, 2, 4000, b"\xff\xff\0\0"),
        (50_000, 77, 1, bytes(4)),
    ],
)
def test_damaged_tags_of_a_tiff_that_say_nothing_about_its_looks_cost_nothing(damaged: Entry) -> None:
    data = tiff(np.asarray(corner_picture()), 2, further=[orientation(6), damaged])
    assert_corners(read_picture(data), BLUE, RED, BLUE, BLUE)


@pytest.mark.parametrize("orientation_", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "MPO", "AVIF", "HEIF", "HEIF, EXIF alone", "floats"])
def test_every_orientation_is_applied_exactly_once(kind: str, orientation_: int) -> None:
    said = Image.Exif()
    said[ORIENTATION] = orientation_
    image = corner_picture()
    turned = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(encoded(image, exif=said)))))
    if kind == "floats":
        data = tiff(np.asarray(image, np.float32) / 255, 2, further=[orientation(orientation_)])
    elif kind.startswith("HEIF"):  # bytes become a property of the picture, too
        data = encoded(image, "HEIF", exif=said if "alone" in kind else said.tobytes())
        assert (b"irot" in data or b"imir" in data) == ("alone" not in kind and orientation_ != 1)
    else:
        data = encoded(image, kind, exif=said, **({} if kind in {"PNG", "TIFF"} else {"quality": 95}))
    picture = read_picture(data)
    assert picture.shape == turned.shape
    assert np.abs(picture.astype(int) - turned).mean() < 4


def test_exif_of_an_avif_says_nothing_about_its_looks() -> None:
    said = exif(orientation(6), (X_RESOLUTION, SIGNED_RATIONAL, 1, struct.pack("<ii", 72, 1)))
    data = encoded(corner_picture(), "AVIF", exif=said)
    assert_corners(read_picture(data.replace(struct.pack("<ii", 72, 1), MINUS_ONE_OF_ZERO)), BLUE, RED, BLUE, BLUE)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_colours_of_a_profile_become_those_of_a_screen(kind: str) -> None:
    assert_corners(read_picture(encoded(corner_picture(), kind, icc_profile=SWAPPED)), BLUE, RED, RED, RED)


def test_profiles_go_with_palettes_transparency_text_and_exif() -> None:
    picture = corner_picture()
    assert_corners(read_picture(encoded(picture.convert("P"), icc_profile=SWAPPED)), BLUE, RED, RED, RED)
    clear = picture.convert("RGBA")
    clear.putpixel((1, 1), (0, 0, 0, 0))
    seen = read_picture(encoded(clear, icc_profile=SWAPPED))
    assert_corners(seen, BLUE, RED, RED, RED)
    assert seen[1, 1].min() >= 254
    text = chunk(b"zTXt", b"k\0\0" + packed_text(3 * MEGABYTES))
    everything = png_with(profile_chunk(SWAPPED + bytes(2 * MEGABYTES)), text, chunk(b"eXIf", TURNED[6:]))
    assert_corners(read_picture(everything), RED, BLUE, RED, RED)


def test_grey_and_ink_have_profiles_too() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert picture_colours.transform_of(srgb) == ("", None)
    grey = Image.linear_gradient("L")
    assert np.array_equal(read_picture(encoded(grey, icc_profile=srgb))[:, 0, 0], np.asarray(grey)[:, 0])
    red_cyan = profile_of_inks({(0, 0, 0, 0): (255, 128, 128), (1, 0, 0, 0): (136, 208, 195)})
    cyan = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    for kind in ("JPEG", "TIFF"):
        assert_corners(read_picture(encoded(cyan, kind, icc_profile=red_cyan)), RED, RED, RED, RED)
    assert (read_picture(encoded(Image.new("CMYK", (16, 16)), "TIFF", icc_profile=red_cyan)) >= 254).all()
    ink = corner_picture().convert("CMYK")  # which a profile of light does not fit
    assert_corners(read_picture(encoded(ink, "JPEG", quality=95, icc_profile=SWAPPED)), RED, BLUE, BLUE, BLUE)


GREY = np.zeros((40, 60))
GREY[:20, :30] = 0.8


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("is_white_zero", [False, True])
@pytest.mark.parametrize(
    "kind", ["uint8", "uint16", "int16", "int32", "float32", "float64", "of bytes", "of shorts", "a little too bright"]
)
def test_numbers_become_the_greys_that_viewers_show(kind: str, is_white_zero: bool, order: str) -> None:
    factors = {"of bytes": 255.0, "of shorts": 65535.0, "a little too bright": 1.001 / 0.8}
    if kind in factors:
        numbers = (GREY * factors[kind]).astype(np.float32)
    else:
        top = np.iinfo(kind).max if "int" in kind else 1.0
        numbers = (GREY * top).astype(kind)
    picture = read_picture(tiff(numbers, 0 if is_white_zero else 1, order))
    light = 255 if kind == "a little too bright" else 204
    seen = [255 - light if is_white_zero else light, 255 if is_white_zero else 0]
    assert np.abs(picture[[5, -5], [5, -5], 1].astype(int) - seen).max() <= 1


@pytest.mark.parametrize(
    "change",
    [
        lambda grey: grey * 2 - 1,
        lambda grey: grey * 10,
        lambda grey: grey * 1e6,
        lambda grey: grey * 1e-4,
        lambda grey: grey * 3e38,
        lambda grey: grey - 10,
        lambda grey: (grey * 65535 - 32768).astype(np.int16),
        lambda grey: (grey * 1000).astype(np.int32),
        lambda grey: (grey * (2**32 - 1)).astype(np.uint32),
    ],
)
def test_numbers_of_any_range_are_seen(change: Callable[[np.ndarray], np.ndarray]) -> None:
    numbers = change(GREY)
    picture = read_picture(tiff(numbers.astype(np.float32) if numbers.dtype == np.float64 else numbers))
    assert picture[5, 5, 0] >= picture[-5, -5, 0].astype(int) + 15
    assert picture[-5, -5, 0] <= 5


def test_logarithms_of_colours_are_not_black() -> None:
    _, data = cv2.imencode(".tif", np.asarray(corner_picture(), np.float32)[:, :, ::-1] / 255)  # LogLuv
    picture = read_picture(data.tobytes()).astype(int)
    assert np.abs(picture - np.asarray(corner_picture())).max() <= 40


def test_what_is_no_number_is_black_and_costs_the_others_nothing() -> None:
    numbers = GREY.astype(np.float32)
    numbers[0], numbers[1], numbers[-1] = np.nan, np.inf, -np.inf
    picture = read_picture(tiff(numbers))
    assert [picture[row, 5, 0] for row in (0, 1, 5, -1)] == [0, 255, 204, 0]
    assert (read_picture(tiff(numbers * np.nan)) == 0).all()


def test_bits_whose_zero_is_white() -> None:
    image = Image.fromarray(GREY > 0.5)
    for compression in (None, "group4"):
        data = encoded(image, "TIFF", compression=compression)
        assert read_picture(data)[5, 5, 0] == 255
        said = struct.pack("<HHIH", 262, 3, 1, 1)
        assert said in data
        assert read_picture(data.replace(said, said[:-2] + b"\0\0"))[5, 5, 0] == 0


@pytest.mark.parametrize("progressive", [False, True])
def test_a_cut_jpeg_is_told_and_not_taken_for_whole(progressive: bool) -> None:
    whole = encoded(Image.fromarray(product_photo()), "JPEG", progressive=progressive)
    for lost in (10, 40, 200, len(whole) // 2):
        with pytest.raises(CatalogError, match="truncated"):
            read_picture(whole[:-lost], "it")


def test_thousands_of_scans_are_refused_wherever_else_there_are_marks() -> None:
    whole = encoded(corner_picture(), "JPEG", progressive=True)
    last = whole[whole.rfind(b"\xff\xda") : -2]
    bomb = whole[:-2] + last * 300 + whole[-2:]
    for data in (bomb, bomb[:2] + segment(0xE1, jpeg_with()) + bomb[2:], bomb + SCANS):
        with pytest.raises(CatalogError, match="scans"):
            read_picture(data, "it")


@pytest.mark.parametrize(("kind", "decoded_wh"), [("HEIF", (64, 64)), ("AVIF", (60, 40))])
def test_sizes_are_looked_at_before_anything_is_decoded(kind: str, decoded_wh: tuple[int, int]) -> None:
    data, said = encoded(corner_picture(), kind), struct.pack(">II", *decoded_wh)
    assert said in data
    side = int(MAX_PICTURE_PIXELS**0.5) + 99
    with pytest.raises(CatalogError):
        read_picture(data.replace(said, struct.pack(">II", side, side)), "it")
    if kind == "HEIF":  # smaller than what is decoded
        with pytest.raises(CatalogError, match="size"):
            read_picture(data.replace(said, struct.pack(">II", 8, 8)), "it")


def test_pictures_of_many_others_are_refused() -> None:
    data = encoded(corner_picture().resize((600, 400)), "HEIF", tile_size=256)
    said = struct.pack(">II", 256, 256)
    assert said in data
    with pytest.raises(CatalogError, match="too large: expected at most 120,000,000 pixels, got 30000 x 20000"):
        read_picture(data.replace(said, struct.pack(">II", 10_000, 10_000)), "it")
    assert data.count(b"grid") == 1
    with pytest.raises(CatalogError, match="laid together"):
        read_picture(data.replace(b"grid", b"iovl"), "it")


def test_coloured_floats_that_have_two_sizes_are_refused() -> None:
    further = (256, LONG, 1, struct.pack("<I", 9_000))
    with pytest.raises(CatalogError, match="says the same thing twice"):
        read_picture(tiff(np.zeros((4, 4, 3), np.float32), 2, further=[further]))


def test_coloured_floats_are_bounded() -> None:
    data = tiff(np.zeros((4, 4, 3), np.float32), 2)
    for number in (256, 257):
        said = struct.pack("<HHII", number, 4, 1, 4)
        assert said in data
        data = data.replace(said, struct.pack("<HHII", number, 4, 1, 10_000))
    with pytest.raises(CatalogError, match="bytes of numbers"):
        read_picture(data, "it")


MUTATED = {
    "HEIF": encoded(corner_picture(), "HEIF", exif=TURNED, icc_profile=SWAPPED),
    "HEIF in tiles": encoded(corner_picture().resize((300, 200)), "HEIF", tile_size=128),
    "AVIF": encoded(corner_picture().convert("RGBA"), "AVIF", exif=TURNED, icc_profile=SWAPPED),
    "TIFF": encoded(corner_picture(), "TIFF", compression="tiff_lzw", icc_profile=SWAPPED),
    "TIFF of floats": tiff(np.asarray(corner_picture(), np.float32), 2, further=[orientation(6)]),
    "JPEG": jpeg_with(exif=TURNED, icc_profile=SWAPPED),
    "PNG": png_with(profile_chunk(SWAPPED), chunk(b"eXIf", TURNED[6:])),
    "inks": encoded(corner_picture().convert("CMYK"), "JPEG", icc_profile=profile_of_inks({})),
}


@pytest.mark.parametrize("kind", MUTATED)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_damaged_bytes_of_any_kind_give_a_picture_or_an_error_in_one_line(kind: str, data: st.DataObject) -> None:
    content = bytearray(MUTATED[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, min(len(content), data.draw(st.sampled_from([600, len(content)]))) - 5))
        number = data.draw(st.one_of(st.integers(0, 2**32 - 1), st.sampled_from([0, 64, 65535, 2**31, 2**32 - 1])))
        width = data.draw(st.sampled_from([1, 2, 4]))
        content[place : place + width] = (number % 256**width).to_bytes(width, "big")
    cut = data.draw(st.sampled_from([len(content), len(content), len(content) // 2]))
    try:
        assert read_picture(bytes(content[:cut]), "it", 32).shape[2] == 3
    except CatalogError as error:
        assert "\n" not in str(error)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damaged_profiles_cost_nothing(data: st.DataObject) -> None:
    profile = bytearray(data.draw(st.sampled_from([SWAPPED, profile_of_inks({})])))
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(profile) - 5))
        profile[place : place + 4] = data.draw(st.binary(min_size=4, max_size=4))
    picture_colours.transform_of(bytes(profile))
