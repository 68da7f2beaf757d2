"""A folder to train with: pictures, a manifest that names pen drawings of them, and clumsy drawings by word.

    ``demo-00000.webp``              a picture of each item.
    ``sketches/demo-00000-1.png``    pen drawings of it, each as another person would draw it.
    ``metadata.csv``                 the items; ``sketch``, ``sketch_2`` and ``sketch_3`` name the drawings.
    ``kinds/WORD.tar``               drawings of any thing of a word, ``sketch/*.png``.
"""  # fmt: skip

from __future__ import annotations

from functools import partial
from pathlib import Path

from garments.items import COLUMNS, DEFAULT_SEED, draw_item
from garments.pen_drawings import DRAWN_KINDS, kind_drawing, line_drawing
from garments.writing.files import MANIFEST, GarmentsError, Progress, draw_all, drawing_png, manifest, tar, webp

KIND_DRAWINGS = 300
SKETCH_COLUMNS = ("sketch", "sketch_2", "sketch_3")


def write_data_set(
    out: Path,
    count: int,
    seed: int = DEFAULT_SEED,
    kind_drawings: int = KIND_DRAWINGS,
    progress: Progress | None = None,
) -> None:
    """Write a data set; the same arguments write the same bytes.

    Args:
        out: new or empty folder.
        count: number of items.
        seed: other seeds draw other items.
        kind_drawings: drawings of each word.
        progress: called with (done, count), first for the items, then for the words.
    Raises:
        GarmentsError: if the folder holds something or cannot be written.
    """
    try:
        if out.is_dir() and any(out.iterdir()):
            raise GarmentsError(f"{out} cannot take a data set: it holds files. Name a new folder.")
        (out / "sketches").mkdir(parents=True)
        rows = list(draw_all(partial(_write_item, out, seed), range(count), progress))
        if kind_drawings:
            (out / "kinds").mkdir()
            list(draw_all(partial(_write_kind, out, kind_drawings), DRAWN_KINDS, progress))
        (out / MANIFEST).write_bytes(manifest((*COLUMNS, *SKETCH_COLUMNS), rows))
    except OSError as error:
        raise GarmentsError(f"{out} cannot be written: {error.strerror}. Name another folder.") from error


def _write_item(out: Path, seed: int, index: int) -> dict[str, str]:
    item = draw_item(index, seed)
    (out / item.file).write_bytes(webp(item.picture))
    row = item.row()
    for style_seed, column in enumerate(SKETCH_COLUMNS):
        row[column] = f"sketches/{item.id}-{style_seed + 1}.png"
        (out / row[column]).write_bytes(drawing_png(line_drawing(index, seed, style_seed)))
    return row


def _write_kind(out: Path, count: int, word: str) -> None:
    drawings = (drawing_png(kind_drawing(word, style_seed)) for style_seed in range(count))
    (out / "kinds" / f"{word}.tar").write_bytes(tar((f"sketch/{n:05d}.png", data) for n, data in enumerate(drawings)))
