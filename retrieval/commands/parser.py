"""The retrieval half's command line: parse, run, turn errors into exit codes. Imports nothing heavy to show help."""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
from pathlib import Path

from retrieval.values.errors import RetrievalError

FUSIONS = ("average", "concat", "gated", "mixed")  # as in retrieval.encoder.model.fusion, which would import torch
_RAW = argparse.RawDescriptionHelpFormatter
GALLERY_HELP = "folder of pictures or index folder; 'demo' is the gallery that the program draws itself"
ENCODER_HELP = "encoder folder or hub name (default: the shipped one, or $AIR_SKETCH_ENCODER)"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 done, 1 a known error said in one line, 2 wrong usage, 130 interrupted."""
    args = build_parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a console may lack the letters of a title
    try:
        from retrieval.commands import train_and_measure as commands

        run = getattr(commands, args.run)
        return int(run(args))
    except RetrievalError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; finished work is kept", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:  # such as a full disk; what has a better explanation is a RetrievalError already
        print(f"error: {error}", file=sys.stderr)
        return 1


def build_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = argparse.ArgumentParser(
        prog="python -m retrieval",
        description="Find gallery pictures by a drawing, by words, or by both.",
        epilog='example: python -m retrieval search --gallery demo --caption "red dress"',
        formatter_class=_RAW,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_search(commands)
    _add_index(commands)
    _add_demo(commands)
    _add_dataset(commands)
    _add_train(commands)
    _add_evaluate(commands)
    return parser


def share(text: str) -> float:
    """Parse a number from 0 to 1."""
    value = float(text)
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, got {text}")
    return value


def positive(text: str) -> int:
    """Parse a whole number of at least 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text}")
    return value


def natural(text: str) -> int:
    """Parse a whole number of at least 0."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 0, got {text}")
    return value


def picture_side(text: str) -> int:
    """Parse a picture side: the encoder's tower halves it four times."""
    value = positive(text)
    if value % 16:
        raise argparse.ArgumentTypeError(f"expected a multiple of 16, got {text}")
    return value


def rate(text: str) -> float:
    """Parse a positive, finite number."""
    value = float(text)
    if not 0.0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text}")
    return value


def _add_search(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "search",
        help="one query, or many from a file",
        description="Search a gallery by a drawing, by words, or by both.",
        epilog='example: python -m retrieval search --gallery demo --sketch bag.png --caption "a red clutch" --k 5',
        formatter_class=_RAW,
    )
    parser.add_argument("--gallery", metavar="DIR", help=f"{GALLERY_HELP} (default)")
    parser.add_argument("--sketch", metavar="PNG", type=Path, help="a drawing on plain paper")
    parser.add_argument("--caption", metavar="TEXT", help="what it is, in words")
    parser.add_argument("--sketch-weight", metavar="0..1", type=share, default=0.5, help="drawing against words (0.5)")
    parser.add_argument("--fusion", choices=FUSIONS, help="default: the encoder's own")
    parser.add_argument(
        "--where", metavar="FILTER", help='only items that pass, e.g. "gender=Women|Girls,price<50,title~silk"'
    )
    parser.add_argument(
        "--like", metavar="ID", action="append", help="more like this item, whose picture joins the query; repeatable"
    )
    parser.add_argument("--like-weight", metavar="0..1", type=share, help="that picture against the rest (0.4)")
    parser.add_argument("--k", metavar="N", type=positive, default=10, help="how many hits (10)")
    parser.add_argument("--page", metavar="N", type=positive, default=1, help="which page of N hits (1)")
    parser.add_argument(
        "--fold", action=argparse.BooleanOptionalAction, default=False, help="near-duplicates into one hit (no)"
    )
    parser.add_argument(
        "--queries",
        metavar="FILE.jsonl",
        type=Path,
        help='many queries, one a line: {"id", "sketch", "caption"}, and where, like, k, page, ... of their own',
    )
    parser.add_argument("--encoder", metavar="NAME", help=ENCODER_HELP)
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    parser.set_defaults(run="run_search")


