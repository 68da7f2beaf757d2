from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from garments import draw_item, write_demo_gallery
from garments import writer as writer_room
from garments.brushes.figure import Figure
from garments.items import COLUMNS, figure_bounds, plan_item
from garments.kinds import KINDS
from garments.palette import COLOURS, CONTRASTS
from garments.titles import BRANDS
from retrieval.values.errors import CatalogError

DECK = sum(kind.share for kind in KINDS)
CLOTH_KINDS = ("t-shirt", "sweater", "dress", "trousers", "shorts", "top", "coat", "skirt", "handbag", "backpack")


def folder_bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def garment_rgb(picture: np.ndarray) -> np.ndarray:
    """Median colour of all that differs from the corner, without its rim and shadow: trims and buttons do not count."""
    distance = np.abs(picture.astype(int) - picture[0, 0].astype(int)).sum(axis=2)
    mask = cv2.erode((distance > 24).astype(np.uint8), np.ones((9, 9), np.uint8))
    return np.median(picture[mask > 0], axis=0)


def test_the_same_index_and_seed_give_the_same_item_in_any_order() -> None:
    forwards = [draw_item(i) for i in (3, 4)]
    backwards = [draw_item(i) for i in (4, 3)][::-1]
    for one, other in zip(forwards, backwards, strict=True):
        assert one.row() == other.row()
        assert np.array_equal(one.picture, other.picture)


def test_another_seed_gives_other_items() -> None:
    assert [plan_item(i, 1).kind.name for i in range(30)] != [plan_item(i, 2).kind.name for i in range(30)]


def test_a_picture_is_rgb_bytes_on_a_light_background() -> None:
    picture = draw_item(0).picture
    assert picture.dtype == np.uint8
    assert picture.shape == (480, 360, 3)
    assert picture[:4].min() > 235


def test_every_kind_comes_up_once_a_deck() -> None:
    for start in (0, DECK):
        names = {plan_item(i).kind.name for i in range(start, start + DECK)}
        assert names == {kind.name for kind in KINDS}


def test_about_a_tenth_is_held_out_and_every_kind_among_it() -> None:
    plans = [plan_item(index) for index in range(1200)]
    held_out = [plan.kind.name for plan in plans if plan.split == "val"]
    assert 0.08 < len(held_out) / len(plans) < 0.13
    assert set(held_out) == {kind.name for kind in KINDS}


def test_every_item_lies_inside_its_picture() -> None:
    for index in range(0, DECK, 2):
        picture = draw_item(index).picture
        background = picture[0, 0].astype(int)
        for edge in (picture[0], picture[-1], picture[:, 0], picture[:, -1]):
            assert np.abs(edge.astype(int) - background).max() < 24, index  # a soft shadow may reach the edge


def test_the_garment_has_the_colour_that_its_row_names() -> None:
    checked = 0
    for index in range(3 * DECK):
        plan = plan_item(index)
        if plan.kind.name not in CLOTH_KINDS or plan.pattern != "Solid" or plan.fabric in ("denim", "silk", "satin"):
            continue
        typical = garment_rgb(draw_item(index).picture)
        lab = cv2.cvtColor(np.array([[typical, *COLOURS.values()]], dtype=np.uint8), cv2.COLOR_RGB2LAB)[0].astype(float)
        distance = np.hypot(*(lab[1:, 1:] - lab[0, 1:]).T) + 0.5 * np.abs(lab[1:, 0] - lab[0, 0])
        ranking = [list(COLOURS)[i] for i in np.argsort(distance)]
        assert plan.colour in ranking[:4], (index, plan.kind.name, plan.colour, ranking[:4])
        checked += 1
    assert checked > 40


def test_colours_and_contrasts_are_known_names() -> None:
    assert set(CONTRASTS) == set(COLOURS)
    assert all(other in COLOURS and other != name for name, others in CONTRASTS.items() for other in others)
    assert all(colour in COLOURS for kind in KINDS for colour in kind.colours)


def test_rows_read_like_a_catalogue() -> None:
    for index in range(12):
        item = draw_item(index)
        row = item.row()
        assert tuple(row) == COLUMNS
        assert item.title.startswith(item.brand)
        assert item.brand in BRANDS
        assert item.gender in item.title
        assert item.base_colour in item.title
        assert re.fullmatch(r"\d+\.\d\d", item.price)
        assert item.url == f"https://example.com/demo/{item.id}"
        assert item.file == f"{item.id}.jpg"


