"""From ``cv2.waitKeyEx`` numbers to keys with names and characters.

HighGUI has four numberings, one per window system, and none is documented; X11 is what the X server itself
says (see ``x11``), and is used on Linux wherever it can be had:

* Qt (the pip wheels on Linux): Latin-1 characters as a *signed* char of the key cap (so an e with acute
  arrives as -0x37, the capital's code, whatever Shift does), everything else as the X keysym.
* GTK (Debian's OpenCV): X keysym in the low half, modifier state in the high half.
* Cocoa (macOS): UTF-16 units; function keys in 0xF700..., Backspace is 0x7F.
* Win32: characters as they are, special keys as virtual key number times 65536.
* X11: keysyms with Shift and layout applied; dead keys are joined with the next letter by ``KeyDecoder``.

What cannot work: input methods (Hangul composed from jamo, kana, pinyin), because HighGUI opens no input
context, and shortcuts with Ctrl or Alt. On Qt without libX11 also dead keys, the case of letters, and the
small y with diaeresis, whose number is the one for "no key".
"""

from __future__ import annotations

import unicodedata
from enum import Enum

from air_sketch.desk.events import Key

NO_KEY = -1


class KeyNumbering(str, Enum):
    """Which window system numbered the key."""

    QT = "qt"
    GTK = "gtk"
    COCOA = "cocoa"
    WIN32 = "win32"
    X11 = "x11"


_CONTROL_CODES = {3: "enter", 8: "backspace", 9: "tab", 10: "enter", 13: "enter", 27: "escape"}

_X_NAMES = {
    0xFF08: "backspace", 0xFF09: "tab", 0xFF0A: "enter", 0xFF0D: "enter", 0xFF1B: "escape",
    0xFF50: "home", 0xFF51: "left", 0xFF52: "up", 0xFF53: "right", 0xFF54: "down",
    0xFF55: "page_up", 0xFF56: "page_down", 0xFF57: "end", 0xFFFF: "delete", 0xFE20: "tab",
    0xFF8D: "enter", 0xFF95: "home", 0xFF96: "left", 0xFF97: "up", 0xFF98: "right", 0xFF99: "down",
    0xFF9A: "page_up", 0xFF9B: "page_down", 0xFF9C: "end", 0xFF9F: "delete",
}  # fmt: skip
_X_KEYPAD_FIRST, _X_KEYPAD_LAST, _X_KEYPAD_OFFSET = 0xFFAA, 0xFFB9, 0xFF80  # * + , - . / 0..9

# Older keysyms are a charset number and a byte of that charset (X11 protocol, appendix A).
_X_CHARSETS = {
    0x01: "iso8859-2", 0x02: "iso8859-3", 0x03: "iso8859-4", 0x05: "iso8859-6", 0x06: "koi8-r",
    0x07: "iso8859-7", 0x0C: "iso8859-8", 0x0D: "tis-620", 0x13: "iso8859-15",
}  # fmt: skip
_X_JAMO_FIRST, _X_JAMO_LAST, _JAMO = 0x0EA1, 0x0ED3, 0x3131
_X_EURO = 0x20AC
_X_UNICODE = 0x01000000

_COCOA_NAMES = {
    0x7F: "backspace", 0xF700: "up", 0xF701: "down", 0xF702: "left", 0xF703: "right", 0xF728: "delete",
    0xF729: "home", 0xF72B: "end", 0xF72C: "page_up", 0xF72D: "page_down",
}  # fmt: skip
_WIN32_NAMES = {
    0x21: "page_up", 0x22: "page_down", 0x23: "end", 0x24: "home", 0x25: "left", 0x26: "up",
    0x27: "right", 0x28: "down", 0x2E: "delete",
}  # fmt: skip


# Dead keysyms and the combining characters that they stand for.
_DEAD_KEYS = {
    0xFE50: "\u0300", 0xFE51: "\u0301", 0xFE52: "\u0302", 0xFE53: "\u0303", 0xFE54: "\u0304", 0xFE55: "\u0306",
    0xFE56: "\u0307", 0xFE57: "\u0308", 0xFE58: "\u030a", 0xFE59: "\u030b", 0xFE5A: "\u030c", 0xFE5B: "\u0327",
    0xFE5C: "\u0328",
}  # fmt: skip


