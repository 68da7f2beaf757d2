"""Lists as the programs of the world write them: which letters, which separator, and which lines make a row."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

from charset_normalizer import from_bytes

from retrieval.gallery.lists.names import is_picture_name

MAX_LINE_LETTERS = 1 << 20
MAX_ROW_LETTERS = 2 << 20
MAX_LETTERS_READ_AGAIN, COST_OF_READING_AGAIN = 16 << 20, 200
"""So much is read a second time after quotes that do not close, each time so much more; then the list is refused."""

DELIMITERS = ",;\t|"
BLOCK_BYTES = 1 << 20
SAMPLE_BYTES = 1 << 16
MOST_LINES_LOOKED_AT, MOST_LINES_AHEAD = 10_000, 1_000

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LEGACY = ["cp949", "cp932", "gb18030", "big5", "cp1252", "cp1251", "cp1250", "cp1253"]
LETTERS_OF = {
    "cp1252": "äöüß éèêëàâçîïôûùœæ áéíóúñü¿¡ãõâêôàç åäöæøé àèéìòù ëïéèöü",
    "cp1250": "ąćęłńóśźż áčďéěíňóřšťúůýž áéíóöőúüű čšžćđ ăâîșțşţ áäčďéíľĺňóôŕšťúýž",
    "cp1254": "çğıöşüâîû",
}
"""The letters beyond ASCII of languages whose encodings differ in few of them; the first that fits best is taken."""

LEAST_RUNS = 0.6
"""In Western lists fewer of the letters beyond ASCII stand side by side than this."""

LEAST_KOREAN = 0.9
"""In Korean lists at least so many are syllables or common signs: further ones are rare, and bytes may be wrong."""

LEAST_KANA = 0.2
"""In Japanese lists at least so many are kana."""

REPLACED = "\ufffd"
SIGNS = frozenset("€£§©®°·»«\u2013\u2014„“”\u2018\u2019…\xa0\u0307")
_SEPARATOR = re.compile(r'"?sep=([^\w"\r\n ])"?[\s,;|]*', re.IGNORECASE)
_RUN = re.compile(rb"[\x80-\xff]{2,}")
_KANA = re.compile("[\u3041-\u30fe]")
_KOREAN = re.compile("[\uac00-\ud7a3\u3131-\u318e\u00b0-\u00f7\u2010-\u303f\u2460-\u2473\u321c\u338f-\u339e\uffe6]")
"""Syllables, jamo, and the signs that stand among them."""


def letters_of(stream: BinaryIO) -> tuple[str, bool]:
    """Tell a list's encoding, and whether some of its bytes do not fit into it; the stream is read through."""
    start = stream.read(SAMPLE_BYTES)
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding, True
    for at, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros = start[at::2].count(0)
        if zeros > len(start) / 20 and zeros > 20 * start[1 - at :: 2].count(0):
            return encoding, True
    stream.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := stream.read(BLOCK_BYTES):
            decoder.decode(block)
        decoder.decode(b"", final=True)
        return "utf-8", False
    except UnicodeDecodeError:
        stream.seek(0)
    sample, good, bad = bytearray(), 0, 0
    for line in _lines_beyond_ascii(stream):
        text = line.decode("utf-8", "replace")
        bad += text.count(REPLACED)
        good += sum(letter > "\x7f" for letter in text) - text.count(REPLACED)
        sample += line if len(sample) < SAMPLE_BYTES else b""
    return "utf-8" if good > bad else _legacy(bytes(sample)), True


def _lines_beyond_ascii(stream: BinaryIO) -> Iterator[bytes]:
    for _ in range(MOST_LINES_LOOKED_AT):
        if line := next((line for line in iter(lambda: stream.readline(SAMPLE_BYTES), b"") if not line.isascii()), b""):
            yield line


def _legacy(sample: bytes) -> str:
    """The encoding of a time before Unicode that makes the most sense of some lines.

    A word or two are too few for statistics, so the plain cases go first: no other text happens to hold kana or to be
    Korean syllables, and in Western words letters with accents stand alone.
    """
    japanese, korean = (
        [letter for letter in sample.decode(encoding, "replace") if letter > "\x7f"] for encoding in ("cp932", "cp949")
    )
    if len(_KANA.findall("".join(japanese))) >= LEAST_KANA * len(japanese):
        return "cp932"
    if sum(map(len, _RUN.findall(sample))) < LEAST_RUNS * sum(byte > 0x7F for byte in sample):
        return max(LETTERS_OF, key=lambda encoding: _share_of_one_language(sample, encoding))
    if len(_KOREAN.findall("".join(korean).encode("euc_kr", "ignore").decode("euc_kr"))) >= LEAST_KOREAN * len(korean):
        return "cp949"
    best = from_bytes(sample, cp_isolation=LEGACY, language_threshold=0.0).best()
    return best.encoding if best is not None else "cp1252"


def _share_of_one_language(sample: bytes, encoding: str) -> float:
    """How many of the letters and signs, which may be misread, are of the one language that has the most."""
    text = sample.decode(encoding, "replace").casefold()
    letters = [letter for letter in text if letter > "\x7f" and letter not in SIGNS]
    most = max(sum(letter in known for letter in letters) for known in LETTERS_OF[encoding].split())
    return most / max(1, len(letters))


