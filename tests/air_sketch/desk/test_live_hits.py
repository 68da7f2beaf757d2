from air_sketch.desk.search_worker import SETTLE_S, WORD_PAUSE_S, LiveTrigger
from air_sketch.values.datatypes import Stroke

LINE = Stroke(((0.0, 0.0, 0.0), (9.0, 9.0, 0.1)), (0, 0, 0), 3.0)
FRAME_S = 1 / 30


def asked_while(trigger, steps, start_s=0.0):
    """Show the trigger one (strokes, line, typing) per frame; return (frame, words) of each request."""
    asked = []
    for number, (strokes, line, typing) in enumerate(steps):
        words = trigger.due(strokes, line, start_s + number * FRAME_S, typing=typing)
        if words is not None:
            asked.append((number, words))
    return asked


def test_a_finished_stroke_is_asked_for_once_it_rests_and_then_no_more():
    one, two = (LINE,), (LINE, LINE)
    asked = asked_while(LiveTrigger(), [((), "", False)] * 5 + [(one, "", False)] * 40 + [(two, "", False)] * 40)
    first, second = (frame for frame, _ in asked)
    assert 5 <= first <= 5 + SETTLE_S / FRAME_S + 2
    assert 45 <= second <= 45 + SETTLE_S / FRAME_S + 2


def test_erasing_which_changes_the_strokes_every_frame_is_asked_for_at_its_end():
    erasing = [((LINE,) * (1 + number), "", False) for number in range(60)]
    asked = asked_while(LiveTrigger(), erasing + [(erasing[-1][0], "", False)] * 30)
    assert len(asked) == 1
    assert asked[0][0] >= 60


def test_each_typed_word_is_asked_for_at_its_space_and_the_last_one_after_a_pause():
    text, steps = "red dress", []
    for length in range(1, len(text) + 1):
        steps += [((), text[:length], True)] * 4
    asked = asked_while(LiveTrigger(), steps + [((), text, True)] * 60)
    assert [words for _, words in asked] == ["red", "red dress"]
    assert asked[0][0] == 12
    assert asked[1][0] >= len(steps) + WORD_PAUSE_S / FRAME_S - 5


def test_spaces_and_enter_ask_nothing_new():
    trigger = LiveTrigger()
    trigger.note((), "red")
    assert (
        asked_while(trigger, [((), "red ", True)] * 10 + [((), "red   ", True)] * 40 + [((), "red", False)] * 10) == []
    )


def test_what_was_asked_aloud_is_not_asked_again():
    trigger, strokes = LiveTrigger(), (LINE,)
    trigger.note(strokes, "red")
    assert asked_while(trigger, [(strokes, "red", False)] * 30) == []
    assert [words for _, words in asked_while(trigger, [(strokes, "", False)] * 30, 2.0)] == [""]
