"""The ``confidence`` command: fit how sure an encoder's answers are, and put it beside its weights."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.commands.options import Subparsers, add_encoder_option, add_follow_links_option, new_command
from retrieval.commands.progress import progress_bar
from retrieval.commands.searching import asking
from retrieval.values.errors import CheckpointError

if TYPE_CHECKING:
    from retrieval.evaluation.gallery import Gallery
    from retrieval.training.doubt.making import OpenAsk
    from retrieval.training.doubt.queries import Answer, Ask
    from retrieval.values.datatypes import LineDrawing
    from retrieval.values.ports import Encoder


def add_confidence(commands: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = new_command(
        commands,
        "confidence",
        run_confidence,
        description="Fit how sure an encoder's answers are, after its weights have changed. Writes confidence.json and "
        "confidence.safetensors into its folder.",
        example="confidence --data data/products --drawings garments.ndjson --other other.ndjson",
    )
    parser.add_argument(
        "--data", metavar="DIR", type=Path, required=True, help="products with 'split'; those of val are searched"
    )
    parser.add_argument(
        "--drawings",
        metavar="NDJSON",
        type=Path,
        action="append",
        required=True,
        help="garments drawn by people, in the Quick, Draw! format; may be repeated",
    )
    parser.add_argument(
        "--other", metavar="NDJSON", type=Path, action="append", required=True, help="other things drawn by people"
    )
    add_follow_links_option(parser)
    add_encoder_option(parser)


def _asking(encoder: Encoder) -> OpenAsk:
    """Let the fit ask the whole search, and see what the search knows of its answers."""
    import numpy as np

    from retrieval.training.doubt.queries import Answer

    def open_ask(gallery: Gallery) -> Ask:
        search = asking(encoder, gallery, 2)

        def ask(drawing: LineDrawing | None, caption: str) -> Answer | None:
            hits = search(drawing, caption)
            if not hits or hits.evidence.known < 1.0:  # what is unknown is doubted by rule
                return None
            texts = np.array([hit.lexical_score or 0.0 for hit in hits], np.float32)
            nearness = np.array([hit.score for hit in hits], np.float32) - texts
            numbers = np.array([int(hit.item.id) for hit in hits], np.int64)
            return Answer(numbers, hits.evidence.mode, hits.evidence.numbers, nearness, texts)

        return ask

    return open_ask


def run_confidence(args: argparse.Namespace) -> int:
    """Fit, write, and print the figures."""
    from retrieval.encoder.confidence_file import save_confidence
    from retrieval.encoder.opening import open_encoder
    from retrieval.training.doubt.making import make_confidence

    encoder = open_encoder(args.encoder)
    folder = Path(encoder.name)
    if not folder.is_dir():
        raise CheckpointError(f"Encoder {encoder.name} is no folder: expected one to write into", "Check --encoder.")
    encoder.confidence = None  # the search says then what it knows, and nothing about it
    made = make_confidence(encoder, args.data, args.drawings, args.other, _asking(encoder), progress_bar())
    save_confidence(folder, encoder.weights_hash, made)
    print(json.dumps(made.figures, indent=None if args.json else 2))
    return 0
