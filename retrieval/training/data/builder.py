"""Make a training set of photos, line drawings and captions from catalogue folders (``dataset build``)."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from retrieval.files import replacing, write_json, write_text
from retrieval.gallery.catalog import Catalog
from retrieval.sketches.line_variants import VARIANTS, draw_variants
from retrieval.sketches.packing import PACKED_BYTES, pack_lines, unpack_lines
from retrieval.sketches.preprocessing import LINE_GRID_PX, extract_lines, prepare_photo, render_lines, resize_square
from retrieval.training.data.pairs import PAIRS_VERSION, PairsInfo, info_record
from retrieval.values.datatypes import BoolArray, CatalogItem, LineDrawing, ProgressCallback, UInt8Array
from retrieval.values.errors import CatalogError, TrainingError

log = logging.getLogger(__name__)

CHUNK_ROWS = 64
UNREADABLE_SPLIT = "unreadable"
SKETCH_COLUMNS = ("sketch", "sketch_2", "sketch_3")
"""Columns of a manifest that name drawings of a row, one each."""

BESIDE_GIVEN = (1, 0, 2, 3)
"""Which of ``VARIANTS`` stay beside drawings that the manifest names, the first first."""


@dataclass(frozen=True)
class BuildOptions:
    """What to build.

    Attributes:
        sources: catalogue folders; rows are taken in their order.
        out: the pairs folder.
        size_px: side of the stored photos, the encoder's input size.
        workers: processes; all cores when None.
        limit: rows per source, for a quick try; all when None.
    """

    sources: tuple[Path, ...]
    out: Path
    size_px: int = 80
    workers: int | None = None
    limit: int | None = None


@dataclass(frozen=True)
class _Job:
    """One chunk of rows for a worker process."""

    indices: tuple[int, ...]
    rows: tuple[tuple[Path, CatalogItem], ...]
    size_px: int


def build_pairs(options: BuildOptions, progress: ProgressCallback) -> PairsInfo:
    """Build (or finish building) a pairs folder; rows already done are kept.

    Args:
        options: what to build.
        progress: called after every chunk.
    Returns:
        What was built.
    Raises:
        CatalogError: if a source cannot be read.
        TrainingError: if ``out`` holds rows of other sources or sizes, or cannot be written.
    """
    catalogs = [Catalog.open(source) for source in options.sources]
    rows = [(catalog.folder, item) for catalog in catalogs for item in catalog.items[: options.limit]]
    photos, lines, done = _open_arrays(options, rows)
    todo = [i for i in range(len(rows)) if not done[i]]
    jobs = [
        _Job(tuple(chunk), tuple(rows[i] for i in chunk), options.size_px)
        for chunk in (todo[start : start + CHUNK_ROWS] for start in range(0, len(todo), CHUNK_ROWS))
    ]
    finished = len(rows) - len(todo)
    unreadable: set[int] = set()
    for job, results in _run(jobs, options.workers):
        for i, result in zip(job.indices, results, strict=True):
            if result is None:
                unreadable.add(i)
                continue
            photos[i], lines[i] = result
            done[i] = True
        finished += len(job.indices)
        progress("Drawing training sketches", finished / len(rows))
    for array in (photos, lines, done):
        array.flush()
    _write_rows(options.out, rows, unreadable)
    write_contact_sheet(options.out / "contact_sheet.png", photos, lines)
    info = PairsInfo(PAIRS_VERSION, len(rows), options.size_px, VARIANTS)
    write_json(options.out / "pairs.json", info_record(info))
    return info


def _run(jobs: list[_Job], workers: int | None) -> Iterator[tuple[_Job, list[tuple[UInt8Array, UInt8Array] | None]]]:
    count = workers or os.cpu_count() or 1
    if count == 1 or len(jobs) < 2:
        yield from ((job, _draw_chunk(job)) for job in jobs)
        return
    with _drawing_processes(count) as pool:
        yield from zip(jobs, pool.map(_draw_chunk, jobs), strict=True)


def _drawing_processes(count: int) -> ProcessPoolExecutor:
    """Start worker processes that draw with one OpenCV thread each.

    They are spawned: a forked copy of a process in which OpenCV or torch has threads waits for ever for threads
    that were not copied.
    """
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, context, initializer=cv2.setNumThreads, initargs=(1,))


def _draw_chunk(job: _Job) -> list[tuple[UInt8Array, UInt8Array] | None]:
    catalogs: dict[Path, Catalog] = {}
    results: list[tuple[UInt8Array, UInt8Array] | None] = []
    for folder, item in job.rows:
        if folder not in catalogs:
            catalogs[folder] = _open_cached(folder)
        try:
            photo = catalogs[folder].read(item)
        except CatalogError as error:
            log.warning("%s left out: %s", item.id, error)
            results.append(None)
            continue
        packed = np.stack([pack_lines(lines) for lines in _lines_of(catalogs[folder], item, photo)])
        results.append((prepare_photo(photo, job.size_px), packed))
    return results


def _lines_of(catalog: Catalog, item: CatalogItem, photo: UInt8Array) -> list[BoolArray]:
    """The drawings of a row, as many as ``VARIANTS``: those that the manifest names after derived ones."""
    derived = draw_variants(photo, item.title)
    given = []
    for file in filter(None, (item.fields.get(column) for column in SKETCH_COLUMNS)):
        try:
            drawing = extract_lines(catalog.read_file(file))
        except CatalogError as error:
            log.warning("a drawing of %s left out: %s", item.id, error)
            continue
        if not drawing.is_empty:
            given.append(drawing.lines)
    if not given:
        return derived
    return [*(derived[i] for i in BESIDE_GIVEN[: len(derived) - len(given)]), *given]


_catalog_cache: dict[Path, Catalog] = {}
"""Per worker process: reading a tar's table of contents once is enough."""


