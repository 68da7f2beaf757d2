"""The ``train`` command: make or fine-tune the fused encoder."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from retrieval.commands.options import Subparsers, new_command, number_from
from retrieval.commands.progress import progress_bar


def add_train(commands: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = new_command(
        commands,
        "train",
        run_train,
        description="Train the small fused encoder from ImageNet weights, or fine-tune a published CLIP with --from; "
        "run again after an interruption and it goes on. DIR/curves.png shows how it goes.",
        example="train --data data/pairs --out runs/mini --steps 1200",
    )
    parser.add_argument("--data", metavar="DIR", type=Path, required=True, help="from 'dataset build'")
    parser.add_argument(
        "--out", metavar="DIR", type=Path, required=True, help="run folder; the encoder lands in DIR/encoder"
    )
    parser.add_argument("--steps", metavar="N", type=number_from(1), default=1200, help="optimiser steps (1200)")
    parser.add_argument("--batch", metavar="N", type=number_from(1), default=192, help="examples a step (192)")
    parser.add_argument(
        "--from",
        dest="start",
        metavar="NAME",
        help="fine-tune this CLIP: a folder or hub name such as openai/clip-vit-base-patch32",
    )
    parser.add_argument(
        "--train-layers", metavar="all|last:N", default="all", help="which layers of --from are trained (all)"
    )
    parser.add_argument(
        "--learning-rate", metavar="X", type=number_from(1e-9, 1, float), help="peak (0.0015; 0.00002 with --from)"
    )
    parser.add_argument("--seed", metavar="N", type=number_from(0), default=0, help="of everything (0)")
    parser.add_argument("--workers", metavar="N", type=number_from(0), default=1, help="data processes (1)")


def run_train(args: argparse.Namespace) -> int:
    """Train the fused encoder."""
    from retrieval.training.fine_tuning import FINE_TUNING_RATE
    from retrieval.training.trainer import Trainer, TrainOptions

    options = TrainOptions(
        data=args.data,
        out=args.out,
        steps=args.steps,
        batch=args.batch,
        learning_rate=args.learning_rate or (FINE_TUNING_RATE if args.start else TrainOptions.learning_rate),
        seed=args.seed,
        workers=args.workers,
        start=args.start,
        train_layers=args.train_layers,
    )
    encoder = Trainer(options, progress_bar()).run()
    print(json.dumps({"encoder": str(encoder)}) if args.json else f"encoder: {encoder}")
    return 0