def _add_index(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "index",
        help="build or update a gallery index",
        description="Encode a folder of pictures; run again after changes, only those are encoded.",
        epilog="example: python -m retrieval index --images ~/Pictures/shop --out galleries/shop",
        formatter_class=_RAW,
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
    parser.add_argument("--encoder", metavar="NAME", help=ENCODER_HELP)
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    parser.set_defaults(run="run_index")


def _add_demo(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "demo",
        help="draw the demo gallery and tell where it lies",
        description="Draw the demo gallery (pictures and metadata.csv) if it is not there yet.",
        epilog="example: python -m retrieval demo --out galleries/demo",
        formatter_class=_RAW,
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help="folder for it (default: the cache folder)")
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    parser.set_defaults(run="run_demo")


def _add_dataset(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    dataset = commands.add_parser(
        "dataset",
        help="make training data",
        description="Make training data: photo, drawing and caption of the same items.",
        epilog="example: python -m retrieval dataset build --images data/products --demo 3600 --out data/pairs",
        formatter_class=_RAW,
    )
    parts = dataset.add_subparsers(dest="part", required=True, metavar="COMMAND")
    parser = parts.add_parser(
        "build",
        help="derive drawings from photos",
        description="Derive line drawings from photos, draw demo items and a bank of clumsy drawings by kind.",
        epilog="example: python -m retrieval dataset build --images data/products --demo 3600 --out data/pairs",
        formatter_class=_RAW,
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
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    parser.set_defaults(run="run_dataset_build")


def _add_train(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "train",
        help="train the fused encoder",
        description="Train the small fused encoder from scratch, or fine-tune a published CLIP with --from; run again "
        "after an interruption and it goes on. DIR/curves.png shows how it goes.",
        epilog="example: python -m retrieval train --data data/pairs --out runs/mini --steps 2400",
        formatter_class=_RAW,
    )
    parser.add_argument("--data", metavar="DIR", type=Path, required=True, help="from 'dataset build'")
    parser.add_argument(
        "--out", metavar="DIR", type=Path, required=True, help="run folder; the encoder lands in DIR/encoder"
    )
    parser.add_argument("--steps", metavar="N", type=positive, default=2400, help="optimiser steps (2400)")
    parser.add_argument("--batch", metavar="N", type=positive, default=256, help="examples a step (256)")
    parser.add_argument(
        "--from",
        dest="start",
        metavar="NAME",
        help="fine-tune this CLIP: a folder or hub name such as openai/clip-vit-base-patch32",
    )
    parser.add_argument(
        "--train-layers", metavar="all|last:N", default="all", help="which layers of --from are trained (all)"
    )
    parser.add_argument("--learning-rate", metavar="X", type=rate, help="peak (0.0015; 0.00002 with --from)")
    parser.add_argument("--fusion", choices=FUSIONS, default="mixed", help="the encoder's own")
    parser.add_argument("--seed", metavar="N", type=natural, default=0, help="of everything (0)")
    parser.add_argument("--workers", metavar="N", type=natural, default=1, help="data processes (1)")
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    parser.set_defaults(run="run_train")


def _add_evaluate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "evaluate",
        help="measure an encoder",
        description="Measure how well items are found by drawing, words and both, each figure with its 95 %% interval.",
        epilog="example: python -m retrieval evaluate --data data/products --split val --json",
        formatter_class=_RAW,
    )
    parser.add_argument(
        "--data", metavar="DIR", type=Path, required=True, help="folder with a manifest that has 'split'"
    )
    parser.add_argument("--split", metavar="NAME", default="val", help="rows to measure on (val)")
    parser.add_argument("--gallery-extra", metavar="DIR", type=Path, help="further pictures among which to search")
    parser.add_argument(
        "--drawings", metavar="NDJSON", type=Path, help="drawings by people, in the Quick, Draw! format"
    )
    parser.add_argument(
        "--drawings-split", choices=("all", "val"), default="all", help="val: only drawings that training leaves out"
    )
    parser.add_argument(
        "--paired-drawings",
        metavar="TAR",
        type=Path,
        action="append",
        default=[],
        help="drawings by people as sketch/NAME.png beside photo_edge/NAME.png; may be repeated",
    )
    parser.add_argument("--limit", metavar="N", type=positive, help="only the first N rows")
    parser.add_argument(
        "--sheets", metavar="DIR", type=Path, help="write result sheets (PNG) there: queries and their first hits"
    )
    parser.add_argument("--encoder", metavar="NAME", help=ENCODER_HELP)
    parser.add_argument("--fusion", choices=FUSIONS, help="default: the encoder's own")
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    parser.set_defaults(run="run_evaluate")
