"""Make a training set of photos, line drawings and captions from catalogue folders (``dataset build``)."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from retrieval.files import isolate_children, replacing, write_json, write_text
from retrieval.gallery.catalog import Catalog
from retrieval.sketches.edges import VARIANTS, draw_variants
from retrieval.sketches.people_drawings import tell_left_out
from retrieval.sketches.preprocessing import PACKED_BYTES, extract_lines, pack_lines, prepare_photo
from retrieval.training.data.pairs import PAIRS_VERSION
from retrieval.values.datatypes import BoolArray, CatalogItem, ProgressCallback, UInt8Array
from retrieval.values.errors import CatalogError, TrainingError, like_it, one_line

log = logging.getLogger(__name__)

CHUNK_ROWS = 64
UNREADABLE_SPLIT = "unreadable"
SKETCH_COLUMNS = ("sketch", "sketch_2", "sketch_3")
"""Columns of a manifest that name drawings of a row, one each."""

BESIDE_GIVEN = (1, 0, 2, 3)
"""Which of ``VARIANTS`` stay beside drawings that the manifest names, the first first."""

SourceRow = tuple[Path, CatalogItem]
"""A catalogue folder and an item in it."""

Drawn = tuple[UInt8Array, UInt8Array]
"""A prepared photo and its packed drawings."""


def build_pairs(
    sources: Sequence[Path],
    out: Path,
    size_px: int,
    progress: ProgressCallback,
    workers: int | None = None,
) -> tuple[int, list[str]]:
    """Build (or finish building) a pairs folder of catalogue folders' rows, in order; rows already done are kept.

    A row whose photo cannot be read stays, with a split of its own.

    Args:
        sources: catalogue folders.
        out: the pairs folder.
        size_px: side of the stored photos, the encoder's input size.
        progress: called after every row.
        workers: processes; all cores when None.
    Returns:
        How many rows there are, and why some of their photos cannot be read.
    Raises:
        CatalogError: if a source cannot be read, or no photo at all.
        TrainingError: if ``out`` holds rows of other sources or sizes.
    """
    rows = [(folder, item) for folder in sources for item in Catalog.open(folder).items]
    photos, lines, done = _open_arrays(out, rows, size_px)
    todo = np.flatnonzero(~done).tolist()
    unreadable: dict[int, str] = {}
    drawn = _draw([rows[i] for i in todo], size_px, workers or os.cpu_count() or 1)
    for finished, (i, result) in enumerate(zip(todo, drawn, strict=True), len(rows) - len(todo) + 1):
        if isinstance(result, str):
            unreadable[i] = result
        else:
            photos[i], lines[i] = result
            done[i] = True
        progress("Drawing training sketches", finished / len(rows))
    for array in (photos, lines, done):
        array.flush()
    left_out = list(unreadable.values())
    if len(left_out) == len(rows):
        raise CatalogError(f"No photo of {sources[0]} can be read: {left_out[0]}{like_it(len(left_out))}.")
    tell_left_out("photos", left_out)
    _write_rows(out, rows, set(unreadable))
    write_json(out / "pairs.json", {"version": PAIRS_VERSION, "rows": len(rows), "size_px": size_px})
    return len(rows), left_out


def _draw(rows: list[SourceRow], size_px: int, workers: int) -> Iterable[Drawn | str]:
    draw = partial(_draw_row, size_px)
    if workers == 1 or len(rows) <= CHUNK_ROWS:
        yield from map(draw, rows)
        return
    # Spawned: a forked copy of a process in which OpenCV or torch has threads waits for ever for threads that were
    # not copied.
    isolate_children()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        yield from pool.map(draw, rows, chunksize=CHUNK_ROWS)


def _draw_row(size_px: int, row: SourceRow) -> Drawn | str:
    """Prepare the photo of a row and its drawings; when it cannot be read, say why."""
    folder, item = row
    catalog = _catalog(folder)
    try:
        photo = catalog.read(item)
    except CatalogError as error:
        return error.what
    return prepare_photo(photo, size_px), np.stack([pack_lines(lines) for lines in _lines_of(catalog, item, photo)])


def _lines_of(catalog: Catalog, item: CatalogItem, photo: UInt8Array) -> list[BoolArray]:
    """The drawings of a row, as many as ``VARIANTS``: those that the manifest names after derived ones."""
    derived = draw_variants(photo, item.title)
    given = []
    for file in filter(None, (item.fields.get(column) for column in SKETCH_COLUMNS)):
        try:
            drawing = extract_lines(catalog.read_file(file))
        except CatalogError as error:
            log.warning("%s", one_line(f"left out a drawing of {item.id}: {error}"))
            continue
        if not drawing.is_empty:
            given.append(drawing.lines)
    if not given:
        return derived
    return [*(derived[i] for i in BESIDE_GIVEN[: len(derived) - len(given)]), *given]


@cache
def _catalog(folder: Path) -> Catalog:
    """Reading a tar's table of contents once per worker process is enough."""
    return Catalog.open(folder)


def _open_arrays(out: Path, rows: list[SourceRow], size_px: int) -> list[np.memmap[Any, Any]]:
    """Create photos, lines and done, or reopen those of an interrupted build of the same rows."""
    key = json.dumps([PAIRS_VERSION, size_px, VARIANTS, [str(item.id) for _, item in rows]])
    key_path = out / "build_key.json"
    shapes: dict[str, tuple[type, tuple[int, ...]]] = {
        "photos": (np.uint8, (len(rows), size_px, size_px, 3)),
        "lines": (np.uint8, (len(rows), len(VARIANTS), PACKED_BYTES)),
        "done": (np.bool_, (len(rows),)),
    }
    out.mkdir(parents=True, exist_ok=True)
    if key_path.is_file() and key_path.read_text(encoding="utf-8") == key:
        return [np.lib.format.open_memmap(out / f"{name}.npy", "r+") for name in shapes]
    if (out / "photos.npy").exists():
        raise TrainingError(
            f"Training pairs {out} were built from other pictures or settings. Name an empty folder with --out."
        )
    made = [np.lib.format.open_memmap(out / f"{n}.npy", "w+", dtype, shape) for n, (dtype, shape) in shapes.items()]
    write_text(key_path, key)
    return made


def _write_rows(out: Path, rows: list[SourceRow], unreadable: set[int]) -> None:
    with replacing(out / "rows.jsonl") as temporary, temporary.open("w", encoding="utf-8") as stream:
        for i, (_, item) in enumerate(rows):
            record = {**item.fields, "id": item.id, "title": item.title}
            record["split"] = UNREADABLE_SPLIT if i in unreadable else item.fields.get("split") or "train"
            stream.write(json.dumps(record) + "\n")  # ASCII: names may hold bytes that are no letters