class KeyDecoder:
    """Decodes keys one after the other; remembers a dead key until the letter that it belongs to."""

    def __init__(self, numbering: KeyNumbering) -> None:
        """Args: numbering: whose numbers will come."""
        self.numbering = numbering
        self._accent = ""

    def decode(self, code: int) -> Key | None:
        """Name the next key, None when it is none, or a dead key that waits for its letter."""
        if self.numbering is KeyNumbering.X11 and code in _DEAD_KEYS:
            self._accent = _DEAD_KEYS[code]
            return None
        key = decode_key(code, self.numbering)
        if key is None:
            return None
        accent, self._accent = self._accent, ""
        joined = unicodedata.normalize("NFC", key.text + accent)
        return Key("char", joined) if key.name == "char" and len(joined) == 1 else key


def decode_key(code: int, numbering: KeyNumbering = KeyNumbering.QT) -> Key | None:
    """Name one key.

    Args:
        code: what ``cv2.waitKeyEx`` returned, or an X keysym.
        numbering: whose numbers they are.
    Returns:
        The key; None for no key, modifiers, function keys and anything unknown.
    """
    if code == NO_KEY:
        return None
    match numbering:
        case KeyNumbering.COCOA:
            key = _decode_cocoa(code)
        case KeyNumbering.WIN32:
            key = _decode_win32(code)
        case KeyNumbering.GTK:
            key = _decode_keysym((code & 0xFFFF) | (code & _X_UNICODE))
        case KeyNumbering.QT:
            key = _decode_qt(code)
        case KeyNumbering.X11:
            key = _decode_keysym(code)
    return key


def _decode_qt(code: int) -> Key | None:
    """Decode Qt's mixture; letters come as capitals or small ones at random, so all are made small."""
    key = _char(code & 0xFF) if -128 <= code < 0 else _decode_keysym(code)
    if key is None or key.name != "char" or code >= 0x80:
        return key
    small = key.text.lower()
    return Key("char", small) if len(small) == 1 else key


def _decode_keysym(keysym: int) -> Key | None:
    if keysym in _X_NAMES:
        return Key(_X_NAMES[keysym])
    if keysym <= 0xFF or keysym == _X_EURO:
        return _char(keysym)
    if keysym >= _X_UNICODE:
        return _char(keysym - _X_UNICODE)
    if _X_KEYPAD_FIRST <= keysym <= _X_KEYPAD_LAST:
        return _char(keysym - _X_KEYPAD_OFFSET)
    if _X_JAMO_FIRST <= keysym <= _X_JAMO_LAST:
        return _char(keysym - _X_JAMO_FIRST + _JAMO)
    return _decode_charset_keysym(keysym)


def _decode_charset_keysym(keysym: int) -> Key | None:
    charset = _X_CHARSETS.get(keysym >> 8)
    if charset is None or keysym & 0xFF < 0xA0:
        return None
    try:
        return _char(ord(bytes([keysym & 0xFF]).decode(charset)))
    except UnicodeDecodeError:
        return None


def _decode_cocoa(code: int) -> Key | None:
    if code in _COCOA_NAMES:
        return Key(_COCOA_NAMES[code])
    return None if 0xF700 <= code <= 0xF8FF else _char(code)


def _decode_win32(code: int) -> Key | None:
    if code > 0xFFFF:
        name = _WIN32_NAMES.get(code >> 16)
        return Key(name) if name else None
    return _char(code)


def _char(codepoint: int) -> Key | None:
    if codepoint in _CONTROL_CODES:
        return Key(_CONTROL_CODES[codepoint])
    if not 0 <= codepoint <= 0x10FFFF:
        return None
    text = chr(codepoint)
    if text == "\u00a0":
        text = " "
    return Key("char", text) if text.isprintable() else None
