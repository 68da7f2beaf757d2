"""The gallery search behind the drawing half's ``SketchSearch`` port."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from air_sketch.values.datatypes import ResultCard, SearchRequest, UInt8Array
from air_sketch.values.errors import SearchError
from retrieval.commands.progress import progress_bar
from retrieval.values.errors import CatalogError, RetrievalError

if TYPE_CHECKING:
    from air_sketch.values.ports import SearchLoader, SketchSearch
    from retrieval import Searcher
    from retrieval.values.datatypes import CatalogItem, Hit

THUMBNAIL_SIDE_PX = 320
THUMBNAILS_KEPT = 200


def load_search(gallery: str | None, encoder: str | None) -> SearchLoader:
    """Return what opens the gallery search when it is first needed; None takes the demo gallery."""

    def load(report: Callable[[str, float | None], None]) -> SketchSearch:
        from retrieval import Searcher

        try:
            return GallerySearch(Searcher.open(gallery, encoder, report), gallery)
        except RetrievalError as error:
            raise SearchError(error.what, error.remedy) from None

    return load


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
        return ", ".join(filter(None, (self._name, f"{len(self._searcher):,} items", self._searcher.passed_over)))

    def search(self, request: SearchRequest) -> list[ResultCard]:
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
            )
        except RetrievalError as error:
            raise SearchError(error.what, error.remedy) from None
        return [self._card(hit) for hit in hits]

    def _card(self, hit: Hit) -> ResultCard:
        thumbnail = self._thumbnail(hit.item)
        return ResultCard(
            rank=hit.rank,
            score=hit.score,
            title=hit.item.title,
            image_path=self._searcher.file_to_open(hit.item) if thumbnail is not None else None,
            thumbnail_rgb=thumbnail,
            url=hit.item.url,
            id=hit.item.id,
            sketch_score=hit.sketch_score,
            words_score=hit.words_score,
            like_score=hit.like_score,
            alike=len(hit.alike),
            record=hit.record(),
        )

    def _thumbnail(self, item: CatalogItem) -> UInt8Array | None:
        """Decode a picture, or remember it: live hits show many of them again."""
        if item.id not in self._thumbnails:
            try:
                self._thumbnails[item.id] = self._searcher.picture(item, THUMBNAIL_SIDE_PX)
            except CatalogError:  # gone since it was indexed; the card still tells what it was
                self._thumbnails[item.id] = None
            if len(self._thumbnails) > THUMBNAILS_KEPT:
                del self._thumbnails[next(iter(self._thumbnails))]
        return self._thumbnails[item.id]
