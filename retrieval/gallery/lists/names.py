"""Find pictures by names that a list writes otherwise than the disk does; no file is looked at."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote

from retrieval.gallery.pictures import PICTURE_SUFFIXES

_ROOT = re.compile(r"(?:file:/*)?(?:[A-Za-z]:)?/+(?:\./+)*|(?:\./+)+")

_NEXT_NAME = re.compile(r" *[,;|] *")


def is_picture_name(file: str) -> bool:
    """Whether a file is called as pictures are."""
    return PurePosixPath(file).suffix.lower() in PICTURE_SUFFIXES


def title_from_file(file: str) -> str:
    """Make a readable title of a file name: ``red_summer-dress.jpg`` -> ``red summer dress``."""
    words = PurePosixPath(file).stem.replace("_", " ").replace("-", " ").split()
    return " ".join(words) or file


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _caseless(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())


def _without_suffix(name: str) -> str:
    return _caseless(name.rpartition(".")[0] if is_picture_name(name) else name)


def _last(name: str) -> str:
    return _caseless(name.rpartition("/")[2])


def _last_without_suffix(name: str) -> str:
    return _without_suffix(name.rpartition("/")[2])


FORMS: tuple[Callable[[str], str], ...] = (_composed, _caseless, _without_suffix, _last, _last_without_suffix)
"""What may be the same in two names: all but how accents are composed, the case, the suffix, the folder; the last
form is the same wherever another one is."""

LONGEST_NAME = 4096
MOST_FOLDERS = 64


class PictureNames:
    """The names of a gallery's pictures.

    Args:
        names: what a list may write for a picture, and the picture; relative to the gallery, with slashes.
        root: the path of the gallery itself, with slashes, which a list may begin its names with.
    """

    def __init__(self, names: Iterable[tuple[str, str]], root: str) -> None:
        self._names = tuple(names)
        self._root = [part for part in _caseless(root).split("/") if part]
        self._by_form: dict[Callable[[str], str], dict[str, str | None]] = {}

    def find(self, written: str) -> str | None:
        """Return the one picture that a name means; None for none, and where it may mean several."""
        coarsest = self._known(FORMS[-1])
        plain = written.replace("\\", "/")
        if len(written) > LONGEST_NAME or not any(FORMS[-1](name) in coarsest for name in (plain, unquote(plain))):
            first, *others = _NEXT_NAME.split(plain, maxsplit=1)  # one cell may hold several pictures of an item
            return self.find(first) if others and is_picture_name(first) else None
        spellings = list(dict.fromkeys(self._spellings(plain)))
        for form in FORMS:
            known = self._known(form)
            for name in spellings:
                if ("suffix" in form.__name__ and is_picture_name(name)) or ("last" in form.__name__ and "/" in name):
                    continue  # only what a name leaves out may be anything
                if found := known.get(form(name)):
                    return found
        return None

    def _spellings(self, written: str) -> Iterator[str]:
        """The ways in which a name may have been meant, the longest first."""
        for name in (written, unquote(written)):
            plain = name[found.end() :] if (found := _ROOT.match(name)) else name
            yield plain
            parts = plain.split("/")[-MOST_FOLDERS:]
            folded = [_caseless(part) for part in parts]
            for count in range(1, len(parts)):
                if found or folded[:count] == self._root[-count:]:
                    yield "/".join(parts[count:])

    def _known(self, form: Callable[[str], str]) -> dict[str, str | None]:
        if form not in self._by_form:
            known: dict[str, str | None] = {}
            for written, name in self._names:
                key = form(written)
                known[key] = name if known.get(key, name) == name else None
            self._by_form[form] = known
        return self._by_form[form]
