"""Measure an encoder: how well items are found by drawing, by words and by both (``evaluate``)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from retrieval.evaluation.brands import brand_section
from retrieval.evaluation.colours import colour_section
from retrieval.evaluation.drawn.drawing_counts import drawing_counts_section
from retrieval.evaluation.drawn.inks import ink_section, misleading_section
from retrieval.evaluation.drawn.paired import paired_section, read_paired
from retrieval.evaluation.drawn.people import people_section
from retrieval.evaluation.gallery import encode_gallery
from retrieval.evaluation.photo_neighbours import photo_neighbours_section
from retrieval.evaluation.recall import items_sections
from retrieval.evaluation.report import Report
from retrieval.evaluation.sheets import write_sheets
from retrieval.evaluation.whole.doubt import OpenSure, doubt_section
from retrieval.evaluation.whole.gallery_words import OpenSearch, gallery_words_section
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.lists.columns import distinct
from retrieval.sketches.people_drawings import read_drawings
from retrieval.values.datatypes import ProgressCallback
from retrieval.values.ports import Encoder


def evaluate(
    encoder: Encoder,
    progress: ProgressCallback,
    data: Path,
    split: str,
    gallery_extra: Path | None = None,
    drawings: Path | None = None,
    drawings_split: str = "all",
    paired_drawings: Sequence[Path] = (),
    sheets: Path | None = None,
    open_search: OpenSearch | None = None,
    other_drawings: Sequence[Path] = (),
    open_sure: OpenSure | None = None,
) -> Report:
    """Encode the gallery and every query, and compute the figures.

    Args:
        encoder: that is measured.
        progress: called now and then.
        data: folder with a manifest that has ``split``, and optionally ``sketch``.
        split: rows that are both queries and gallery.
        gallery_extra: a folder of further gallery items, or None.
        drawings: Quick, Draw! file of drawings by people, or None.
        drawings_split: ``all``, or ``val`` for those that training leaves out.
        paired_drawings: tars of drawings by people, each paired with its product's edge map.
        sheets: folder for result sheets, or None.
        open_search: opens the whole search of a gallery, whose words are looked up, too; None measures none.
        other_drawings: Quick, Draw! files of what is no garment.
        open_sure: opens the whole search, which tells how sure it is; None measures no doubt.
    Raises:
        CatalogError: if the data cannot be read; what cannot of them costs itself, and is told.
        TrainingError: if drawings by people cannot be read.
    """
    people = read_drawings(drawings) if drawings is not None else []
    people = [drawing for drawing in people if drawings_split in {"all", drawing.split}]
    packs = distinct([path.stem for path in paired_drawings])
    pairs = {name: read_paired(path) for name, path in zip(packs, paired_drawings, strict=True)}
    gallery, drawn, kept = encode_gallery(encoder, Catalog.open(data, split=split), gallery_extra, progress)
    table, gains = items_sections(encoder, gallery, drawn)
    progress("Measuring colours, inks and brands", None)
    sections = {"gains": gains}
    subjects = [subject for subject in kept if subject.item.kind]
    if subjects and (gallery.families != "").any():
        sections["colour"] = colour_section(encoder, gallery, subjects)
        sections["ink"] = ink_section(encoder, gallery, subjects)
        sections["misleading_ink"] = misleading_section(encoder, gallery, subjects)
    if neighbours := photo_neighbours_section(gallery):
        sections["photo_neighbours"] = neighbours
    if brands := brand_section(encoder, gallery, subjects):
        sections["brand"] = brands
    if counts := drawing_counts_section(encoder, gallery, subjects):
        sections["drawing_counts"] = counts
    if open_search is not None:
        progress("Measuring words of the gallery", None)
        sections["gallery_words"] = gallery_words_section(open_search(gallery), gallery, kept)
    if open_sure is not None:
        progress("Measuring doubt", None)
        other = [drawing for path in other_drawings for drawing in read_drawings(path, any_word=True)]
        if doubt := doubt_section(open_sure(gallery), gallery, kept, people, other):
            sections["doubt"] = doubt
    progress("Measuring drawings by people", None)
    if found := people_section(encoder, gallery, people):
        sections["people"] = found
    if pairs:
        sections["paired"] = paired_section(encoder, gallery, pairs)
    files = write_sheets(sheets, encoder, gallery, kept, people) if sheets is not None else []
    return Report(encoder.name, len(gallery.items), gallery.queries, table, sections, files, gallery.left_out)
