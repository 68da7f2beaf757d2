"""A folder of pictures as a list of items: manifest, plain files, and ``.tar`` packs read in place."""

from __future__ import annotations

import csv
import os
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from retrieval.gallery.picture_files import LoadedFile, PackedFile, find_members, kind_of, load_file, read_member
from retrieval.gallery.pictures import PICTURE_SUFFIXES, read_picture
from retrieval.values.datatypes import CatalogItem, UInt8Array
from retrieval.values.errors import CatalogError, first_line

MANIFEST_NAME = "metadata.csv"
BETTER_PICTURE_COLUMN = "file_hi"  # optional: a sharper picture of the same item, used where it exists
OWN_COLUMNS = ("id", "file", "title")
OTHER_PICTURES = frozenset({".heic", ".heif", ".avif", ".svg"})

Skipped = tuple[str, str]
"""Something in a folder that is not taken, relative to the folder, and why."""


@dataclass
class Catalog:
    """The items of one gallery or data set folder.

    Attributes:
        folder: the folder the items were read from.
        items: in manifest order (or sorted by path without a manifest).
        packed: members of the folder's ``.tar`` packs by name.
        broken: packs that cannot be read.
    """

    folder: Path
    items: tuple[CatalogItem, ...]
    packed: Mapping[str, PackedFile]
    broken: Sequence[Skipped]

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
        if manifest is not None or (root / MANIFEST_NAME).is_file():
            rows = _read_manifest(Path(manifest) if manifest is not None else root / MANIFEST_NAME)
        else:
            rows = [{"file": file} for file in _list_pictures(root, packed)]
        items = tuple(_item(root, row, packed) for row in rows if split is None or row.get("split") == split)
        if not items:
            if broken:
                raise CatalogError(f"{root / broken[0][0]}: {broken[0][1]}.")
            suffixes = ", ".join(sorted(suffix.lstrip(".") for suffix in PICTURE_SUFFIXES))
            wanted = f"rows with split {split!r}" if split is not None else f"pictures ({suffixes})"
            raise CatalogError(f"Gallery {root} is empty: expected {wanted}, got none", "Name another folder.")
        return cls(root, items, packed, broken)

    @classmethod
    def of_pictures(cls, folder: Path) -> Catalog:
        """Open a folder for reading pictures whose items are known already; no manifest, no listing."""
        return cls(folder, (), *find_members(folder))

    def everything_skipped(self) -> list[Skipped]:
        """List what the folder holds beside the items, with the reason."""
        named = {file for item in self.items for file in (item.file, picture_file(item))}
        packs = {place.pack.name for place in self.packed.values()} | {file for file, _ in self.broken}
        files, others = list_folder(self.folder)
        unlisted = [(file, "not in the manifest") for file in files if file not in named]
        others = [one for one in others if one[0] not in {MANIFEST_NAME, *packs}]
        return [*self.broken, *unlisted, *others]

    def read(self, item: CatalogItem, max_side_px: int | None = None) -> UInt8Array:
        """Decode an item's picture (see ``read_picture``), the sharper one where the manifest names two.

        Raises:
            CatalogError: if the picture is missing or cannot be decoded.
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
        place = _place(self.folder, file, self.packed)
        return read_member(place) if isinstance(place, PackedFile) else load_file(place)

    def stamp(self, item: CatalogItem) -> tuple[int, int]:
        """Size in bytes and modification time in ns of an item's picture file; (0, 0) when it is missing.

        A packed picture has its own size and the time of its pack.
        """
        place = _place(self.folder, picture_file(item), self.packed)
        try:
            if isinstance(place, PackedFile):
                return place.size, place.pack.stat().st_mtime_ns
            status = place.stat()
            return status.st_size, status.st_mtime_ns
        except (OSError, ValueError):  # ValueError: a NUL in the name
            return 0, 0


def picture_file(item: CatalogItem) -> str:
    """The file that is encoded and shown for an item: the sharper one where the manifest names two."""
    return item.fields.get(BETTER_PICTURE_COLUMN, "") or item.file


def _place(root: Path, file: str, packed: Mapping[str, PackedFile]) -> Path | PackedFile:
    """Where a picture lies; a file beside a pack wins over a packed one."""
    path = root / file
    return packed[file] if file in packed and not os.path.isfile(path) else path


def list_folder(root: Path) -> tuple[list[str], list[Skipped]]:
    """List a folder and its sub-folders: pictures, with slashes, and everything else; both sorted.

    Links to files are followed, links to folders are not, so that no loop can arise. Hidden files and folders are
    passed over, a hidden folder as one.
    """
    files: list[str] = []
    skipped: list[Skipped] = []
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    file = folder + entry.name
                    if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                        folders.append(f"{file}/")
                    elif reason := _reason_against(entry):
                        skipped.append((file, reason))
                    else:
                        files.append(file)
        except OSError as error:
            skipped.append((folder.rstrip("/") or ".", f"the folder cannot be read: {error.strerror}"))
    return sorted(files), sorted(skipped)


def _reason_against(entry: os.DirEntry[str]) -> str:
    suffix = PurePosixPath(entry.name).suffix.lower()
    if entry.name.startswith("."):
        return "hidden"
    try:
        kind = kind_of(entry.stat().st_mode)
    except OSError as error:
        return f"it cannot be looked at: {error.strerror}"
    if kind:
        return f"a link to {kind}" if entry.is_symlink() else kind
    if suffix in OTHER_PICTURES:
        return f"{suffix} pictures cannot be read; save them as JPEG"
    return "" if suffix in PICTURE_SUFFIXES else f"no picture by its name ({suffix or 'no suffix'})"


def _list_pictures(root: Path, packed: Mapping[str, PackedFile]) -> list[str]:
    files = set(list_folder(root)[0])
    for name in packed:
        is_hidden = any(part.startswith(".") for part in PurePosixPath(name).parts)
        if PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES and not is_hidden:
            files.add(name)
    return sorted(files)


def _read_manifest(manifest: Path) -> list[dict[str, str]]:
    try:
        with manifest.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, skipinitialspace=True)
            columns = [name.strip() for name in reader.fieldnames or []]
            if "file" not in columns:
                shown = textwrap.shorten(", ".join(columns), 120, placeholder="...")
                raise CatalogError(
                    f"Manifest {manifest} has no 'file' column: expected one, got {shown or 'no header'}",
                    "Add a header row with at least: file,title.",
                )
            reader.fieldnames = columns
            rows = [{key: (row[key] or "").strip() for key in columns if key} for row in reader]
    except FileNotFoundError as error:
        raise CatalogError(f"Manifest {manifest} is not there", "Check the path.") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CatalogError(
            f"Manifest {manifest} cannot be read: {first_line(error)}", "Save it as UTF-8 CSV."
        ) from error
    return [row for row in rows if row["file"]]


def _item(root: Path, row: dict[str, str], packed: Mapping[str, PackedFile]) -> CatalogItem:
    file = row["file"]
    return CatalogItem(
        id=row.get("id") or file,
        file=file,
        title=row.get("title") or title_from_file(file),
        image=str(_place(root, file, packed)),
        fields={key: value for key, value in row.items() if key not in OWN_COLUMNS},
    )


def title_from_file(file: str) -> str:
    """Make a readable title of a file name: ``red_summer-dress.jpg`` -> ``red summer dress``."""
    words = Path(file).stem.replace("_", " ").replace("-", " ").split()
    return " ".join(words) or file
