from air_sketch.desk.advance import advance
from air_sketch.desk.events import Click, HitsArrived, SearchQuery
from air_sketch.desk.state import DOUBTED_CARDS, NOT_SURE, DeskState, status_line
from air_sketch.values.datatypes import ResultCard, SearchAnswer, SearchRequest

CARDS = tuple(ResultCard(rank, 0.7, f"item {rank}", None, None, match=0.5 / rank) for rank in range(1, 10))


def after(cards, is_doubted, quiet=False):
    query = SearchQuery(lambda: None, SearchRequest(None, "xylophone", 9), quiet)
    return advance(DeskState(), HitsArrived(query, SearchAnswer(cards, is_doubted=is_doubted)), 0.0)[0]


def test_doubted_hits_are_few_and_said_to_be_doubted():
    state = after(CARDS, True)
    assert state.cards == CARDS[:DOUBTED_CARDS] and state.doubted and not state.more
    assert status_line(state).text.startswith(NOT_SURE)
    assert after(CARDS, False).cards == CARDS and not after(CARDS, False).doubted


def test_the_next_page_brings_the_doubted_hits_that_were_held_back_and_asks_nothing():
    state, actions = advance(after(CARDS, True), Click("page", 1), 1.0)
    assert state.cards == CARDS and not state.held_back and not actions
    assert advance(state, Click("page", 1), 1.0)[1], "the page after that is asked for"


def test_doubted_hits_that_are_few_anyway_hold_nothing_back():
    state = after(CARDS[:2], True)
    assert state.cards == CARDS[:2] and not state.held_back
    assert "PgDn" not in status_line(state).text


def test_sure_hits_forget_an_earlier_doubt():
    query = SearchQuery(lambda: None, SearchRequest(None, "dress", 9), False)
    state = advance(after(CARDS, True), HitsArrived(query, SearchAnswer(CARDS)), 1.0)[0]
    assert state.cards == CARDS and not state.doubted and not state.held_back


def test_no_hits_at_all_are_no_doubted_hits():
    state = after((), True)
    assert not state.doubted and "Nothing in the gallery fits" in status_line(state).text


def test_a_card_shows_the_chance_and_else_what_the_search_ranks_by():
    assert CARDS[1].shown_score == 0.25
    assert ResultCard(1, 0.7, "item", None, None).shown_score == 0.7
