"""Training material that the program draws itself: demo items with pen drawings, and drawings by kind."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import cv2
import numpy as np

from retrieval.datatypes import BoolArray, ProgressCallback, UInt8Array
from retrieval.demo_gallery import DEFAULT_SEED, draw_item, kind_drawing, line_drawing
from retrieval.kind_sketches import KindSketches, packed_bank, rasterize
from retrieval.line_variants import VARIANTS, draw_variants
from retrieval.pairs import pack_lines
from retrieval.preprocessing import prepare_photo

DRAWN_AS: Mapping[str, tuple[str, ...]] = {
    "Backpacks": ("backpack",), "Rucksacks": ("backpack",),
    "Bangle": ("bracelet",), "Bracelet": ("bracelet",),
    "Belts": ("belt",), "Blazers": ("jacket",), "Boots": ("boot", "shoe"),
    "Boxers": ("shorts", "underwear"), "Briefs": ("underwear",), "Trunk": ("underwear", "shorts"),
    "Caps": ("cap", "hat"), "Hat": ("hat",), "Casual Shoes": ("sneaker", "shoe"), "Sports Shoes": ("sneaker", "shoe"),
    "Formal Shoes": ("formal shoe", "shoe"), "Flats": ("flat", "shoe"), "Heels": ("heel", "high heels", "shoe"),
    "Clutches": ("clutch", "purse"), "Handbags": ("handbag", "purse"), "Coats": ("coat",),
    "Dresses": ("dress",), "Nightdress": ("dress",), "Tunics": ("top", "dress"), "Kurtas": ("shirt", "dress"),
    "Earrings": ("earring",), "Flip Flops": ("flip flops",), "Sandals": ("sandal",), "Sports Sandals": ("sandal",),
    "Jackets": ("jacket",), "Rain Jacket": ("jacket",), "Nehru Jackets": ("waistcoat",), "Waistcoat": ("waistcoat",),
    "Jeans": ("jeans", "pants"), "Jeggings": ("jeans", "pants"), "Trousers": ("pants",), "Track Pants": ("pants",),
    "Leggings": ("pants",), "Lounge Pants": ("pants",), "Capris": ("pants", "shorts"), "Churidar": ("pants",),
    "Duffel Bag": ("suitcase", "purse"), "Laptop Bag": ("suitcase", "purse"), "Trolley Bag": ("suitcase",),
    "Necklace and Chains": ("necklace",), "Pendant": ("necklace",), "Ring": ("ring",),
    "Scarves": ("scarf",), "Mufflers": ("scarf",), "Stoles": ("scarf",), "Ties": ("tie",),
    "Shirts": ("shirt",), "Shorts": ("shorts",), "Lounge Shorts": ("shorts",), "Skirts": ("skirt",),
    "Socks": ("sock",), "Sunglasses": ("sunglasses", "eyeglasses"), "Sweaters": ("sweater",),
    "Sweatshirts": ("hoodie", "sweater"), "Tops": ("top", "t-shirt"), "Tshirts": ("t-shirt",),
    "Umbrellas": ("umbrella",), "Watches": ("wristwatch",), "Innerwear Vests": ("top",),
}  # fmt: skip
"""Catalogue kind -> what a person draws when asked for it."""


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


def draw_kind_bank(per_word: int, progress: ProgressCallback) -> KindSketches:
    """Draw the bank of clumsy drawings by catalogue kind.

    Args:
        per_word: drawings for each word that people use.
        progress: called after every word.
    """
    words = sorted({word for several in DRAWN_AS.values() for word in several})
    drawn: dict[str, list[BoolArray]] = {}
    for number, word in enumerate(words, 1):
        drawn[word] = [rasterize(kind_drawing(word, style_seed)) for style_seed in range(per_word)]
        progress("Drawing kinds", number / len(words))
    return packed_bank({kind: [d for word in several for d in drawn[word]] for kind, several in DRAWN_AS.items()})
