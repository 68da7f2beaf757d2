"""The ``evaluate`` command: measure an encoder and print the figures."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.commands.options import Subparsers, add_encoder_option, add_follow_links_option, new_command
from retrieval.commands.progress import progress_bar
from retrieval.commands.searching import asking

if TYPE_CHECKING:
    from retrieval.evaluation.gallery import Gallery
    from retrieval.evaluation.whole.doubt import OpenSure, Sure
    from retrieval.evaluation.whole.gallery_words import Find, OpenSearch
    from retrieval.values.datatypes import LineDrawing
    from retrieval.values.ports import Encoder


def add_evaluate(commands: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = new_command(
        commands,
        "evaluate",
        run_evaluate,
        description="Measure how well items are found by drawing, words and both, each figure with its 95 % interval.",
        example="evaluate --data data/products --split val --json",
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
    parser.add_argument(
        "--other",
        metavar="NDJSON",
        type=Path,
        action="append",
        default=[],
        help="drawings by people of what is no garment, to see whether they are doubted; may be repeated",
    )
    parser.add_argument(
        "--sheets", metavar="DIR", type=Path, help="write result sheets (PNG) there: queries and their first hits"
    )
    add_follow_links_option(parser)
    add_encoder_option(parser)


def _searching(encoder: Encoder) -> OpenSearch:
    """Open what ``search`` answers with on vectors that are there; evaluation itself knows no search."""

    def open_search(gallery: Gallery) -> Find:
        ask = asking(encoder, gallery, 1)
        return lambda drawing, caption: [int(hit.item.id) for hit in ask(drawing, caption) or ()]

    return open_search


def _judging(encoder: Encoder) -> OpenSure:
    """Open what tells how sure the whole search is."""

    def open_sure(gallery: Gallery) -> Sure:
        ask = asking(encoder, gallery, 2)

        def sure(drawing: LineDrawing | None, caption: str) -> tuple[list[int], float | None]:
            hits = ask(drawing, caption)
            return ([], None) if hits is None else ([int(hit.item.id) for hit in hits], hits.sure)

        return sure

    return open_sure


def run_evaluate(args: argparse.Namespace) -> int:
    """Measure an encoder and print the table."""
    from retrieval.encoder.opening import open_encoder
    from retrieval.evaluation.evaluator import evaluate

    encoder = open_encoder(args.encoder)
    report = evaluate(
        encoder,
        progress_bar(),
        args.data,
        args.split,
        gallery_extra=args.gallery_extra,
        drawings=args.drawings,
        drawings_split=args.drawings_split,
        paired_drawings=args.paired_drawings,
        sheets=args.sheets,
        open_search=_searching(encoder),
        other_drawings=args.other,
        open_sure=None if encoder.confidence is None else _judging(encoder),
    )
    print(json.dumps(report.record()) if args.json else report.table())
    return 0
