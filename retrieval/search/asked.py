"""What a query may be made of, checked before anything is computed: it comes from files, from the web, from anybody."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.gallery.pictures import read_picture
from retrieval.values.datatypes import UInt8Array
from retrieval.values.errors import CatalogError, QueryError, first_line
from retrieval.words.captions import HALF_LETTER

MAX_SKETCH_SIDE_PX = 2048
LONGEST_PATH, LONGEST_NAME = 4096, 255
LONGEST_CAPTION, LONGEST_FILTER = 10_000, 100_000
DATA_URL = "data:"


def check_kinds(**given: Any) -> None:
    """Refuse options of another type than ``Searcher.search`` names.

    Raises:
        QueryError: that names the option.
    """
    for name, value in given.items():
        kinds, expected = _KINDS[name]
        is_plain = isinstance(value, kinds) and (kinds is bool or not isinstance(value, bool))
        if value is None and name in _OPTIONAL:
            continue
        if not is_plain or (name == "like" and not all(isinstance(one, str) for one in value)):
            raise QueryError(f"{name} is wrong: expected {expected}, got {value!a:.60}.")
    for name, longest in (("caption", LONGEST_CAPTION), ("where", LONGEST_FILTER)):
        if len(given[name] or "") > longest:
            raise QueryError(f"{name} is too long: expected at most {longest:,} letters.")
    if HALF_LETTER.search(given["caption"] or ""):
        raise QueryError(f"caption is no text: expected whole letters, got {given['caption']!a:.60}.")


_OPTIONAL = ("caption", "fusion", "where", "like")
_KINDS: dict[str, tuple[Any, str]] = {
    "caption": (str, "a text"),
    "k": ((int, np.integer), "a whole number"),
    "sketch_weight": ((int, float, np.integer, np.floating), "a number of 0 to 1"),
    "fusion": (str, "a name"),
    "where": (str, "a text such as price<50"),
    "like": ((str, Sequence), "an id or a list of ids"),
    "offset": ((int, np.integer), "a whole number"),
    "fold": (bool, "true or false"),
    "as_typed": (bool, "true or false"),
}


def read_given(
    given: UInt8Array | Path | str | None, called: str = "Sketch", max_side_px: int = MAX_SKETCH_SIDE_PX
) -> UInt8Array | None:
    """Read a drawing or a picture, whatever it is given as (see ``Searcher.search``); files become that small.

    Raises:
        QueryError: if it is no picture.
    """
    if given is None:
        return None
    try:
        if isinstance(given, str | Path):
            return _read_named(given, called, max_side_px)
        picture = np.asarray(given)
    except CatalogError as error:
        raise QueryError(error.what, error.remedy) from error
    except (ValueError, TypeError, OverflowError) as error:
        raise QueryError(f"{called} is not a picture: {first_line(error).rstrip('.')}.") from error
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or picture.size == 0:
        raise QueryError(
            f"{called} is not a picture: expected uint8 (H, W, 3) RGB or a file name, "
            f"got {picture.dtype} {picture.shape}."
        )
    return picture


def is_data_url(given: str) -> bool:
    """Whether it holds a picture itself, as pages send one."""
    return given[: len(DATA_URL)].lower() == DATA_URL


def _read_named(given: str | Path, called: str, max_side_px: int) -> UInt8Array:
    if isinstance(given, str) and is_data_url(given):
        head, _, content = given.partition(",")
        if not head.lower().endswith(";base64"):
            raise QueryError(f"{called} cannot be read: expected a data URL in base64, data:image/png;base64,...")
        return read_picture(base64.b64decode("".join(content.split()), validate=True), called, max_side_px)
    name = os.fspath(given)
    if len(name) > LONGEST_PATH or max(map(len, Path(name).parts), default=0) > LONGEST_NAME:
        what = f"{called} is wrong: expected the name of a file or a data URL, got {len(name):,} letters"
        raise QueryError(what, "Put data:image/png;base64, before base64.")
    return read_picture(Path(name), f"{called} {name}", max_side_px)
