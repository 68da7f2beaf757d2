"""Whether a folder can be written, found out before anything is at stake."""

from __future__ import annotations

import tempfile
from pathlib import Path


def why_not_writable(folder: Path) -> str:
    """Return why a file cannot be made in a folder, "" when it can.

    A folder that does not exist is judged by the nearest one above it that does; nothing is left behind.
    """
    existing = folder.absolute()
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    try:
        with tempfile.TemporaryFile(dir=existing):
            return ""
    except OSError as error:
        return error.strerror or str(error)
