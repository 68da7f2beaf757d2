"""Real photos and clips, where they are at hand: counting, tracking, drawing."""

import csv
import io
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest

from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.drawing.replay import replay_source
from air_sketch.hands.geometry import finger_extensions
from air_sketch.hands.gestures import COUNT_NAMES, PoseTracker
from air_sketch.hands.still_pictures import decode_picture, find_hand
from air_sketch.hands.tracker import Landmarker

DATA = Path(os.environ.get("AIR_SKETCH_DATA", Path(__file__).parents[4] / "shared" / "data")) / "hands"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no photos and clips in $AIR_SKETCH_DATA or ../shared/data")


@pytest.fixture(scope="module")
def counted():
    """Every labelled photo: (source, label, fingers or None)."""
    labels = {row["file"]: row for row in csv.DictReader(io.StringIO((DATA / "images.csv").read_text()))}
    bands, landmarker, seen = load_calibration().finger_bands, Landmarker("IMAGE"), []
    with tarfile.open(DATA / "images.tar") as pack:
        for member in pack:
            if member.name not in labels:
                continue
            hand = find_hand(landmarker, decode_picture(pack.extractfile(member).read()))
            fingers = None if hand is None else PoseTracker(bands).read(finger_extensions(hand)).fingers
            seen.append((labels[member.name]["source"], labels[member.name]["label"], fingers))
    landmarker.close()
    return seen


def test_fingers_are_counted_right_in_photos(counted):
    usable = [(label, n) for source, label, n in counted if label in COUNT_NAMES and source != "epsrc2"]
    found = [(COUNT_NAMES.index(label), n) for label, n in usable if n is not None]
    assert len(found) / len(usable) >= 0.97
    assert np.mean([want == got for want, got in found]) >= 0.97
    for count in range(6):
        assert np.mean([got == want for want, got in found if want == count]) >= 0.93


def test_no_hand_is_seen_where_there_is_none(counted):
    assert [n for source, label, n in counted if (source, label) == ("background", "none") and n is not None] == []


@pytest.mark.parametrize(
    "name", ["square_testvideo_square_10", "tick_testvideo_tick_12", "star_testvideo_star_16", "star_testvideo_star_1"]
)
def test_a_filmed_finger_draws_one_or_two_strokes_that_cover_its_path(name):
    result = replay_source(DATA / "video" / f"{name}.mp4", load_calibration())
    assert 1 <= len(result.strokes) <= 2
    ink = np.array([p[:2] for s in result.strokes for p in s.points])
    tips = np.array([t[1:] for t in result.tips if t is not None])
    assert (np.linalg.norm(tips[:, None] - ink[None], axis=2).min(axis=1) < 12.0).mean() >= 0.85


def test_the_fingertip_is_as_near_to_the_truth_as_the_bare_tracker():
    clip = DATA / "video" / "ti1k_translation_1.mp4"
    truth = np.loadtxt(clip.with_suffix(".txt"), usecols=(7, 8)) * (640, 480)
    result = replay_source(clip, load_calibration())
    errors = [np.hypot(*(np.array(t[1:]) - g)) for t, g in zip(result.tips, truth, strict=False) if t is not None]
    assert np.mean(errors) < 9.0
