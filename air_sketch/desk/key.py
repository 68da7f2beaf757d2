"""A key press, by name: whatever keyboard, window system or browser it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """One key press.

    Attributes:
        name: "char" for printable characters, else "enter", "escape", "backspace", "up", ...
        text: the character of a "char" key, "" for all others.
    """

    name: str
    text: str = ""
