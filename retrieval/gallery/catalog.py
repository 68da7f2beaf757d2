"""A folder of pictures as a list of items: manifest, plain files, and ``.tar`` packs read in place."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from pathlib import Path

from retrieval.files import kind_of
from retrieval.gallery.listing import Skipped
from retrieval.gallery.lists.finding import PictureFinder
from retrieval.gallery.lists.names import is_picture_name, title_from_file
from retrieval.gallery.manifest import MANIFEST_NAME, MAX_FILLED_CELLS
from retrieval.gallery.packs import PackedFile, find_members
from retrieval.gallery.phone import phone_name
from retrieval.gallery.picture_files import OUTSIDE, GalleryFolder, LoadedFile, identity_of, load_file
from retrieval.gallery.pictures import PICTURE_SUFFIXES, read_picture
from retrieval.gallery.shop.exports import Row, first_picture, is_address
from retrieval.gallery.shop.lists import read_rows
from retrieval.gallery.shop.web_pictures import BETTER_PICTURE_COLUMN, ON_THE_WEB, WebPictures
from retrieval.values.datatypes import CatalogItem, UInt8Array
from retrieval.values.errors import CatalogError, like_it, one_line

log = logging.getLogger(__name__)

NO_PICTURE = "it names no picture"
PICTURE_COLUMNS = ("file", BETTER_PICTURE_COLUMN)
WITHOUT_FILE = frozenset({NO_PICTURE, ON_THE_WEB})
OWN_COLUMNS = ("id", "file", "title")
_PACK = re.compile(r".*?\.tar(?=/|$)")


@dataclass
class Catalog:
    """The items of one gallery or data set folder.

    Attributes:
        place: the folder the items were read from.
        items: in manifest order, and then, sorted by path, those that it does not name.
        packed: members of the folder's ``.tar`` packs by name.
        shared: what earlier versions called some of them (see ``Packs``).
        left_out: what is not taken of packs and manifest, with the reason.
        faults: what is wrong in the manifest but costs no item.
        unfetched: pictures of items that could not be brought here, with the reason.
    """

    place: GalleryFolder
    items: tuple[CatalogItem, ...]
    packed: Mapping[str, PackedFile]
    shared: Mapping[str, PackedFile]
    left_out: list[Skipped]
    faults: list[Skipped] = field(default_factory=list)
    unfetched: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def open(
        cls,
        folder: Path | str,
        manifest: Path | str | None = None,
        split: str | None = None,
        *,
        unlisted: bool = False,
        web: WebPictures | None = None,
    ) -> Catalog:
        """Read a folder's manifest, or list its pictures when there is none.

        Args:
            folder: holds pictures, in sub-folders too, and/or ``.tar`` packs of them.
            manifest: list or shop's export to use; ``metadata.csv`` in the folder when None.
            split: keep only rows whose ``split`` column says so.
            unlisted: take pictures, too, that the manifest does not name: for galleries, not for data sets.
            web: brings pictures that the manifest names by address; without it they are left out.
        Raises:
            CatalogError: if the folder or manifest cannot be read, or nothing is left.
        """
        root = Path(folder)
        if phone := phone_name(folder):
            remedy = f"Copy and index it first: python -m retrieval index --images {phone} --out galleries/phone"
            raise CatalogError(f"Gallery {phone} lies on a phone", remedy)
        if not root.is_dir():
            raise CatalogError(f"Gallery {root} is not a folder", "Name a folder of pictures.")
        catalog = cls.of_pictures(root)
        if manifest is None and os.path.lexists(root / MANIFEST_NAME):
            manifest = catalog.place.resolve(MANIFEST_NAME)
        realpath = lru_cache(os.path.realpath)
        faults: list[Skipped] = []
        listed: Iterable[Row] | None = None
        if manifest is not None:
            listed = _rows_listed(Path(manifest), root, faults, web.shop if web is not None else "")
            if web is not None:
                listed, are_fetched = web.bring(listed, partial(catalog._path, realpath=realpath))
                if are_fetched:
                    catalog, unlisted = cls.of_pictures(web.cache.folder), False
                    catalog.unfetched = web.failed
        catalog.faults = faults
        if listed is None or unlisted:
            catalog.finder.list_all()
        rows = catalog._rows(listed)
        items = (catalog._item(row, realpath) for row in rows if split is None or row.get("split") == split)
        catalog.items = tuple(item for item in items if item is not None)
        catalog._tell(root)
        if not catalog.items:
            suffixes = ", ".join(sorted(suffix.lstrip(".") for suffix in PICTURE_SUFFIXES))
            wanted = f"rows with split {split!r}" if split is not None else f"pictures ({suffixes})"
            raise CatalogError(f"Gallery {root} is empty: expected {wanted}, got none", "Name another folder.")
        return catalog

    @classmethod
    def of_pictures(cls, folder: Path) -> Catalog:
        """Open a folder for reading pictures whose items are known already; no manifest, no listing."""
        place = GalleryFolder(folder)
        packs = find_members(place)
        return cls(place, (), packs.members, packs.shared, packs.skipped)

    @property
    def folder(self) -> Path:
        """The folder the items were read from."""
        return self.place.root

    @cached_property
    def finder(self) -> PictureFinder:
        """Knows all pictures of the folder and its packs."""
        return PictureFinder(self.place, self.packed)

    def _tell(self, root: Path) -> None:
        """Tell what was left out, a line for each kind; it is the error when nothing is left."""
        told = [(f"{root / file}: {reason}", "") for file, reason in self.faults]
        kinds: dict[str, list[str]] = {}
        for file, reason in self.left_out:
            is_plain = reason in WITHOUT_FILE
            kinds.setdefault(reason if is_plain else "", []).append(f"{file if is_plain else root / file}: {reason}")
        told += [(f"left out: {lines[0]}", like_it(len(lines))) for lines in kinds.values()]
        for line, count in told:
            if not self.items:
                raise CatalogError(f"{one_line(line).removeprefix('left out: ')}{count}.")
            log.warning("%s%s", one_line(line), count)

    def _path(self, file: str, realpath: Callable[[str], str]) -> Path:
        return self.place.resolve(self.finder.find(file, realpath))

    def _rows(self, listed: Iterable[Row] | None) -> Iterator[Row]:
        """The rows of a list, and then one for each picture that none of them named, with the same columns."""
        columns: tuple[str, ...] = ()
        for row in listed or ():
            columns = columns or tuple(row)
            yield row
        self.left_out += [one for one in self.finder.listing[1] if one[1] == OUTSIDE] if listed is None else []
        unnamed = sorted(self.finder.unnamed)
        filled = dict.fromkeys(columns, "") if len(columns) * len(unnamed) <= MAX_FILLED_CELLS else {}
        for file in unnamed:
            yield filled | {"file": file}

    def _item(self, row: Row, realpath: Callable[[str], str]) -> CatalogItem | None:
        """The item of a row; None, and the reason is kept, when it has no picture in the folder."""
        if not row["file"]:
            self.left_out.append((f"{row.get('id', '')} {row.get('title', '')}".strip() or "a row", NO_PICTURE))
            return None
        written = row["file"]
        for column in (*PICTURE_COLUMNS, "sketch"):
            if file := first_picture(row.get(column, "")):
                try:
                    row[column] = self._found(file, realpath)
                except CatalogError as error:
                    if column in PICTURE_COLUMNS:  # a drawing is refused when it is read
                        self.left_out.append((file, error.what))
                        del row[column]
        self.finder.unnamed.difference_update(row.values())
        if "file" not in row:
            return None
        if row["file"] == row.get("sketch"):  # of a like name, but no picture of the item
            row["file"] = written
        file = row["file"]
        return CatalogItem(
            id=row.get("id") or file,
            file=file,
            title=row.get("title") or title_from_file(file),
            image=str(self._member(file) or self.folder / file),
            fields={key: value for key, value in row.items() if key not in OWN_COLUMNS},
        )

    def _found(self, file: str, realpath: Callable[[str], str]) -> str:
        if file in self.unfetched:
            return file
        if is_address(file):
            raise CatalogError(ON_THE_WEB)
        try:
            return self.finder.find(file, realpath)
        except CatalogError:
            raise CatalogError(OUTSIDE) from None

    def everything_skipped(self) -> list[Skipped]:
        """List what the folder and its packs hold beside the items, with the reason."""
        named = {file for item in self.items for file in (item.file, picture_file(item))}
        files, others = self.finder.listing
        packs = {place.pack for place in self.packed.values()}
        taken = {MANIFEST_NAME, *(pack.relative_to(self.folder).as_posix() for pack in packs)}
        taken |= {pack[0] for file, _ in self.left_out if (pack := _PACK.match(file))}
        found = {file: reason for file, reason in others if file not in taken}
        found |= {file: "not in the manifest" for file in files if file not in named}
        for name, place in self.packed.items():
            if name not in named or self._member(name) is None:
                reason = "not taken" if is_picture_name(name) else "no picture by its name"
                found[self.finder.in_pack(place)] = "a file of this name is taken" if name in named else reason
        for file, fault in self.faults:
            found[file] = f"{found[file]}; {fault}" if file in found else fault
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
        if member := self._member(file):
            pack = member.pack.relative_to(self.folder)
            return load_file(self.place.resolve(str(pack)), str(member), member.offset, member.size)
        return load_file(self.place.resolve(file), str(self.folder / file))

    def _member(self, file: str) -> PackedFile | None:
        """The member of a pack that a picture is; a file beside a pack wins over a packed one."""
        member = self.packed.get(file) or self.shared.get(file)
        return None if member is None or os.path.isfile(self.folder / file) else member

    def file_to_open(self, item: CatalogItem) -> Path | None:
        """Where an item's picture really lies, for another program; None when it is packed or no picture file."""
        with suppress(CatalogError, OSError):
            file = self.place.resolve(picture_file(item))
            is_picture = is_picture_name(file.name) and not kind_of(file.stat().st_mode)
            return file if is_picture and not self._member(picture_file(item)) else None
        return None

    def stamp(self, item: CatalogItem) -> tuple[int, int]:
        """Size in bytes and modification time in ns of an item's picture file; (0, 0) when it is missing.

        A packed picture has its own size and the time of its pack.
        """
        file = picture_file(item)
        status = self._status(file)
        size = member.size if (member := self._member(file)) else getattr(status, "st_size", 0)
        return (0, 0) if status is None else (size, status.st_mtime_ns)

    def identity(self, item: CatalogItem) -> str:
        """What else tells an item's picture file from another or earlier one, "" when it is missing."""
        status = self._status(picture_file(item))
        return "" if status is None else identity_of(status)

    def _status(self, file: str) -> os.stat_result | None:
        try:
            return os.stat(member.pack if (member := self._member(file)) else self.folder / file)
        except (OSError, ValueError):  # ValueError: a NUL in the name
            return None


def _rows_listed(manifest: Path, root: Path, faults: list[Skipped], shop: str) -> Iterator[Row]:
    is_own = manifest.name == MANIFEST_NAME and os.path.realpath(manifest.parent) == os.path.realpath(root)
    name = MANIFEST_NAME if is_own else str(manifest.absolute())
    return read_rows(manifest, lambda fault: faults.append((name, fault)), shop)


def picture_file(item: CatalogItem) -> str:
    """The file that is encoded and shown for an item: the sharper one where the manifest names two."""
    return item.fields.get(BETTER_PICTURE_COLUMN, "") or item.file
