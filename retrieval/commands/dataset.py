"""The ``dataset build`` command: photos and titles become training data."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from retrieval.commands.options import Subparsers, add_json_option, natural, new_command, positive
from retrieval.commands.progress import progress_bar
from retrieval.values.errors import TrainingError

EXAMPLE = "dataset build --images data/products --demo 3600 --out data/pairs"


def add_dataset(commands: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command, its part ``build`` and the options of that."""
    dataset = new_command(
        commands,
        "dataset",
        summary="make training data",
        description="Make training data: photo, drawing and caption of the same items.",
        example=EXAMPLE,
    )
    parts = dataset.add_subparsers(dest="part", required=True, metavar="COMMAND")
    parser = new_command(
        parts,
        "build",
        summary="derive drawings from photos",
        description="Derive line drawings from photos, draw demo items and a bank of clumsy drawings by kind.",
        example=EXAMPLE,
    )
    parser.add_argument(
        "--images", metavar="DIR", type=Path, action="append", default=[], help="catalogue folder; may be repeated"
    )
    parser.add_argument(
        "--demo", metavar="N", type=natural, default=0, help="add N items that the program draws itself"
    )
    parser.add_argument(
        "--kind-drawings", metavar="N", type=natural, default=300, help="drawings per kind in the bank (300)"
    )
    parser.add_argument("--drawings", metavar="NDJSON", type=Path, help="drawings by people (Quick, Draw! format)")
    parser.add_argument(
        "--drawing-pack",
        metavar="WORD=TAR",
        action="append",
        default=[],
        help="further drawings of a word: a .tar with sketch/*.png (repeatable)",
    )
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="data folder; run again to go on")
    parser.add_argument("--size", metavar="PX", type=picture_side, default=80, help="side of the encoder's input (80)")
    parser.add_argument("--workers", metavar="N", type=positive, help="processes (all cores)")
    parser.add_argument("--limit", metavar="N", type=positive, help="only the first N items of each folder, for a try")
    add_json_option(parser)
    parser.set_defaults(run=run_dataset_build)


def picture_side(text: str) -> int:
    """Parse a picture side: the encoder's tower halves it four times."""
    value = positive(text)
    if value % 16:
        raise argparse.ArgumentTypeError(f"expected a multiple of 16, got {text}")
    return value


def run_dataset_build(args: argparse.Namespace) -> int:
    """Build the pairs folders ``photos`` and ``demo``, and the bank of drawings ``kinds.npz``."""
    from retrieval.sketches.people_drawings import read_drawings, training_drawings
    from retrieval.training.data.builder import BuildOptions, build_demo_pairs, build_pairs
    from retrieval.training.data.pairs import read_info
    from retrieval.training.data.synthetic_pairs import draw_kind_bank

    if not args.images and not args.demo:
        raise TrainingError("Nothing to build: expected --images DIR, --demo N or both.")
    progress = progress_bar()
    built: dict[str, int] = {}
    if args.images:
        options = BuildOptions(tuple(args.images), args.out / "photos", args.size, args.workers, args.limit)
        built["photos"] = build_pairs(options, progress).rows
    if args.demo:
        folder = args.out / "demo"
        done = (folder / "pairs.json").is_file() and read_info(folder).rows == args.demo
        info = read_info(folder) if done else build_demo_pairs(folder, args.demo, args.size, args.workers, progress)
        built["demo"] = info.rows
    if args.kind_drawings and not (args.out / "kinds.npz").is_file():
        drawings = read_drawings(args.drawings) if args.drawings is not None else []
        people = training_drawings(drawings, _packs_by_word(args.drawing_pack))
        draw_kind_bank(args.kind_drawings, progress, people).save(args.out / "kinds.npz")
    sheets = [str(args.out / name / "contact_sheet.png") for name in built]
    if args.json:
        print(json.dumps({"data": str(args.out), "rows": built, "contact_sheets": sheets}))
    else:
        print(f"{args.out}: " + ", ".join(f"{rows} {name} rows" for name, rows in built.items()))
        print("look at: " + " ".join(sheets))
    return 0


def _packs_by_word(options: list[str]) -> dict[str, Path]:
    packs = {}
    for option in options:
        word, separator, pack = option.partition("=")
        if not separator:
            raise TrainingError(f"Drawing pack {option} is not understood: expected WORD=TAR, such as shoe=shoes.tar.")
        packs[word] = Path(pack)
    return packs
