"""Errors that a person can mend; commands print them in one line and exit with 1.

Form: what ``<subject> <what failed>: expected <X>, got <Y>``, remedy ``<What mends it>.``
"""

from __future__ import annotations

import re

UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")
"""Control characters, which a terminal obeys, and those that turn the direction of text."""


def one_line(text: str) -> str:
    """Return a text as it may be shown: what a file, a title or a name brings along commands nothing."""
    return UNPRINTABLE.sub(" ", text)


class RetrievalError(Exception):
    """Base of every error with a known cause; its text is one line for the user."""

    def __init__(self, what: str, remedy: str = "") -> None:
        """Args: what: is wrong, without a full stop where a remedy follows. remedy: mends it; "" for none."""
        self.what, self.remedy = one_line(what), one_line(remedy)
        super().__init__(self.what, self.remedy)  # both, as an error is sent between processes as its arguments

    def __str__(self) -> str:
        text = f"{self.what}. {self.remedy}" if self.remedy else self.what
        return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, its type when it says nothing; of pydantic's, the first fault."""
    if callable(faults := getattr(error, "errors", None)):
        fault = faults(include_url=False)[0]
        return f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def counted(count: int, one: str) -> str:
    """Return how many there are of something: ``1 picture``, ``2,000 pictures``."""
    return f"{count:,} {one}{'' if count == 1 else 's'}"


def like_it(count: int) -> str:
    """Return what to say behind the first of several faults: how many there are; nothing for one alone."""
    return f" ({count:,} like it)" if count > 1 else ""


class CatalogError(RetrievalError):
    """A folder of pictures or its manifest cannot be read."""


class CheckpointError(RetrievalError):
    """An encoder is missing, damaged or of a kind we cannot use."""


class GalleryIndexError(RetrievalError):
    """An index folder is missing, damaged or was made by another encoder."""


class PhoneError(RetrievalError):
    """A phone cannot be reached, or the connection to it was cut."""


class QueryError(RetrievalError):
    """A query has neither a sketch nor words, or its sketch cannot be read."""


class FilterError(QueryError):
    """A filter is not understood, or names a column that the gallery lacks."""


class TrainingError(RetrievalError):
    """Training or evaluation cannot run on the given data or settings."""
