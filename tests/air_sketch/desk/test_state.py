# ruff: noqa: RUF001 (letters of other alphabets are meant)

import random
from dataclasses import replace

import numpy as np
import pytest

from air_sketch.desk.advance import advance
from air_sketch.desk.events import (
    Click,
    HitsArrived,
    Key,
    Question,
    RunSearch,
    SearchChanged,
    SearchFailed,
    SearchPhase,
    SearchQuery,
    Status,
    SuggestionsArrived,
    Tone,
)
from air_sketch.desk.news import wait_for_hits
from air_sketch.desk.state import ERROR_LASTS_S, LINE_MAX_CHARACTERS, DeskState, forget_old_notice, status_line
from air_sketch.values.datatypes import ResultCard, SearchAnswer, SearchRequest

CARDS = tuple(ResultCard(rank, 1.0 / rank, f"item {rank}", None, None) for rank in range(1, 21))
ENTER, ESCAPE, BACKSPACE = Key("enter"), Key("escape"), Key("backspace")


def found(caption, cards):
    return HitsArrived(SearchQuery(lambda: None, SearchRequest(None, caption, 9)), SearchAnswer(tuple(cards)))


def press(state, *keys):
    """Press keys; strings are typed letter by letter. Return the state and all actions."""
    actions = []
    for item in keys:
        for key in [Key("char", c) for c in item] if isinstance(item, str) else [item]:
            state, asked = advance(state, key, 0.0)
            actions.extend(asked)
    return state, actions


def take(state, *events, t_s=0.0):
    for event in events:
        state, _ = advance(state, event, t_s)
    return state


@pytest.mark.parametrize(
    ("keys", "caption", "editing", "actions"),
    [
        (["t", "red dress", ENTER], "red dress", False, [RunSearch("red dress")]),
        (["t", "red dress", ESCAPE], "", False, []),
        (["t", "red", ENTER, "t", " x", ESCAPE], "red", False, [RunSearch("red")]),
        (["t", "red", ENTER, "t", " shoe", ENTER], "red shoe", False, [RunSearch("red"), RunSearch("red shoe")]),
        (["t", "reed", BACKSPACE, BACKSPACE, "d"], "red", True, []),
        (["t", BACKSPACE, BACKSPACE], "", True, []),
        (["t", "red", Key("delete"), "blue"], "blue", True, []),
        (["t", "qsrzyh123t"], "qsrzyh123t", True, []),
        (["t", "  red  ", ENTER], "red", False, [RunSearch("red")]),
        (["t", "빨간 café", ENTER], "빨간 café", False, [RunSearch("빨간 café")]),
        (["T", "Red", ENTER], "Red", False, [RunSearch("Red")]),
        (["t", Key("page_down"), Key("tab"), "a"], "a", True, []),
        ([ENTER], "", False, [RunSearch("")]),
        (["s"], "", False, ["save"]),
        (["r"], "", False, ["clear"]),
        (["z", "y"], "", False, ["undo", "redo"]),
        (["c", "C"], "", False, ["next pen", "previous pen"]),
        (["[", "]"], "", False, ["thinner", "wider"]),
        (["q"], "", False, ["quit"]),
        (["Q"], "", False, ["quit"]),
        ([ESCAPE], "", False, ["quit"]),
        (["x", "-", Key("left"), "é"], "", False, []),
    ],
)
def test_keys_lead_to_caption_and_actions(keys, caption, editing, actions):
    state, asked = press(DeskState(), *keys)
    assert (state.caption, state.editing, asked) == (caption, editing, actions)


def test_other_alphabets_command_by_place_and_type_their_letters():
    def key(letter, place):
        return Key("char", letter, place)

    state, actions = press(DeskState(), key("я", "z"), key("С", "C"), key("р", "h"))
    assert actions == ["undo", "previous pen"] and state.help_open
    state, actions = press(state, key("р", "h"), key("е", "t"), key("р", "h"), key("м", "v"), ENTER, key("к", "r"))
    assert state.caption == "рм" and not state.help_open and actions[-1] == "clear"


def test_help_opens_and_closes_and_esc_then_quits():
    state, actions = press(DeskState(), "h")
    assert state.help_open
    state, actions = press(state, ESCAPE)
    assert not state.help_open
    assert actions == []
    state, actions = press(state, "h", "h", ESCAPE)
    assert actions == ["quit"]


def test_saving_works_while_help_is_open():
    assert press(DeskState(help_open=True), "s")[1] == ["save"]


def test_captions_have_an_end():
    state, _ = press(DeskState(), "t", "x" * 1000)
    assert len(state.caption) == LINE_MAX_CHARACTERS


@pytest.mark.parametrize(("page_keys", "digit", "rank"), [(0, "1", 1), (0, "9", 9), (1, "1", 10), (2, "2", 20)])
def test_digits_open_the_cards_of_the_page_shown(page_keys, digit, rank):
    state = take(DeskState(), found("x", CARDS))
    _, actions = press(state, *[Key("page_down")] * page_keys, digit)
    assert actions == [CARDS[rank - 1]]


def test_a_digit_without_a_card_says_so():
    state, actions = press(DeskState(), "3")
    assert actions == []
    assert "No results yet" in status_line(state).text
    state, actions = press(take(DeskState(), found("x", CARDS[:2])), "3")
    assert actions == []
    assert "no result 3" in status_line(state).text


def test_clicking_a_card_opens_it():
    _, actions = advance(take(DeskState(), found("x", CARDS)), Click("open", 4), 0.0)
    assert actions == (CARDS[4],)