def _open_cached(folder: Path) -> Catalog:
    if folder not in _catalog_cache:
        _catalog_cache[folder] = Catalog.open(folder)
    return _catalog_cache[folder]


def _open_arrays(
    options: BuildOptions, rows: list[tuple[Path, CatalogItem]]
) -> tuple[np.memmap[Any, Any], np.memmap[Any, Any], np.memmap[Any, Any]]:
    """Create the arrays, or reopen those of an interrupted build of the same rows."""
    out = options.out
    key = json.dumps([PAIRS_VERSION, options.size_px, VARIANTS, [str(item.id) for _, item in rows]])
    key_path = out / "build_key.json"
    try:
        out.mkdir(parents=True, exist_ok=True)
        if key_path.is_file() and key_path.read_text(encoding="utf-8") == key:
            opened = [np.lib.format.open_memmap(out / f"{name}.npy", mode="r+") for name in ("photos", "lines", "done")]
            return opened[0], opened[1], opened[2]
        if (out / "photos.npy").exists():
            raise TrainingError(
                f"Training pairs {out} were built from other pictures or settings. Name an empty folder with --out."
            )
        shapes = {
            "photos": (len(rows), options.size_px, options.size_px, 3),
            "lines": (len(rows), len(VARIANTS), PACKED_BYTES),
            "done": (len(rows),),
        }
        made = [
            np.lib.format.open_memmap(out / f"{name}.npy", "w+", bool if name == "done" else np.uint8, shape)
            for name, shape in shapes.items()
        ]
        write_text(key_path, key)
        return made[0], made[1], made[2]
    except OSError as error:
        raise TrainingError(f"Training pairs {out} cannot be written: {error}. Choose another --out.") from error


def _write_rows(out: Path, rows: list[tuple[Path, CatalogItem]], unreadable: set[int]) -> None:
    with replacing(out / "rows.jsonl") as temporary, temporary.open("w", encoding="utf-8") as stream:
        for i, (_, item) in enumerate(rows):
            record = {**item.fields, "id": item.id, "title": item.title}
            record["split"] = UNREADABLE_SPLIT if i in unreadable else item.fields.get("split") or "train"
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")


def write_contact_sheet(path: Path, photos: UInt8Array, lines: UInt8Array, items: int = 24) -> None:
    """Write a PNG with evenly spaced rows: the photo beside its drawings."""
    chosen = np.unique(np.linspace(0, len(photos) - 1, min(items, len(photos))).astype(int))
    strips = []
    for i in chosen:
        black = np.zeros((LINE_GRID_PX, LINE_GRID_PX, 3), np.uint8)
        drawn = [render_lines(LineDrawing(unpack_lines(packed), black), LINE_GRID_PX) for packed in lines[i]]
        strips.append(np.concatenate([resize_square(photos[i], LINE_GRID_PX), *drawn], axis=1))
    if len(strips) % 2:
        strips.append(np.full_like(strips[0], 255))
    half = len(strips) // 2
    sheet = np.concatenate([np.concatenate(strips[:half]), np.concatenate(strips[half:])], axis=1)
    encoded, data = cv2.imencode(".png", cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))
    assert encoded
    with replacing(path) as temporary:
        temporary.write_bytes(data.tobytes())
