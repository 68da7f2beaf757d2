"""What became of each file of a gallery: counted and named beside its index."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from retrieval.files import read_json, write_json, write_text
from retrieval.gallery.catalog import Catalog
from retrieval.index.folder.store import StoredIndex
from retrieval.index.folder.tags import StoredTags
from retrieval.index.rows import GalleryRows

REPORT_FILE = "report.json"
PICTURES_FILE = "pictures.jsonl"
MAX_REPORT_BYTES = 64 << 20
NO_PICTURES = ("no picture by its name", "hidden")
"""How reasons begin why something is passed over that nobody takes for a picture."""


def write_report(
    out: Path, catalog: Catalog, index: StoredIndex, rows: GalleryRows, seconds: float, tags: StoredTags | None = None
) -> dict[str, Any]:
    """Write ``report.json``, which is returned, and ``pictures.jsonl``, a line for each file."""
    skipped = catalog.everything_skipped()
    record = {"index": str(out), "images": str(catalog.folder), "kind": index.search.kind, **rows.record(skipped)}
    if tags is not None:
        record |= {"tagged": len(tags), "clothes_share": round(tags.clothes_share, 2)}
    record["seconds"] = round(seconds, 2)
    write_json(out / REPORT_FILE, record)
    write_text(out / PICTURES_FILE, "".join(json.dumps(line) + "\n" for line in rows.lines(skipped)))
    return record


def pictures_passed_over(out: Path) -> int:
    """Count the pictures that an index lacks, as its report says; 0 when it says nothing."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        record = read_json(out / REPORT_FILE, MAX_REPORT_BYTES)
        skipped = [one for one in record["skipped"] if not one["reason"].startswith(NO_PICTURES)]
        return len(record["unreadable"]) + len(skipped)
    return 0
