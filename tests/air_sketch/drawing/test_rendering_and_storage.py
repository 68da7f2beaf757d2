"""Pictures of strokes: the paper, the ink layer over the camera, and the saved files that agree."""

import json
import os
import re
import sys
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from air_sketch.drawing.ink.rendering import InkLayer, render_paper
from air_sketch.drawing.keeping.saving import save_drawing, stroke_to_json, svg_text
from air_sketch.drawing.sheet.document import Document
from air_sketch.files import write_atomically
from air_sketch.values.datatypes import Stroke
from air_sketch.values.errors import StorageError

BLACK, RED = (0, 0, 0), (220, 30, 30)
CANVAS_WH = (320, 240)


def wave(seed=0, count=40, color=BLACK, width_px=4.0):
    rng = np.random.default_rng(seed)
    xy = np.clip(np.cumsum(rng.normal(0, 9, (count, 2)), axis=0) + (160, 120), 5, 235)
    return Stroke(tuple((float(x), float(y), i / 30) for i, (x, y) in enumerate(xy)), color, width_px)


def straight(y_px, color=BLACK, width_px=4.0):
    return Stroke(((20.0, y_px, 0.0), (160.0, y_px, 0.5), (300.0, y_px, 1.0)), color, width_px)


def test_empty_paper_is_white():
    paper = render_paper((), CANVAS_WH)
    assert paper.shape == (240, 320, 3) and paper.dtype == np.uint8 and (paper == 255).all()


def test_ink_has_its_colour_its_width_and_its_place():
    paper = render_paper([straight(100.0, RED, 6.0)], CANVAS_WH)
    assert tuple(paper[100, 160]) == RED
    column = 255.0 - paper[:, 160, 1]
    assert column.sum() / (255.0 - RED[1]) == pytest.approx(6.0, abs=1.2)
    assert (np.arange(240) * column).sum() / column.sum() == pytest.approx(100.0, abs=0.5)
    assert (paper[:80] == 255).all()


def test_lines_are_placed_below_the_pixel():
    centers = []
    for y_px in (100.0, 100.25, 100.5, 100.75):
        column = 255.0 - render_paper([straight(y_px)], CANVAS_WH)[:, 160, 0]
        centers.append((np.arange(240) * column).sum() / column.sum())
    assert np.diff(centers) == pytest.approx([0.25] * 3, abs=0.13)


def test_later_strokes_lie_over_earlier_ones():
    paper = render_paper([straight(100.0, BLACK), straight(100.0, RED)], CANVAS_WH)
    assert tuple(paper[100, 160]) == RED


@pytest.mark.parametrize(
    "points",
    [((50.0, 50.0, 0.0),), ((50.0, 50.0, 0.0), (50.0, 50.0, 1.0)), ((-900.0, 50.0, 0.0), (9000.0, 60.0, 1.0))],
    ids=["dot", "two_equal_points", "far_off_the_canvas"],
)
def test_odd_strokes_are_drawn_all_the_same(points):
    assert (render_paper([Stroke(points, BLACK, 5.0)], CANVAS_WH)[:, 45:60] < 128).any()


def over_grey(layer):
    picture = np.full((240, 320, 3), 128, dtype=np.uint8)
    layer.blend(picture, picture)
    return picture


def layer_of(finished, wet=None):
    layer = InkLayer(CANVAS_WH)
    layer.update(finished, wet)
    return layer


def test_the_ink_layer_leaves_the_picture_alone_where_nothing_is_drawn():
    assert (over_grey(layer_of(())) == 128).all()
    picture = over_grey(layer_of((straight(100.0, RED),)))
    assert tuple(picture[100, 160]) == RED[::-1]
    assert (picture[:90] == 128).all() and (picture[110:] == 128).all()


def test_the_ink_layer_follows_a_document_through_random_edits():
    rng = np.random.default_rng(3)
    document, layer = Document(), InkLayer(CANVAS_WH)
    for step in range(60):
        roll = rng.uniform()
        if roll < 0.5:
            stroke = wave(step, 12, RED if roll < 0.2 else BLACK)
            document.begin_stroke(stroke.points[0], stroke.color_rgb, stroke.width_px)
            for point in stroke.points[1:]:
                document.extend_stroke(point)
                layer.update(document.finished_strokes, document.wet_stroke)
            document.end_stroke()
        elif roll < 0.75:
            document.begin_erasing()
            document.erase_at(tuple(rng.uniform(60, 200, 2)), 20.0)
            document.end_erasing()
        elif roll < 0.9:
            document.undo()
        else:
            document.redo()
        layer.update(document.finished_strokes, document.wet_stroke)
        fresh = over_grey(layer_of(document.finished_strokes))
        assert np.abs(over_grey(layer).astype(int) - fresh.astype(int)).max() <= 4


