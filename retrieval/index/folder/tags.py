"""What the pictures of a gallery show: tags with their probabilities, kept in the index folder by content.

``tags.json``   who tagged, the names of all tags, and the words by which each is found.
``tags.bin``    a record of one size for each picture's content, in the order in which they were tagged: what a killed
                run has written stays, and nothing is tagged twice. A folder may come from a stranger: numbers that
                name no tag, and probabilities that are none, count as nothing.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from retrieval.files import open_regular, read_json, replacing, write_text
from retrieval.index.folder.journal import writing
from retrieval.values.datatypes import Float32Array, TagNames, UInt16Array
from retrieval.values.errors import first_line, one_line

log = logging.getLogger(__name__)

TAG_NAMES_FILE, TAGS_FILE = "tags.json", "tags.bin"
CLOTHES = "clothes"
"""The tag of what is worn; a tagger without it says nothing about it."""

LOOKS_LIKE = 0.5
"""So probable is the tag of a picture that looks like it."""

LEAST_CLOTHES = 0.5
"""Of the pictures of a gallery of clothes that look like it.

Of 150 product photos 85 % do, of 60 people in the street 87 %; of 100 photos of hands 23 %, of 29 of other things none.
"""

MOST_TAGS = 8
MOST_BYTES = 1 << 30
RECORD = np.dtype([("digest", ">u8", (2,)), ("tag", "<u2", (MOST_TAGS,)), ("probability", "<f2", (MOST_TAGS,))])

Text = Annotated[str, Field(min_length=1, max_length=80)]


class _Names(BaseModel):
    """All of ``tags.json``."""

    model_config = ConfigDict(strict=True, frozen=True)

    tagger: Text
    names: Annotated[list[Text], Field(max_length=1 << 16)]
    words: Annotated[
        list[Annotated[dict[Text, Annotated[float, Field(ge=0, le=1)]], Field(max_length=16)]],
        Field(max_length=1 << 16),
    ]


class StoredTags:
    """Tags by the digest of a picture file.

    Args:
        names: all that may be said.
        records: ``RECORD`` (M,), of several with one digest any may be taken.
    """

    def __init__(self, names: TagNames, records: npt.NDArray[Any]) -> None:
        self.names = names
        self._records = records[np.argsort(records["digest"][:, 0], kind="stable")]
        self._starts = self._records["digest"][:, 0].astype(np.uint64)
        probability = self._records["probability"].astype(np.float32)
        is_one = (self._records["tag"] < len(names.names)) & (probability > 0) & (probability <= 1)
        self._probabilities = np.where(is_one, probability, 0.0)

    def __len__(self) -> int:
        return len(self._records)

    def records(self, digests: Iterable[str]) -> npt.NDArray[Any]:
        """The records of these pictures, of those that are tagged."""
        rows = [row for digest in digests if (row := self._row(digest)) is not None]
        return self._records[rows]

    @cached_property
    def stamp(self) -> int:
        """Another number where anything is tagged otherwise."""
        return zlib.crc32(self._records.tobytes(), zlib.crc32(self.names.tagger.encode()))

    def __contains__(self, digest: str) -> bool:
        return self._row(digest) is not None

    def of(self, digest: str) -> tuple[tuple[str, float], ...]:
        """Names and probabilities of a picture's tags, in the order in which they are shown; () when it has none."""
        return tuple((self.names.names[tag], probability) for tag, probability in self._given(digest))

    def words_of(self, digest: str) -> dict[str, float]:
        """The words by which a picture is found, and how probable each is.

        None in a gallery of clothes: there the gallery's own words and the encoder know better.
        """
        found: dict[str, float] = {}
        if self.is_of_clothes:
            return found
        for tag, probability in self._given(digest):
            for word, share in self.names.words[tag].items():
                found[word] = max(found.get(word, 0.0), share * probability)
        return found

    @cached_property
    def clothes_share(self) -> float:
        """How many of the tagged pictures look like clothes, 0..1; 1 where nobody can say."""
        if CLOTHES not in self.names.names or not len(self):
            return 1.0
        is_clothes = self._records["tag"] == list(self.names.names).index(CLOTHES)
        return float(((self._probabilities * is_clothes).max(axis=1) >= LOOKS_LIKE).mean())

    @property
    def is_of_clothes(self) -> bool:
        """Whether the gallery is one of clothes, for which the encoder was made."""
        return self.clothes_share >= LEAST_CLOTHES

    @property
    def told(self) -> str:
        """One line that says so of a gallery that is not one of clothes, "" otherwise."""
        share = round(100 * self.clothes_share)
        told = f"gallery: about {share} of 100 pictures look like clothes; searching by tags and look"
        return "" if self.is_of_clothes else told

    def _given(self, digest: str) -> list[tuple[int, float]]:
        row = self._row(digest)
        if row is None:
            return []
        pairs = zip(self._records["tag"][row].tolist(), self._probabilities[row].tolist(), strict=True)
        return [(tag, probability) for tag, probability in pairs if probability > 0]

    def _row(self, digest: str) -> int | None:
        if (key := key_of(digest)) is None:
            return None
        row = int(np.searchsorted(self._starts, np.uint64(key[0])))
        return row if row < len(self) and tuple(self._records["digest"][row].tolist()) == key else None


