"""Make an encoder's ``Confidence`` from products and from drawings, from reading to figures."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.evaluation.gallery import Gallery, Subject, encode_photos
from retrieval.gallery.catalog import Catalog
from retrieval.sketches.edges import place_photo, recenter, xdog_lines
from retrieval.sketches.preprocessing import black_drawing
from retrieval.training.doubt.drawings import about, read_all, redrawn
from retrieval.training.doubt.fitting import fit_modes, fit_probes, measure_probes
from retrieval.training.doubt.queries import MOST_OF_A_SOURCE, Answer, Ask, Query, all_queries
from retrieval.values.confidence import DOUBTED_BELOW, RIGHT_HITS, Confidence
from retrieval.values.datatypes import CatalogItem, ProgressCallback
from retrieval.values.errors import CatalogError, TrainingError
from retrieval.values.ports import Encoder

SPLIT = "val"
"""The rows that training did not see; these are searched."""

CHUNK = 64
LEAST_ANSWERS = 40
"""Of each mode; fewer fit nothing."""

OpenAsk = Callable[[Gallery], Ask]


def make_confidence(
    encoder: Encoder,
    data: Path,
    drawings: Sequence[Path],
    other: Sequence[Path],
    open_ask: OpenAsk,
    progress: ProgressCallback,
) -> Confidence:
    """Fit everything anew for an encoder.

    Args:
        encoder: that is fitted for.
        data: folder of products with ``split``: those of ``val`` are searched, of ``train`` drawn and asked for.
        drawings: Quick, Draw! files of garments by people; other: of other things.
        open_ask: opens the whole search of a gallery.
        progress: called now and then.
    Raises:
        TrainingError: if there is too little of anything.
        CatalogError: if pictures cannot be read.
    """
    drawn = read_all(encoder, data, drawings, other, progress)
    progress("Telling garments from other things", None)
    probes = fit_probes(drawn)
    gallery, subjects = _gallery(encoder, data, progress)
    xdog = probes.whole.log_odds(about(encoder, redrawn([subject.drawing for subject in subjects])))
    odds = {id(kind): probes.log_odds(kind) for kind in (drawn.other, drawn.scribbles)}
    odds[id(drawn.held_out)] = probes.whole.log_odds(drawn.held_out.about)
    queries = all_queries(
        gallery,
        subjects,
        _elsewhere(data),
        drawn,
        lambda kind, number: float(odds[id(kind)][number]),
        [float(value) for value in xdog],
    )
    answers, matches, figures = fit_modes(_answered(queries, open_ask(gallery), progress))
    figures["garments"] = measure_probes(probes, drawn, xdog)
    figures["meaning"] = (
        f"sure: the first page holds the very item where one was meant (titles, XDoG drawings), else at least "
        f"{RIGHT_HITS} items of the meant kind (and colour or brand, where words name them); "
        f"doubted below {DOUBTED_BELOW}"
    )
    return Confidence(probes.whole, answers, matches, figures)


def _answered(queries: Sequence[Query], ask: Ask, progress: ProgressCallback) -> list[tuple[Query, Answer]]:
    answered = []
    for number, query in enumerate(queries, 1):
        if (answer := ask(query.drawing, query.caption)) is not None and answer.mode:
            answered.append((query, answer))
        progress("Asking", number / len(queries))
    for mode in ("sketch", "words", "both"):
        if (count := sum(answer.mode == mode for _, answer in answered)) < LEAST_ANSWERS:
            raise TrainingError(
                f"Queries by {mode} are too few: expected {LEAST_ANSWERS} that are answered, got {count}."
            )
    return answered


def _gallery(encoder: Encoder, data: Path, progress: ProgressCallback) -> tuple[Gallery, list[Subject]]:
    """The products that are searched, and XDoG drawings of some of them."""
    catalog = Catalog.open(data, split=SPLIT)
    step = max(1, len(catalog.items) // MOST_OF_A_SOURCE)
    items, vectors, subjects = list[CatalogItem](), [], list[Subject]()
    for start in range(0, len(catalog.items), CHUNK):
        pictures = []
        for item in catalog.items[start : start + CHUNK]:
            try:
                pictures.append(catalog.read(item))
            except CatalogError:  # one photo of many
                continue
            if len(items) % step == 0 and (lines := recenter(xdog_lines(place_photo(pictures[-1])))).any():
                subjects.append(Subject(len(items), item, black_drawing(lines)))
            items.append(item)
        vectors.append(encode_photos(encoder, pictures))
        progress("Encoding products", (start + CHUNK) / (len(catalog.items) + CHUNK))
    if not subjects:
        raise CatalogError(f"Nothing of {data} can be searched: expected pictures of split {SPLIT}.")
    found: Any = np.concatenate(vectors)
    return Gallery(tuple(items), (catalog,), found, np.zeros((len(items), 0), np.float32), len(items)), subjects


def _elsewhere(data: Path) -> list[CatalogItem]:
    """Products that are asked for but are not in the gallery."""
    items = list(Catalog.open(data, split="train").items)
    return random.Random(1).sample(items, min(MOST_OF_A_SOURCE, len(items)))
