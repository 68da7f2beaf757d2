"""Search a gallery by a drawing, by words, or by both."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from retrieval.gallery.catalog import OWN_COLUMNS, Catalog
from retrieval.gallery.filters import Columns, parse_where
from retrieval.gallery.near_duplicates import grid_of, nearly_same
from retrieval.index.engines.opening import open_vector_index
from retrieval.index.folder.item_rows import CatalogItems
from retrieval.index.folder.store import StoredIndex
from retrieval.index.folder.tags import read_tags
from retrieval.index.lexical import open_terms
from retrieval.index.report import PICTURES_FILE, pictures_passed_over
from retrieval.search.asked import check_kinds, read_given
from retrieval.search.confidence import NOTHING, Evidence, gather, judge, share_known
from retrieval.search.opening import ready_gallery
from retrieval.search.pictures import PictureView
from retrieval.search.queries import QueryEncoder, unit
from retrieval.search.ranking import Ranking
from retrieval.search.suggestions import suggest
from retrieval.search.understanding import CaptionReader, Understood
from retrieval.values.confidence import DOUBTED_BELOW, FIRST_PAGE, Confidence
from retrieval.values.datatypes import CatalogItem, Float32Array, Hit, ProgressCallback, UInt8Array
from retrieval.values.errors import CatalogError, QueryError
from retrieval.values.ports import Encoder

log = logging.getLogger(__name__)

LEXICAL_WEIGHT = 1.0
"""What an item gains that has every word of the caption in its title, beside an inner product of 1 at most; beside a
drawing as much less as the drawing counts.

