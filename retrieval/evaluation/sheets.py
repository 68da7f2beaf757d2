"""Result sheets: one query a row, its drawing and words, then its first hits. For looking, never for publishing.

A sheet shows the gallery's own photos, which usually belong to others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from retrieval.evaluation.colours import TESTED_COLOURS
from retrieval.evaluation.gallery import Gallery
from retrieval.evaluation.inks import INKS_RGB
from retrieval.evaluation.metrics import top_hits
from retrieval.evaluation.subjects import Subject, subjects_of
from retrieval.files import replacing
from retrieval.sketches.people_drawings import PersonDrawing
from retrieval.sketches.preprocessing import render_lines
from retrieval.values.datatypes import Float32Array, LineDrawing, UInt8Array
from retrieval.values.errors import CatalogError, TrainingError, first_line
from retrieval.values.ports import Encoder
from retrieval.words.captions import article, short_caption

HITS_SHOWN = 8
TILE_PX = 120
GAP_PX = 8
TEXT_PX = 18
QUERIES_PER_SHEET = 10
ROWS_PER_PAGE = 12
INK_SUBJECTS = 4
RIGHT_RGB = (30, 150, 70)
WORD_RGB = (40, 40, 40)
FONT_PX = 12

T = TypeVar("T")


@dataclass(frozen=True)
class SheetRow:
    """One query.

    Attributes:
        label: shown above the row.
        drawing: what was drawn, or None.
        vector: float32 (D,), the query.
        answer: number of the very item, framed where it is a hit; -1 when there is none.
    """

    label: str
    drawing: LineDrawing | None
    vector: Float32Array
    answer: int = -1


def write_sheets(
    folder: Path,
    encoder: Encoder,
    gallery: Gallery,
    kept: dict[int, LineDrawing],
    people: Sequence[PersonDrawing],
) -> tuple[str, ...]:
    """Write one PNG per sort of query.

    Args:
        folder: made when missing.
        encoder: embeds the queries.
        gallery: what is searched.
        kept: drawings by item number.
        people: drawings by people, one row each.
    Returns:
        The files.
    Raises:
        TrainingError: if the folder cannot be written.
    """
    subjects = subjects_of(gallery, kept)
    sheets = {"items": _item_rows(encoder, gallery, kept)}
    if subjects:
        sheets |= {"colours": _colour_rows(encoder, subjects), "inks": _ink_rows(encoder, subjects)}
    if people:
        sheets["people"] = _people_rows(encoder, people)
    files = []
    for name, rows in _pages(sheets):
        path = folder / f"{name}.png"
        try:
            with replacing(path) as temporary:
                Image.fromarray(draw_sheet(gallery, rows)).save(temporary, "PNG")
        except OSError as error:
            raise TrainingError(
                f"Sheets {folder} cannot be written: {first_line(error)}. Choose another --sheets."
            ) from error
        files.append(str(path))
    return tuple(files)


def _pages(sheets: dict[str, list[SheetRow]]) -> Iterator[tuple[str, list[SheetRow]]]:
    for name, rows in sheets.items():
        pages = [rows[start : start + ROWS_PER_PAGE] for start in range(0, len(rows), ROWS_PER_PAGE)]
        for number, page in enumerate(pages, 1):
            yield (f"{name}-{number}" if len(pages) > 1 else name), page


def draw_sheet(gallery: Gallery, rows: Sequence[SheetRow]) -> UInt8Array:
    """Draw rows of queries with their first hits, uint8 (H, W, 3)."""
    pitch = TILE_PX + GAP_PX
    height = len(rows) * (pitch + TEXT_PX) + GAP_PX
    sheet = Image.new("RGB", ((HITS_SHOWN + 1) * pitch + 3 * GAP_PX, height), "white")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(FONT_PX)
    hits = top_hits(np.stack([row.vector for row in rows]) @ gallery.vectors.T, HITS_SHOWN)
    for number, (row, found) in enumerate(zip(rows, hits, strict=True)):
        top = GAP_PX + number * (pitch + TEXT_PX)
        pen.text((GAP_PX, top), row.label, WORD_RGB, font)
        if row.drawing is not None:
            sheet.paste(Image.fromarray(render_lines(row.drawing, TILE_PX)), (GAP_PX, top + TEXT_PX))
        pen.rectangle((GAP_PX, top + TEXT_PX, GAP_PX + TILE_PX, top + TEXT_PX + TILE_PX), outline=(200, 200, 200))
        for place, item in enumerate(found.tolist()):
            left = 3 * GAP_PX + (place + 1) * pitch
            tile = _tile(gallery, item)
            sheet.paste(tile, (left + (TILE_PX - tile.width) // 2, top + TEXT_PX))
            if item == row.answer:
                box = (left - 2, top + TEXT_PX - 2, left + TILE_PX + 1, top + TEXT_PX + TILE_PX + 1)
                pen.rectangle(box, outline=RIGHT_RGB, width=3)
    return np.asarray(sheet)


def _tile(gallery: Gallery, item: int) -> Image.Image:
    try:
        tile = Image.fromarray(gallery.picture(item))
    except CatalogError:  # gone since it was encoded
        return Image.new("RGB", (TILE_PX, TILE_PX), (230, 230, 230))
    scale = TILE_PX / max(tile.size)
    return tile.resize((max(1, round(tile.width * scale)), max(1, round(tile.height * scale))))


def _item_rows(encoder: Encoder, gallery: Gallery, kept: dict[int, LineDrawing]) -> list[SheetRow]:
    """Each drawing twice: alone, and with its short caption."""
    rows = []
    for i in _spread(sorted(kept), QUERIES_PER_SHEET // 2):
        item, drawing = gallery.items[i], kept[i]
        caption = short_caption({**item.fields, "title": item.title})
        sketch, words = encoder.encode_drawings([drawing]), encoder.encode_words([caption])
        rows.append(SheetRow("drawing alone", drawing, sketch[0], i))
        rows.append(SheetRow(f"drawing + '{caption}'", drawing, encoder.fuse(sketch, words)[0], i))
    return rows


def _colour_rows(encoder: Encoder, subjects: Sequence[Subject]) -> list[SheetRow]:
    subject = subjects[len(subjects) // 2]
    captions = [article(f"{colour} {subject.kind}") for colour in TESTED_COLOURS]
    sketches = np.repeat(encoder.encode_drawings([subject.drawing]), len(captions), axis=0)
    fused = encoder.fuse(sketches, encoder.encode_words(captions))
    return [
        SheetRow(f"drawing + '{caption}'", subject.drawing, vector)
        for caption, vector in zip(captions, fused, strict=True)
    ]


def _ink_rows(encoder: Encoder, subjects: Sequence[Subject]) -> list[SheetRow]:
    rows = []
    for subject in _spread(subjects, INK_SUBJECTS):
        for ink in ("black", "red", "green"):
            drawing = subject.in_ink(INKS_RGB[ink])
            rows.append(SheetRow(f"{ink} ink, no words", drawing, encoder.encode_drawings([drawing])[0]))
    return rows


def _people_rows(encoder: Encoder, people: Sequence[PersonDrawing]) -> list[SheetRow]:
    rows = []
    for person in people:
        drawing = person.lines()
        sketch, words = encoder.encode_drawings([drawing]), encoder.encode_words([person.word])
        rows.append(SheetRow(f"a person's {person.word}, drawing alone", drawing, sketch[0]))
        rows.append(SheetRow(f"drawing + '{person.word}'", drawing, encoder.fuse(sketch, words)[0]))
    return rows


def _spread(values: Sequence[T], count: int) -> list[T]:
    return [values[int(i)] for i in np.linspace(0, len(values) - 1, min(count, len(values)))]
