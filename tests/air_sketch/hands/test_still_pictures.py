"""Pictures in files and packs, honest and hostile."""

import io
import os
import tarfile

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from air_sketch.hands.still_pictures import read_pictures
from air_sketch.values.errors import CameraError

PICTURE = cv2.imencode(".png", np.full((8, 8, 3), 90, np.uint8))[1].tobytes()
LONG = "folder/" * 20 + "long.png"


def pack_of(names, kind):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=kind) as pack:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(PICTURE)
            pack.addfile(member, io.BytesIO(PICTURE))
    return content.getvalue()


@pytest.mark.parametrize("kind", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_picture_of_a_pack_is_read_by_its_whole_name(tmp_path, kind):
    path = tmp_path / "p.tar"
    path.write_bytes(pack_of(["a.png", LONG, "notes.txt", "b.png"], kind))
    found = list(read_pictures([path]))
    assert [name for name, _ in found] == [f"{path}/{name}" for name in ("a.png", LONG, "b.png")]
    assert all(picture is not None and picture.shape == (8, 8, 3) for _, picture in found)


@pytest.mark.parametrize("size", [-512, 1 << 20, 1 << 35, 1 << 70])
def test_a_size_that_cannot_be_ends_the_pack_in_one_line(tmp_path, size):
    member = tarfile.TarInfo("b.png")
    member.size = size
    path = tmp_path / "p.tar"
    path.write_bytes(pack_of(["a.png"], tarfile.GNU_FORMAT)[:1024] + member.tobuf(tarfile.GNU_FORMAT))
    pictures = read_pictures([path])
    assert next(pictures)[0].endswith("a.png")
    with pytest.raises(CameraError, match="damaged"):
        next(pictures)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_bytes_of_a_pack_do_more_than_end_it(tmp_path_factory, data):
    content = bytearray(pack_of(["a.png", LONG], tarfile.PAX_FORMAT))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("pack") / "p.tar"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        assert len(list(read_pictures([path]))) <= 8
    except CameraError as error:
        assert "\n" not in str(error)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "p.jpg")
    with pytest.raises(CameraError, match="no such file"):
        list(read_pictures([tmp_path / "p.jpg"]))