On 2,054 held-out products: 0.5 finds .959 of exact titles in the first ten, 1 .961, 2 .962, but fewer of the colours
of short captions. Beside a drawing, short captions lose beyond half of it (R@1 .48, .45 with all, .42 without).
Fusing ranks instead (reciprocal rank, k = 60) finds .92; with a drawing and the title the very item comes first in .75,
by this sum in .82.
"""

TAGS_LEAD = 4.0
"""So much more tags and titles count in a gallery that is not one of clothes, whose words the encoder hardly knows."""

GRID_PICTURE_SIDE_PX = 128  # smaller, and the ways in which formats are shrunk would show
GRIDS_KEPT = 2048


class Hits(list[Hit]):
    """Hits, best first, and how their caption was read.

    Attributes:
        reading: see ``Understood``.
        evidence: what ``sure`` was judged by.
        sure: 0..1, the calibrated chance that the first page, whichever is shown, holds what was meant (see
            ``retrieval.values.confidence``); None when nobody can tell.
    """

    def __init__(self, reading: Understood, evidence: Evidence = NOTHING, sure: float | None = 0.0) -> None:
        super().__init__()
        self.reading = reading
        self.evidence = evidence
        self.sure = sure

    @property
    def is_doubted(self) -> bool:
        """Whether what was meant is rather not among them."""
        return self.sure is not None and self.sure < DOUBTED_BELOW

    @property
    def understood(self) -> str:
        """The caption as it was searched."""
        return self.reading.text

    @property
    def unknown(self) -> tuple[str, ...]:
        """Words that nobody knows; they did not count."""
        return self.reading.unknown


class Searcher:
    """An open gallery.

    >>> searcher = Searcher.open("galleries/demo")                                   # doctest: +SKIP
    >>> hits = searcher.search(sketch="bag.png", caption="a red clutch", k=10)       # doctest: +SKIP
    """

    def __init__(self, encoder: Encoder, index: StoredIndex) -> None:
        self.encoder = encoder
        self.items: Sequence[CatalogItem] = CatalogItems(index.items)  # each is read when it is asked for
        self.images = index.images
        self.index_folder = index.folder
        self._index = open_vector_index(index)
        self._queries = QueryEncoder(encoder)
        self._stored = index.items
        self._tags = read_tags(index.folder)
        self.told = self._tags.told if self._tags is not None else ""
        self._pictures = PictureView(encoder, self._index, index)
        self._confidence: Confidence | None = getattr(encoder, "confidence", None)
        self._terms = open_terms(index)
        self._reader = CaptionReader(self._terms, encoder, self.columns)
        self._grid = lru_cache(GRIDS_KEPT)(self._grid_of)

    @classmethod
    def open(
        cls,
        gallery: Path | str | None = None,
        encoder: Encoder | Path | str | None = None,
        progress: ProgressCallback = lambda *_: None,
    ) -> Searcher:
        """Open a gallery, indexing what is new.

        Args:
            gallery: an index folder (opened as it is), a folder of pictures (its index lies in the cache and is
                updated), or None / ``demo`` for the demo gallery.
            encoder: open, or its folder or hub name; None takes the one that made the index, or the shipped one.
            progress: called with a message and a fraction during the long parts.
        Raises:
            RetrievalError: with one line that says what to do.
        """
        searcher = cls(*ready_gallery(gallery, encoder, progress))
        if searcher.told:
            log.info("%s", searcher.told)
        return searcher

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def passed_over(self) -> str:
        """How many pictures the gallery lacks and which file names them, "" for none."""
        count = pictures_passed_over(self.index_folder) if self.index_folder is not None else 0
        return f"{count:,} passed over, see {self.index_folder}/{PICTURES_FILE}" if count else ""

    @cached_property
    def columns(self) -> Columns:
        """The manifest by columns, for filters; every item of a gallery has the same."""
        own = [*OWN_COLUMNS, *(self.items[0].fields if len(self) else ())]
        return Columns(own if self._tags is None or "tags" in own else [*own, "tags"], self._read_column)

    def _read_column(self, name: str) -> Iterable[str]:
        if name == "tags" and self._tags is not None and "tags" not in self.items[0].fields:
            return (", ".join(tag for tag, _ in self._tags_of(row)) for row in range(len(self)))
        if name in OWN_COLUMNS:
            return (getattr(item, name) for item in self.items)
        return (item.fields.get(name, "") for item in self.items)

    def _tags_of(self, row: int) -> tuple[tuple[str, float], ...]:
        return () if self._tags is None else self._tags.of(self._stored[row].digest)

    @cached_property
    def _rows_by_id(self) -> dict[str, list[int]]:
        rows: dict[str, list[int]] = {}
        for row, item in enumerate(self.items):
            rows.setdefault(item.id, []).append(row)
        return rows

    @cached_property
    def _catalog(self) -> Catalog:
        return Catalog.of_pictures(self.images)

    def search(
        self,
        sketch: UInt8Array | Path | str | None = None,
        caption: str | None = None,
        k: int = 10,
        sketch_weight: float = 0.5,
        fusion: str | None = None,
        *,
        where: str | None = None,
        like: str | Sequence[str] | None = None,
        picture: UInt8Array | Path | str | None = None,
        offset: int = 0,
        fold: bool = False,
        as_typed: bool = False,
    ) -> Hits:
        """Find the k items that fit the drawing, the words and the picked pictures best.

        Args:
            sketch: uint8 (H, W, 3) RGB on plain paper, a picture file or a data URL of one; None for none.
            caption: the words; None or "" for none.
            k: at least 1.
            sketch_weight: 0..1, how much the drawing counts against the words; 0.5 as trained.
            fusion: ``average``, ``concat``, ``gated`` or ``mixed``; None takes the encoder's own.
            where: a filter such as ``gender=Women,price<50``; None for all items.
            like: id, or ids, of items whose pictures join the query; they are not among the hits themselves. Several
                items of one id count as one, by the mean of their pictures.
            picture: a photo that joins the query as those of picked items do; given as the drawing is.
            offset: how many of the best hits to leave out; the next page of k hits begins at ``offset=k``.
            fold: put near-duplicates into one hit, see ``Hit.alike``.
            as_typed: mend no typing errors, and take no filters out of the caption.
        Returns:
            Hits, best first; fewer than k when no more fit, none when nobody knows any of the words. The first one's
            rank is ``offset + 1``.
        Raises:
            QueryError: if the query is empty, unreadable or out of range; a FilterError if it is the filter.
        """
        check_kinds(
            caption=caption,
            k=k,
            sketch_weight=sketch_weight,
            fusion=fusion,
            where=where,
            like=like,
            offset=offset,
            fold=fold,
            as_typed=as_typed,
        )
        if k < 1:
            raise QueryError(f"Number of hits is out of range: expected at least 1, got {k}.")
        if offset < 0:
            raise QueryError(f"Offset is out of range: expected at least 0, got {offset}.")
        understood = self._reader.read(caption or "", as_typed)
        if offset >= len(self):
            return Hits(understood, sure=None)
        k = min(int(k), len(self))
        conditions = parse_where(where) if where and where.strip() else ()
        conditions += tuple(condition for asked in understood.filters for condition in parse_where(asked))
        allowed = self.columns.rows(conditions) if conditions else None
        picked = self._rows_of(like)
        likes = self._pictures.vectors_of(picked, picture)
        is_apart = self._pictures.is_second and len(likes) > 0
        words = self._terms.scores(understood.words) if understood.words else None
        is_answered = bool(understood.words or understood.unknown or understood.filters)
        query, parts, about = self._queries.embed(
            read_given(sketch),
            understood.encoded,
            sketch_weight,
            fusion,
            None if is_apart else likes,
            is_answered or is_apart,
        )
        if words is not None:
            is_alone = not parts.keys() - {"words"}
            words *= LEXICAL_WEIGHT * (1.0 if is_alone else 1.0 - sketch_weight) * (TAGS_LEAD if self.told else 1.0)
        elif not parts and not understood.filters and not is_apart:
            return Hits(understood)
        without = np.array([row for rows in picked for row in rows], np.int64)
        ranking = Ranking(self._index, query, allowed, without, words)
        if is_apart:
            ranking = self._pictures.joined(likes, ranking, parts, sketch_weight)
        if fold:
            rows, scores, groups = ranking.folded(offset + k, self._same_picture, self._index.vectors)
        else:
            rows, scores = ranking.first(max(offset + k, FIRST_PAGE))
            groups = [[position] for position in range(min(len(rows), offset + k))]
        shown = rows[np.array([group[0] for group in groups[offset:]], np.int64)]
        part_scores = {f"{name}_score": self._index.vectors[shown] @ part for name, part in parts.items()}
        if is_apart:
            part_scores["like_score"] = self._pictures.index.vectors[shown] @ unit(likes.mean(axis=0))
        confidence = None if is_apart or self.told else self._confidence  # neither ranks nor tags were fitted
        nearness = scores if words is None else scores - words[rows]
        evidence = gather(
            parts,
            None if about is None or confidence is None else float(confidence.probe.log_odds(about)),
            nearness[:FIRST_PAGE],
            self._index.vectors[rows[:FIRST_PAGE]],
            None if words is None else words[rows[:FIRST_PAGE]],
            share_known(understood, has_sketch=about is not None),
        )
        sure, matches = judge(confidence, evidence, nearness, None if words is None else words[rows])
        hits = Hits(understood, evidence, sure)
        for number, (position, *others) in enumerate(groups[offset:]):
            by_part = {name: float(scores_of[number]) for name, scores_of in part_scores.items()}
            if words is not None:
                by_part["lexical_score"] = float(words[rows[position]])
            alike = tuple(self.items[int(rows[other])] for other in others)
            item, score = self.items[int(rows[position])], float(scores[position])
            tags = self._tags_of(int(rows[position]))
            match = matches[position]
            hits.append(Hit(item, score, offset + number + 1, alike=alike, tags=tags, match=match, **by_part))
        return hits

    def suggest(self, typed: str, limit: int = 6) -> tuple[str, ...]:
        """Continue a caption that is being typed; see ``retrieval.search.suggestions``."""
        return suggest(typed, self._terms, self.items, limit)

    def _rows_of(self, like: str | Sequence[str] | None) -> list[list[int]]:
        ids = [like] if isinstance(like, str) else like or ()
        for name in ids:
            if name not in self._rows_by_id:
                raise QueryError(
                    f"Item {name!r} is not in this gallery: expected the id of a hit, such as {self.items[0].id!r}."
                )
        return [self._rows_by_id[name] for name in ids]

    def _same_picture(self, first: int, second: int) -> bool:
        one, other = self._grid(first), self._grid(second)
        return one is not None and other is not None and nearly_same(one, other)

    def _grid_of(self, row: int) -> Float32Array | None:
        try:
            return grid_of(self.picture(self.items[row], GRID_PICTURE_SIDE_PX))
        except CatalogError:  # gone since it was indexed, so nobody can tell what it shows
            return None

    def picture(self, item: CatalogItem, max_side_px: int | None = None) -> UInt8Array:
        """Decode an item's picture, for showing.

        Raises:
            CatalogError: if it is gone or damaged.
        """
        return self._catalog.read(item, max_side_px)

    def file_to_open(self, item: CatalogItem) -> Path | None:
        """Where an item's picture really lies, for another program; None when it is packed or no picture file."""
        return self._catalog.file_to_open(item)
