"""What ``index.json`` may say, checked before anything of it is used: it may come from anybody."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, InstanceOf

from retrieval.files import machine_key, open_regular, read_json
from retrieval.index.folder.journal import images_of_unfinished
from retrieval.values.errors import GalleryIndexError, first_line

INDEX_FORMAT: Literal["air-sketch-index"] = "air-sketch-index"
INDEX_VERSION: Literal[2] = 2
INDEX_FILE = "index.json"
LONGEST_TEXT = 4096
LARGEST_NUMBER = 1 << 53


def _not_long(text: str) -> str:
    if len(text) > LONGEST_TEXT or "\0" in text:
        raise ValueError(f"expected a text of at most {LONGEST_TEXT} letters")
    return text


Text = Annotated[InstanceOf[str], AfterValidator(_not_long)]  # not str: a path may hold bytes that are no letters
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$", max_length=255)]
Count = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]


class _Record(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class FileRecord(_Record):
    """Size and checksum of a data file."""

    bytes: Count
    crc32_ends: Count


class SearchRecord(_Record):
    """The vector index (see ``IndexSpec``)."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["exact", "hnsw", "ivf", "milvus"]
    wanted: Text
    parameters: Annotated[dict[str, Count | Text], Field(max_length=16)]
    file: FileName | Literal[""]


class LookRecord(_Record):
    """The second view (see ``LookView``)."""

    encoder: Text
    weights_hash: Text
    dimension: Annotated[int, Field(ge=1, le=1 << 16)]
    file: FileName


class IndexRecord(_Record):
    """All of ``index.json``; data files are in the folder itself."""

    format: Literal["air-sketch-index"]
    version: Literal[2]
    encoder: Text
    weights_hash: Text
    dimension: Annotated[int, Field(ge=1, le=1 << 16)]
    count: Annotated[int, Field(ge=1, le=1 << 40)]
    images: Text
    images_relative: Text
    vectors: FileName
    items: FileName
    offsets: FileName
    search: SearchRecord
    look: LookRecord | None = None
    files: Annotated[dict[FileName, FileRecord], Field(max_length=16)]
    seal: str = ""


def seal_of(folder: Path, record: dict[str, Any]) -> str:
    """Digest of the record and of the search file that nobody makes without this machine's key; "" without a key."""
    try:
        digest = hashlib.blake2b(key=machine_key(), digest_size=32)
    except OSError:
        return ""
    digest.update(json.dumps({name: record[name] for name in sorted(record) if name != "seal"}).encode())
    if record["search"]["file"]:
        with open_regular(folder / record["search"]["file"]) as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def read_record(folder: Path) -> dict[str, Any]:
    """Read ``index.json``.

    Raises:
        GalleryIndexError: if it is missing or cannot be read.
    """
    try:
        return dict(read_json(folder / INDEX_FILE))
    except FileNotFoundError as error:
        images = images_of_unfinished(folder)
        if images is not None:
            raise GalleryIndexError(
                f"Index {folder} is not finished",
                f"Run index again: python -m retrieval index --images {images} --out {folder}",
            ) from error
        raise GalleryIndexError(
            f"Index {folder} is missing: no {INDEX_FILE}", f"Run: python -m retrieval index --images DIR --out {folder}"
        ) from error
    except (OSError, ValueError, TypeError) as error:
        raise damaged(folder, first_line(error)) from error


def damaged(folder: Path, reason: str) -> GalleryIndexError:
    """Make the error for a folder that cannot be read."""
    return GalleryIndexError(
        f"Index {folder} is damaged: {reason}", f"Run again: python -m retrieval index --images DIR --out {folder}"
    )
