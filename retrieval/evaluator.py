"""Measure an encoder: how well items are found by drawing, by words and by both (``evaluate``)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from retrieval import edges
from retrieval.captions import short_caption
from retrieval.catalog import Catalog
from retrieval.datatypes import CatalogItem, Float32Array, ProgressCallback
from retrieval.encoders import FusedEncoder
from retrieval.errors import CatalogError, TrainingError
from retrieval.metrics import Estimate, estimate, precision_at, ranks_of_answers, recall_at, reciprocal_rank
from retrieval.people_drawings import read_drawings
from retrieval.people_evaluation import measure_people
from retrieval.pictures import read_picture
from retrieval.preprocessing import LINE_GRID_PX, LineDrawing, extract_lines

SKETCH_COLUMN = "sketch"
CHUNK = 64
BLACK = np.zeros((LINE_GRID_PX, LINE_GRID_PX, 3), np.uint8)
METRICS = ("R@1", "R@5", "R@10", "median rank", "mAP", "kind P@10")


@dataclass(frozen=True)
class EvaluateOptions:
    """What to measure on.

    Attributes:
        data: folder with a manifest that has ``split``, and optionally ``sketch``.
        split: rows that are both queries and gallery.
        gallery_extra: a folder of further gallery items, or None.
        limit: only the first rows, or None.
        fusion: None takes the encoder's own.
        drawings: Quick, Draw! file of drawings by people, or None.
        drawings_split: ``all``, or ``val`` for those that training leaves out.
    """

    data: Path
    split: str
    gallery_extra: Path | None = None
    limit: int | None = None
    fusion: str | None = None
    drawings: Path | None = None
    drawings_split: str = "all"


@dataclass(frozen=True)
class Report:
    """Figures by query type and metric."""

    encoder: str
    gallery: int
    queries: int
    figures: dict[str, dict[str, Estimate | float]]

    def record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "encoder": self.encoder,
            "gallery": self.gallery,
            "queries": self.queries,
            "figures": {
                query: {
                    name: value.record() if isinstance(value, Estimate) else round(value, 4)
                    for name, value in row.items()
                }
                for query, row in self.figures.items()
            },
        }

    def table(self) -> str:
        """A Markdown table with 95 % intervals."""
        lines = [
            f"{self.queries} queries, gallery of {self.gallery}, encoder {self.encoder}",
            "",
            "| query | " + " | ".join(METRICS) + " |",
            "|---" * (len(METRICS) + 1) + "|",
        ]
        for query, row in self.figures.items():
            cells = [_cell(row.get(name)) for name in METRICS]
            lines.append(f"| {query} | " + " | ".join(cells) + " |")
        return "\n".join(lines)


def _cell(value: Estimate | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, Estimate):
        return f"{value.mean:.3f} ({value.low:.3f}-{value.high:.3f})"
    return f"{value:.4g}"


def evaluate(encoder: FusedEncoder, options: EvaluateOptions, progress: ProgressCallback) -> Report:
    """Encode the gallery and every query, and compute the figures.

    Drawings come from the manifest's ``sketch`` column where it is filled; without one they are derived from
    the photos in two ways: Canny, as in training, and XDoG line art, which training never saw.

    Raises:
        CatalogError: if the data cannot be read.
        TrainingError: if no row can be measured.
    """
    catalog = Catalog.open(options.data, split=options.split)
    items = list(catalog.items[: options.limit])
    photos, drawings, items = _encode_items(encoder, catalog, items, progress)
    extra_items, extra = _encode_extra(encoder, options.gallery_extra, {item.id for item in items}, progress)
    gallery = np.concatenate([photos, extra])
    kinds = np.array([item.kind for item in [*items, *extra_items]])
    relevant = (kinds[: len(items), None] == kinds[None, :]) & (kinds[: len(items), None] != "")
    titles = encoder.encode_words([item.title for item in items])
    shorts = encoder.encode_words([short_caption({**item.fields, "title": item.title}) for item in items])
    queries: dict[str, Float32Array] = {"title": titles, "short caption": shorts}
    for name, sketches in drawings.items():
        queries[f"drawing ({name})"] = sketches
        queries[f"drawing ({name}) + title"] = encoder.fuse(sketches, titles, fusion=options.fusion)
        queries[f"drawing ({name}) + short caption"] = encoder.fuse(sketches, shorts, fusion=options.fusion)
    figures = {name: _figures(vectors @ gallery.T, relevant) for name, vectors in queries.items()}
    if options.drawings is not None:
        people = [d for d in read_drawings(options.drawings) if options.drawings_split in {"all", d.split}]
        figures |= measure_people(encoder, people, gallery, kinds, options.fusion)
    figures["chance"] = _chance(len(gallery), relevant)
    return Report(encoder.name, len(gallery), len(items), figures)


def _figures(scores: Float32Array, relevant: Any) -> dict[str, Estimate | float]:
    ranks = ranks_of_answers(scores, np.arange(len(scores)))
    row: dict[str, Estimate | float] = {f"R@{k}": estimate(recall_at(ranks, k)) for k in (1, 5, 10)}
    row["median rank"] = float(np.median(ranks))
    row["mAP"] = estimate(reciprocal_rank(ranks))
    known = relevant.any(axis=1)
    if known.any():
        row["kind P@10"] = estimate(precision_at(scores[known], relevant[known], 10))
    return row


def _chance(gallery: int, relevant: Any) -> dict[str, Estimate | float]:
    row: dict[str, Estimate | float] = {f"R@{k}": min(k / gallery, 1.0) for k in (1, 5, 10)}
    row["median rank"] = (gallery + 1) / 2
    row["mAP"] = float(np.mean(1.0 / np.arange(1, gallery + 1)))
    known = relevant.any(axis=1)
    if known.any():
        row["kind P@10"] = float(relevant[known].mean())
    return row


def _encode_items(
    encoder: FusedEncoder, catalog: Catalog, items: list[CatalogItem], progress: ProgressCallback
) -> tuple[Float32Array, dict[str, Float32Array], list[CatalogItem]]:
    photos: list[Float32Array] = []
    drawn: dict[str, list[Float32Array]] = {}
    measured: list[CatalogItem] = []
    given = any(item.fields.get(SKETCH_COLUMN) for item in items)
    for start in range(0, len(items), CHUNK):
        chunk = [item for item in items[start : start + CHUNK] if not given or item.fields.get(SKETCH_COLUMN)]
        pictures = [catalog.read(item) for item in chunk]
        photos.append(encoder.encode_photos(pictures))
        for name, lines in _drawings(catalog, chunk, pictures, given).items():
            drawn.setdefault(name, []).append(encoder.encode_drawings(lines))
        measured += chunk
        progress("Encoding queries and gallery", min((start + CHUNK) / len(items), 1.0))
    if not measured:
        raise TrainingError(f"Nothing to measure in {catalog.folder}: no row has both a picture and a drawing.")
    return np.concatenate(photos), {name: np.concatenate(parts) for name, parts in drawn.items()}, measured


def _drawings(
    catalog: Catalog, items: list[CatalogItem], pictures: list[Any], given: bool
) -> dict[str, list[LineDrawing]]:
    if given:
        return {"given": [extract_lines(_read_sketch(catalog, item)) for item in items]}
    grids = [edges.place_photo(picture)[0] for picture in pictures]
    titles = [item.title for item in items]
    canny = [edges.canny_lines(grid, title, 0.5) for grid, title in zip(grids, titles, strict=True)]
    xdog = [edges.xdog_lines(grid) for grid in grids]
    return {
        "Canny": [LineDrawing(edges.recenter(lines), BLACK) for lines in canny],
        "XDoG": [LineDrawing(edges.recenter(lines), BLACK) for lines in xdog],
    }


def _read_sketch(catalog: Catalog, item: CatalogItem) -> Any:
    file = item.fields[SKETCH_COLUMN]
    return read_picture(Path(file)) if Path(file).is_absolute() else catalog.read_file(file)


def _encode_extra(
    encoder: FusedEncoder, folder: Path | None, taken: set[str], progress: ProgressCallback
) -> tuple[list[CatalogItem], Float32Array]:
    """Encode distractors: every readable item of the folder that is not a query itself."""
    if folder is None:
        return [], np.zeros((0, encoder.width), np.float32)
    catalog = Catalog.open(folder)
    items, vectors = [], []
    rest = [item for item in catalog.items if item.id not in taken]
    for start in range(0, len(rest), CHUNK):
        pictures = []
        for item in rest[start : start + CHUNK]:
            try:
                pictures.append(catalog.read(item))
                items.append(item)
            except CatalogError:
                continue  # a distractor that cannot be read distracts nobody
        vectors.append(encoder.encode_photos(pictures))
        progress("Encoding further gallery", min((start + CHUNK) / len(rest), 1.0))
    return items, np.concatenate(vectors) if vectors else np.zeros((0, encoder.width), np.float32)
