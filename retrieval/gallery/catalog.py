"""A folder of pictures as a list of items: manifest, plain files, and ``.tar`` packs read in place."""

from __future__ import annotations

import csv
from pathlib import Path, PurePosixPath

from retrieval.gallery.listing import Listing, Skipped, list_folder
from retrieval.gallery.packs import PackedFile, find_members, is_file, read_member, without_packs
from retrieval.gallery.picture_files import LoadedFile, load_file
from retrieval.gallery.pictures import PICTURE_SUFFIXES, read_picture
from retrieval.values.datatypes import CatalogItem, UInt8Array
from retrieval.values.errors import CatalogError, first_line

MANIFEST_NAME = "metadata.csv"
BETTER_PICTURE_COLUMN = "file_hi"  # optional: a sharper picture of the same item, used where it exists
KNOWN_COLUMNS = frozenset({"id", "file", "title"})


class Catalog:
    """The items of one gallery or data set folder.

    Args:
        folder: the folder the items were read from.
        items: in manifest order (or sorted by path without a manifest).
        packed: members of the folder's ``.tar`` packs by name.
        skipped: packs that cannot be read and, without a manifest, everything in the folder that is no item.
        has_manifest: whether a manifest named the items.
    """

    def __init__(
        self,
        folder: Path,
        items: tuple[CatalogItem, ...],
        packed: dict[str, PackedFile],
        skipped: tuple[Skipped, ...] = (),
        has_manifest: bool = False,
    ) -> None:
        self.folder = folder
        self.items = items
        self.skipped = skipped
        self.has_manifest = has_manifest
        self._packed = packed

    @classmethod
    def open(cls, folder: Path | str, manifest: Path | str | None = None, split: str | None = None) -> Catalog:
        """Read a folder's manifest, or list its pictures when there is none.

        Args:
            folder: holds pictures, in sub-folders too, and/or ``.tar`` packs of them.
            manifest: CSV to use; ``metadata.csv`` in the folder when None.
            split: keep only rows whose ``split`` column says so.
        Raises:
            CatalogError: if the folder or manifest cannot be read, or nothing is left.
        """
        root = Path(folder)
        if not root.is_dir():
            raise CatalogError(f"Gallery {root} is not a folder", "Name a folder of pictures.")
        packed, broken = find_members(root)
        manifest_path = Path(manifest) if manifest is not None else root / MANIFEST_NAME
        has_manifest = manifest is not None or manifest_path.is_file()
        skipped = broken
        if has_manifest:
            items = _read_manifest(root, manifest_path, packed)
        else:
            listing = list_folder(root, PICTURE_SUFFIXES)
            items = _list_pictures(root, listing, packed)
            skipped += without_packs(root, listing.skipped)
        if split is not None:
            items = tuple(item for item in items if item.fields.get("split") == split)
        if not items:
            if broken:
                raise CatalogError(f"{root / broken[0].file}: {broken[0].reason}.")
            wanted = f"rows with split {split!r}" if split is not None else f"pictures ({_suffix_list()})"
            raise CatalogError(f"Gallery {root} is empty: expected {wanted}, got none", "Name another folder.")
        return cls(root, items, packed, skipped, has_manifest)

    @classmethod
    def of_pictures(cls, folder: Path) -> Catalog:
        """Open a folder for reading pictures whose items are known already; no manifest, no listing."""
        return cls(folder, (), *find_members(folder))

    def everything_skipped(self) -> tuple[Skipped, ...]:
        """List what the folder holds beside the items, with the reason; walks the folder when there is a manifest."""
        if not self.has_manifest:
            return self.skipped
        named = {item.file for item in self.items} | {item.fields.get(BETTER_PICTURE_COLUMN, "") for item in self.items}
        listing = list_folder(self.folder, PICTURE_SUFFIXES)
        unlisted = tuple(Skipped(file, "not in the manifest") for file in listing.files if file not in named)
        others = tuple(one for one in listing.skipped if one.file not in named and one.file != MANIFEST_NAME)
        return (*self.skipped, *unlisted, *without_packs(self.folder, others))

    def read(self, item: CatalogItem, max_side_px: int | None = None) -> UInt8Array:
        """Decode an item's picture, the sharper one where the manifest names two.

        Args:
            item: of this catalog.
            max_side_px: see ``read_picture``.
        Returns:
            uint8 (H, W, 3) RGB.
        Raises:
            CatalogError: if the picture is missing or cannot be decoded.
        """
        return self.read_file(picture_file(item), max_side_px)

    def load(self, item: CatalogItem) -> LoadedFile:
        """Read an item's picture file as it is, with the stamp that belongs to it.

        Raises:
            CatalogError: if it cannot be read.
        """
        return self._load_file(picture_file(item))

    def stamp(self, item: CatalogItem) -> tuple[int, int]:
        """Size in bytes and modification time in ns of an item's picture file; (0, 0) when it is missing.

        A packed picture has its own size and the time of its pack.
        """
        file = picture_file(item)
        try:
            place = self._packed.get(file)
            path = self.folder / file
            if place is not None and not is_file(path):
                return place.size, place.pack.stat().st_mtime_ns
            status = path.stat()
            return status.st_size, status.st_mtime_ns
        except (OSError, ValueError):  # ValueError: a NUL in the name
            return 0, 0

    def read_file(self, file: str, max_side_px: int | None = None) -> UInt8Array:
        """Decode a picture by its manifest file name (see ``read``)."""
        return read_picture(self._load_file(file).data, self.label(file), max_side_px)

    def label(self, file: str) -> str:
        """How errors name a picture."""
        return _location(self.folder, file, self._packed)

    def _load_file(self, file: str) -> LoadedFile:
        path = self.folder / file
        place = self._packed.get(file)
        if place is None or is_file(path):
            return load_file(path)
        return read_member(place)


