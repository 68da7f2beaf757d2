"""The ``search`` command: one query, or every line of a file; hits on stdout, progress and logs on stderr."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.commands.options import Subparsers, add_encoder_option, add_follow_links_option, new_command, number_from
from retrieval.commands.progress import progress_bar
from retrieval.values.errors import QueryError, RetrievalError, first_line, one_line
from retrieval.values.fusions import FUSION_KINDS

if TYPE_CHECKING:
    from retrieval.search.searcher import Hits, Searcher
    from retrieval.values.datatypes import Hit

# What a line of --queries may say itself; the command's options hold for the others.
OWN_OPTIONS = (
    "sketch",
    "caption",
    "picture",
    "sketch_weight",
    "fusion",
    "where",
    "like",
    "fold",
    "k",
    "page",
    "as_typed",
)

HITS = 10
DOUBTED_HITS = 4
"""Printed when what was meant is rather not among them."""

LONGEST_LINE = 64 << 20
"""Bytes; a line may hold a picture."""


def add_search(commands: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = new_command(
        commands,
        "search",
        run_search,
        description="Search a gallery by a drawing, by words, by a picture, or by several of them.",
        example='search --gallery demo --sketch bag.png --caption "a red clutch" --k 5',
    )
    parser.add_argument("--gallery", metavar="DIR", help="folder of pictures or index folder (the demo gallery)")
    parser.add_argument("--sketch", metavar="PNG", type=Path, help="a drawing on plain paper")
    parser.add_argument("--caption", metavar="TEXT", help="what it is, in words")
    parser.add_argument("--picture", metavar="FILE", type=Path, help="a photo: things that look like it")
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
    parser.add_argument("--k", metavar="N", type=number_from(1), help="how many hits (10; in doubt, 4 are printed)")
    parser.add_argument("--page", metavar="N", type=number_from(1), default=1, help="which page of N hits (1)")
    parser.add_argument(
        "--fold", action=argparse.BooleanOptionalAction, default=False, help="near-duplicates into one hit (no)"
    )
    parser.add_argument(
        "--as-typed", action="store_true", help="mend no typing errors, and take no filters out of the caption"
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
    asked = (args.queries, args.sketch, (args.caption or "").strip() or None, args.like, args.picture)
    if not any(one is not None for one in asked):
        raise QueryError(
            "The query is empty: expected --sketch, --caption, --like, --picture or several of them (or --queries)."
        )
    if args.queries is not None:
        with _open_lines(args.queries) as lines:  # first, so that a wrong name is told at once
            return _answer_lines(args, lines)
    searcher, options = _open_gallery(args)
    hits = _answer(searcher, options)
    if args.json:
        print(json.dumps(_record(hits)))
    else:
        if hits.reading.note:
            print(hits.reading.note, file=sys.stderr)
        if hits and hits.is_doubted:
            print("not sure: nearest things")
        _print_hits(hits[:DOUBTED_HITS] if hits.is_doubted and args.k is None else hits)
    return 0


def _open_gallery(args: argparse.Namespace) -> tuple[Searcher, dict[str, Any]]:
    from retrieval.search.searcher import Searcher

    searcher = Searcher.open(args.gallery, args.encoder, progress_bar())
    return searcher, {name: getattr(args, name) for name in OWN_OPTIONS} | {"k": args.k or HITS}


def _answer_lines(args: argparse.Namespace, lines: BufferedReader) -> int:
    searcher, options = _open_gallery(args)
    answered, number = 0, 0
    for number, line in _numbered(lines):
        query: dict[str, Any] = {}
        try:
            query = _read_query(line, args.queries)
            own = {name: query[name] for name in OWN_OPTIONS if query.get(name) is not None}
            hits = _answer(searcher, options | {"sketch": None, "caption": None, "picture": None} | own)
            answer: dict[str, Any] = {"id": query.get("id"), **_record(hits)}
            answered += 1
        except Exception as error:  # whatever a line can raise, the others are answered
            reason = error if isinstance(error, RetrievalError) else QueryError(f"It is wrong: {first_line(error)}.")
            answer = {"id": query.get("id"), "error": str(reason), "hits": [], "sure": 0.0}
            name = str(query.get("id", f"in line {number}"))[:99]
            print(f"error: {QueryError(f'query {name}: {reason}')}", file=sys.stderr)
        print(json.dumps(answer), flush=True)
    return 0 if answered or not number else 1


def _record(hits: Hits) -> dict[str, Any]:
    """An answer as plain JSON values."""
    sure = None if hits.sure is None else round(hits.sure, 4)
    return {"hits": [hit.record() for hit in hits], "sure": sure, **hits.reading.record()}


def _answer(searcher: Searcher, options: Mapping[str, Any]) -> Hits:
    asked = dict(options) | {name: options[name] or None for name in ("sketch", "picture")}
    page, k = asked.pop("page"), asked["k"]
    if type(page) is not int or page < 1:
        raise QueryError(f"page is wrong: expected a whole number from 1, got {page!a:.60}.")
    hits = searcher.search(**asked, offset=(page - 1) * k if type(k) is int and k > 0 else 0)
    if not hits:
        past = f"page {page:,} is past the end, fewer than {(page - 1) * k + 1:,} items fit"
        nothing = "nobody knows the words" if hits.reading.unknown else "no item passes the filter"
        print(f"no hits: {past if page > 1 else nothing}"[:200], file=sys.stderr)
    return hits


def _open_lines(path: Path) -> BufferedReader:
    try:
        stream = path.open("rb")
        start = stream.peek(2)[:2]
    except (OSError, ValueError) as error:
        raise QueryError(
            f"Queries {path} cannot be read: {getattr(error, 'strerror', error)}", "Check --queries."
        ) from error
    if start in {b"\xff\xfe", b"\xfe\xff"}:
        stream.close()
        raise QueryError(f"Queries {path} cannot be read: expected UTF-8, got UTF-16", "Save them as UTF-8.")
    return stream


def _numbered(stream: BufferedReader) -> Iterator[tuple[int, bytes]]:
    """Number and content of each line that has one; what is too long is cut."""
    for number, line in enumerate(iter(partial(stream.readline, LONGEST_LINE + 1), b""), 1):
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE + 1)
        if line.removeprefix(b"\xef\xbb\xbf").strip():
            yield number, line


def _read_query(line: bytes, path: Path) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise QueryError(f"It is too long: expected at most {LONGEST_LINE:,} bytes.")
    try:
        query = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise QueryError(f"It is not JSON: {first_line(error)}", "Write one object a line.") from error
    if not isinstance(query, dict):
        raise QueryError(f"It is wrong: expected an object, got {type(query).__name__}.")
    name = query.get("id")
    if isinstance(name, dict | list) or (isinstance(name, float) and not math.isfinite(name)):
        raise QueryError("id is wrong: expected a text or a number.")
    for name in ("sketch", "picture"):
        given = query.get(name)
        if isinstance(given, str) and given and not _is_as_given(given):
            query[name] = str(path.parent / given)  # beside the file of queries
    return query


def _is_as_given(given: str) -> bool:
    from retrieval.search.asked import is_data_url

    return is_data_url(given) or Path(given).is_absolute() or os.path.exists(given)


def _print_hits(hits: list[Hit]) -> None:
    for hit in hits:
        price = hit.item.fields.get("price", "")
        parts = {"sketch": hit.sketch_score, "words": hit.words_score, "like": hit.like_score}
        parts["text"] = hit.lexical_score
        given = [f"{name} {part:.2f}" for name, part in parts.items() if part is not None]
        notes = f"  ({', '.join(given)})" if len(given) > 1 else ""
        notes += f"  +{len(hit.alike)} alike" if hit.alike else ""
        title = f"{hit.item.title}{f'  {price}' if price else ''}"
        shown = hit.score if hit.match is None else hit.match
        print(f"{hit.rank:3d}  {shown:.3f}{notes}  {title}  {one_line(hit.item.image)}")
