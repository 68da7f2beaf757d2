"""The ``demo`` command: unpack the demo gallery and tell where it lies."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from retrieval.commands.options import Subparsers, add_json_option, new_command
from retrieval.commands.progress import progress_bar


def add_demo(commands: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = new_command(
        commands,
        "demo",
        summary="unpack the demo gallery and tell where it lies",
        description="Unpack the demo gallery (pictures and metadata.csv) if it is not there yet.",
        example="demo --out galleries/demo",
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help="folder for it (default: the cache folder)")
    add_json_option(parser)
    parser.set_defaults(run=run_demo)


def run_demo(args: argparse.Namespace) -> int:
    """Unpack the demo gallery."""
    from retrieval.gallery.demo import ensure_demo_gallery

    folder = ensure_demo_gallery(progress_bar(), args.out)
    print(json.dumps({"gallery": str(folder)}) if args.json else folder)
    return 0