class Table:
    """The rows of a list, one after the other, and the lines that they stand on.

    A quote that opens and does not close would swallow the rows behind it; it is passed over.

    Attributes:
        encoding: of the list, as far as that can be told.
        delimiters: one letter each, which may separate the cells.
    """

    def __init__(self, stream: BinaryIO) -> None:
        csv.field_size_limit(MAX_LINE_LETTERS)
        self.encoding, self._may_be_damaged = letters_of(stream)
        stream.seek(0)
        self._text = io.TextIOWrapper(stream, self.encoding, "replace", newline="")
        self._taken: list[str] = []  # the lines of the row at hand
        self._again: list[str] = []
        self._before = self._letters = self._letters_again = 0
        self._is_at_end = False
        self._faults: dict[str, tuple[int, int, int]] = {}
        said = _SEPARATOR.fullmatch(next(self._lines(), ""))
        self.delimiters = said[1] if said else DELIMITERS
        self._begin(1 if said else 0)

    def _begin(self, kept: int) -> None:
        """Go on behind the row at hand, of which so many lines are kept; the others come again."""
        self._again += reversed(self._taken[kept:])
        self._before += kept
        self._taken.clear()

    def _lines(self) -> Iterator[str]:
        taken, letters = self._taken, 0
        while line := self._again.pop() if self._again else self._text.readline(MAX_LINE_LETTERS + 1):
            taken.append(line)
            self._letters = letters = len(line) + (letters if len(taken) > 1 else 0)
            most = MAX_LINE_LETTERS if len(line) > MAX_LINE_LETTERS else MAX_ROW_LETTERS
            if letters > most:
                raise csv.Error(f"line {self._before + len(taken)}: expected at most {most:,} letters, got more")
            if self._may_be_damaged and REPLACED in line:
                letters_of_it = self.encoding.upper()
                self._note(len(taken), f"letters that are no {letters_of_it} show as {REPLACED}; save it as UTF-8")
            yield line
        self._is_at_end = True

    def look(self, delimiter: str, count: int) -> list[list[str]]:
        """Return the next rows that are not blank, fewer at the end and among blank ones; they will come again."""
        found: list[list[str]] = []
        lines: list[str] = []
        for row in self.rows(delimiter):
            lines += self._taken
            found += [row] if any(cell.strip() for cell in row) else []
            if len(found) == count or len(lines) > MOST_LINES_AHEAD:
                break
        self._before -= len(lines) - len(self._taken)
        self._taken[:] = lines
        self._begin(0)
        return found

    def rows(self, delimiter: str, width: int = 1, file_at: int = 0) -> Iterator[list[str]]:
        """Give the cells of each row.

        Args:
            delimiter: between cells.
            width: cells of a whole row.
            file_at: the cell that names a picture.
        Raises:
            csv.Error: if a line is too long, or too many quotes do not close.
        """
        while True:  # after a quote that does not close, a new reader goes on at the next line
            self._begin(len(self._taken))
            self._is_at_end = False
            reader = csv.reader(self._lines(), delimiter=delimiter, skipinitialspace=True)
            try:
                for row in reader:
                    taken = self._taken
                    if self._is_at_end or (len(taken) > 1 and self._swallows_rows(delimiter, width, file_at)):
                        break
                    yield row
                    self._begin(len(taken))
                else:
                    return
            except csv.Error:
                if len(self._taken) == 1:
                    raise
            yield self._without_quote(delimiter)

    def _swallows_rows(self, delimiter: str, width: int, file_at: int) -> bool:
        """Whether a row on several lines holds other rows."""
        lines = [cells for line in self._taken[1:] if len(cells := line.split(delimiter)) >= width]
        if not lines:
            return False
        if any(is_picture_name(cells[file_at].strip('" \r\n')) for cells in lines):
            return True
        try:
            tidy = (re.sub(rf'" +(?=[{re.escape(delimiter)}\r\n])', '"', line) for line in self._taken)
            deque(csv.reader(tidy, delimiter=delimiter, skipinitialspace=True, strict=True), 0)
        except csv.Error:  # what closes the quote stands where none may close: it opens the next one
            return True
        return False

    def _without_quote(self, delimiter: str) -> list[str]:
        """Read the first line of a row anew, without the last quote that opens in it; what follows comes again."""
        self._letters_again += self._letters + COST_OF_READING_AGAIN
        if self._letters_again > MAX_LETTERS_READ_AGAIN:
            raise csv.Error(f"line {self._before + 1}: a quote opens there that does not close")
        self._note(1, "a quote opens that does not close; it is passed over")
        self._again += reversed(self._taken[1:])
        del self._taken[1:]
        (line,) = self._taken
        at = [found.end() for found in re.finditer(rf'(?:^|{re.escape(delimiter)}) *"', line)][-1]
        return next(csv.reader([line[: at - 1] + line[at:]], delimiter=delimiter, skipinitialspace=True))

    def _note(self, line: int, fault: str) -> None:
        number = self._before + line
        first, last, count = self._faults.get(fault, (number, 0, 0))
        if number > last:  # a line may be read twice
            self._faults[fault] = first, number, count + 1

    def faults(self) -> Iterator[str]:
        """Tell, with its line, what was not as it was meant but costs no row."""
        for fault, (first, _, count) in self._faults.items():
            yield f"line {first}: {fault}{f' ({count:,} lines like it)' if count > 1 else ''}"
