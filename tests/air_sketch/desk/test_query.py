import random

import numpy as np
import pytest

from air_sketch.desk.advance import advance
from air_sketch.desk.events import (
    Click,
    HitsArrived,
    Key,
    RunSearch,
    SearchFailed,
    SearchPhase,
    SearchQuery,
)
from air_sketch.desk.news import wait_for_hits
from air_sketch.desk.state import DeskState, QueryState, balance_words, status_line
from air_sketch.values.datatypes import ResultCard, SearchAnswer, SearchRequest
from air_sketch.window.brushes.layout import Rect
from air_sketch.window.parts.query_bar import LIKE_COLOR, SKETCH_COLOR, WORDS_COLOR, part_scores
from air_sketch.window.parts.results import arrow_rects, cell_rects, draw_results, page_turn_at

CARDS = tuple(ResultCard(rank, 1.0 / rank, f"item {rank}", None, None, id=f"id-{rank}") for rank in range(1, 10))
ENTER, ESCAPE, BACKSPACE = Key("enter"), Key("escape"), Key("backspace")
PAGE_DOWN, PAGE_UP = Key("page_down"), Key("page_up")
QUIET = [RunSearch("red", quiet=True)]


def press(state, *keys):
    """Press keys; strings are typed letter by letter. Return the state and all actions."""
    actions = []
    for item in keys:
        for key in [Key("char", c) for c in item] if isinstance(item, str) else [item]:
            state, asked = advance(state, key, 0.0)
            actions.extend(asked)
    return state, actions


def found(cards=CARDS, page=0, quiet=False, caption="red"):
    request = SearchRequest(None, caption, 9, page=page)
    return HitsArrived(SearchQuery(lambda: None, request, quiet), SearchAnswer(tuple(cards)))


def after(*events, state=None):
    state = state or DeskState(caption="red")
    for event in events:
        state, _ = advance(state, event, 0.0)
    return state


# --- balance, folding, live


@pytest.mark.parametrize(
    ("keys", "weight"),
    [("-", 0.4), ("=", 0.6), ("+", 0.6), ("_", 0.4), ("-=", 0.5), ("-" * 20, 0.0), ("=" * 20, 1.0), ("---=", 0.3)],
)
def test_minus_leans_to_the_words_and_equals_to_the_drawing(keys, weight):
    state, _ = press(DeskState(), keys)
    assert state.query.sketch_weight == pytest.approx(weight)
    assert status_line(state).text == balance_words(state.query)
    assert state.query.request("x", 9).sketch_weight == pytest.approx(weight)


def test_another_balance_asks_again_only_where_hits_are_shown_and_something_changes():
    assert press(DeskState(), "-=d")[1] == []
    state = after(found())
    assert press(state, "-")[1] == QUIET
    assert press(state, "=" * 7)[1] == QUIET * 5  # the last two change nothing
    assert press(state, "d")[1] == QUIET


def test_folding_and_live_hits_are_switched_by_a_key_each():
    state, _ = press(DeskState(), "dl")
    assert (state.query.fold, state.query.live) == (False, True)
    state, _ = press(state, "DL")
    assert (state.query.fold, state.query.live) == (True, False)
    assert press(after(found()), "l")[1] == []  # the loop sees it


# --- the filter line


def test_a_filter_is_typed_like_a_caption_and_esc_brings_the_old_one_back():
    state, actions = press(after(found()), "f", "gender=Women,price<50", ENTER)
    assert (state.query.where, state.query.typing, actions) == ("gender=Women,price<50", False, QUIET)
    state, actions = press(state, "f", BACKSPACE, "9x", ESCAPE)
    assert (state.query.where, actions) == ("gender=Women,price<50", [])
    state, actions = press(state, "f", Key("delete"), ENTER)
    assert (state.query.where, actions) == ("", QUIET)
    assert press(state, "f", ENTER)[1] == []  # nothing has changed
    assert press(DeskState(), "f", "qszrlm-=1", ENTER)[0].query.where == "qszrlm-=1"
    assert press(DeskState(), "f", "price<50", ENTER)[1] == []  # nothing is asked yet


def test_a_filter_half_typed_is_not_searched_with():
    state, _ = press(after(found()), "f", "gen")
    assert state.query.request("x", 9).where == ""
    assert status_line(state).text.startswith("Type a filter")
    assert press(state, "der=Men", ENTER)[0].query.request("x", 9).where == "gender=Men"


def test_a_wrong_filter_keeps_the_hits_and_can_be_mended():
    state, _ = press(after(found()), "f", "price", ENTER)
    state = after(SearchFailed("Filter 'price' is not understood"), state=state)
    assert "not understood" in status_line(state).text
    assert state.cards == CARDS
    state, actions = press(state, "f", "<50", ENTER)
    assert state.query.where == "price<50"
    assert actions == QUIET


def test_a_filter_that_nothing_passes_is_named():
    state, _ = press(after(found()), "f", "price<0", ENTER)
    state = after(found((), quiet=True), state=state)
    assert status_line(state).text == "Nothing in the gallery passes price<0"


# --- more like this one


def test_m_and_a_digit_let_a_card_join_the_query_and_m_m_drop_it():
    state, actions = press(after(found()), "m3")
    assert (state.query.like, actions) == (CARDS[2], QUIET)
    assert state.query.request("red", 9).like == ("id-3",)
    assert "More like “item 3”" in status_line(state).text
    state, actions = press(state, "mm")
    assert (state.query.like, state.query.request("red", 9).like, actions) == (None, (), QUIET)