def test_a_growing_wet_stroke_looks_like_the_finished_one():
    stroke, layer = wave(2), InkLayer(CANVAS_WH)
    for count in range(1, len(stroke.points) + 1):
        layer.update((), Stroke(stroke.points[:count], stroke.color_rgb, stroke.width_px))
    difference = np.abs(over_grey(layer).astype(int) - over_grey(layer_of((stroke,))).astype(int)).max(axis=2)
    assert (difference > 100).mean() < 0.002
    layer.update((), None)
    assert (over_grey(layer) == 128).all()


@pytest.mark.parametrize("view_wh", [(640, 480), (220, 165), (320, 240)])
def test_ink_is_drawn_at_the_size_of_the_view(view_wh):
    layer, scale = InkLayer(CANVAS_WH, view_wh), view_wh[0] / CANVAS_WH[0]
    layer.update((straight(100.0, RED, 8.0),), straight(200.0, BLACK, 8.0))
    picture = np.full((view_wh[1], view_wh[0], 3), 128, dtype=np.uint8)
    layer.blend(picture, picture)
    across = np.nonzero((picture[:, view_wh[0] // 2] != 128).any(axis=1))[0] / scale
    assert 8.0 * scale - 1 <= (across < 150).sum() <= 8.0 * scale + 4  # whole pixels, and a soft edge on either side
    assert across[across < 150].mean() == pytest.approx(100.0, abs=1.0)
    assert across[across > 150].mean() == pytest.approx(200.0, abs=1.0)


def test_ink_over_one_picture_written_into_another_is_ink_over_that_picture():
    layer, into = layer_of((straight(100.0, RED),), wave(2)), np.zeros((240, 320, 3), np.uint8)
    layer.blend(np.full((240, 320, 3), 128, dtype=np.uint8), into)
    assert (into == over_grey(layer)).all()


def test_the_cost_of_a_frame_does_not_grow_with_the_drawing():
    def calls(finished):
        layer, picture = InkLayer((640, 480)), np.zeros((480, 640, 3), dtype=np.uint8)
        drawing = (straight(2.0), straight(238.0), *finished)
        wet, counted = wave(999, 60), []
        layer.update(drawing, Stroke(wet.points[:2], RED, 4.0))
        sys.setprofile(lambda frame, event, arg: counted.append(1) if event in ("call", "c_call") else None)
        try:
            for count in range(3, 60):
                layer.update(drawing, Stroke(wet.points[:count], RED, 4.0))
                layer.blend(picture, picture)
        finally:
            sys.setprofile(None)
        return len(counted)

    assert calls([wave(i, 100) for i in range(200)]) < 1.1 * calls([wave(0)])


def test_png_svg_and_json_agree(tmp_path):
    strokes = (straight(60.0, RED, 6.0), wave(1))
    saved = save_drawing(strokes, CANVAS_WH, tmp_path / "sketches", "monday")
    png = cv2.cvtColor(cv2.imread(str(saved)), cv2.COLOR_BGR2RGB)
    assert (png == render_paper(strokes, CANVAS_WH)).all()
    document = json.loads(saved.with_suffix(".json").read_text())
    assert document["canvas_wh"] == [320, 240]
    assert [s["color"] for s in document["strokes"]] == ["#dc1e1e", "#000000"]
    read = [Stroke(tuple(map(tuple, s["points"])), c.color_rgb, s["width_px"]) for s, c in
            zip(document["strokes"], strokes, strict=True)]  # fmt: skip
    assert np.abs(render_paper(read, CANVAS_WH).astype(int) - png.astype(int)).max() <= 24
    paths = ET.parse(saved.with_suffix(".svg")).getroot().findall("{http://www.w3.org/2000/svg}path")
    assert [p.get("stroke") for p in paths] == ["#dc1e1e", "#000000"]
    for path, stroke in zip(paths, strokes, strict=True):
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", path.get("d"))]
        assert numbers[:2] == pytest.approx(stroke.points[0][:2], abs=0.01)
        assert numbers[-2:] == pytest.approx(stroke.points[-1][:2], abs=0.01)


@pytest.mark.parametrize("seed", range(8))
def test_png_svg_and_json_agree_after_erasing_undo_and_redo(tmp_path, seed):
    rng, document = np.random.default_rng(seed), Document()
    for step in range(12):
        stroke = wave(100 * seed + step, 25, RED if step % 2 else BLACK, float(rng.uniform(2, 9)))
        document.begin_stroke(stroke.points[0], stroke.color_rgb, stroke.width_px)
        for point in stroke.points[1:]:
            document.extend_stroke(point)
        document.end_stroke()
        if rng.uniform() < 0.3:
            document.undo()
        if rng.uniform() < 0.2:
            document.redo()
    for center in ((120.0, 110.0), (160.0, 120.0), (200.0, 130.0)):
        document.erase_at(center, 25.0)
    document.end_erasing()
    saved = save_drawing(document.strokes, CANVAS_WH, tmp_path, "now")
    written = json.loads(saved.with_suffix(".json").read_text())["strokes"]
    paths = ET.parse(saved.with_suffix(".svg")).getroot().findall("{http://www.w3.org/2000/svg}path")
    assert [s["color"] for s in written] == [p.get("stroke") for p in paths]
    widths = [float(p.get("stroke-width")) for p in paths]
    assert [s["width_px"] for s in written] == pytest.approx(widths, abs=0.006)
    grey = cv2.imread(str(saved), cv2.IMREAD_GRAYSCALE)
    ys, xs = np.mgrid[0:240, 0:320]
    for center in ((120.0, 110.0), (160.0, 120.0), (200.0, 130.0)):
        inside = np.hypot(xs + 0.5 - center[0], ys + 0.5 - center[1]) < 22.0
        assert (grey[inside] > 100).all(), "ink is left where the eraser has been"
    ends = [s["points"][i] for s in written for i in (0, -1)]
    assert all(grey[min(round(y), 239), min(round(x), 319)] < 230 for x, y, _ in ends), "a stroke is not in the picture"


def test_a_cut_is_drawn_anew_only_around_it(monkeypatch):
    drawn = []
    layer, strokes = InkLayer(CANVAS_WH), tuple(straight(20.0 * y) for y in range(1, 11))
    layer.update(strokes, None)
    document = Document()
    for stroke in strokes:
        document.begin_stroke(stroke.points[0], stroke.color_rgb, stroke.width_px)
        for point in stroke.points[1:]:
            document.extend_stroke(point)
        document.end_stroke()
    layer.update(document.finished_strokes, None)
    document.erase_at((100.0, 100.0), 5.0)
    monkeypatch.setattr("air_sketch.drawing.ink.ink_sheet.draw_curve", lambda *arguments: drawn.append(arguments))
    layer.update(document.finished_strokes, None)
    assert len(drawn) == 4  # two halves of one stroke, ink and transparency each


def test_a_stamp_in_use_is_never_overwritten(tmp_path):
    first = save_drawing((straight(60.0),), CANVAS_WH, tmp_path, "now")
    content = first.read_bytes()
    second = save_drawing((), CANVAS_WH, tmp_path, "now")
    assert second.name == "now-2.png" and first.read_bytes() == content
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        ["now.png", "now.svg", "now.json", "now-2.png", "now-2.svg", "now-2.json"]
    )


def test_programs_that_save_in_the_same_second_never_share_a_name(tmp_path):
    strokes = [(straight(float(y)),) for y in range(10, 22)]
    with ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(lambda drawn: save_drawing(drawn, CANVAS_WH, tmp_path, "now"), strokes))
    assert len(set(paths)) == 12 and len(list(tmp_path.iterdir())) == 36
    for path, drawn in zip(paths, strokes, strict=True):
        assert json.loads(path.with_suffix(".json").read_text())["strokes"] == [stroke_to_json(drawn[0])]
        assert path.with_suffix(".svg").read_text() == svg_text(drawn, CANVAS_WH)


def test_a_folder_that_cannot_be_made_is_a_one_line_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be saved") as caught:
        save_drawing((), CANVAS_WH, tmp_path / "file", "now")
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_a_one_line_error(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="cannot be saved"):
        save_drawing((), CANVAS_WH, tmp_path, "now")


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch):
    path = tmp_path / "a.bin"
    write_atomically(path, b"old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(StorageError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old" and [p.name for p in tmp_path.iterdir()] == ["a.bin"]
