"""Translate captions: what one in Korean, French, Japanese ... says, in the English that encoders know."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import groupby

from retrieval.words.cutting import NUMBER, Part, cut_caption
from retrieval.words.dictionary import ORDER, SPACELESS, WOMENS
from retrieval.words.numbers import parse_number

AFTER = ("ko", "ja")  # "with" and "not" stand after what they are about
HELD = ("part", "kind", "material")  # what an item may be with or without


@dataclass(frozen=True)
class Piece:
    """A part of a caption.

    Attributes:
        source: as typed: a word, a part of a compound, or several words that belong together.
        english: what it means, "" when it says nothing; None without an entry (English words and unknown ones).
        role: its kind of word in the table, "" without an entry.
    """

    source: str
    english: str | None
    role: str = field(default="", compare=False)


def translate(caption: str, kept: Callable[[str], bool] = lambda word: False) -> tuple[Piece, ...]:
    """Translate what is known of a caption, and put that into the order of English.

    Args:
        caption: as typed, in any language or several; English stays as it is.
        kept: whether the gallery itself has a word: it is not cut into its parts.
    Returns:
        Pieces. Those in a row that have an entry stand as English orders them ("robe rouge" is red, dress).

    >>> [piece.english for piece in translate("robe rouge pour femme")]
    ['', 'women', 'red', 'dress']
    """
    text = unicodedata.normalize("NFKC", caption)
    parts = _joined(_kinds_and_modifiers(cut_caption(text, kept)), text)
    pieces: list[Piece] = []
    said: set[str] = set()
    for translated, row in groupby(parts, key=lambda part: part.role not in ("", "number")):
        for part in sorted(row, key=lambda part: ORDER.index(part.role) if translated else 0):
            english = "" if part.entry.english in said else part.entry.english  # 남방 셔츠 is one shirt
            said.add(english)
            meaning = (english, part.role) if translated else (None, "")
            pieces.append(Piece(text[part.start : part.end], *meaning))
    return tuple(pieces)


def _joined(parts: list[Part], text: str) -> list[Part]:
    """Join what makes sense together only: 5만원 이하 is under 50000, 지퍼 달린 with zip, 검정 말고 not black."""
    out: list[Part] = []
    waiting: Part | None = None  # a "with" or a "not" that stands before what it is about
    for typed in parts:
        part, role, before = typed, typed.role, out[-1] if out else Part(0, 0)
        if not part.meanings and (number := NUMBER.fullmatch(text, part.start, part.end)):
            part = part.saying("number", "", value=parse_number(number.group()) or 0.0)
        elif role == "amount" and before.role == "number":
            value, start = out.pop().value * int(part.entry.english), before.start
            if out and out[-1].role == "amount":  # 3만 5천원
                value, start = value + out[-1].value, out.pop().start
            part = part.saying("amount", f"{value:.15g}", start, value)
        elif role == "limit" and part.entry.language in SPACELESS:
            part = _limited(out.pop(), part) if before.role in ("number", "amount") else Part(part.start, part.end)
        elif role in ("with", "without", "not") and part.entry.language in AFTER:
            part = _about(out, part, text)
        elif role in ("with", "without", "not"):
            waiting, part = part, part.saying("filler", "")
        elif waiting and role not in ("filler", ""):
            part = part.saying(waiting.role, f"{waiting.entry.english} {part.entry.english}")
            waiting = None
        out.append(part)
    return out


def _limited(amount: Part, limit: Part) -> Part:
    said = f"{limit.entry.english} {amount.value:.15g}"
    if limit.entry.english == "range":  # 3만원대: as many more as its last digit counts
        step = 10 ** (len(f"{amount.value:.0f}") - 1)
        said = f"over {amount.value:.15g} under {amount.value + step:.15g}"
    return limit.saying("limit", said, amount.start)


def _about(out: list[Part], part: Part, text: str) -> Part:
    """What stands before a "with" or a "not", past fillers; taken off ``out`` when it makes sense with it."""
    at = len(out) - 1
    while at >= 0 and out[at].role in ("filler", "particle"):
        at -= 1
    about = out[at] if at >= 0 else Part(0, 0)
    if at < 0 or (part.role != "not" and about.role not in HELD):
        return part.saying("filler", "")
    del out[at:]
    english = about.entry.english or text[about.start : about.end]
    return part.saying(part.role, f"{part.entry.english} {english}", about.start)


def _kinds_and_modifiers(parts: list[Part]) -> list[Part]:
    """Choose between meanings: knitted dress, but sweater; and shoes that are others for women than for men."""
    kinds = [part for part in parts if part.role in ("kind", "thing")]
    both = [part for part in kinds if len(part.meanings) > 1 and part.meanings[1].place == 1]
    if both and len(both) == len(kinds):
        both.remove(kinds[-1])
    womens = any(part.role == "gender" and part.entry.english in ("women", "girls") for part in parts)
    return [
        replace(part, meanings=part.meanings[1:])
        if part in both
        else part.saying("kind", part.meanings[-1].english)
        if womens and part.meanings and part.meanings[-1].role == WOMENS
        else part
        for part in parts
    ]
