"""Rows that name their pictures by web address are led to the fetched ones."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from retrieval.files import write_text
from retrieval.gallery.lists.names import title_from_file
from retrieval.gallery.manifest import MANIFEST_NAME
from retrieval.gallery.shop.downloads import PictureCache
from retrieval.gallery.shop.exports import Row, first_picture, given_away, is_address
from retrieval.values.datatypes import ProgressCallback
from retrieval.values.errors import CatalogError

BETTER_PICTURE_COLUMN = "file_hi"
"""Optional: a sharper picture of the same item, used where it exists."""

ON_THE_WEB = "its picture lies on the web; index --download fetches it"


@dataclass
class WebPictures:
    """The pictures of a gallery that lie on the web, and where they are kept.

    Attributes:
        cache: holds what has been fetched.
        is_wanted: whether the rest is fetched now.
        shop: address of the shop, see ``products``.
        progress: told while pictures are fetched.
        failed: what could not be fetched, as ``bring`` left it in the rows -> reason.
    """

    cache: PictureCache
    is_wanted: bool = False
    shop: str = ""
    progress: ProgressCallback = lambda *_: None
    failed: dict[str, str] = field(default_factory=dict)

    def bring(self, rows: Iterable[Row], path_of: Callable[[str], Path]) -> tuple[Iterator[Row], bool]:
        """Fetch pictures that rows name by address, and name the fetched files instead.

        A gallery has one folder. Where some rows name addresses, that is the cache's, and what others name of
        the folder of the list is copied there.

        Args:
            rows: of a manifest.
            path_of: finds the path of a file that a row names.
        Returns:
            The rows, and whether their files lie in the cache; an address stays where there is no file.
        """
        rows = deque(rows)
        for row in rows:
            row["file"] = first_picture(row["file"])
            if is_address(row.get(BETTER_PICTURE_COLUMN, "")):
                row["file"] = row.pop(BETTER_PICTURE_COLUMN)
        addresses = [row["file"] for row in rows if is_address(row["file"])]
        if not addresses or not (self.is_wanted or any(map(self.cache.file_of, addresses))):
            return given_away(rows), False
        reasons = self.cache.fetch(addresses, self.progress) if self.is_wanted else {}
        for row in rows:
            named = row["file"]
            if not is_address(named):
                row["file"] = self._copied(named, path_of) if named else ""
            elif file := self.cache.file_of(named):
                row |= {"file": file, "title": row.get("title") or title_from_file(unquote(urlsplit(named).path))}
            elif named in reasons:
                self.failed[named] = reasons[named]
        self._write_manifest([row for row in rows if row["file"] and not is_address(row["file"])])
        return given_away(rows), True

    def _write_manifest(self, rows: list[Row]) -> None:
        """Make the cache a gallery of its own, for later and for others."""
        if rows:
            text = io.StringIO(newline="")
            writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
            writer.writeheader()
            writer.writerows(rows)
            write_text(self.cache.folder / MANIFEST_NAME, text.getvalue())

    def _copied(self, file: str, path_of: Callable[[str], Path]) -> str:
        try:
            return self.cache.copy(path_of(file))
        except CatalogError as error:
            self.failed[file] = error.what.removeprefix(f"{file}: ")
            return file
