"""The ``search`` command: one query, or every line of a file; hits on stdout, progress and logs on stderr."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.commands.options import Subparsers, add_encoder_option, add_follow_links_option, new_command, number_from
from retrieval.commands.progress import progress_bar
from retrieval.values.errors import QueryError, RetrievalError, first_line, one_line
from retrieval.values.fusions import FUSION_KINDS

if TYPE_CHECKING:
    from retrieval.search.searcher import Searcher
    from retrieval.values.datatypes import Hit

# What a line of --queries may say itself, and as what; the command's options hold for the others.
OWN_OPTIONS: Mapping[str, tuple[type, ...]] = {
    "sketch": (str,),
    "caption": (str,),
    "sketch_weight": (int, float),
    "fusion": (str,),
    "where": (str,),
    "like": (str, list),
    "fold": (bool,),
    "k": (int,),
    "page": (int,),
}

LONGEST_NAME = 4096


def add_search(commands: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = new_command(
        commands,
        "search",
        run_search,
        description="Search a gallery by a drawing, by words, or by both.",
        example='search --gallery demo --sketch bag.png --caption "a red clutch" --k 5',
    )
    parser.add_argument("--gallery", metavar="DIR", help="folder of pictures or index folder (the demo gallery)")
    parser.add_argument("--sketch", metavar="PNG", type=Path, help="a drawing on plain paper")
    parser.add_argument("--caption", metavar="TEXT", help="what it is, in words")
    parser.add_argument(
        "--sketch-weight",
        metavar="0..1",
        type=number_from(0, 1, float),
        default=0.5,
        help="drawing against words (0.5)",
    )
    parser.add_argument("--fusion", choices=FUSION_KINDS, help="default: the encoder's own")
    parser.add_argument(
        "--where", metavar="FILTER", help='only items that pass, e.g. "gender=Women|Girls,price<50,title~silk"'
    )
    parser.add_argument(
        "--like", metavar="ID", action="append", help="more like this item, whose picture joins the query; repeatable"
    )
    parser.add_argument("--k", metavar="N", type=number_from(1), default=10, help="how many hits (10)")
    parser.add_argument("--page", metavar="N", type=number_from(1), default=1, help="which page of N hits (1)")
    parser.add_argument(
        "--fold", action=argparse.BooleanOptionalAction, default=False, help="near-duplicates into one hit (no)"
    )
    parser.add_argument(
        "--queries",
        metavar="FILE.jsonl",
        type=Path,
        help='many queries, one a line: {"id", "sketch", "caption"}, and where, like, k, page, ... of their own',
    )
    add_follow_links_option(parser)
    add_encoder_option(parser)


def run_search(args: argparse.Namespace) -> int:
    """Answer one query, or every line of a file."""
    if args.queries is None and args.sketch is None and not (args.caption or "").strip() and not args.like:
        raise QueryError("The query is empty: expected --sketch, --caption, --like or several of them (or --queries).")
    lines = _read_lines(args.queries) if args.queries is not None else None
    from retrieval.search.searcher import Searcher

    searcher = Searcher.open(args.gallery, args.encoder, progress_bar())
    options = {name: getattr(args, name) for name in OWN_OPTIONS}
    if lines is None:
        hits = _answer(searcher, options)
        if args.json:
            print(json.dumps({"hits": [hit.record() for hit in hits]}))
        else:
            _print_hits(hits)
        return 0
    is_answered = False
    for number, line in lines:
        query: dict[str, Any] = {}
        try:
            query = _read_query(line, args.queries)
            hits = _answer(searcher, options | {"sketch": None, "caption": None} | _own_options(query))
            answer: dict[str, Any] = {"id": query.get("id"), "hits": [hit.record() for hit in hits]}
            is_answered = True
        except Exception as error:  # whatever a line can raise, the others are answered
            reason = error if isinstance(error, RetrievalError) else QueryError(f"It is wrong: {first_line(error)}.")
            answer = {"id": query.get("id"), "error": str(reason), "hits": []}
            name = str(query.get("id", f"in line {number}"))[:99]
            print(f"error: {QueryError(f'query {name}: {reason}')}", file=sys.stderr)
        print(json.dumps(answer), flush=True)
    return 0 if is_answered or not lines else 1


def _answer(searcher: Searcher, options: Mapping[str, Any]) -> list[Hit]:
    asked = dict(options) | {"sketch": options["sketch"] or None}
    page = asked.pop("page")
    return searcher.search(**asked, offset=(page - 1) * asked["k"])


def _own_options(query: dict[str, Any]) -> dict[str, Any]:
    """Take the options that a line of --queries states, checked for their types."""
    own = {name: query[name] for name in OWN_OPTIONS if query.get(name) is not None}
    for name, value in own.items():
        texts = value if isinstance(value, list) else []
        if type(value) not in OWN_OPTIONS[name] or not all(isinstance(one, str) for one in texts):
            expected = " or ".join(one.__name__ for one in OWN_OPTIONS[name])
            raise QueryError(f"{name} is wrong: expected {expected}, got {json.dumps(value)[:40]}.")
    return own


def _read_lines(path: Path) -> list[tuple[int, bytes]]:
    """Number and content of each line that has one."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise QueryError(f"Queries {path} cannot be read: {error}. Check --queries.") from error
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")  # splitlines would also split inside texts
    return [(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _read_query(line: bytes, path: Path) -> dict[str, Any]:
    try:
        query = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise QueryError(f"It is not JSON: {first_line(error)}. Write one object a line.") from error
    if not isinstance(query, dict):
        raise QueryError(f"It is wrong: expected an object, got {type(query).__name__}.")
    if isinstance(query.get("id"), dict | list):
        raise QueryError("id is wrong: expected a text or a number.")
    sketch = query.get("sketch")
    if isinstance(sketch, str) and len(sketch) > LONGEST_NAME:
        raise QueryError(f"sketch is wrong: expected the name of a file, got {len(sketch)} letters.")
    if isinstance(sketch, str) and sketch and not Path(sketch).is_absolute() and not os.path.exists(sketch):
        query["sketch"] = str(path.parent / sketch)  # beside the file of queries
    return query


def _print_hits(hits: list[Hit]) -> None:
    for hit in hits:
        price = hit.item.fields.get("price", "")
        parts = {"sketch": hit.sketch_score, "words": hit.words_score, "like": hit.like_score}
        given = [f"{name} {part:.2f}" for name, part in parts.items() if part is not None]
        notes = f"  ({', '.join(given)})" if len(given) > 1 else ""
        notes += f"  +{len(hit.alike)} alike" if hit.alike else ""
        title = f"{hit.item.title}{f'  {price}' if price else ''}"
        print(f"{hit.rank:3d}  {hit.score:.3f}{notes}  {title}  {one_line(hit.item.image)}")
