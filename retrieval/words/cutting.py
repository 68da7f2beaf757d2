"""Cut captions into the words of the table: several together, compounds without spaces, Korean words with endings."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from retrieval.words.dictionary import (
    SPACELESS,
    Entry,
    Known,
    Meanings,
    dictionary,
    english_words,
    key,
    spaceless_words,
)

WEAK = ("filler", "with", "without", "not", "limit")  # they tell no language
MOST_WORDS = 5  # of one entry
LONGEST = 14  # letters of one entry that is written without spaces
LONGEST_COMPOUND = 40  # letters of a German word that is cut
LONGEST_ENDING = 5  # letters behind a Korean entry of several words
UNKNOWN_COST, ENTRY_COST, PARTICLE_COST, INNER_PARTICLE_COST = 1000, 10, 6, 14

NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_HANGUL, _KANA = "\uac00-\ud7a3", "\u3041-\u30ff"
_SPACELESS = re.compile(f"[{_HANGUL}{_KANA}\u3005\u3400-\u9fff]")
_ALPHABETIC = re.compile(f"[{_HANGUL}{_KANA}]")  # one letter of these says too little beside an unknown one
_RUN = re.compile(rf"{NUMBER.pattern}|[A-Za-z\u00c0-\u024f'&-]+")


@dataclass(frozen=True)
class Part:
    """A piece of a caption in the making: characters start..end of the caption, and what they may mean."""

    start: int
    end: int
    meanings: Meanings = ()
    value: float = 0.0  # of a number

    @property
    def entry(self) -> Entry:
        """The first meaning."""
        return self.meanings[0] if self.meanings else Entry("", "", "")

    @property
    def role(self) -> str:
        """Its kind of word, "" of one without an entry."""
        return self.entry.role

    def saying(self, role: str, english: str, start: int | None = None, value: float = 0.0) -> Part:
        """The same part, from ``start`` on, with one meaning."""
        entry = Entry(self.entry.language, role, english)
        return Part(self.start if start is None else start, self.end, (entry,), value)


def cut_caption(text: str, kept: Callable[[str], bool]) -> list[Part]:
    """Everything that a caption holds, in its own order."""
    spans = [found.span() for found in re.finditer(r"\S+", text)]
    words = [key(text[start:end]) for start, end in spans]
    spaced = dictionary().get(_language_of(words), {})
    unspaced = spaceless_words(bool(re.search(f"[{_KANA}]", text)))
    english = any(word in english_words() and word not in spaced for word in words)
    parts: list[Part] = []
    at = 0
    while at < len(words):
        start, end = spans[at]
        raw = text[start:end]
        spaceless = bool(_SPACELESS.search(raw))
        known = unspaced if spaceless else spaced
        count, word = _entry_at(words, at, known, spaceless)
        if count > 1 or (count and not spaceless and not (english and word in english_words())):
            parts.append(Part(start, spans[at + count - 1][1], known[word]))
        elif spaceless:
            parts += _kept_whole(_cut(raw, start, known), raw, start, known, kept)
        else:
            compound = _compound(words[at], known)
            parts += [Part(start + a, start + b, meanings) for a, b, meanings in compound] or [Part(start, end)]
        at += max(count, 1)
    return parts


def _entry_at(words: list[str], at: int, known: Known, spaceless: bool = False) -> tuple[int, str]:
    """The longest entry that begins at a word, whatever a Korean ending: how many words, and its key; 0 if none."""
    for count in range(min(MOST_WORDS, len(words) - at), 0, -1):
        joined = ("" if spaceless else " ").join(words[at : at + count])
        endings = min(LONGEST_ENDING, len(words[at + count - 1]) - 1) if spaceless else 0
        for cut in range(len(joined), len(joined) - endings - 1, -1):
            if joined[:cut] in known and (cut == len(joined) or _is_ending(joined[cut:], known)):
                return count, joined[:cut]
    return 0, ""


def _is_ending(text: str, known: Known) -> bool:
    return text in known and known[text][-1].role == "particle"


def _kept_whole(cut: list[Part], raw: str, start: int, known: Known, kept: Callable[[str], bool]) -> list[Part]:
    """Put a word together again that the gallery has; take the ending off one that it has without."""
    if len(cut) > 1 and kept(raw):
        said = " ".join(part.entry.english for part in cut if part.entry.english)
        return [cut[-1].saying(cut[-1].role, said, start)] if said else [Part(start, start + len(raw))]
    if len(cut) == 1 and not cut[0].meanings and not kept(raw):
        for stem in range(len(raw) - 1, max(len(raw) - LONGEST_ENDING - 1, 0), -1):
            if _is_ending(raw[stem:], known) and kept(raw[:stem]):
                return [Part(start, start + stem), Part(start + stem, start + len(raw), known[raw[stem:]][-1:])]
    return cut


def _language_of(words: list[str]) -> str:
    """The language with spaces that a caption is in; "" for English, which wins where no word can be another one's."""
    best, scores = "", (0, 0)
    for language, known in dictionary().items():
        strong = every = at = 0
        plain = sum(word in english_words() and word not in known for word in words)
        while at < len(words) and language not in (*SPACELESS, "en"):
            count, word = _entry_at(words, at, known)
            if count:
                every += count
                strong += 0 if word in english_words() or known[word][0].role in WEAK else count
            elif _compound(words[at], known):
                every, strong = every + 1, strong + 1
            at += count or 1
        if strong and strong >= plain and (strong, every) > scores:
            best, scores = language, (strong, every)
    return best


