"""Calibration files: every number is checked and every complaint names file and key."""

import json
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from air_sketch.drawing.keeping.calibrations import (
    CALIBRATION_FOLDER,
    calibration_from_json,
    check_may_replace,
    load_calibration,
    save_calibration,
)
from air_sketch.drawing.settings import FitRecord
from air_sketch.values.errors import CalibrationError, StorageError

DEFAULT = (CALIBRATION_FOLDER / "default.json").read_text(encoding="utf-8")


def changed(path, value):
    document = json.loads(DEFAULT)
    *sections, key = path.split(".")
    target = document
    for section in sections:
        target = target[section]
    if value is ...:
        del target[key]
    else:
        target[key] = value
    return document


def test_the_default_calibration_is_valid_and_maps_the_gestures_as_documented():
    calibration = load_calibration()
    assert dict(calibration.gesture_map) == {
        "fist": "hover",
        "one": "draw",
        "two": "pen:black",
        "three": "pen:green",
        "four": "pen:red",
        "five": "erase",
        "other": "hover",
    }
    assert calibration.start_pen == "black"


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("schema_version", 3, "schema_version"),
        ("schema_version", True, "schema_version"),
        ("hand", "both", "hand"),
        ("fit", {"accuracy": 2}, "fit"),
        ("timing.draw_dwell_s", -0.1, "timing.draw_dwell_s"),
        ("timing.draw_dwell_s", "soon", "timing.draw_dwell_s"),
        ("timing.draw_dwell_s", True, "timing.draw_dwell_s"),
        ("timing.select_dwell_s", float("nan"), "timing.select_dwell_s"),
        ("timing.bridge_s", ..., "timing.bridge_s"),
        ("timing.surprise_s", 1.0, "timing.surprise_s"),
        ("fingers.index.off", 1.5, "fingers.index.off"),
        ("fingers.thumb", 1.0, "fingers.thumb"),
        ("filter.beta", 99, "filter.beta"),
        ("motion", [], "motion"),
        ("gesture_map.two", "pen:gold", "gesture_map.two"),
        ("gesture_map.two", ["draw"], "gesture_map.two"),
        ("pens.red", [300, 0, 0], "pens.red"),
        ("pens", {}, "pens"),
        ("start_pen", "gold", "start_pen"),
        ("pen_width_fraction", 0, "pen_width_fraction"),
        ("active_box_norm", [0.5, 0.0, 0.5, 1.0], "active_box_norm"),
        ("active_box_norm", [0.0, 1.0], "active_box_norm"),
        ("pens", ..., "pens"),
    ],
)
def test_a_bad_value_is_named_by_key(path, value, named):
    with pytest.raises(CalibrationError, match=named.replace(".", r"\.")) as caught:
        calibration_from_json(json.dumps(changed(path, value)))
    assert "expected" in str(caught.value)


HUGE = "9" * 5000
HOSTILE = ["[" * 100_000, DEFAULT.replace("0.0", HUGE, 1), DEFAULT.replace("0.0", "NaN", 1)]
HOSTILE += [json.dumps(changed("hand", HUGE)), json.dumps(changed("two\nlines", 1)), f'{{"schema_version": {HUGE}}}']


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"schema_version": 1}', "\x00\x01", *HOSTILE])
def test_a_damaged_file_is_named_in_one_line(tmp_path, text):
    (tmp_path / "anna.json").write_text(text)
    with pytest.raises(CalibrationError, match=r"anna\.json") as caught:
        load_calibration("anna", tmp_path)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 600


