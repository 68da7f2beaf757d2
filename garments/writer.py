"""Writes the demo gallery to a folder: resumable, and never half a gallery that looks whole."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from garments.items import COLUMNS, DEFAULT_SEED, draw_item
from retrieval.values.errors import CatalogError

DEMO_VERSION = 2  # raise it when the pictures or titles change: galleries of older versions are then drawn again
DEMO_COUNT = 1200
MARKER = "demo_gallery.json"  # written last; a folder without it is not finished
MANIFEST = "metadata.csv"
JPEG_QUALITY = 88
CHUNK = 20  # items per task

Row = dict[str, str]


def write_demo_gallery(
    folder: Path,
    count: int = DEMO_COUNT,
    seed: int = DEFAULT_SEED,
    progress: Callable[[int, int], None] | None = None,
    workers: int | None = None,
) -> None:
    """Draw the demo gallery into ``folder``, or do nothing when it is there already.

    The pictures are drawn into a sibling folder ``<name>.partial`` that takes the final name when it is complete;
    a run that was interrupted goes on where it stopped.

    Args:
        folder: where the pictures and ``metadata.csv`` go; an older demo gallery there is replaced.
        count: number of items.
        seed: names the gallery; the same seed draws the same pictures.
        progress: called with (done, count) from the calling thread; what it raises stops the drawing.
        workers: threads that draw; by default two, since Python's lock leaves little to gain from more.
    Raises:
        CatalogError: if the folder cannot be written, or holds something that is not a demo gallery.
    """
    folder = Path(folder)
    marker = {"version": DEMO_VERSION, "seed": seed, "count": count}
    if is_finished(folder, marker):
        return
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise CatalogError(
            f"{folder} cannot take the demo gallery: expected an empty or new folder, got other files. "
            "Name another folder."
        )
    partial = folder.with_name(folder.name + ".partial")
    try:
        _prepare(partial, marker)
        rows = _draw_all(partial, count, seed, progress, workers or min(2, os.cpu_count() or 1))
        _write_manifest(partial / MANIFEST, rows)
        (partial / MARKER).write_text(json.dumps({**marker, "finished": True}), encoding="utf-8")
        _replace_folder(partial, folder)
    except OSError as error:
        if is_finished(folder, marker):  # another process was faster
            return
        raise CatalogError(
            f"{folder} demo gallery cannot be written: {error.strerror or error}. "
            "Free some space or name another folder."
        ) from error


def is_finished(folder: Path, marker: dict[str, int]) -> bool:
    """Tell whether the folder holds the whole gallery that the marker describes."""
    try:
        found = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(found == {**marker, "finished": True})


def _prepare(partial: Path, marker: dict[str, int]) -> None:
    """Make the working folder; throw away one that was begun for another gallery."""
    wanted = json.dumps(marker)
    begun = partial / "begun.json"
    if partial.exists() and (not begun.exists() or begun.read_text(encoding="utf-8") != wanted):
        shutil.rmtree(partial)
    partial.mkdir(parents=True, exist_ok=True)
    _write_atomically(begun, wanted.encode())


def _draw_all(
    partial: Path, count: int, seed: int, progress: Callable[[int, int], None] | None, workers: int
) -> list[Row]:
    """Draw every chunk that has no rows file yet, and return all rows in order."""
    chunks = [range(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    done = 0
    with _threads(workers) as pool:
        pending: set[Future[int]] = {pool.submit(_draw_chunk, partial, chunk, seed) for chunk in chunks}
        while pending:
            finished, pending = wait(pending, return_when=FIRST_COMPLETED)
            done += sum(future.result() for future in finished)
            if progress:
                progress(done, count)
    rows: list[Row] = []
    for chunk in chunks:
        rows += json.loads(_rows_file(partial, chunk).read_text(encoding="utf-8"))
    return rows


@contextlib.contextmanager
def _threads(workers: int) -> Iterator[ThreadPoolExecutor]:
    """Run a pool that drops its waiting tasks when the caller is interrupted."""
    pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="demo-gallery")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _rows_file(partial: Path, chunk: range) -> Path:
    return partial / f"rows-{chunk.start:05d}.json"


def _draw_chunk(partial: Path, chunk: range, seed: int) -> int:
    """Draw one chunk of pictures and then its rows file, which marks it as done."""
    rows_file = _rows_file(partial, chunk)
    if rows_file.exists():
        return len(chunk)
    rows: list[Row] = []
    for index in chunk:
        item = draw_item(index, seed)
        _write_atomically(partial / item.file, encode_jpeg(item.picture))
        rows.append(item.row())
    _write_atomically(rows_file, json.dumps(rows).encode())
    return len(chunk)


def encode_jpeg(picture: NDArray[np.uint8]) -> bytes:
    """Encode an RGB picture as JPEG."""
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    encoded, buffer = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    assert encoded
    return bytes(buffer)


def _write_atomically(path: Path, data: bytes) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_bytes(data)
    temporary.replace(path)


def _write_manifest(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _replace_folder(partial: Path, folder: Path) -> None:
    """Give the finished gallery its name; an older one is moved away first and deleted last."""
    for leftover in [*partial.glob("rows-*.json"), *partial.glob("*.tmp"), partial / "begun.json"]:
        leftover.unlink(missing_ok=True)
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    partial.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
