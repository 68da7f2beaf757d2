"""The ``index`` command; results on stdout and beside the index, progress and logs on stderr."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from retrieval.commands.options import Subparsers, add_encoder_option, add_json_option, new_command
from retrieval.commands.progress import progress_bar
from retrieval.values.errors import GalleryIndexError, first_line

REPORT_FILE = "report.json"
PICTURES_FILE = "pictures.jsonl"
LINES_SHOWN = 20


def add_index(commands: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = new_command(
        commands,
        "index",
        summary="build or update a gallery index",
        description="Encode a folder of pictures; run again after changes, only those are encoded.",
        example="index --images ~/Pictures/shop --out galleries/shop",
    )
    parser.add_argument(
        "--images",
        metavar="DIR",
        type=Path,
        required=True,
        help="folder of pictures (and .tar packs); adb:/sdcard/DCIM/Camera copies them from a phone first",
    )
    parser.add_argument("--metadata", metavar="CSV", type=Path, help="manifest (default: metadata.csv in the folder)")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="index folder")
    parser.add_argument(
        "--index",
        metavar="KIND",
        help="auto, exact, hnsw, ivf or milvus:URI (default: what the folder has; auto, by size, when it is new)",
    )
    parser.add_argument(
        "--ray", metavar="ADDRESS", help="encode with Ray Data: local, auto, or a cluster's address (needs ray)"
    )
    add_encoder_option(parser)
    add_json_option(parser)
    parser.set_defaults(run=run_index)


def run_index(args: argparse.Namespace) -> int:
    """Build or update an index folder, and report what became of each picture."""
    from retrieval.gallery.phone.copying import is_phone, pull_pictures
    from retrieval.index.folder.choice import check_wanted

    wanted = None if args.index is None else absolute_uri(check_wanted(args.index))
    progress = progress_bar()
    images = pull_pictures(str(args.images), progress) if is_phone(str(args.images)) else args.images

    from retrieval.encoder.opening import open_encoder
    from retrieval.gallery.catalog import Catalog
    from retrieval.index.update import update_index

    catalog = Catalog.open(images, args.metadata)
    encoder = open_encoder(args.encoder)
    encode = None
    if args.ray is not None:
        from retrieval.index.ray_encoding import RayEncoding

        encode = RayEncoding(encoder.name, args.ray)
    began = time.monotonic()
    _, report = update_index(catalog, args.out, encoder, progress, wanted, encode)
    skipped = tuple((one.file, one.reason) for one in catalog.everything_skipped())
    record = {"index": str(args.out), "images": str(images), **report.record(skipped)}
    record["seconds"] = round(time.monotonic() - began, 2)
    _write_report(args.out, record, "".join(json.dumps(line) + "\n" for line in report.lines(skipped)))
    if args.json:
        print(json.dumps(record))
        return 0
    print(
        f"{args.out}: {report.count} items, {report.encoded} encoded, {report.kept} unchanged, "
        f"{report.removed} removed, {report.copied} same as another; {report.kind} search"
    )
    for _, reason in report.unreadable[:LINES_SHOWN]:
        print(f"left out: {reason}")
    hidden = len(report.unreadable[LINES_SHOWN:])
    if hidden or skipped:
        print(f"{hidden} more left out and {len(skipped)} other files passed over: {args.out / PICTURES_FILE}")
    return 0


def absolute_uri(wanted: str) -> str:
    """Give the file of Milvus Lite its full path: the folder may be searched from anywhere."""
    uri = wanted.removeprefix("milvus:")
    return f"milvus:{Path(uri).absolute()}" if uri != wanted and "://" not in uri else wanted


def _write_report(out: Path, record: dict[str, object], lines: str) -> None:
    """Write what ``--json`` prints, and a line for each picture."""
    from retrieval.files import write_json, write_text

    try:
        write_json(out / REPORT_FILE, record)
        write_text(out / PICTURES_FILE, lines)
    except OSError as error:
        raise GalleryIndexError(f"The report in {out} cannot be written: {first_line(error)}. Make room.") from error
