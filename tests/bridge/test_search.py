"""The gallery search as the window opens it."""

import gc

import pytest

from air_sketch.values.errors import SearchError
from bridge.search import load_search
from retrieval import Searcher
from retrieval.values.errors import CatalogError


@pytest.mark.parametrize("error", [None, CatalogError("Gallery x is empty", "Name another folder.")])
def test_loading_never_lets_the_collector_walk_through_all_that_is_loaded(monkeypatch, error):
    before, during = gc.get_threshold(), []

    def open_nothing(*_):
        during.append(gc.get_threshold())
        if error:
            raise error

    monkeypatch.setattr(Searcher, "open", open_nothing)
    gc.unfreeze()
    try:
        load_search("x", None)(lambda *_: None)
    except SearchError as told:
        assert error and str(told) == str(error)
    assert during[0][:2] == before[:2] and during[0][2] > 1_000_000
    assert gc.get_threshold() == before and gc.get_freeze_count() > 10_000
    gc.unfreeze()