def picture_file(item: CatalogItem) -> str:
    """The file that is encoded and shown for an item: the sharper one where the manifest names two."""
    return item.fields.get(BETTER_PICTURE_COLUMN, "") or item.file


def _suffix_list() -> str:
    return ", ".join(sorted(suffix.lstrip(".") for suffix in PICTURE_SUFFIXES))


def _read_manifest(root: Path, manifest: Path, packed: dict[str, PackedFile]) -> tuple[CatalogItem, ...]:
    try:
        with manifest.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, skipinitialspace=True)
            columns = [name.strip() for name in reader.fieldnames or []]
            if "file" not in columns:
                raise CatalogError(
                    f"Manifest {manifest} has no 'file' column: expected one, got {_shown(columns) or 'no header'}",
                    "Add a header row with at least: file,title.",
                )
            reader.fieldnames = columns
            rows = list(reader)
    except FileNotFoundError as error:
        raise CatalogError(f"Manifest {manifest} is not there", "Check the path.") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CatalogError(
            f"Manifest {manifest} cannot be read: {first_line(error)}", "Save it as UTF-8 CSV."
        ) from error
    return tuple(_row_item(root, row, packed) for row in rows if (row.get("file") or "").strip())


def _shown(columns: list[str]) -> str:
    """The header for an error message: one line, not too long."""
    text = " ".join(", ".join(columns).split())
    return text if len(text) <= 120 else f"{text[:120]}..."


def _row_item(root: Path, row: dict[str, str | None], packed: dict[str, PackedFile]) -> CatalogItem:
    fields = {key: (value or "").strip() for key, value in row.items() if key and isinstance(value, str | None)}
    file = fields["file"]
    rest = {key: value for key, value in fields.items() if key not in KNOWN_COLUMNS}
    return CatalogItem(
        id=fields.get("id") or file,
        file=file,
        title=fields.get("title") or title_from_file(file),
        image=_location(root, file, packed),
        fields=rest,
    )


def _list_pictures(root: Path, listing: Listing, packed: dict[str, PackedFile]) -> tuple[CatalogItem, ...]:
    files = set(listing.files) | {
        name for name in packed if PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES and not _is_hidden(name)
    }
    return tuple(
        CatalogItem(id=file, file=file, title=title_from_file(file), image=_location(root, file, packed))
        for file in sorted(files)
    )


def _is_hidden(file: str) -> bool:
    return any(part.startswith(".") for part in PurePosixPath(file).parts)


def _location(root: Path, file: str, packed: dict[str, PackedFile]) -> str:
    if file in packed and not is_file(root / file):
        return f"{packed[file].pack}/{file}"
    return str(root / file)


def title_from_file(file: str) -> str:
    """Make a readable title of a file name: ``red_summer-dress.jpg`` -> ``red summer dress``."""
    words = Path(file).stem.replace("_", " ").replace("-", " ").split()
    return " ".join(words) or file
