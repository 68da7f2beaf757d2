"""Measure the words of large galleries: building, size, and what they add to a query, beside SQLite's FTS5.

Run: python benchmarks/words.py --images DIR [--rows 1000000] > benchmarks/WORDS.md

``DIR`` is a gallery with titles. Its rows are repeated, each with an article number of its own, and its vectors are
those of a mixture fitted to the gallery's (see ``gallery.py``).
"""

from __future__ import annotations

import argparse
import io
import sqlite3
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.gallery import mixture, seconds_of, silent
from benchmarks.tables import machine, table
from retrieval.encoder.opening import open_encoder
from retrieval.files import default_encoder
from retrieval.gallery.catalog import Catalog
from retrieval.index.engines.building import write_approximate
from retrieval.index.engines.opening import open_vector_index
from retrieval.index.folder.choice import choose_index
from retrieval.index.folder.item_rows import StoredItem
from retrieval.index.folder.store import StoredIndex, load_index, save_index
from retrieval.index.lexical import TermIndex, weighted_terms
from retrieval.index.update import update_index
from retrieval.search.ranking import Ranking
from retrieval.search.suggestions import suggest
from retrieval.values.datatypes import CatalogItem
from retrieval.words.terms import terms

K, ROUNDS, PICTURES = 10, 9, 2000
CAPTIONS = ("puma", "red dress", "puma shoes", "women dress 1234", "nike men black running shoes")
TYPED = ("p", "nike s", "women bl", "red dr")


def median_ms(work: object) -> float:
    """The median of some runs, in ms."""
    assert callable(work)
    return 1000 * sorted(seconds_of(work) for _ in range(ROUNDS))[ROUNDS // 2]


def full_text(items: list[CatalogItem]) -> tuple[sqlite3.Connection, float, int]:
    """The same terms in SQLite's FTS5: the database, the seconds that it took, its bytes."""
    base = sqlite3.connect(":memory:")

    def build() -> None:
        base.execute("create virtual table words using fts5(text, content='', detail=column)")
        rows = ((row, " ".join(weighted_terms(item))) for row, item in enumerate(items))
        base.executemany("insert into words(rowid, text) values (?, ?)", rows)
        base.execute("insert into words(words) values ('optimize')")

    seconds = seconds_of(build)
    pages, size = (base.execute(f"pragma {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return base, seconds, pages * size


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True, help="a gallery of real pictures with titles")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the large gallery (1000000)")
    args = parser.parse_args()
    where, encoder, catalog = machine(), open_encoder(default_encoder()), Catalog.open(args.images)
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as place:
        part = Catalog.of_pictures(catalog.folder)
        part.items = catalog.items[:PICTURES]
        real = np.array(update_index(part, Path(place) / "real", encoder, silent)[0].vectors)
        vectors = mixture(real, args.rows + 1, seed=3)
        query, vectors = vectors[-1], vectors[:-1]
        numbers = rng.integers(0, args.rows // 5, args.rows)
        items = []
        for row, number in enumerate(numbers):
            like = catalog.items[row % len(catalog.items)]
            items.append(CatalogItem(f"{row}", f"{row}.jpg", f"{like.title} {number}", f"{row}.jpg", like.fields))
        spec = choose_index(args.rows, "auto")
        stored = tuple(StoredItem(item, 1, 2) for item in items)
        index = StoredIndex(encoder.name, encoder.weights_hash, Path(place), stored, vectors, spec)
        folder = Path(place) / "index"
        writes = None if spec.kind == "exact" else lambda path: write_approximate(path, vectors, spec, silent)
        save_index(folder, index, writes)
        nearest = open_vector_index(load_index(folder))
        made: list[TermIndex] = []
        built_s = seconds_of(lambda: made.append(TermIndex.of_items(items)))
        words, stream = made[0], io.BytesIO()
        words.save(stream)
        base, full_s, full_bytes = full_text(items)
        nobody = np.array([], np.int64)
        plain_ms = median_ms(lambda: Ranking(nearest, query, None, nobody).first(K))
        rows = []
        for caption in CAPTIONS:
            asked = [[term] for term in terms(caption)]
            scores = words.scores(asked)
            look_ms = median_ms(lambda asked=asked: words.scores(asked))
            join_ms = median_ms(lambda scores=scores: Ranking(nearest, query, None, nobody, scores).first(K)) - plain_ms
            match = " OR ".join(terms(caption))
            sql = "select rowid from words where words match ? order by rank limit 400"
            full_ms = median_ms(lambda match=match, sql=sql: base.execute(sql, (match,)).fetchall())
            have = f"{int((scores > 0).sum()):,}"
            rows.append((f"`{caption}`", have, f"{look_ms:.1f} + {join_ms:.1f} ms", f"{full_ms:.0f} ms"))
        typed = [(f"`{text}`", f"{median_ms(lambda text=text: suggest(text, words, items)):.1f} ms") for text in TYPED]
    print("# What the words of a gallery cost\n")
    print(f"One run of `python benchmarks/words.py` on {where}. {args.rows:,} items, {spec.kind} search.\n")
    sizes = (
        ("ours", f"{built_s:.0f} s", f"{len(stream.getvalue()) / args.rows:.0f}", f"{len(words.vocabulary):,}"),
        ("SQLite's FTS5, of the same terms", f"{full_s:.0f} s", f"{full_bytes / args.rows:.0f}", ""),
    )
    print(table(("words", "built", "bytes an item", "terms"), sizes))
    head = (
        "caption",
        "items with a word of it",
        "looking up + joining the vectors",
        "FTS5, any word, the best 400 by BM25",
    )
    print(f"\n{table(head, rows)}\n\nThe search of the vectors alone takes {plain_ms:.1f} ms.\n")
    print(table(("typed", "six suggestions"), typed))


if __name__ == "__main__":
    main()
