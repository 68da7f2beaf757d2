"""What a check of the set-up has found, and what mends it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Health(str, Enum):
    """How well one thing is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One thing that was checked.

    Attributes:
        name: what, e.g. "camera 0".
        health: ok; warn when the program runs without it; fail when it does not.
        detail: what was found.
        advice: one line that mends it, "" when nothing has to be.
    """

    name: str
    health: Health
    detail: str
    advice: str = ""