def key_of(digest: str) -> tuple[int, int] | None:
    """The digest of a picture file as two numbers; None for what is no such digest, as in an older index."""
    try:
        content = bytes.fromhex(digest)
    except ValueError:
        return None
    return (int.from_bytes(content[:8], "big"), int.from_bytes(content[8:], "big")) if len(content) == 16 else None


def records_of(digests: Sequence[str], tags: UInt16Array, probabilities: Float32Array) -> npt.NDArray[Any]:
    """Make records of N pictures, which have digests, and their tags (N, K), K up to ``MOST_TAGS``."""
    records = np.zeros(len(digests), RECORD)
    records["digest"] = np.array([key_of(digest) for digest in digests], np.uint64).reshape(-1, 2)
    records["tag"][:, : tags.shape[1]] = tags
    records["probability"][:, : tags.shape[1]] = probabilities
    return records


def read_tags(folder: Path | None) -> StoredTags | None:
    """Read the tags of an index folder; None when it has none, or none that can be used."""
    if folder is None or not (folder / TAG_NAMES_FILE).is_file():
        return None
    try:
        if any((folder / name).is_symlink() for name in (TAG_NAMES_FILE, TAGS_FILE)):
            raise ValueError("it is a link")
        said = _Names.model_validate(read_json(folder / TAG_NAMES_FILE))
        if len(said.names) != len(said.words):
            raise ValueError(f"{len(said.names)} names have words for {len(said.words)}")
        names = TagNames(said.tagger, [one_line(name) for name in said.names], said.words)
        return StoredTags(names, _read_records(folder / TAGS_FILE))
    except Exception as error:  # what damaged bytes raise depends on where the damage is
        log.warning("%s cannot be read: %s", one_line(str(folder / TAGS_FILE)), one_line(first_line(error)))
        return None


def _read_records(path: Path) -> npt.NDArray[Any]:
    """Whole records; the last one of a killed run may be cut off."""
    if not path.is_file():
        return np.zeros(0, RECORD)
    with open_regular(path) as stream:
        content = stream.read(MOST_BYTES)
    return np.frombuffer(content, RECORD, len(content) // RECORD.itemsize)


def begin_tags(folder: Path, names: TagNames, is_new: bool) -> None:
    """Prepare an index folder for further records of a tagger; ``is_new``: there are none of it yet.

    Raises:
        GalleryIndexError: if it cannot be written.
    """
    with writing(folder):
        if not is_new:  # what a killed run cut off would shift all that follows
            replace_records(folder, _read_records(folder / TAGS_FILE))
            return
        (folder / TAG_NAMES_FILE).unlink(missing_ok=True)
        replace_records(folder, np.zeros(0, RECORD))
        said = _Names(tagger=names.tagger, names=list(names.names), words=[dict(words) for words in names.words])
        write_text(folder / TAG_NAMES_FILE, said.model_dump_json())


def add_records(folder: Path, records: npt.NDArray[Any]) -> None:
    """Write records behind those that are there.

    Raises:
        GalleryIndexError: if it cannot be written.
    """
    with writing(folder), (folder / TAGS_FILE).open("ab") as stream:
        stream.write(records.tobytes())


def replace_records(folder: Path, records: npt.NDArray[Any]) -> None:
    """Write these records alone.

    Raises:
        GalleryIndexError: if it cannot be written.
    """
    with writing(folder), replacing(folder / TAGS_FILE) as temporary:
        temporary.write_bytes(records.tobytes())
