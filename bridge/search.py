"""The gallery search behind the drawing half's ``SketchSearch`` port."""

from __future__ import annotations

import ctypes
import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from air_sketch.values.datatypes import ResultCard, SearchAnswer, SearchRequest, UInt8Array
from air_sketch.values.errors import SearchError
from retrieval.commands.progress import progress_bar
from retrieval.values.errors import CatalogError, RetrievalError, counted

if TYPE_CHECKING:
    from air_sketch.values.ports import SearchLoader, SketchSearch
    from retrieval import Searcher
    from retrieval.values.datatypes import CatalogItem, Hit

THUMBNAIL_SIDE_PX = 320
THUMBNAILS_KEPT = 200


def load_search(gallery: str | None, encoder: str | None) -> SearchLoader:
    """Return what opens the gallery search when it is first needed; None takes the demo gallery."""

    def load(report: Callable[[str, float | None], None]) -> SketchSearch:
        with _other_threads_going_on():
            from retrieval import Searcher

            try:
                return GallerySearch(Searcher.open(gallery, encoder, report), gallery)
            except RetrievalError as error:
                raise SearchError(error.what, error.remedy) from None

    return load


@contextmanager
def _other_threads_going_on() -> Iterator[None]:
    """Load what is large without holding up the frame loop: it would stand still for half a second and more.

    An ``import`` holds the interpreter while the system maps torch's libraries, a function called by ctypes does not.
    The collector of cycles walks through all that was ever imported, again and again: it looks at young objects alone
    while loading, and never again at what is loaded then.
    """
    if os.name == "posix" and (torch := find_spec("torch")):
        for library in (Path(str(torch.origin)).parent / "lib").glob("libtorch_python.*"):
            ctypes.CDLL(None).dlopen(os.fsencode(library), os.RTLD_NOW)  # where it fails, the import says why
    thresholds = gc.get_threshold()
    gc.set_threshold(*thresholds[:2], 1 << 30)
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(*thresholds)


def open_search(gallery: str | None, encoder: str | None) -> SketchSearch:
    """Open the gallery search now, with its progress on stderr."""
    return load_search(gallery, encoder)(progress_bar())


class GallerySearch:
    """The drawing half's ``SketchSearch`` on top of the retrieval half's ``Searcher``."""

    def __init__(self, searcher: Searcher, gallery: str | None) -> None:
        self._searcher = searcher
        self._name = gallery or "demo gallery"
        self._thumbnails: dict[str, UInt8Array | None] = {}

    @property
    def description(self) -> str:
        """One short line for the status bar."""
        told = self._searcher.told.removeprefix("gallery: ")
        return ", ".join(
            filter(None, (self._name, counted(len(self._searcher), "item"), told, self._searcher.passed_over))
        )

    def search(self, request: SearchRequest) -> SearchAnswer:
        """Find one page of the best items."""
        try:
            hits = self._searcher.search(
                sketch=request.picture_rgb,
                caption=request.caption,
                k=request.k,
                sketch_weight=request.sketch_weight,
                where=request.where,
                like=request.like,
                offset=request.page * request.k,
                fold=request.fold,
                as_typed=request.as_typed,
            )
        except RetrievalError as error:
            raise SearchError(error.what, error.remedy) from None
        reading = hits.reading
        return SearchAnswer(tuple(map(self._card, hits)), reading.note, reading.is_as_typed, hits.is_doubted)

    def suggest(self, typed: str) -> tuple[str, ...]:
        """Continue a caption that is being typed."""
        return self._searcher.suggest(typed)

    def _card(self, hit: Hit) -> ResultCard:
        thumbnail = self._thumbnail(hit.item)
        said = [score for score in (hit.words_score, hit.lexical_score) if score is not None]
        return ResultCard(
            rank=hit.rank,
            score=hit.score,
            title=hit.item.title,
            image_path=self._searcher.file_to_open(hit.item) if thumbnail is not None else None,
            thumbnail_rgb=thumbnail,
            url=hit.item.url,
            id=hit.item.id,
            sketch_score=hit.sketch_score,
            words_score=sum(said) if said else None,
            like_score=hit.like_score,
            alike=len(hit.alike),
            record=hit.record(),
            match=hit.match,
        )

    def _thumbnail(self, item: CatalogItem) -> UInt8Array | None:
        """Decode a picture, or remember it: live hits show many of them again."""
        from retrieval.gallery.catalog import picture_file

        file = picture_file(item)
        if file not in self._thumbnails:
            try:
                self._thumbnails[file] = self._searcher.picture(item, THUMBNAIL_SIDE_PX)
            except CatalogError:  # gone since it was indexed; the card still tells what it was
                self._thumbnails[file] = None
            if len(self._thumbnails) > THUMBNAILS_KEPT:
                del self._thumbnails[next(iter(self._thumbnails))]
        return self._thumbnails[file]