def _compound(word: str, known: Known) -> list[tuple[int, int, Meanings]]:
    """Parts of a German compound that ends with a kind: sommer|kleid, herren|leder|jacke; [] when it is none."""
    for cut in range(3, len(word) - 2 if len(word) <= LONGEST_COMPOUND else 0):
        meanings = known.get(word[:cut]) or known.get(word[:cut].removesuffix("s")) or ()
        if not meanings or meanings[0].language != "de" or meanings[0].role in WEAK:
            continue
        tail = known.get(word[cut:], ())
        if tail and tail[0].role == "kind":
            return [(0, cut, meanings), (cut, len(word), tail)]
        if rest := _compound(word[cut:], known):
            return [(0, cut, meanings), *((cut + start, cut + end, said) for start, end, said in rest)]
    return []


def _cut(text: str, start: int, known: Known, single: bool = True) -> list[Part]:
    """Cut what stands without spaces into entries: nothing unknown if it can be, and as few as can be.

    Args:
        text: a word, or a whole sentence in Japanese or Chinese.
        start: where it begins in the caption.
        single: single letters of an alphabet may be entries; not where some of the text is unknown.
    """
    letters = [key(letter) for letter in text]
    runs = {found.start(): found.end() for found in _RUN.finditer(text)}
    inside = {place for begin, end in runs.items() for place in range(begin + 1, end)}
    best: list[tuple[int, int, Meanings] | None] = [(0, 0, ()), *[None] * len(text)]  # cost, since where, what

    def reach(at: int, end: int, cost: int, meanings: Meanings = ()) -> None:
        paid = best[at][0] + cost  # type: ignore[index]
        if best[end] is None or paid < best[end][0]:  # type: ignore[index]
            best[end] = (paid, at, meanings)

    for at in range(len(text)):
        if best[at] is None:
            continue
        reach(at, runs.get(at, at + 1), ENTRY_COST if at in runs or not text[at].isalnum() else UNKNOWN_COST)
        for end in range(at + 1, min(at + LONGEST, len(text)) + 1):
            entries = known.get("".join(letters[at:end]), ()) if end not in inside else ()
            said = tuple(entry for entry in entries if entry.role != "particle")
            if said and (single or end > at + 1 or not _ALPHABETIC.match(text[at])):
                reach(at, end, ENTRY_COST, said)
            after_entry = best[at][2] or (single and at and not text[at - 1].isdigit())  # type: ignore[index]
            if entries and entries[-1].role == "particle" and (after_entry or (not said and end - at == len(text))):
                reach(at, end, PARTICLE_COST if end == len(text) else INNER_PARTICLE_COST, entries[-1:])
    if single and best[-1] is not None and best[-1][0] >= UNKNOWN_COST:
        return _cut(text, start, known, single=False)
    parts: list[Part] = []
    end = len(text)
    while end:
        _, at, meanings = best[end] or (0, 0, ())
        plain = not meanings and at not in runs and text[at].isalnum()
        if plain and parts and not parts[-1].meanings and parts[-1].start == start + end and end not in runs:
            parts[-1] = replace(parts[-1], start=start + at)
        elif meanings or at in runs or plain:
            parts.append(Part(start + at, start + end, meanings))
        end = at
    parts.reverse()
    if not single and re.search(f"[{_HANGUL}]", text) and not _makes_sense(parts):
        return [Part(start, start + len(text))]
    return parts


def _makes_sense(parts: list[Part]) -> bool:
    """Whether a Korean word may be cut though some of it is unknown: it ends with a kind, or begins with a colour."""
    content = [part.role for part in parts if part.role not in ("particle", "filler")]
    return bool(content) and (content[-1] == "kind" or content[0] == "colour")
