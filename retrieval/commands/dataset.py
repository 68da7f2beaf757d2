"""The ``dataset build`` command: photos and titles become training data."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from retrieval.commands.options import Subparsers, add_follow_links_option, new_command, number_from
from retrieval.commands.progress import progress_bar
from retrieval.values.errors import TrainingError, counted

EXAMPLE = "dataset build --images data/products --images data/garments --out data/pairs"


def add_dataset(commands: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command, its part ``build`` and the options of that."""
    dataset = new_command(
        commands,
        "dataset",
        None,
        description="Make training data: photo, drawing and caption of the same items.",
        example=EXAMPLE,
    )
    parts = dataset.add_subparsers(dest="part", required=True, metavar="COMMAND")
    parser = new_command(
        parts,
        "build",
        run_dataset_build,
        description="Derive line drawings from photos, and gather a bank of clumsy drawings by kind.",
        example=EXAMPLE,
    )
    parser.add_argument(
        "--images",
        metavar="DIR",
        type=Path,
        action="append",
        default=[],
        help="catalogue folder, its 'sketch' column names drawings; may be repeated, a folder named twice counts twice",
    )
    parser.add_argument(
        "--kind-drawings",
        metavar="DIR",
        type=Path,
        help="drawings by kind, WORD.tar each (from python -m garments write)",
    )
    parser.add_argument(
        "--drawings",
        metavar="NDJSON",
        type=Path,
        action="append",
        default=[],
        help="drawings by people (Quick, Draw! format; repeatable)",
    )
    parser.add_argument(
        "--other-drawings",
        metavar="NDJSON",
        type=Path,
        help="drawings by people of other things than garments, so that the encoder knows what it does not know",
    )
    parser.add_argument(
        "--drawing-pack",
        metavar="WORD=TAR",
        action="append",
        default=[],
        help="further drawings of a word: a .tar with sketch/*.png (repeatable)",
    )
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="data folder; run again to go on")
    sides = range(16, 1025, 16)  # the encoder's tower halves it four times
    parser.add_argument(
        "--size", metavar="PX", type=int, choices=sides, default=96, help="side of the encoder's input (96)"
    )
    parser.add_argument("--workers", metavar="N", type=number_from(1), help="processes (all cores)")
    add_follow_links_option(parser)


def run_dataset_build(args: argparse.Namespace) -> int:
    """Build the pairs folder ``photos``, and the bank of drawings ``kinds.npz``."""
    from retrieval.sketches.kind_sketches import mixed_bank
    from retrieval.sketches.people_drawings import other_things, read_drawings, training_drawings
    from retrieval.training.data.builder import build_pairs

    if not args.images:
        raise TrainingError("Nothing to build: expected --images DIR.")
    if not (args.out / "kinds.npz").is_file():
        by_people = [drawing for file in args.drawings for drawing in read_drawings(file)]
        people = training_drawings(by_people, _packs_by_word(args.drawing_pack))
        bank = mixed_bank(training_drawings([], _packs_in(args.kind_drawings)), people)
        if bank.words:
            bank.save(args.out / "kinds.npz")
    if args.other_drawings is not None and not (args.out / "others.npz").is_file():
        other_things(read_drawings(args.other_drawings, any_word=True)).save(args.out / "others.npz")
    rows, left_out = build_pairs(args.images, args.out / "photos", args.size, progress_bar(), args.workers)
    if args.json:
        print(json.dumps({"data": str(args.out), "rows": {"photos": rows}, "left_out": left_out}))
    else:
        print(f"{args.out}: {counted(rows, 'row')}{f', {len(left_out)} of them left out' if left_out else ''}")
    return 0


def _packs_in(folder: Path | None) -> dict[str, Path]:
    """The packs of a folder, by word."""
    packs = {pack.stem: pack for pack in sorted(folder.glob("[!.]*.tar"))} if folder is not None else {}
    if folder is not None and not packs:
        raise TrainingError(f"Drawings by kind {folder} are missing: expected WORD.tar. Run: python -m garments write")
    return packs


def _packs_by_word(options: list[str]) -> dict[str, Path]:
    packs = {}
    for option in options:
        word, separator, pack = option.partition("=")
        if not separator:
            raise TrainingError(f"Drawing pack {option} is not understood: expected WORD=TAR, such as shoe=shoes.tar.")
        if not Path(pack).is_file():
            raise TrainingError(f"Drawing pack {pack} is not there: expected a .tar. Check --drawing-pack.")
        if word in packs:
            raise TrainingError(f"Drawing pack {option} is one too many: expected one pack a word. Put them together.")
        packs[word] = Path(pack)
    return packs
