"""Result sheets: one query a row, its drawing and words, then its first hits. For looking, never for publishing.

A sheet shows the gallery's own photos, which usually belong to others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from retrieval.evaluation.gallery import Gallery, Subject
from retrieval.evaluation.metrics import top_hits
from retrieval.files import replacing
from retrieval.sketches.people_drawings import PersonDrawing
from retrieval.sketches.preprocessing import render_lines
from retrieval.values.datatypes import Float32Array, LineDrawing
from retrieval.values.ports import Encoder
from retrieval.words.captions import short_caption

HITS_SHOWN = 8
TILE_PX = 120
GAP_PX = 8
TEXT_PX = 18
ITEMS_SHOWN = 5
RIGHT_RGB = (30, 150, 70)
WORD_RGB = (40, 40, 40)
FONT_PX = 12


@dataclass(frozen=True)
class SheetRow:
    """One query.

    Attributes:
        label: shown above the row.
        drawing: what was drawn.
        vector: float32 (D,), the query.
        answer: number of the very item, framed where it is a hit; -1 when there is none.
    """

    label: str
    drawing: LineDrawing
    vector: Float32Array
    answer: int = -1


def write_sheets(
    folder: Path, encoder: Encoder, gallery: Gallery, kept: Sequence[Subject], people: Sequence[PersonDrawing]
) -> list[str]:
    """Write a PNG of items' drawings, and one of drawings by people, the first of each word; returns the files."""
    sheets: dict[str, list[SheetRow]] = {"items": [], "people": []}
    for i in np.unique(np.linspace(0, len(kept) - 1, ITEMS_SHOWN).astype(int)):
        caption = short_caption({**kept[i].item.fields, "title": kept[i].item.title})
        sheets["items"] += _alone_and_with(encoder, kept[i].drawing, caption, answer=kept[i].number)
    for person in {person.word: person for person in reversed(people)}.values():
        sheets["people"] += _alone_and_with(encoder, person.lines(), person.word, f"a person's {person.word}, ")
    files = []
    for name, rows in sheets.items():
        if rows:
            path = folder / f"{name}.png"
            with replacing(path) as temporary:
                draw_sheet(gallery, rows).save(temporary, "PNG")
            files.append(str(path))
    return files


def _alone_and_with(
    encoder: Encoder, drawing: LineDrawing, caption: str, what: str = "", answer: int = -1
) -> list[SheetRow]:
    """A drawing twice: alone, and with a caption."""
    sketch, words = encoder.encode_drawings([drawing]), encoder.encode_words([caption])
    return [
        SheetRow(f"{what}drawing alone", drawing, sketch[0], answer),
        SheetRow(f"drawing + '{caption}'", drawing, encoder.fuse(sketch, words)[0], answer),
    ]


def draw_sheet(gallery: Gallery, rows: Sequence[SheetRow]) -> Image.Image:
    """Draw rows of queries with their first hits."""
    pitch = TILE_PX + GAP_PX
    height = len(rows) * (pitch + TEXT_PX) + GAP_PX
    sheet = Image.new("RGB", ((HITS_SHOWN + 1) * pitch + 3 * GAP_PX, height), "white")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(FONT_PX)
    hits = top_hits(np.stack([row.vector for row in rows]) @ gallery.vectors.T, HITS_SHOWN)
    for number, (row, found) in enumerate(zip(rows, hits, strict=True)):
        top = GAP_PX + number * (pitch + TEXT_PX)
        pen.text((GAP_PX, top), row.label, WORD_RGB, font)
        top += TEXT_PX
        sheet.paste(Image.fromarray(render_lines(row.drawing, TILE_PX)), (GAP_PX, top))
        pen.rectangle((GAP_PX, top, GAP_PX + TILE_PX, top + TILE_PX), outline=(200, 200, 200))
        for place, item in enumerate(found.tolist()):
            left = 3 * GAP_PX + (place + 1) * pitch
            photo = Image.fromarray(gallery.catalogs[item].read(gallery.items[item]))
            tile = ImageOps.contain(photo, (TILE_PX, TILE_PX))
            sheet.paste(tile, (left + (TILE_PX - tile.width) // 2, top))
            if item == row.answer:
                box = (left - 2, top - 2, left + TILE_PX + 1, top + TILE_PX + 1)
                pen.rectangle(box, outline=RIGHT_RGB, width=3)
    return sheet
