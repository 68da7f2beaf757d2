"""The files that both data sets are made of: pictures, drawings, manifests and packs, the same bytes every time."""

from __future__ import annotations

import csv
import io
import multiprocessing
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from garments.brushes.curves import Curve

MANIFEST = "metadata.csv"
WEBP_QUALITY = 77  # some 6 kB a picture
DRAWING_PX = 160
DRAWING_MARGIN_PX = 8
AT_ONCE = 20  # jobs that a process takes at a time

Progress = Callable[[int, int], None]
Job = TypeVar("Job")
Result = TypeVar("Result")


class GarmentsError(Exception):
    """What a person can mend; its text is one line."""


def webp(picture: NDArray[np.uint8]) -> bytes:
    """Encode an RGB picture as WebP."""
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    encoded, buffer = cv2.imencode(".webp", bgr, [cv2.IMWRITE_WEBP_QUALITY, WEBP_QUALITY])
    assert encoded
    return bytes(buffer)


def drawing_png(strokes: Sequence[Curve]) -> bytes:
    """Draw polylines in thin black lines that fill a small white square, as PNG."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (DRAWING_PX - 2 * DRAWING_MARGIN_PX - 1) / max(float((high - low).max()), 1e-6)
    offset = DRAWING_PX / 2 - scale * (low + high) / 2
    paper = np.full((DRAWING_PX, DRAWING_PX), 255, np.uint8)
    for stroke in strokes:
        placed = np.round(stroke * scale * 16 + offset * 16).astype(np.int32)
        cv2.polylines(paper, [placed.reshape(-1, 1, 2)], False, 0, 1, cv2.LINE_8, 4)
    encoded, buffer = cv2.imencode(".png", paper)
    assert encoded
    return bytes(buffer)


def manifest(columns: Sequence[str], rows: Iterable[dict[str, str]]) -> bytes:
    """Write rows as CSV."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def tar(members: Iterable[tuple[str, bytes]]) -> bytes:
    """Pack named files, uncompressed, without times and owners."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def draw_all(draw: Callable[[Job], Result], jobs: Sequence[Job], progress: Progress | None) -> Iterator[Result]:
    """Draw on all cores, one OpenCV thread each, and give the results in the order of the jobs."""
    context = multiprocessing.get_context(
        "spawn"
    )  # a forked copy would wait for OpenCV's threads, which are not copied
    with ProcessPoolExecutor(mp_context=context, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        for done, result in enumerate(pool.map(draw, jobs, chunksize=AT_ONCE), 1):
            if progress and (done % AT_ONCE == 0 or done == len(jobs)):
                progress(done, len(jobs))
            yield result
