"""``python -m garments``: writes the demo gallery's pack, or a data set for training."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from garments.items import DEFAULT_SEED
from garments.writing.data_set import KIND_DRAWINGS, write_data_set
from garments.writing.files import GarmentsError
from garments.writing.pack import write_pack

PACK_EXAMPLE = "python -m garments pack --out samples/demo-gallery.tar"
WRITE_EXAMPLE = "python -m garments write --count 3600 --out data/garments"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 done, 1 a known error said in one line, 2 wrong usage, 130 interrupted."""
    args = build_parser().parse_args(arguments)
    try:
        if args.command == "pack":
            write_pack(args.out, show_progress)
        else:
            write_data_set(args.out, args.count, args.seed, args.kind_drawings, show_progress)
    except GarmentsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(args.out)
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Both commands and their options."""
    parser = argparse.ArgumentParser(
        prog="python -m garments",
        description="Draw garments, shoes, bags and accessories: pictures, titles and clumsy pen drawings of them.",
        epilog=f"example: {WRITE_EXAMPLE}",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    pack = commands.add_parser(
        "pack",
        help="write the demo gallery's pack",
        description="Write the demo gallery as one .tar; the same program writes the same bytes.",
        epilog=f"example: {PACK_EXAMPLE}",
    )
    pack.add_argument("--out", metavar="TAR", type=Path, required=True, help="file to write")
    write = commands.add_parser(
        "write",
        help="write a data set for training",
        description="Write pictures, metadata.csv with pen drawings of each item, and kinds/WORD.tar with clumsy "
        "drawings by word.",
        epilog=f"example: {WRITE_EXAMPLE}",
    )
    write.add_argument("--count", metavar="N", type=natural, required=True, help="items to draw")
    write.add_argument("--out", metavar="DIR", type=Path, required=True, help="new or empty folder")
    write.add_argument("--seed", metavar="S", type=int, default=DEFAULT_SEED, help=f"other items ({DEFAULT_SEED})")
    write.add_argument(
        "--kind-drawings", metavar="N", type=natural, default=KIND_DRAWINGS, help=f"drawings by word ({KIND_DRAWINGS})"
    )
    return parser


def natural(text: str) -> int:
    """Parse a whole number of at least 0."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 0, got {text}")
    return value


def show_progress(done: int, count: int) -> None:
    """Keep one line on stderr up to date."""
    print(f"\r{done} of {count}", end="\n" if done == count else "", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
