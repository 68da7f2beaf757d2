import threading
import time

import numpy as np

from air_sketch.desk.events import (
    HitsArrived,
    SearchChanged,
    SearchFailed,
    SearchPhase,
    SearchQuery,
    SuggestionsArrived,
)
from air_sketch.desk.search_worker import SearchWorker
from air_sketch.values.datatypes import ResultCard, SearchAnswer, SearchRequest
from air_sketch.values.errors import SearchError

PATIENCE_S = 5.0


class Panic(BaseException):
    """As packages in Rust raise it."""


class FakeSearch:
    description = "fake gallery"

    def __init__(self):
        self.asked = []
        self.gate = threading.Event()
        self.gate.set()

    def search(self, request):
        picture_rgb, caption, k = request.picture_rgb, request.caption, request.k
        self.gate.wait(PATIENCE_S)
        self.asked.append((None if picture_rgb is None else picture_rgb.shape, caption, k))
        if caption == "known trouble":
            raise SearchError("index is damaged", "Run index again.")
        if caption == "unknown trouble":
            raise ValueError("one\ntwo")
        if caption == "panic":
            raise Panic("called unwrap()")
        return SearchAnswer((ResultCard(1, 0.5, caption, None, None),))

    def suggest(self, typed):
        self.gate.wait(PATIENCE_S)
        if typed == "panic":
            raise Panic("called unwrap()")
        return (f"{typed} dress",)


def query(caption, picture=None):
    return SearchQuery(lambda: picture, SearchRequest(None, caption, 9))


def wait_for(worker, kind):
    """Collect events until one of this kind, or the news of this phase, has come."""
    seen, until = [], time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        seen += worker.poll()
        if any(getattr(event, "phase", type(event)) is kind for event in seen):
            return seen
        time.sleep(0.005)
    raise AssertionError(f"no {kind} in {seen}")


def started(loader):
    worker = SearchWorker(loader)
    worker.start()
    return worker


def test_loading_reports_progress_and_then_readiness():
    def load(report):
        report("Drawing", 0.5)
        return FakeSearch()

    worker = started(load)
    seen = wait_for(worker, SearchPhase.READY)
    assert SearchChanged(SearchPhase.LOADING, "Drawing", 0.5) in seen
    assert seen[-1] == SearchChanged(SearchPhase.READY, "fake gallery")
    assert worker.stop()


def test_a_search_asked_before_loading_ends_runs_when_it_has():
    go, search = threading.Event(), FakeSearch()

    def load(_report):
        go.wait(PATIENCE_S)
        return search

    worker = started(load)
    worker.request(query("red", np.zeros((4, 5, 3), np.uint8)))
    time.sleep(0.05)
    assert search.asked == []
    go.set()
    hits = wait_for(worker, HitsArrived)[-1]
    assert hits.query.request.caption == "red"
    assert search.asked == [((4, 5, 3), "red", 9)]
    assert worker.stop()


def test_of_several_waiting_searches_only_the_latest_runs():
    search = FakeSearch()
    worker = started(lambda _report: search)
    wait_for(worker, SearchPhase.READY)
    search.gate.clear()
    worker.request(query("first"))
    time.sleep(0.05)
    for caption in ("second", "third", "fourth"):
        worker.request(query(caption))
    search.gate.set()
    seen = []
    while len(seen) < 2:
        seen += [event for event in wait_for(worker, HitsArrived) if isinstance(event, HitsArrived)]
    assert [event.query.request.caption for event in seen] == ["first", "fourth"]
    assert worker.stop()


def test_trouble_in_one_search_is_told_in_one_line_and_the_next_one_works():
    worker = started(lambda _report: FakeSearch())
    worker.request(query("known trouble"))
    assert wait_for(worker, SearchFailed)[-1] == SearchFailed("index is damaged. Run index again.")
    worker.request(query("unknown trouble"))
    assert wait_for(worker, SearchFailed)[-1] == SearchFailed("The search failed: ValueError: one two")
    worker.request(query("panic"))
    assert wait_for(worker, SearchFailed)[-1] == SearchFailed("The search failed: Panic: called unwrap()")
    worker.request(query("fine"))
    assert wait_for(worker, HitsArrived)[-1].query.request.caption == "fine"
    assert worker.stop()


def test_failed_loading_is_told_in_one_line():
    def load_badly(_report):
        raise SearchError("gallery is empty", "Put pictures into it.")

    def load_worse(_report):
        raise RuntimeError("boom\nbang")

    def load_in_panic(_report):
        raise Panic("called unwrap()")

    assert "Panic: called unwrap()" in wait_for(started(load_in_panic), SearchPhase.FAILED)[-1].note
    assert wait_for(started(load_badly), SearchPhase.FAILED)[-1].note == "gallery is empty. Put pictures into it."
    assert "RuntimeError: boom bang" in wait_for(started(load_worse), SearchPhase.FAILED)[-1].note


def test_stopping_ends_an_idle_worker_at_once():
    worker = started(lambda _report: FakeSearch())
    wait_for(worker, SearchPhase.READY)
    assert worker.stop(timeout_s=PATIENCE_S)


def test_stopping_does_not_wait_for_a_long_loading():
    release = threading.Event()
    worker = started(lambda _report: release.wait(PATIENCE_S) and FakeSearch())
    assert not worker.stop(timeout_s=0.05)
    release.set()
    assert worker.stop(PATIENCE_S)


def test_a_worker_never_started_can_be_stopped():
    assert SearchWorker(lambda _report: FakeSearch()).stop()


def test_what_is_typed_is_continued_beside_the_queries_and_a_failure_of_it_ends_nothing():
    search = FakeSearch()
    worker = started(lambda _report: search)
    wait_for(worker, SearchPhase.READY)
    worker.suggest("panic")
    worker.request(query("blue"))
    wait_for(worker, HitsArrived)
    search.gate.clear()
    for asked in ("re", query("red"), "red", query("red bag"), "red d"):
        worker.suggest(asked) if isinstance(asked, str) else worker.request(asked)
    search.gate.set()
    seen = wait_for(worker, HitsArrived)
    while not any(isinstance(event, SuggestionsArrived) and event.typed == "red d" for event in seen):
        seen += wait_for(worker, SuggestionsArrived)
    assert SuggestionsArrived("red d", ("red d dress",)) in seen
    assert worker.stop(PATIENCE_S)
