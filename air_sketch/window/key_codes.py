"""From key numbers to keys with names and characters.

Under X11 the numbers are keysyms (see ``display``), elsewhere what ``cv2.waitKeyEx`` gives: UTF-16 units on macOS, with
function keys in 0xF700..., and on Windows characters as they are, special keys as virtual key number times 65536.

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


def key_of_highgui(code: int) -> Key | None:
    """Name a key by what ``cv2.waitKeyEx`` returned; None for no key, function keys and anything unknown."""
    if code in _COCOA_AND_WIN32_NAMES:
        return Key(_COCOA_AND_WIN32_NAMES[code])
    return _key_of_text(chr(code)) if 0 <= code <= 0x10FFFF else None


def key_of_x11(keysym: int, text: str) -> Key | None:
    """Name a key by its keysym and what it types; None for modifiers, function and dead keys."""
    if keysym in _X11_NAMES:
        return Key(_X11_NAMES[keysym])
    return None if keysym in _DEAD_KEYS else _key_of_text(text)


def _key_of_text(text: str) -> Key | None:
    if text in _CONTROL_NAMES:
        return Key(_CONTROL_NAMES[text])
    return Key("char", text) if len(text) == 1 and text.isprintable() else None
