"""Measure an encoder: how well items are found by drawing, by words and by both (``evaluate``)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from retrieval.evaluation.brands import brand_section
from retrieval.evaluation.colours import colour_section
from retrieval.evaluation.gallery import Drawings, Gallery, encode_gallery
from retrieval.evaluation.inks import ink_section, misleading_section
from retrieval.evaluation.paired import paired_section, read_paired
from retrieval.evaluation.people import people_section
from retrieval.evaluation.recall import items_sections
from retrieval.evaluation.report import Report, Section
from retrieval.evaluation.sheets import write_sheets
from retrieval.evaluation.subjects import subjects_of
from retrieval.gallery.catalog import Catalog
from retrieval.sketches.people_drawings import PersonDrawing, read_drawings
from retrieval.values.datatypes import ProgressCallback
from retrieval.values.ports import Encoder


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
        paired_drawings: tars of drawings by people, each paired with its product's edge map.
        sheets: folder for result sheets, or None.
        subjects: drawings, evenly spaced, that the colour, ink and brand tests use.
    """

    data: Path
    split: str
    gallery_extra: Path | None = None
    limit: int | None = None
    fusion: str | None = None
    drawings: Path | None = None
    drawings_split: str = "all"
    paired_drawings: tuple[Path, ...] = ()
    sheets: Path | None = None
    subjects: int = 240


def evaluate(encoder: Encoder, options: EvaluateOptions, progress: ProgressCallback) -> Report:
    """Encode the gallery and every query, and compute the figures.

    Raises:
        CatalogError: if the data cannot be read.
        TrainingError: if no row can be measured, or drawings by people cannot be read.
    """
    people = read_drawings(options.drawings) if options.drawings is not None else []
    people = [drawing for drawing in people if options.drawings_split in {"all", drawing.split}]
    pairs = [read_paired(path) for path in options.paired_drawings]
    catalog = Catalog.open(options.data, split=options.split)
    items = list(catalog.items[: options.limit])
    gallery, drawings = encode_gallery(encoder, catalog, items, options.gallery_extra, options.subjects, progress)
    table, gains = items_sections(encoder, gallery, drawings, options.fusion)
    progress("Measuring colours, inks and brands", None)
    sections = {"gains": gains} | _attribute_sections(encoder, gallery, drawings, options.fusion)
    progress("Measuring drawings by people", None)
    if people and (section := people_section(encoder, gallery, people, options.fusion)):
        sections["people"] = section
    if pairs:
        sections["paired"] = paired_section(encoder, gallery, pairs)
    sheets: tuple[str, ...] = ()
    if options.sheets is not None:
        sheets = write_sheets(options.sheets, encoder, gallery, _hardest(drawings).kept, _first_of_each(people))
    return Report(encoder.name, len(gallery.items), gallery.queries, table, sections, sheets)


def _attribute_sections(
    encoder: Encoder, gallery: Gallery, drawings: dict[str, Drawings], fusion: str | None
) -> dict[str, Section]:
    kept = _hardest(drawings).kept
    subjects = subjects_of(gallery, kept)
    sections: dict[str, Section] = {}
    if subjects and (gallery.families != "").any():
        sections["colour"] = colour_section(encoder, gallery, subjects, fusion)
        sections["ink"] = ink_section(encoder, gallery, subjects)
        sections["misleading_ink"] = misleading_section(encoder, gallery, subjects, fusion)
    if brands := brand_section(encoder, gallery, kept, fusion):
        sections["brand"] = brands
    return sections


def _hardest(drawings: dict[str, Drawings]) -> Drawings:
    """The given drawings, or those of the method that training never saw."""
    return drawings.get("XDoG") or next(iter(drawings.values()))


def _first_of_each(people: list[PersonDrawing]) -> list[PersonDrawing]:
    return list({drawing.word: drawing for drawing in reversed(people)}.values())[::-1]
