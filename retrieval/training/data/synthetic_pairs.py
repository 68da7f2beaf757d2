"""Training material that the program draws itself: demo items with pen drawings, and drawings by kind."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import cv2
import numpy as np

from garments import DEFAULT_SEED, draw_item, kind_drawing, line_drawing
from retrieval.sketches.kind_sketches import DRAWN_AS, KindSketches, packed_bank, rasterize
from retrieval.sketches.line_variants import VARIANTS, draw_variants
from retrieval.sketches.packing import pack_lines
from retrieval.sketches.preprocessing import prepare_photo
from retrieval.values.datatypes import BoolArray, ProgressCallback, UInt8Array

PEOPLE_SHARE = 0.35
"""Share of a word's drawings that are by people, where there are any."""


def drawing_processes(count: int) -> ProcessPoolExecutor:
    """Start worker processes that draw with one OpenCV thread each.

    They are spawned: a forked copy of a process in which OpenCV or torch has threads waits for ever for threads
    that were not copied.
    """
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, context, initializer=cv2.setNumThreads, initargs=(1,))


def draw_demo_rows(
    count: int, seed: int, size_px: int, workers: int | None, progress: ProgressCallback
) -> Iterator[tuple[dict[str, Any], UInt8Array, UInt8Array]]:
    """Draw demo items and their sketches.

    Args:
        count: items, from index 0.
        seed: of the gallery; ``DEFAULT_SEED`` is the shipped one.
        size_px: side of the prepared photos.
        workers: processes; all cores when None.
        progress: called now and then.
    Yields:
        Manifest fields, uint8 (size_px, size_px, 3), packed lines uint8 (variants, bytes), in item order.
    """
    jobs = [(i, seed, size_px) for i in range(count)]
    with drawing_processes(workers or os.cpu_count() or 1) as pool:
        for done, row in enumerate(pool.map(_draw_demo_row, jobs, chunksize=16), 1):
            if done % 50 == 0 or done == count:
                progress("Drawing demo items", done / count)
            yield row


def _draw_demo_row(job: tuple[int, int, int]) -> tuple[dict[str, Any], UInt8Array, UInt8Array]:
    index, seed, size_px = job
    item = draw_item(index, seed)
    fields = item.row() | {"id": f"demo-{seed}-{item.id}"}
    if seed != DEFAULT_SEED:
        fields = fields | {"split": "train"}
    edges = draw_variants(item.picture, item.title)
    pens = [rasterize(line_drawing(index, seed, style_seed)) for style_seed in range(len(VARIANTS) - 1)]
    packed = np.stack([pack_lines(lines) for lines in [edges[1], *pens]])
    return fields, prepare_photo(item.picture, size_px), packed


def draw_kind_bank(
    per_word: int, progress: ProgressCallback, people: dict[str, list[BoolArray]] | None = None
) -> KindSketches:
    """Draw the bank of clumsy drawings by word.

    Args:
        per_word: parametric drawings for each word that people use.
        people: drawings by people to mix in, by word; they are repeated to make up ``PEOPLE_SHARE`` of their word.
        progress: called after every word.
    """
    words = sorted({word for several in DRAWN_AS.values() for word in several})
    drawn: dict[str, list[BoolArray]] = {}
    for number, word in enumerate(words, 1):
        drawn[word] = [rasterize(kind_drawing(word, style_seed)) for style_seed in range(per_word)]
        progress("Drawing kinds", number / len(words))
    for word, several in (people or {}).items():
        if word in drawn and several:
            repeats = max(1, round(PEOPLE_SHARE / (1 - PEOPLE_SHARE) * per_word / len(several)))
            drawn[word] += several * repeats
    return packed_bank(drawn)