def test_pages_stop_at_both_ends():
    state = take(DeskState(), found("x", CARDS))
    state, _ = press(state, Key("page_up"))
    assert state.page == 0
    state, _ = press(state, *[Key("down")] * 9)
    assert state.page == 2
    assert len(state.visible_cards) == 2


def test_new_hits_start_at_the_first_page():
    state, _ = press(take(DeskState(), found("x", CARDS)), Key("page_down"))
    assert take(state, found("y", CARDS)).page == 0


def test_a_search_before_loading_ends_says_so_and_stays_remembered():
    loading = SearchChanged(SearchPhase.LOADING, "Drawing the demo gallery", 0.43)
    state = wait_for_hits(take(DeskState(), loading))
    line = status_line(state)
    assert line == Status("Will search when ready: Drawing the demo gallery", Tone.BUSY, 0.43)
    state = take(state, SearchChanged(SearchPhase.READY, "demo gallery, 1,200 items"))
    assert status_line(state).text == "Searching…"
    state = take(state, found("red", CARDS))
    assert status_line(state) == Status("20 results", Tone.DONE)


def test_a_failed_loading_shows_its_reason_for_good_and_no_search_waits():
    failed = SearchChanged(SearchPhase.FAILED, "weights are damaged. Run git checkout.")
    state = forget_old_notice(take(wait_for_hits(DeskState()), failed), 1e9)
    assert status_line(state) == Status("weights are damaged. Run git checkout.", Tone.ERROR)
    assert not wait_for_hits(state).searching


def test_a_failed_search_keeps_the_old_results():
    state = wait_for_hits(take(DeskState(search_phase=SearchPhase.READY), found("x", CARDS)))
    state = take(state, SearchFailed("index is damaged"))
    assert state.cards == CARDS
    assert status_line(state) == Status("index is damaged", Tone.ERROR)


def test_no_hits_say_so():
    state = take(DeskState(), found("x", ()))
    assert status_line(state).text == "Nothing in the gallery fits"


def test_notices_go_after_a_while_errors_later():
    state = take(DeskState(), Status("Saved", Tone.DONE))
    assert forget_old_notice(state, 4.9).notice is not None
    assert forget_old_notice(state, 5.0).notice is None
    state = take(DeskState(), Status("disk full", Tone.ERROR))
    assert forget_old_notice(state, ERROR_LASTS_S - 0.1).notice is not None


def test_any_keys_keep_the_state_sound():
    keys = [Key("char", c) for c in "tsrzyhq19 é한"] + [Key(n) for n in ("enter", "escape", "backspace", "page_down")]
    events = [found("x", CARDS), found("y", ()), SearchFailed("no")]
    for seed in range(100):
        choose, state = random.Random(seed), DeskState()
        for t_s in range(60):
            event = choose.choice(keys) if choose.random() < 0.8 else choose.choice(events)
            state, _ = advance(state, event, float(t_s))
            assert 0 <= state.page < state.page_count
            assert len(state.caption) <= LINE_MAX_CHARACTERS
            assert status_line(state).text


def test_escaping_an_edit_restores_exactly_what_was_there():
    before = replace(DeskState(), caption="old words")
    after, _ = press(before, "t", "abc", BACKSPACE, "xyz", ESCAPE)
    assert after.caption == "old words"


@pytest.mark.parametrize(
    ("keys", "actions"),
    [
        ([ENTER], ["take back"]),
        (["y"], ["take back"]),
        (["Y"], ["take back"]),
        (["n"], ["leave"]),
        ([ESCAPE], ["leave"]),
        (["ny"], ["leave", "redo"]),
        (["h", ESCAPE, "y"], ["take back"]),
        (["t", "any", ENTER, ENTER], [RunSearch("any"), "take back"]),
        (["q"], ["quit"]),
    ],
)
def test_a_question_is_answered_once_and_other_keys_act_as_ever(keys, actions):
    asked = DeskState(question=Question("12 strokes", np.zeros((3, 4, 3), np.uint8)))
    state, done = press(asked, *keys)
    assert done == actions
    assert (state.question is None) == (actions[-1] != "quit")


def test_how_the_words_were_understood_is_said_and_x_searches_as_typed():
    state = DeskState(caption="drees under 50", searched_once=True)
    query = SearchQuery(lambda: None, SearchRequest(None, "drees under 50", 9))
    answer = SearchAnswer((ResultCard(1, 0.5, "a dress", None, None),), "“dress” for “drees”, only price<50", False)
    state = advance(state, HitsArrived(query, answer), 1.0)[0]
    assert state.notice.text == "“dress” for “drees”, only price<50: X searches exactly as typed"
    state, actions = advance(state, Key("char", "x"), 2.0)
    assert actions == (RunSearch("drees under 50", quiet=True),) and state.query.request("drees", 9).as_typed
    state = advance(state, Key("char", "t"), 3.0)[0]
    state, _ = advance(advance(state, Key("char", "!"), 3.0)[0], Key("enter"), 3.0)
    assert not state.query.as_typed  # other words


def test_tab_takes_what_the_gallery_continues_and_arrows_choose():
    state = DeskState(caption="re", editing=True)
    state = advance(state, SuggestionsArrived("r", ("rain",)), 1.0)[0]
    assert state.suggestions == ()  # too late
    state = advance(state, SuggestionsArrived("re", ("red", "red dress")), 1.0)[0]
    assert "Tab: red" in status_line(state).text
    chosen = advance(advance(state, Key("down"), 1.0)[0], Key("tab"), 1.0)[0]
    assert (chosen.caption, chosen.suggestions, chosen.editing) == ("red dress", (), True)
    assert advance(state, Key("char", "x"), 1.0)[0].suggestions == ()
