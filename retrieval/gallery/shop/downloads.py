"""The pictures that an export names by address, fetched into a folder: a few at a time, each one once."""

from __future__ import annotations

import hashlib
import queue
import shutil
import threading
from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path

from retrieval.files import replacing
from retrieval.gallery.picture_files import load_file
from retrieval.gallery.pictures import read_picture
from retrieval.gallery.shop.addresses import Unfetched, WebAddress
from retrieval.gallery.shop.asking import Asker, Limits
from retrieval.values.datatypes import ProgressCallback
from retrieval.values.errors import CatalogError, RetrievalError, first_line

MESSAGE = "Fetching pictures"
THREADS = 4
CHECKED_SIDE_PX = 64
FREE_BYTES = 256 << 20
"""The disk keeps so many, whatever an export names."""

LOOK_EVERY_S = 0.2
STARTS = {b"\x89PNG": ".png", b"GIF8": ".gif", b"RIFF": ".webp", b"II": ".tif", b"MM": ".tif", b"BM": ".bmp"}


class PictureCache:
    """A folder of fetched pictures, each named by its address's digest: what is there is not fetched again.

    Args:
        folder: made when something is fetched.
        allow_local: whether this machine and its network may be asked, too.
        limits: what a server may cost.
    """

    def __init__(self, folder: Path, allow_local: bool = False, limits: Limits | None = None) -> None:
        self.folder = folder
        self._allow_local = allow_local
        self._limits = limits or Limits()

    @cached_property
    def _files(self) -> dict[str, str]:
        """Digest of an address -> name of its file."""
        names = [path.name for path in self.folder.iterdir()] if self.folder.is_dir() else []
        return {name.partition(".")[0]: name for name in names if not name.startswith(".")}

    def file_of(self, address: str) -> str:
        """Name of an address's picture in the folder, "" when it is not there."""
        return self._files.get(_digest(address), "")

    def copy(self, path: Path) -> str:
        """Copy a picture of this machine, once for each state of it; returns the name of its file.

        Raises:
            CatalogError: if it cannot be read.
        """
        loaded = load_file(path)
        digest = hashlib.sha256(loaded.data).hexdigest()
        name = f"{digest}{_suffix(loaded.data)}"
        if not (self.folder / name).is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            with replacing(self.folder / name) as temporary:
                temporary.write_bytes(loaded.data)
        return name

    def fetch(self, addresses: Collection[str], progress: ProgressCallback) -> dict[str, str]:
        """Fetch what is not there yet; what has been fetched stays when this is interrupted.

        Returns:
            Address -> reason of those that could not be fetched.
        Raises:
            RetrievalError: if the folder cannot be written or the disk is full.
        """
        if self.folder.is_symlink():
            raise RetrievalError(f"Folder {self.folder} is a link: expected a folder", "Choose another with --out.")
        wanted = [address for address in dict.fromkeys(addresses) if not self.file_of(address)]
        run = _Run(self.folder, wanted, Asker(self._limits, self._allow_local))
        failed: dict[str, str] = {}
        try:
            for count, (address, fault) in enumerate(run, start=1):
                if isinstance(fault, Unfetched):
                    failed[address] = str(fault)
                elif fault is not None:
                    raise fault
                detail = f", {count:,} of {len(wanted):,}, {len(failed):,} failed" if count < len(wanted) else ""
                progress(f"{MESSAGE}{detail}", count / len(wanted))
        except OSError as error:
            what = f"Pictures cannot be kept in {self.folder}: {error.strerror or first_line(error)}"
            raise RetrievalError(what, "Free some space, or choose another folder with --out.") from error
        finally:
            run.stop()
            self.__dict__.pop("_files", None)  # what is there is looked at anew
        return failed


class _Run:
    """Some threads that fetch addresses; gives each with what went wrong, None for nothing, as they are done.

    The threads are daemons: looking up a name cannot be interrupted, and nobody should wait for it.
    """

    def __init__(self, folder: Path, addresses: Collection[str], asker: Asker) -> None:
        self._folder = folder
        self._count = len(addresses)
        self._asker = asker
        self._waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[str, Exception | None]] = queue.SimpleQueue()
        for address in addresses:
            self._waiting.put(address)
        count = min(THREADS, len(addresses))
        self._threads = [threading.Thread(target=self._work, name="fetch", daemon=True) for _ in range(count)]

    def __iter__(self) -> Iterator[tuple[str, Exception | None]]:
        for thread in self._threads:
            thread.start()
        while self._count:
            self._asker.end_late()
            try:
                done = self._done.get(timeout=LOOK_EVERY_S)
            except queue.Empty:
                continue
            self._count -= 1
            yield done

    def stop(self) -> None:
        """End what is going on."""
        self._asker.stop()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout=1.0)

    def _work(self) -> None:
        while not self._asker.is_stopped:
            try:
                address = self._waiting.get_nowait()
            except queue.Empty:
                return
            try:
                self._keep(address)
                self._done.put((address, None))
            except Exception as error:  # the thread that waits raises it
                self._done.put((address, error))

    def _keep(self, address: str) -> None:
        data = self._asker.get(WebAddress.parse(address))
        try:
            read_picture(data, "The picture", CHECKED_SIDE_PX)
        except CatalogError as error:
            raise Unfetched(error.what) from None
        self._folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free < FREE_BYTES:
            raise OSError("the disk is nearly full")
        with replacing(self._folder / f"{_digest(address)}{_suffix(data)}") as temporary:
            temporary.write_bytes(data)


def _digest(address: str) -> str:
    return hashlib.sha256(address.strip().partition("#")[0].encode("utf-8", "surrogatepass")).hexdigest()


def _suffix(picture: bytes) -> str:
    """How the file of a picture is named, for other programs; the reader here looks at the content alone."""
    if picture[4:8] == b"ftyp":
        return ".avif" if picture[8:11] == b"avi" else ".heic"
    return next((suffix for start, suffix in STARTS.items() if picture.startswith(start)), ".jpg")
