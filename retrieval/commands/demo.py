"""The ``demo`` command: draw the demo gallery and tell where it lies."""

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
        summary="draw the demo gallery and tell where it lies",
        description="Draw the demo gallery (pictures and metadata.csv) if it is not there yet.",
        example="demo --out galleries/demo",
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help="folder for it (default: the cache folder)")
    add_json_option(parser)
    parser.set_defaults(run=run_demo)


def run_demo(args: argparse.Namespace) -> int:
    """Draw the demo gallery."""
    from garments import write_demo_gallery
    from retrieval.files import demo_folder

    folder = args.out or demo_folder()
    progress = progress_bar()
    write_demo_gallery(folder, progress=lambda done, count: progress("Drawing the demo gallery", done / count))
    print(json.dumps({"gallery": str(folder)}) if args.json else folder)
    return 0
