"""What ``python -m garments`` writes: the demo gallery's pack, and folders to train with."""

from __future__ import annotations

import csv
import io
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from garments import DRAWN_KINDS, describe_item, draw_item
from garments.__main__ import main
from garments.items import COLUMNS
from garments.writing.data_set import SKETCH_COLUMNS, write_data_set
from garments.writing.files import webp
from garments.writing.pack import DEMO_COUNT, write_pack

SHIPPED_PACK = Path(__file__).resolve().parents[2] / "samples" / "demo-gallery.tar"


def rows_of(table: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.decode(), newline="")))


def members_of(pack: Path) -> dict[str, bytes]:
    with tarfile.open(pack, "r:") as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}


def decoded(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1].astype(float)


def test_a_pack_is_the_same_bytes_again_without_times_and_owners(tmp_path: Path) -> None:
    for name in ("one.tar", "two.tar"):
        write_pack(tmp_path / name, count=5)
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
    with tarfile.open(tmp_path / "one.tar", "r:") as archive:
        members = archive.getmembers()
    assert [member.name for member in members] == ["metadata.csv", *(f"demo-{i:05d}.webp" for i in range(5))]
    assert {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) for m in members} == {(0, 0, 0, "", "", 0o644)}


def test_the_shipped_pack_holds_what_is_drawn() -> None:
    packed = members_of(SHIPPED_PACK)
    rows = rows_of(packed.pop("metadata.csv"))
    assert rows == [describe_item(index).row() for index in range(DEMO_COUNT)]
    assert [row["file"] for row in rows] == list(packed)
    assert SHIPPED_PACK.stat().st_size < 8_500_000
    for index in (0, 1, 700):
        drawn = draw_item(index).picture
        assert np.abs(decoded(packed[rows[index]["file"]]) - decoded(webp(drawn))).mean() < 0.5
        assert np.abs(decoded(packed[rows[index]["file"]]) - drawn).mean() < 4


def test_a_data_set_names_pen_drawings_of_each_item_and_holds_drawings_by_kind(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    write_data_set(tmp_path / "set", 3, seed=9, kind_drawings=2, progress=lambda *at: seen.append(at))
    assert {(3, 3), (len(DRAWN_KINDS), len(DRAWN_KINDS))} <= set(seen)
    rows = rows_of((tmp_path / "set" / "metadata.csv").read_bytes())
    assert tuple(rows[0]) == (*COLUMNS, *SKETCH_COLUMNS)
    assert [row["title"] for row in rows] == [describe_item(index, 9).title for index in range(3)]
    for row in rows:
        assert decoded((tmp_path / "set" / row["file"]).read_bytes()).shape == (480, 360, 3)
        drawings = [decoded((tmp_path / "set" / row[column]).read_bytes()) for column in SKETCH_COLUMNS]
        assert all(0 < (drawing == 0).mean() < 0.2 for drawing in drawings)
        assert not np.array_equal(drawings[0], drawings[1])
    packs = {pack.stem: members_of(pack) for pack in (tmp_path / "set" / "kinds").iterdir()}
    assert set(packs) == set(DRAWN_KINDS)
    assert all(list(pack) == ["sketch/00000.png", "sketch/00001.png"] for pack in packs.values())


def test_commands_write_and_say_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "holiday.jpg").write_bytes(b"x")
    assert main(["write", "--count", "1", "--out", str(tmp_path / "full")]) == 1
    assert (
        capsys.readouterr().err
        == f"error: {tmp_path / 'full'} cannot take a data set: it holds files. Name a new folder.\n"
    )
    assert main(["write", "--count", "1", "--kind-drawings", "0", "--out", str(tmp_path / "new")]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'new'}\n"
    assert not (tmp_path / "new" / "kinds").exists()
    assert main(["write", "--count", "1", "--out", str(tmp_path / "full" / "holiday.jpg" / "x")]) == 1
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("command", [(), ("pack",), ("write",)], ids=str)
def test_help_ends_in_an_example(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, code in (("--help", 0), ("--unknown", 2)):
        with pytest.raises(SystemExit) as caught:
            main([*command, arguments])
        assert caught.value.code == code
    assert "example: python -m garments " in capsys.readouterr().out