def test_an_undecodable_file_is_named(tmp_path):
    (tmp_path / "anna.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CalibrationError, match=r"anna\.json"):
        load_calibration("anna", tmp_path)


def test_a_missing_calibration_lists_the_known_ones():
    with pytest.raises(CalibrationError, match="default"):
        load_calibration("nobody")


@pytest.mark.parametrize("name", ["../default", "", "a/b"])
def test_a_name_that_is_a_path_is_refused(name):
    with pytest.raises(CalibrationError, match="plain name"):
        load_calibration(name)


@pytest.mark.parametrize(
    "name", ["con", "a:b", ".hidden", "-rf", "a" * 65, "x\n", "nul.txt", "a ", "..", "a\\b", "a\0"]
)
def test_a_name_that_some_system_cannot_take_is_refused(name):
    with pytest.raises(CalibrationError, match="plain name"):
        load_calibration(name)


def test_a_file_of_version_1_is_upgraded_while_it_is_read(tmp_path):
    document = json.loads(DEFAULT)
    del document["hand"]
    (tmp_path / "old.json").write_text(json.dumps({**document, "schema_version": 1}))
    assert load_calibration("old", tmp_path) == load_calibration()


def test_a_file_of_a_later_version_is_refused_and_says_so(tmp_path):
    (tmp_path / "new.json").write_text(json.dumps({**json.loads(DEFAULT), "schema_version": 9}))
    with pytest.raises(CalibrationError, match=r"new\.json: schema_version: expected 1 to 2, got 9.*newer"):
        load_calibration("new", tmp_path)


def test_saved_settings_read_back_to_the_same_settings(tmp_path):
    fit = FitRecord(frames=186, accuracy=0.99, accuracy_before=0.5, noise_px=0.4, palm_fraction=0.15)
    settings = replace(load_calibration(), hand="Left", active_box_norm=(0.2, 0.1, 0.7, 0.6), fit=fit)
    assert save_calibration(settings, "Änne 2", tmp_path) == tmp_path / "Änne 2.json"
    assert load_calibration("Änne 2", tmp_path) == settings
    assert [path.name for path in tmp_path.iterdir()] == ["Änne 2.json"]


@pytest.mark.parametrize("name", ["default", "Default"])
def test_the_default_is_replaced_only_by_force(tmp_path, name):
    with pytest.raises(CalibrationError, match="--force"):
        check_may_replace(name, force=False)
    check_may_replace(name, force=True)
    save_calibration(load_calibration(), name, tmp_path)
    assert load_calibration(name, tmp_path) == load_calibration()


def test_settings_out_of_range_are_never_written(tmp_path):
    with pytest.raises(CalibrationError, match="pen_width_fraction"):
        save_calibration(replace(load_calibration(), pen_width_fraction=5.0), "anna", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_keeps_the_old_file_out_of_danger(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be saved"):
        save_calibration(load_calibration(), "anna", tmp_path / "file")


@pytest.mark.parametrize("bad", ["9" * 400, "9" * 9000, "1e999", "[" * 9000, "NaN", "-1", '"x"', "null", "true"])
@pytest.mark.parametrize("key", ["schema_version", "pen_width_fraction", "pens", "fingers", "hand", "gesture_map"])
def test_any_wrong_value_is_one_line_that_names_the_file(tmp_path, key, bad):
    document = json.loads((CALIBRATION_FOLDER / "default.json").read_text())
    document[key] = "HERE"
    (tmp_path / "x.json").write_text(json.dumps(document).replace('"HERE"', bad))
    with pytest.raises(CalibrationError) as raised:
        load_calibration("x", tmp_path)
    assert "x.json" in str(raised.value) and "\n" not in str(raised.value) and len(str(raised.value)) < 800


def test_a_calibration_as_large_as_no_calibration_is_refused(tmp_path):
    with (tmp_path / "x.json").open("wb") as file:
        file.truncate(1 << 34)
    with pytest.raises(CalibrationError, match="bytes"):
        load_calibration("x", tmp_path)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_bytes_whatever_in_a_calibration_raise_anything_else(data):
    whole = (CALIBRATION_FOLDER / "default.json").read_bytes()
    at = data.draw(st.integers(0, len(whole)))
    piece = data.draw(st.binary(max_size=40) | st.sampled_from([b"9" * 400, b"9" * 9000, b"[" * 9000, b"1e999"]))
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "x.json").write_bytes(whole[:at] + piece + whole[at + data.draw(st.integers(0, 40)) :])
        with suppress(CalibrationError):
            load_calibration("x", Path(name))
