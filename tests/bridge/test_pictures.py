"""Pictures for ``recognize`` in files, folders and packs, honest and hostile."""

from __future__ import annotations

import io
import logging
import os
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from air_sketch.desk import errands
from air_sketch.hands.still_pictures import decode_picture
from bridge.pictures import read_pictures
from retrieval.gallery import pictures
from tests.retrieval.gallery.picture_bytes import (
    MINUS_ONE_OF_ZERO,
    SIGNED_RATIONAL,
    X_RESOLUTION,
    corner_picture,
    encoded,
    exif,
    orientation,
)

PICTURE = cv2.imencode(".png", np.full((8, 8, 3), 90, np.uint8))[1].tobytes()
LONG = "folder/" * 20 + "long.png"


def read(*paths):
    return list(read_pictures(paths, 1600))


def pack_of(names, kind):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=kind) as pack:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(PICTURE)
            pack.addfile(member, io.BytesIO(PICTURE))
    return content.getvalue()


@pytest.mark.parametrize("kind", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_picture_of_a_pack_is_read_by_its_whole_name_and_the_rest_is_counted(tmp_path, kind, caplog):
    path = tmp_path / "p.tar"
    path.write_bytes(pack_of(["a.png", LONG, "notes.txt", "b.JFIF", "._b.png"], kind))
    caplog.set_level(logging.INFO)
    found = read(path)
    assert [name for name, _ in found] == [f"{path}/{name}" for name in ("a.png", LONG, "b.JFIF")]
    assert all(picture.shape == (8, 8, 3) for _, picture in found)
    assert "2 passed over, such as notes.txt (no picture by its name)" in caplog.text


@pytest.mark.parametrize("size", [-512, 1 << 20, 1 << 35, 1 << 70])
def test_a_size_that_cannot_be_is_told_and_the_pictures_before_it_are_read(tmp_path, size):
    member = tarfile.TarInfo("b.png")
    member.size = size
    path = tmp_path / "p.tar"
    path.write_bytes(pack_of(["a.png"], tarfile.GNU_FORMAT)[:1024] + member.tobuf(tarfile.GNU_FORMAT))
    (_, first), (name, error) = read(path)
    assert first.shape == (8, 8, 3) and name.endswith("b.png") and "expected a size" in error


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_bytes_of_a_pack_do_more_than_end_it(tmp_path_factory, data):
    content = bytearray(pack_of(["a.png", LONG], tarfile.PAX_FORMAT))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("pack") / "p.tar"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    found = read(path)
    assert len(found) <= 8
    assert not any(isinstance(picture, str) and "\n" in picture for _, picture in found)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_what_cannot_be_read_is_told_by_name_and_the_others_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "a.png").write_bytes(PICTURE)
    (tmp_path / "no.png").write_bytes(b"no picture")
    (tmp_path / "no.tar").write_bytes(b"x" * 2000)
    (tmp_path / "empty").mkdir()
    names = ["a.png", "pipe.jpg", "gone.jpg", "gone.tar", "no.png", "no.tar", "empty", "a.png"]
    found = read(*(tmp_path / name for name in names))
    assert [name for name, _ in found] == [str(tmp_path / name) for name in names]
    assert [isinstance(picture, str) for _, picture in found] == [name != "a.png" for name in names]


def test_pictures_are_read_as_those_of_galleries(tmp_path):
    said = exif(orientation(6), (X_RESOLUTION, SIGNED_RATIONAL, 1, MINUS_ONE_OF_ZERO))
    for name, kind in (("a.jfif", "JPEG"), ("b.webp", "WEBP"), ("c.heic", "HEIF"), ("d.png", "PNG")):
        content = encoded(corner_picture(), kind, exif=said[6:] if kind == "PNG" else said)
        (tmp_path / name).write_bytes(content)
        if kind != "HEIF":
            assert decode_picture(content).shape == (60, 40, 3)
    found = read(tmp_path)
    assert [Path(name).name for name, _ in found] == ["a.jfif", "b.webp", "c.heic", "d.png"]
    for _, picture in found:
        assert picture.shape == (60, 40, 3) and picture[5, -5, 2] > 200 and picture[-5, 5, 0] > 200  # blue first


@pytest.mark.parametrize("content", [b"", b"no picture", PICTURE[:50]])
def test_what_is_no_picture_gives_none(content):
    assert decode_picture(content) is None


def test_large_pictures_are_reduced():
    assert decode_picture(encoded(corner_picture().resize((3200, 1000)))).shape == (500, 1600, 3)


def test_every_picture_that_is_found_may_be_opened():
    assert errands.PICTURE_SUFFIXES == pictures.PICTURE_SUFFIXES
