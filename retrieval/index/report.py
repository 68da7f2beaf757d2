"""What became of each picture of a gallery when its index was brought up to date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class IndexReport:
    """What ``update_index`` did; every picture of the gallery is in exactly one of the first four.

    Attributes:
        encoded_files: pictures encoded in this run.
        copied_files: pictures with the content of another one, whose vector they share.
        kept_files: pictures whose content has not changed, or that an interrupted run had encoded already.
        unreadable: (file, reason) of pictures left out.
        removed_files: files that were in the index and are no longer in the gallery.
        duplicates: (file, first file with the same content) of pictures in the index.
        count: items in the index now.
        kind: of the vector index.
    """

    encoded_files: tuple[str, ...]
    copied_files: tuple[str, ...]
    kept_files: tuple[str, ...]
    unreadable: tuple[tuple[str, str], ...]
    removed_files: tuple[str, ...]
    duplicates: tuple[tuple[str, str], ...]
    count: int
    kind: str

    @property
    def encoded(self) -> int:
        """How many pictures were encoded in this run."""
        return len(self.encoded_files)

    @property
    def copied(self) -> int:
        """How many pictures were taken over from others with the same content."""
        return len(self.copied_files)

    @property
    def kept(self) -> int:
        """How many items were taken over unchanged."""
        return len(self.kept_files)

    @property
    def removed(self) -> int:
        """How many items were dropped because their picture is gone."""
        return len(self.removed_files)

    def record(self, skipped: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """Counts and everything out of the ordinary, as ``index --json`` prints it.

        Args:
            skipped: (file, reason) of everything in the folder that is no item.
        """
        return {
            "count": self.count,
            "kind": self.kind,
            "encoded": self.encoded,
            "copied": self.copied,
            "kept": self.kept,
            "removed": self.removed,
            "unreadable": [{"file": file, "reason": reason} for file, reason in self.unreadable],
            "skipped": [{"file": file, "reason": reason} for file, reason in skipped],
            "duplicates": [{"file": file, "of": of} for file, of in self.duplicates],
            "removed_files": list(self.removed_files),
        }

    def lines(self, skipped: Sequence[tuple[str, str]]) -> Iterator[dict[str, str]]:
        """One record per file: ``file``, ``outcome`` and, where there is one, ``reason`` or ``of``."""
        same = dict(self.duplicates)
        outcomes = (("encoded", self.encoded_files), ("copied", self.copied_files), ("kept", self.kept_files))
        for outcome, files in outcomes:
            for file in files:
                yield {"file": file, "outcome": outcome} | ({"of": same[file]} if file in same else {})
        for file, reason in self.unreadable:
            yield {"file": file, "outcome": "unreadable", "reason": reason}
        for file, reason in skipped:
            yield {"file": file, "outcome": "skipped", "reason": reason}
        for file in self.removed_files:
            yield {"file": file, "outcome": "removed"}
