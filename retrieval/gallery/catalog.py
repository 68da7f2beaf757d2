"""A folder of pictures as a list of items: manifest, plain files, and ``.tar`` packs read in place."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath

from retrieval.files import kind_of
from retrieval.gallery.listing import Skipped, list_folder
from retrieval.gallery.manifest import MANIFEST_NAME
from retrieval.gallery.packs import PackedFile, find_members
from retrieval.gallery.picture_files import OUTSIDE, GalleryFolder, LoadedFile, identity_of, load_file
from retrieval.gallery.pictures import PICTURE_SUFFIXES, read_picture
from retrieval.gallery.shop.exports import first_picture, is_address
from retrieval.gallery.shop.lists import read_rows
from retrieval.gallery.shop.web_pictures import BETTER_PICTURE_COLUMN, ON_THE_WEB, WebPictures
from retrieval.values.datatypes import CatalogItem, UInt8Array
from retrieval.values.errors import CatalogError, one_line

log = logging.getLogger(__name__)

NO_PICTURE = "it names no picture"
OWN_COLUMNS = ("id", "file", "title")


@dataclass
class Catalog:
    """The items of one gallery or data set folder.

    Attributes:
        place: the folder the items were read from.
        items: in manifest order (or sorted by path without a manifest).
        packed: members of the folder's ``.tar`` packs by name.
        left_out: what is not taken of packs and manifest, with the reason.
        unfetched: pictures of items that could not be brought here, with the reason.
    """

    place: GalleryFolder
    items: tuple[CatalogItem, ...]
    packed: Mapping[str, PackedFile]
    left_out: list[Skipped]
    unfetched: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def open(
        cls,
        folder: Path | str,
        manifest: Path | str | None = None,
        split: str | None = None,
        web: WebPictures | None = None,
    ) -> Catalog:
        """Read a folder's manifest, or list its pictures when there is none.

        Args:
            folder: holds pictures, in sub-folders too, and/or ``.tar`` packs of them.
            manifest: list or shop's export to use; ``metadata.csv`` in the folder when None.
            split: keep only rows whose ``split`` column says so.
            web: brings pictures that the manifest names by address; without it they are left out.
        Raises:
            CatalogError: if the folder or manifest cannot be read, or nothing is left.
        """
        root = Path(folder)
        if not root.is_dir():
            raise CatalogError(f"Gallery {root} is not a folder", "Name a folder of pictures.")
        catalog = cls.of_pictures(root)
        if manifest is None and os.path.lexists(root / MANIFEST_NAME):
            manifest = catalog.place.resolve(MANIFEST_NAME)
        rows: Iterable[dict[str, str]] = catalog._rows_of_pictures()
        if manifest is not None:
            rows = read_rows(Path(manifest), web.shop if web is not None else "")
        if web is not None and manifest is not None:
            rows, are_fetched = web.bring(rows, catalog.place)
            if are_fetched:
                catalog = cls.of_pictures(web.cache.folder)
                catalog.unfetched = web.failed
        realpath = lru_cache(os.path.realpath)
        items = (catalog._item(row, realpath) for row in rows if split is None or row.get("split") == split)
        catalog.items = tuple(item for item in items if item is not None)
        for reasons in (
            {NO_PICTURE},
            {ON_THE_WEB},
            {reason for _, reason in catalog.left_out} - {NO_PICTURE, ON_THE_WEB},
        ):
            them = [one for one in catalog.left_out if one[1] in reasons]
            for file, reason in them[:1]:
                name = file if reason in {NO_PICTURE, ON_THE_WEB} else root / file
                first, count = one_line(f"{name}: {reason}"), f"{len(them):,} like it"
                if not catalog.items:
                    raise CatalogError(f"{first} ({count}).")
                log.warning("left out: %s (%s)", first, count)
        if not catalog.items:
            suffixes = ", ".join(sorted(suffix.lstrip(".") for suffix in PICTURE_SUFFIXES))
            wanted = f"rows with split {split!r}" if split is not None else f"pictures ({suffixes})"
            raise CatalogError(f"Gallery {root} is empty: expected {wanted}, got none", "Name another folder.")
        return catalog

    @classmethod
    def of_pictures(cls, folder: Path) -> Catalog:
        """Open a folder for reading pictures whose items are known already; no manifest, no listing."""
        place = GalleryFolder(folder)
        return cls(place, (), *find_members(place))

    @property
    def folder(self) -> Path:
        """The folder the items were read from."""
        return self.place.root

    def _rows_of_pictures(self) -> Iterator[dict[str, str]]:
        files, others = list_folder(self.place)
        self.left_out += [one for one in others if one[1] == OUTSIDE]
        names = [name for name in self.packed if is_picture_name(name) and not f"/{name}".count("/.")]
        for file in sorted({*files, *names}):
            yield {"file": file}

    def _item(self, row: dict[str, str], realpath: Callable[[str], str]) -> CatalogItem | None:
        """The item of a row; None, and the reason is kept, when it has no picture in the folder."""
        if not row["file"]:
            self.left_out.append((f"{row.get('id', '')} {row.get('title', '')}".strip() or "a row", NO_PICTURE))
            return None
        for column in ("file", BETTER_PICTURE_COLUMN):
            if (file := first_picture(row.get(column, ""))) and (reason := self._reason_against(file, realpath)):
                self.left_out.append((file, reason))
                del row[column]
        if "file" not in row:
            return None
        file = row["file"]
        return CatalogItem(
            id=row.get("id") or file,
            file=file,
            title=row.get("title") or title_from_file(file),
            image=str(self.packed[file] if self._is_packed(file) else self.folder / file),
            fields={key: value for key, value in row.items() if key not in OWN_COLUMNS},
        )

    def _reason_against(self, file: str, realpath: Callable[[str], str]) -> str:
        if file in self.packed or file in self.unfetched:
            return ""
        if is_address(file):
            return ON_THE_WEB
        try:
            self.place.resolve(file, realpath)
        except CatalogError:
            return OUTSIDE
        return ""

    def everything_skipped(self) -> list[Skipped]:
        """List what the folder and its packs hold beside the items, with the reason."""
        named = {file for item in self.items for file in (item.file, picture_file(item))}
        files, others = list_folder(self.place)
        packs = {place.pack.name for place in self.packed.values()}
        packs |= {first for file, _ in self.left_out if (first := file.split("/")[0]).endswith(".tar")}
        found = {file: reason for file, reason in others if file not in {MANIFEST_NAME, *packs}}
        found |= {file: "not in the manifest" for file in files if file not in named}
        for name, place in self.packed.items():
            if name not in named or not self._is_packed(name):
                reason = "not taken" if is_picture_name(name) else "no picture by its name"
                found[f"{place.pack.name}/{name}"] = "a file of this name is taken" if name in named else reason
        return list((found | dict(self.left_out)).items())

    def read(self, item: CatalogItem, max_side_px: int | None = None) -> UInt8Array:
        """Decode an item's picture, the sharper one where the manifest names two.

        Args:
            item: of this catalog.
            max_side_px: see ``read_picture``.
        Returns:
            uint8 (H, W, 3) RGB.
        Raises:
            CatalogError: if the picture is missing, outside the folder, or cannot be decoded.
        """
        return self.read_file(picture_file(item), max_side_px)

    def read_file(self, file: str, max_side_px: int | None = None) -> UInt8Array:
        """Decode a picture by its manifest file name (see ``read``)."""
        loaded = self._load(file)
        return read_picture(loaded.data, loaded.name, max_side_px)

    def load(self, item: CatalogItem) -> LoadedFile:
        """Read an item's picture file as it is, with the stamp that belongs to it.

        Raises:
            CatalogError: if it cannot be read.
        """
        return self._load(picture_file(item))

    def _load(self, file: str) -> LoadedFile:
        if file in self.unfetched:
            raise CatalogError(f"{file}: {self.unfetched[file]}")
        if self._is_packed(file):
            place = self.packed[file]
            return load_file(self.place.resolve(place.pack.name), str(place), place.offset, place.size)
        return load_file(self.place.resolve(file), str(self.folder / file))

    def _is_packed(self, file: str) -> bool:
        """Whether a picture lies in a pack; a file beside a pack wins over a packed one."""
        return file in self.packed and not os.path.isfile(self.folder / file)

    def file_to_open(self, item: CatalogItem) -> Path | None:
        """Where an item's picture really lies, for another program; None when it is packed or no picture file."""
        with suppress(CatalogError, OSError):
            file = self.place.resolve(picture_file(item))
            is_picture = is_picture_name(file.name) and not kind_of(file.stat().st_mode)
            return file if is_picture and not self._is_packed(picture_file(item)) else None
        return None

    def stamp(self, item: CatalogItem) -> tuple[int, int]:
        """Size in bytes and modification time in ns of an item's picture file; (0, 0) when it is missing.

        A packed picture has its own size and the time of its pack.
        """
        file = picture_file(item)
        status = self._status(file)
        size = self.packed[file].size if self._is_packed(file) else getattr(status, "st_size", 0)
        return (0, 0) if status is None else (size, status.st_mtime_ns)

    def identity(self, item: CatalogItem) -> str:
        """What else tells an item's picture file from another or earlier one, "" when it is missing."""
        status = self._status(picture_file(item))
        return "" if status is None else identity_of(status)

    def _status(self, file: str) -> os.stat_result | None:
        try:
            return os.stat(self.packed[file].pack if self._is_packed(file) else self.folder / file)
        except (OSError, ValueError):  # ValueError: a NUL in the name
            return None


def picture_file(item: CatalogItem) -> str:
    """The file that is encoded and shown for an item: the sharper one where the manifest names two."""
    return item.fields.get(BETTER_PICTURE_COLUMN, "") or item.file


def is_picture_name(file: str) -> bool:
    """Whether a file is called as pictures are."""
    return PurePosixPath(file).suffix.lower() in PICTURE_SUFFIXES


def title_from_file(file: str) -> str:
    """Make a readable title of a file name: ``red_summer-dress.jpg`` -> ``red summer dress``."""
    words = Path(file).stem.replace("_", " ").replace("-", " ").split()
    return " ".join(words) or file