def bounds_of_strokes(figure: Figure) -> tuple[np.ndarray, np.ndarray]:
    points = np.concatenate([stroke.path for stroke in figure.strokes])
    return points.min(axis=0), points.max(axis=0)


def test_strokes_and_picture_share_one_outline() -> None:
    for index in range(DECK):
        figure = plan_item(index).figure
        low, high = figure_bounds(figure)
        pen_low, pen_high = bounds_of_strokes(figure)
        slack = 0.12 * float(max(high - low))
        assert (pen_low >= low - slack).all() and (pen_high <= high + slack).all(), plan_item(index).kind.name
        assert (pen_high - pen_low >= 0.7 * (high - low)).all(), plan_item(index).kind.name
        assert any(stroke.weight >= 0.75 for stroke in figure.strokes)


def test_two_runs_write_the_same_bytes_whatever_the_number_of_workers(tmp_path: Path) -> None:
    write_demo_gallery(tmp_path / "one", count=24, workers=1)
    write_demo_gallery(tmp_path / "two", count=24, workers=3)
    assert folder_bytes(tmp_path / "one") == folder_bytes(tmp_path / "two")


def test_a_finished_folder_holds_pictures_manifest_and_marker_only(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    write_demo_gallery(folder, count=5)
    rows = rows_of(folder)
    assert [row["file"] for row in rows] == [f"demo-{i:05d}.jpg" for i in range(5)]
    assert {path.name for path in folder.iterdir()} == {row["file"] for row in rows} | {
        "metadata.csv",
        writer_room.MARKER,
    }
    assert all(cv2.imread(str(folder / row["file"])).shape == (480, 360, 3) for row in rows)
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_progress_counts_up_to_the_number_of_items(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    write_demo_gallery(tmp_path / "demo", count=45, progress=lambda done, count: seen.append((done, count)))
    assert seen[-1] == (45, 45)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_second_run_touches_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    write_demo_gallery(folder, count=3)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    write_demo_gallery(folder, count=3, progress=lambda *_: pytest.fail("drew again"))
    assert before == {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_run_leaves_no_gallery_and_the_next_one_goes_on(
    tmp_path: Path, stop: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "demo"

    def interrupt(done: int, count: int) -> None:
        raise stop

    with pytest.raises(stop):
        write_demo_gallery(folder, count=60, progress=interrupt, workers=1)
    assert not folder.exists()
    drawn: list[int] = []

    def counted(index: int, seed: int) -> object:
        drawn.append(index)
        return draw_item(index, seed)

    monkeypatch.setattr(writer_room, "draw_item", counted)
    write_demo_gallery(folder, count=60, workers=1)
    assert 0 < len(drawn) < 60
    write_demo_gallery(tmp_path / "whole", count=60)
    assert folder_bytes(folder) == folder_bytes(tmp_path / "whole")


def test_a_folder_without_its_marker_is_not_taken_for_a_gallery(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    write_demo_gallery(folder, count=2)
    (folder / writer_room.MARKER).unlink()
    with pytest.raises(CatalogError, match="other files"):
        write_demo_gallery(folder, count=2)


def test_a_newer_version_draws_the_gallery_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "demo"
    write_demo_gallery(folder, count=2)
    monkeypatch.setattr(writer_room, "DEMO_VERSION", writer_room.DEMO_VERSION + 1)
    drawn: list[int] = []
    write_demo_gallery(folder, count=2, progress=lambda done, _: drawn.append(done))
    assert drawn == [2]
    assert json.loads((folder / writer_room.MARKER).read_text())["version"] == writer_room.DEMO_VERSION
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_pictures_of_somebody_else_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(CatalogError):
        write_demo_gallery(tmp_path / "mine", count=2)
    assert folder_bytes(tmp_path / "mine") == {"holiday.jpg": b"x"}


def test_an_unwritable_place_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CatalogError) as caught:
        write_demo_gallery(tmp_path / "file" / "demo", count=2)
    assert "\n" not in str(caught.value)
    assert "another folder" in str(caught.value)


def test_drawing_needs_no_learning_libraries() -> None:
    code = "import sys; import garments; print({'torch', 'transformers', 'faiss', 'mediapipe'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"
