"""Versions of the calibration files, and the way from an older one to this one."""

from __future__ import annotations

from typing import Any

from air_sketch.errors import CalibrationError

SCHEMA_VERSION = 2
"""2 added ``hand`` and ``fit``."""

ANY_HAND = "any"


def upgraded(document: dict[str, Any]) -> dict[str, Any]:
    """Bring an older document to this version.

    Raises:
        CalibrationError: if it is newer than this program, or tells no version.
    """
    version = document.get("schema_version")
    if type(version) is int and version == 1:
        return {"hand": ANY_HAND, **document, "schema_version": SCHEMA_VERSION}
    if type(version) is int and version == SCHEMA_VERSION:
        return document
    newer = ". It was written by a newer Air Sketch" if type(version) is int and version > SCHEMA_VERSION else ""
    raise CalibrationError(f"schema_version: expected 1 to {SCHEMA_VERSION}, got {version!r}{newer}")
