"""Errors: one line for the user, and what is wrong and what mends it for the program."""

import pickle

import pytest

from air_sketch.values.errors import AirSketchError, SpeechError


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (AirSketchError("the disk is full", "Free some space."), "the disk is full. Free some space."),
        (
            AirSketchError("a.png cannot be saved (No space left. Really)"),
            "a.png cannot be saved (No space left. Really)",
        ),
        (SpeechError("it is muted: expected sound.", ""), "it is muted: expected sound."),
    ],
)
def test_an_error_is_one_line_and_keeps_its_parts_on_the_way_to_another_process(error, line):
    assert str(error) == line
    sent = pickle.loads(pickle.dumps(error))
    assert type(sent) is type(error) and (sent.what, sent.remedy, str(sent)) == (error.what, error.remedy, line)
