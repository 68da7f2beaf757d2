"""What each command does; results on stdout, progress and logs on stderr."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from retrieval.datatypes import Hit
from retrieval.errors import QueryError, RetrievalError, TrainingError
from retrieval.index_command import run_index  # noqa: F401  (the command line finds it here)
from retrieval.progress_line import progress_bar


def run_search(args: argparse.Namespace) -> int:
    """Answer one query, or every line of a file."""
    if args.queries is None and args.sketch is None and not (args.caption or "").strip():
        raise QueryError("The query is empty: expected --sketch, --caption or both (or --queries FILE.jsonl).")
    queries = _read_queries(args.queries) if args.queries is not None else None
    from retrieval.searcher import Searcher

    searcher = Searcher.open(args.gallery, args.encoder, progress_bar())
    options = {"k": args.k, "sketch_weight": args.sketch_weight, "fusion": args.fusion}
    if queries is None:
        hits = searcher.search(args.sketch, args.caption, **options)
        if args.json:
            print(json.dumps({"hits": [hit_record(hit) for hit in hits]}))
        else:
            _print_hits(hits)
        return 0
    failed = False
    for query in queries:
        try:
            hits = searcher.search(_text(query, "sketch") or None, _text(query, "caption"), **options)
            answer: dict[str, Any] = {"id": query.get("id"), "hits": [hit_record(hit) for hit in hits]}
        except RetrievalError as error:
            failed = True
            answer = {"id": query.get("id"), "error": str(error), "hits": []}
            print(f"error: query {query.get('id')}: {error}", file=sys.stderr)
        print(json.dumps(answer), flush=True)
    return 1 if failed else 0


def _text(query: dict[str, Any], key: str) -> str | None:
    value = query.get(key)
    if value is not None and not isinstance(value, str):
        raise QueryError(f"{key} is not a text: got {json.dumps(value)[:40]}.")
    return value


def _read_queries(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")  # splitlines would also split inside texts
    except (OSError, UnicodeDecodeError) as error:
        raise QueryError(f"Queries {path} cannot be read: {error}. Check --queries.") from error
    queries = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            query = json.loads(line)
        except ValueError as error:
            raise QueryError(f"Queries {path} line {number} is not JSON: {error}. Write one object a line.") from error
        if not isinstance(query, dict):
            raise QueryError(f"Queries {path} line {number} is wrong: expected an object, got {type(query).__name__}.")
        sketch = query.get("sketch")
        if isinstance(sketch, str) and sketch and not Path(sketch).is_absolute() and not Path(sketch).exists():
            query["sketch"] = str(path.parent / sketch)  # beside the file of queries
        queries.append(query)
    return queries


def hit_record(hit: Hit) -> dict[str, Any]:
    """JSON values of a hit: rank, score, image, title, url, then every further manifest column."""
    item = hit.item
    own = {
        "rank": hit.rank,
        "score": round(hit.score, 6),
        "image": item.image,
        "title": item.title,
        "url": item.url,
        "id": item.id,
        "file": item.file,
    }
    return own | {key: value for key, value in item.fields.items() if key not in own}


def _print_hits(hits: list[Hit]) -> None:
    for hit in hits:
        price = hit.item.fields.get("price", "")
        print(f"{hit.rank:3d}  {hit.score:.3f}  {hit.item.title}{f'  {price}' if price else ''}  {hit.item.image}")


def run_demo(args: argparse.Namespace) -> int:
    """Draw the demo gallery."""
    from retrieval.cache import demo_folder
    from retrieval.demo_gallery import write_demo_gallery

    folder = args.out or demo_folder()
    progress = progress_bar()
    write_demo_gallery(folder, progress=lambda done, count: progress("Drawing the demo gallery", done / count))
    print(json.dumps({"gallery": str(folder)}) if args.json else folder)
    return 0


def run_dataset_build(args: argparse.Namespace) -> int:
    """Build pairs folders: ``products-N`` for each catalogue, ``demo``, and ``kinds.npz``."""
    from retrieval.builder import BuildOptions, build_demo_pairs, build_pairs
    from retrieval.pairs import read_info
    from retrieval.people_drawings import read_drawings, training_drawings
    from retrieval.synthetic_pairs import draw_kind_bank

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
    from retrieval.model.fine_tuning import FINE_TUNING_RATE
    from retrieval.trainer import Trainer
    from retrieval.training_options import TrainOptions

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
    from retrieval.encoders import FusedEncoder
    from retrieval.evaluator import EvaluateOptions, evaluate

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
    report = evaluate(FusedEncoder.open(args.encoder), options, progress_bar())
    if args.json:
        print(json.dumps(report.record()))
    else:
        print(report.table())
    return 0
