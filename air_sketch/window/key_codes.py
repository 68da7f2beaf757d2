"""From key numbers to keys with names and characters.

Under X11 the numbers are keysyms (see ``display``), elsewhere what ``cv2.waitKeyEx`` gives: UTF-16 units on macOS, with
function keys in 0xF700..., and on Windows characters as they are, special keys as virtual key number times 65536.

A layout without Latin letters (Cyrillic, Greek, Arabic ...) types its own, and commands by the place of its keys.

What cannot work: input methods (Hangul composed from jamo, kana, pinyin), because HighGUI opens no input
context, dead keys, and shortcuts with Ctrl or Alt.
"""

from __future__ import annotations

from air_sketch.desk.events import Key

_X11_NAMES = {
    0xFF52: "up", 0xFF54: "down", 0xFF55: "page_up", 0xFF56: "page_down", 0xFFFF: "delete",
    0xFF97: "up", 0xFF99: "down", 0xFF9A: "page_up", 0xFF9B: "page_down", 0xFF9F: "delete",
}  # fmt: skip
_COCOA_AND_WIN32_NAMES = {
    0x7F: "backspace", 0xF700: "up", 0xF701: "down", 0xF728: "delete", 0xF72C: "page_up", 0xF72D: "page_down",
    0x210000: "page_up", 0x220000: "page_down", 0x260000: "up", 0x280000: "down", 0x2E0000: "delete",
}  # fmt: skip
_CONTROL_NAMES = {"\x03": "enter", "\n": "enter", "\r": "enter", "\b": "backspace", "\x1b": "escape", "\t": "tab"}
_DEAD_KEYS = range(0xFE50, 0xFE94)

_US_ROWS = {10: "1234567890-=", 24: "qwertyuiop[]", 38: "asdfghjkl;'`", 52: "zxcvbnm,./"}
_US_KEYS = {start + i: letter for start, row in _US_ROWS.items() for i, letter in enumerate(row)}
"""X11 keycode -> what it types on a US keyboard."""

_BY_LETTER = str.maketrans(
    "йцукенгшщзхъїфывіапролджэєячсмитьςερτυθιοπασδφγηξκλζχψωβνμㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ",
    "qwertyuiop[]]asdfsghjkl;''zxcvbnmwertyuiopasdfghjklzxcvbnmqwertyuiopasdfghjklzxcvbnm",
)
"""Letter of the usual Russian, Ukrainian, Greek or Korean layout -> what its key types on a US keyboard."""


_CODECS = {0: "latin_1", 1: "iso8859_2", 2: "iso8859_3", 3: "iso8859_4", 5: "iso8859_6", 6: "koi8_u", 7: "iso8859_7",
           12: "iso8859_8", 13: "iso8859_11"}  # fmt: skip
"""What the low bytes of keysyms are, by their high byte."""


def letter_of(keysym: int) -> str:
    """Return the letter that a keysym means, "" for none; Xlib knows only those of the locale."""
    if 0x01000100 <= keysym <= 0x0110FFFF:
        return chr(keysym - 0x01000000)
    codec = _CODECS.get(keysym >> 8)
    return "" if codec is None else bytes([keysym & 0xFF]).decode(codec, "ignore")


def key_of_highgui(code: int) -> Key | None:
    """Name a key by what ``cv2.waitKeyEx`` returned; None for no key, function keys and anything unknown."""
    if code in _COCOA_AND_WIN32_NAMES:
        return Key(_COCOA_AND_WIN32_NAMES[code])
    text = chr(code) if 0 <= code <= 0x10FFFF else ""
    by_position = text.lower().translate(_BY_LETTER)
    if by_position == text.lower():
        return _key_of_text(text)
    return _key_of_text(text, by_position.upper() if text.isupper() else by_position)


def key_of_x11(keysym: int, text: str, keycode: int = 0, *, latin: bool = True, shifted: bool = False) -> Key | None:
    """Name a key; None for modifiers, function and dead keys.

    Args:
        keysym: what it means.
        text: what it types, "" for nothing.
        keycode: where it lies.
        latin: whether the layout has Latin letters; if not, a key's place tells which command it is.
        shifted: whether it types capital letters.
    """
    if keysym in _X11_NAMES:
        return Key(_X11_NAMES[keysym])
    by_position = "" if latin or (text.isascii() and text.isalnum()) else _US_KEYS.get(keycode, "")
    if shifted:
        by_position = by_position.upper() if by_position.isalpha() else ""
    if keysym in _DEAD_KEYS:
        text = ""
    return _key_of_text(text, by_position) or (Key("char", "", by_position) if by_position else None)


def _key_of_text(text: str, by_position: str = "") -> Key | None:
    if text in _CONTROL_NAMES:
        return Key(_CONTROL_NAMES[text])
    return Key("char", text, by_position) if len(text) == 1 and text.isprintable() else None
