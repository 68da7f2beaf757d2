"""Which pictures a gallery has, which of them a list means, and which it does not name."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property

from retrieval.gallery.listing import Skipped, list_folder
from retrieval.gallery.lists.names import LONGEST_NAME, PictureNames, is_picture_name
from retrieval.gallery.packs import PackedFile
from retrieval.gallery.picture_files import GalleryFolder
from retrieval.values.errors import CatalogError


class PictureFinder:
    """Finds the pictures of a gallery; the folder is listed when that is first needed.

    Args:
        place: the gallery's folder.
        packed: members of its packs.

    Attributes:
        unnamed: pictures that no row has named, once ``list_all`` has filled it.
    """

    def __init__(self, place: GalleryFolder, packed: Mapping[str, PackedFile]) -> None:
        self._place = place
        self._packed = packed
        self._known: Collection[str] = packed
        self.unnamed: set[str] = set()

    @cached_property
    def listing(self) -> tuple[list[str], list[Skipped]]:
        """Pictures of the folder, and everything else in it; see ``list_folder``."""
        return list_folder(self._place)

    def _pictures(self) -> Iterator[str]:
        yield from self.listing[0]
        yield from (name for name in self._packed if is_picture_name(name) and not f"/{name}".count("/."))

    def list_all(self) -> None:
        """Take all pictures for unnamed ones."""
        self.unnamed = set(self._pictures())
        self._known = frozenset(self.unnamed)

    @cached_property
    def _names(self) -> PictureNames:
        packed = [(self.in_pack(member), name) for name, member in self._packed.items()]
        names = [*((name, name) for name in self._pictures()), *packed]
        return PictureNames(names, os.path.realpath(self._place.root))

    def in_pack(self, member: PackedFile) -> str:
        """A member's name with that of its pack: ``shirts/1.tar/000.jpg``."""
        return f"{member.pack.relative_to(self._place.root).as_posix()}/{member.name}"

    def find(self, written: str, realpath: Callable[[str], str]) -> str:
        """Return the name in the gallery of what a list calls so: its own where it leads somewhere, or nowhere.

        Raises:
            CatalogError: if it leads outside the gallery, or is longer than paths can be.
        """
        if written in self._known:
            return written
        if len(written) > LONGEST_NAME:  # each of its folders would be looked at
            raise CatalogError(f"Name of a picture is too long: expected at most {LONGEST_NAME:,} letters")
        try:
            path = self._place.resolve(written, realpath)
            if os.path.lexists(path):
                self.unnamed.discard(os.path.relpath(path, realpath(str(self._place.root))).replace(os.sep, "/"))
                return written
        except CatalogError:
            if found := self._names.find(written):
                return found
            raise
        return self._names.find(written) or written