def test_picking_can_be_cancelled_and_other_keys_act_as_ever():
    state = after(found())
    for key in (ESCAPE, "m"):
        done, actions = press(state, "m", key)
        assert (done.query.picking, done.query.like, actions) == (False, None, [])
    done, actions = press(state, "mz")
    assert (done.query.picking, actions) == (False, ["undo"])
    assert press(state, "m1", "1")[1][-1] == CARDS[0]
    assert press(after(found(CARDS[:2])), "m7")[1] == []
    none_yet, actions = press(DeskState(), "m1")
    assert (none_yet.query.picking, actions) == (False, [])
    assert "No results yet" in status_line(none_yet).text


def test_the_right_mouse_button_picks_a_card():
    state, actions = advance(after(found()), Click("like", 4), 0.0)
    assert (state.query.like, list(actions)) == (CARDS[4], QUIET)


# --- pages


def test_the_next_page_is_asked_for_once_and_put_behind():
    state = after(found())
    assert state.more
    same, actions = press(state, PAGE_DOWN)
    assert (same.page, actions) == (0, [RunSearch("red", page=1)])
    more = tuple(ResultCard(rank, 0.1, f"item {rank}", None, None) for rank in range(10, 15))
    state = after(found(more, page=1), state=state)
    assert (state.page, state.visible_cards, state.more) == (1, more, False)
    state, actions = press(state, PAGE_DOWN, PAGE_UP)
    assert (state.page, actions) == (0, [])
    state, actions = press(state, PAGE_DOWN)
    assert (state.page, actions) == (1, [])


def test_a_gallery_that_ends_with_a_full_page_says_so():
    state = after(found(), found((), page=1))
    assert status_line(state).text == "No more results"
    assert (state.page, state.cards) == (0, CARDS)
    assert press(state, PAGE_DOWN)[1] == []


def test_a_page_of_hits_that_are_no_longer_shown_is_left():
    state = after(found(), found(CARDS[:4]), found(page=1))
    assert state.cards == CARDS[:4]
    state = after(found(), found(page=2))
    assert state.cards == CARDS


def test_the_arrows_over_the_cards_turn_pages():
    panel = Rect(700, 14, 360, 660)
    before, after_ = arrow_rects(panel)
    assert [page_turn_at(panel, *rect.center_xy) for rect in (before, after_)] == [-1, 1]
    assert page_turn_at(panel, 750, 40) == 0
    assert all(not (cell.contains(*before.center_xy) or cell.contains(*after_.center_xy)) for cell in cell_rects(panel))
    assert list(advance(after(found()), Click("page", 1), 0.0)[1]) == [RunSearch("red", page=1)]
    assert advance(after(found()), Click("page", -1), 0.0)[0].page == 0


def test_quiet_hits_say_nothing_and_quiet_searches_neither():
    state = after(found(quiet=True))
    assert (state.cards, state.searching, state.notice) == (CARDS, False, None)
    assert wait_for_hits(DeskState(search_phase=SearchPhase.READY)).searching


# --- what is drawn


def test_cards_show_the_parts_of_their_score_only_where_there_are_several():
    card = ResultCard(1, 0.6, "x", None, None, sketch_score=0.4, words_score=0.2)
    assert part_scores(card) == [(0.4, SKETCH_COLOR), (0.2, WORDS_COLOR)]
    assert part_scores(ResultCard(1, 0.6, "x", None, None, words_score=0.6)) == []
    liked = ResultCard(1, 0.6, "x", None, None, words_score=-0.1, like_score=0.7)
    assert part_scores(liked) == [(-0.1, WORDS_COLOR), (0.7, LIKE_COLOR)]


@pytest.mark.parametrize(
    "query",
    [
        QueryState(sketch_weight=0.9),
        QueryState(live=True),
        QueryState(fold=False),
        QueryState(where="gender=Women,price<50"),
        QueryState(like=CARDS[0]),
        QueryState(where="x" * 200, like=CARDS[0]),
    ],
)
@pytest.mark.parametrize("width", [300, 520])
def test_every_setting_shows_in_the_panel(query, width):
    def drawn(state):
        image = np.zeros((680, width, 3), np.uint8)
        draw_results(image, Rect(0, 0, width, 680), state)
        return image

    assert (drawn(DeskState(query=query)) != drawn(DeskState())).any()


@pytest.mark.parametrize(
    "parts", [(0.4, 0.2, None), (0.4, -0.2, 0.9), (-0.1, -0.2, None), (0.0, 0.0, None), (1.0, 0.0, 0.0)]
)
def test_any_parts_and_any_number_of_alikes_can_be_drawn(parts):
    sketch, words, like = parts
    for height, width in ((680, 360), (420, 300)):
        image = np.zeros((height, width, 3), np.uint8)
        card = ResultCard(1, 0.6, "x", None, None, sketch_score=sketch, words_score=words, like_score=like, alike=1234)
        draw_results(image, Rect(0, 0, width, height), DeskState(cards=(card,) * 9))
        assert image.any()


def test_any_keys_and_answers_keep_the_state_sound():
    keys = [Key("char", c) for c in "tfmld-=19 x<50"] + [ENTER, ESCAPE, BACKSPACE, PAGE_DOWN, PAGE_UP]
    events = [found(), found(CARDS[:3]), found(page=1), found((), page=1), found(()), SearchFailed("no")]
    for seed in range(150):
        rng, state = random.Random(seed), DeskState()
        for t_s in range(80):
            event = rng.choice(keys) if rng.random() < 0.8 else rng.choice(events)
            state, actions = advance(state, event, float(t_s))
            assert 0 <= state.page < state.page_count
            assert 0.0 <= state.query.sketch_weight <= 1.0
            assert not (state.query.typing and (state.editing or state.query.picking))
            assert all(action.page in {0, state.page_count} for action in actions if isinstance(action, RunSearch))
            assert status_line(state).text
