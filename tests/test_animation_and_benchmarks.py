"""The scripts beside the program: the README's animation, and the figures of the benchmarks."""

import numpy as np
import pytest
from PIL import Image

from air_sketch.values.datatypes import ResultCard, SearchAnswer
from benchmarks.fingertip_filters import FILTERS, measure
from benchmarks.frame_costs import LARGE, Drawing, fill, frames_of
from benchmarks.tables import table
from samples.make_animation import ROOT, Director, save


class TwoHits:
    description = "two items"

    def __init__(self):
        self.asked = []

    def search(self, request):
        self.asked.append((request.picture_rgb, request.caption))
        red = np.full((60, 40, 3), (220, 30, 30), np.uint8)
        return SearchAnswer(tuple(ResultCard(rank, 0.9, f"hit {rank}", None, red) for rank in (1, 2)))


def test_the_animation_draws_types_finds_and_fits_its_size(tmp_path):
    search = TwoHits()
    frames = list(Director(ROOT / "samples" / "dress.jsonl", search, fps=4.0, speed=3.0).frames("red"))
    ((drawing, caption),) = search.asked
    assert caption == "red" and (drawing < 128).any()
    red = [((f[..., 0] > 180) & (f[..., 1] < 80)).mean() for f in frames]
    assert red[0] < red[len(frames) // 2] < red[-1]
    images = [Image.fromarray(frame).resize((300, 188)) for frame in frames]
    for name in ("demo.webp", "demo.gif"):
        assert 1000 < save(images, tmp_path / "docs" / name, 4.0) < 3_000_000
        with Image.open(tmp_path / "docs" / name) as animation:
            assert animation.n_frames > 10


def test_our_filter_keeps_its_promise_and_the_copied_settings_lag():
    (rest_px, lag_ms), (_, copied_lag_ms) = (
        measure(FILTERS[n]) for n in ("ours", "One Euro, settings as copied around")
    )
    assert rest_px <= 0.9 and lag_ms <= 10.0
    assert copied_lag_ms > 100.0


def test_the_benchmarks_drawing_is_as_large_as_it_says_and_lies_on_the_sheet():
    from air_sketch.drawing.sheet.document import Document

    document = Document()
    fill(document, Drawing(20, 400), (640, 480))
    points = np.array([p[:2] for s in document.finished_strokes for p in s.points])
    assert len(document.finished_strokes) == 20 and len(points) == 400
    assert (points >= 0).all() and (points < (640, 480)).all()
    assert (LARGE.strokes, LARGE.points) == (200, 20_000)


def test_a_short_clip_is_played_forth_and_back_in_the_wanted_size():
    images = [np.full((48, 64, 3), value, np.uint8) for value in (1, 2, 3)]
    frames = frames_of(images, (32, 24), 8)
    assert [int(f.image_bgr[0, 0, 0]) for f in frames] == [1, 2, 3, 3, 2, 1, 1, 2]
    assert frames[7].image_bgr.shape == (24, 32, 3) and frames[7].t_s == pytest.approx(7 / 30)


def test_tables_are_markdown():
    assert table(["a", "b"], [["x", "1"]]) == "| a | b |\n|---|---:|\n| x | 1 |"
