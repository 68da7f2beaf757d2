"""What V, Esc and Enter do around a spoken caption, and what is shown."""

from dataclasses import replace

import numpy as np
import pytest

from air_sketch.desk.advance import advance
from air_sketch.desk.events import Key, RunSearch, Tone
from air_sketch.desk.state import DeskState, status_line
from air_sketch.voice.events import CaptionHeard, NothingUnderstood, Voice, VoiceChanged, VoicePhase
from air_sketch.window.brushes.layout import Rect
from air_sketch.window.parts.bars import draw_voice

LISTENING, THINKING = Voice(VoicePhase.LISTENING, 0.5, 6.0), Voice(VoicePhase.THINKING)


def press(state, name):
    key = Key("char", name) if len(name) == 1 else Key(name)
    return advance(state, key, 0.0)


def test_v_listens_and_v_again_ends_it():
    state, actions = press(DeskState(), "v")
    assert actions == ("listen",)
    state, _ = advance(state, VoiceChanged(LISTENING), 0.0)
    assert press(state, "v")[1] == ("stop listening",)
    assert press(state, "escape")[1] == ("cancel listening",)


def test_enter_while_listening_or_thinking_searches_nothing():
    assert press(DeskState(voice=LISTENING), "enter")[1] == ("stop listening",)
    assert press(DeskState(voice=THINKING), "enter")[1] == ()
    assert press(DeskState(voice=THINKING), "v")[1] == ()


@pytest.mark.parametrize(("key", "command"), [("z", "undo"), ("r", "clear"), ("s", "save")])
def test_drawing_keys_go_on_meanwhile(key, command):
    assert press(DeskState(voice=LISTENING), key)[1] == (command,)


def test_words_land_editable_and_only_enter_searches():
    state, actions = advance(DeskState(caption="old", voice=THINKING), CaptionHeard("a red dress"), 0.0)
    assert (state.caption, state.editing, actions) == ("a red dress", True, ())
    state, actions = advance(state, VoiceChanged(None), 0.0)
    assert state.voice is None and actions == ()
    state, _ = press(state, "backspace")
    state, actions = press(state, "enter")
    assert actions == (RunSearch("a red dres"),)


def test_escape_brings_the_old_caption_back():
    state, _ = advance(DeskState(caption="old"), CaptionHeard("a red dress"), 0.0)
    assert press(state, "escape")[0].caption == "old"


def test_words_typed_meanwhile_stay_before_those_heard():
    state, _ = press(DeskState(voice=LISTENING), "t")
    for letter in "vic":
        state, actions = press(state, letter)
        assert actions == ()
    state, _ = advance(state, CaptionHeard("red dress"), 0.0)
    assert state.caption == "vic red dress"
    assert press(state, "escape")[1] == ("cancel listening",)


def test_not_understanding_keeps_the_caption_and_says_so():
    state, actions = advance(DeskState(caption="old", voice=THINKING), NothingUnderstood("Not understood"), 0.0)
    assert state.caption == "old" and not state.editing and actions == ()
    assert status_line(replace(state, voice=None)).text == "Not understood"
    state, _ = advance(state, NothingUnderstood("no microphone", is_error=True), 0.0)
    assert status_line(replace(state, voice=None)).tone is Tone.ERROR


def test_the_status_line_says_what_is_going_on():
    assert status_line(DeskState(voice=LISTENING)).text.startswith("Listening")
    assert status_line(DeskState(voice=THINKING)).text.startswith("Thinking")


def test_the_meter_grows_with_the_voice_and_stays_in_its_place():
    rect, lit = Rect(10, 10, 500, 44), []
    for level in (0.0, 0.5, 1.0):
        image = np.zeros((64, 520, 3), np.uint8)
        draw_voice(image, rect, replace(LISTENING, level=level))
        lit.append(int((image.max(axis=2) > 150).sum()))
        assert not image[:10].any() and not image[54:].any()
    assert lit[0] < lit[1] < lit[2]
    for width in (0, 40, 120, 200):
        draw_voice(np.zeros((64, 520, 3), np.uint8), Rect(10, 10, width, 44), LISTENING)
    draw_voice(np.zeros((64, 520, 3), np.uint8), rect, THINKING)
