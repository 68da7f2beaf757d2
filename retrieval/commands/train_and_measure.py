"""What each command does; results on stdout, progress and logs on stderr."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from retrieval.commands.index import run_index
from retrieval.commands.progress import progress_bar
from retrieval.commands.search import run_search
from retrieval.values.errors import TrainingError

__all__ = ["progress_bar", "run_index", "run_search"]


def run_demo(args: argparse.Namespace) -> int:
    """Draw the demo gallery."""
    from garments import write_demo_gallery
    from retrieval.files import demo_folder

    folder = args.out or demo_folder()
    progress = progress_bar()
    write_demo_gallery(folder, progress=lambda done, count: progress("Drawing the demo gallery", done / count))
    print(json.dumps({"gallery": str(folder)}) if args.json else folder)
    return 0


def run_dataset_build(args: argparse.Namespace) -> int:
    """Build pairs folders: ``products-N`` for each catalogue, ``demo``, and ``kinds.npz``."""
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


def run_train(args: argparse.Namespace) -> int:
    """Train the fused encoder."""
    from retrieval.training.fine_tuning import FINE_TUNING_RATE
    from retrieval.training.options import TrainOptions
    from retrieval.training.trainer import Trainer

    folders = [(args.data / name, times) for name, times in (("photos", 1), ("demo", 2))]
    data = tuple((folder, times) for folder, times in folders if (folder / "pairs.json").is_file())
    if not data:
        raise TrainingError(
            f"Training data {args.data} are missing: expected photos/ or demo/ with pairs.json. "
            f"Run: python -m retrieval dataset build --images DIR --out {args.data}"
        )
    kinds = args.data / "kinds.npz"
    options = TrainOptions(
        data=data,
        out=args.out,
        kind_sketches=kinds if kinds.is_file() else None,
        fusion=args.fusion,
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


def run_evaluate(args: argparse.Namespace) -> int:
    """Measure an encoder and print the table."""
    from retrieval.encoder.opening import open_encoder
    from retrieval.evaluation.evaluator import EvaluateOptions, evaluate

    options = EvaluateOptions(
        data=args.data,
        split=args.split,
        gallery_extra=args.gallery_extra,
        limit=args.limit,
        fusion=args.fusion,
        drawings=args.drawings,
        drawings_split=args.drawings_split,
        paired_drawings=tuple(args.paired_drawings),
        sheets=args.sheets,
    )
    report = evaluate(open_encoder(args.encoder), options, progress_bar())
    if args.json:
        print(json.dumps(report.record()))
    else:
        print(report.table())
    return 0
