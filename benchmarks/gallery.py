"""Measure indexing and searching of galleries, all in one run, as a Markdown table.

Run: python benchmarks/gallery.py --images DIR [--rows 1000000] [--pictures 2000] > benchmarks/GALLERY.md

Vectors beyond the gallery's own are drawn from a mixture fitted to its embeddings: k-means centres, and around each a
normal distribution along the directions in which the residuals of the real vectors spread.
"""

from __future__ import annotations

import argparse
import gc
import io
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoModel

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.tables import machine, table
from retrieval.encoder.opening import open_encoder
from retrieval.files import default_encoder
from retrieval.gallery.catalog import Catalog
from retrieval.index.engines.building import write_approximate
from retrieval.index.engines.exact import ExactIndex
from retrieval.index.engines.opening import open_vector_index
from retrieval.index.folder.choice import choose_index
from retrieval.index.folder.item_rows import StoredItem
from retrieval.index.folder.store import StoredIndex, load_index, save_index
from retrieval.index.update import update_index
from retrieval.search.searcher import Searcher
from retrieval.values.datatypes import CatalogItem, Float32Array
from retrieval.values.ports import Encoder

CENTRES = 512
QUERIES = 300
ROUNDS = 3
K = 10
HUNDRED_MILLION = 100_000_000


def silent(message: str, fraction: float | None) -> None:
    """Progress that nobody watches."""


def seconds_of(run: Callable[[], object]) -> float:
    """Time of one call."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def one_by_one(encoder_name: str, catalog: Catalog, count: int) -> float:
    """Pictures per second of the loop that most programs have: open, processor, model, one after the other."""
    processor = AutoImageProcessor.from_pretrained(encoder_name, trust_remote_code=False)
    model = AutoModel.from_pretrained(encoder_name, trust_remote_code=False, use_safetensors=True).float().eval()

    def run() -> None:
        with torch.inference_mode():
            for item in catalog.items[:count]:
                picture = Image.open(io.BytesIO(catalog.load(item).data)).convert("RGB")
                answer = model.get_image_features(**processor(images=picture, return_tensors="pt"))
                getattr(answer, "pooler_output", answer).numpy()

    return count / seconds_of(run)


def measure_indexing(encoder: Encoder, catalog: Catalog, pictures: int) -> list[str]:
    """Rows of the indexing table: the loop and ``index`` in turn, so that other work slows both alike."""
    part = Catalog.of_pictures(catalog.folder)
    part.items = catalog.items[:pictures]
    loop, ours = [], []
    for _ in range(ROUNDS):
        loop.append(one_by_one(encoder.name, part, max(pictures // 8, 1)))
        with tempfile.TemporaryDirectory() as folder:
            ours.append(pictures / seconds_of(lambda f=folder: update_index(part, Path(f) / "i", encoder, silent)))  # type: ignore[misc]
    ratios = [a / b for a, b in zip(ours, loop, strict=True)]
    return [
        table(
            ("indexing", "pictures/s, best of 3 rounds", "ratio in the same round"),
            (
                ("one by one, transformers, float32", f"{max(loop):.0f}", "1.0"),
                ("`index`", f"{max(ours):.0f}", f"{min(ratios):.1f} to {max(ratios):.1f}"),
            ),
        )
    ]


def mixture(real: Float32Array, count: int, seed: int) -> Float32Array:
    """Draw unit vectors that lie as the real ones do: float32 (count, D)."""
    rng = np.random.default_rng(seed)
    means = faiss.Kmeans(real.shape[1], CENTRES, niter=12, seed=1, spherical=True)
    means.train(real)
    _, nearest = means.index.search(real, 1)
    residuals = real - means.centroids[nearest[:, 0]]
    values, directions = np.linalg.eigh(np.cov(residuals.T))
    spread = (directions * np.sqrt(np.maximum(values, 0))).astype(np.float32)
    shares = np.bincount(nearest[:, 0], minlength=CENTRES) / len(real)
    drawn = np.empty((count, real.shape[1]), np.float32)
    for start in range(0, count, 100_000):
        size = min(100_000, count - start)
        chosen = means.centroids[rng.choice(CENTRES, size, p=shares)]
        noise = rng.standard_normal((size, real.shape[1]), dtype=np.float32)
        drawn[start : start + size] = chosen + noise @ spread.T
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def write_folder(folder: Path, vectors: Float32Array, encoder: Encoder, kind: str) -> float:
    """Save an index folder of made-up items; return the seconds that its vector index took."""
    items = tuple(
        StoredItem(CatalogItem(f"{n}", f"{n}.jpg", f"Item {n}", f"{n}.jpg", {"price": f"{n % 500}"}), 1, 2)
        for n in range(len(vectors))
    )
    spec = choose_index(len(vectors), kind)
    index = StoredIndex(encoder.name, encoder.weights_hash, folder, items, vectors, spec)
    took = [0.0]

    def build(path: Path) -> None:
        took[0] = seconds_of(lambda: write_approximate(path, vectors, spec, silent))

    save_index(folder, index, None if spec.kind == "exact" else build)
    return took[0]


def recall_of(found: np.ndarray, truth: np.ndarray) -> float:
    """Share of the true hits that were found."""
    return float(np.mean([len(set(a) & set(b)) / K for a, b in zip(found.tolist(), truth.tolist(), strict=True)]))


def measure_search(
    name: str, vectors: Float32Array, queries: Float32Array, encoder: Encoder, kind: str
) -> tuple[str, ...]:
    """One row of the search table."""
    truth = ExactIndex(vectors).search(queries, K)[1]
    allowed = np.random.default_rng(0).random(len(vectors)) < 0.2
    filtered = ExactIndex(vectors).search(queries[:50], K, allowed)[1]
    with tempfile.TemporaryDirectory() as folder:
        built_s = write_folder(Path(folder), vectors, encoder, kind)
        gc.collect()
        opened = []
        for _ in range(ROUNDS):
            opened.append(seconds_of(lambda: open_vector_index(load_index(Path(folder)))))
        stored = load_index(Path(folder))
        index = open_vector_index(stored)
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / len(vectors)
        searched = (Path(folder) / stored.search.file).stat().st_size if stored.search.file else vectors.nbytes
        for query in queries:
            index.search(query[None], K)  # the pages of the files come into memory
        times, rows = [], []
        for query in queries:
            times.append(1000 * seconds_of(lambda q=query: rows.append(index.search(q[None], K)[1][0])))  # type: ignore[misc]
        recall = np.mean(
            [len(set(a) & set(b)) / K for a, b in zip(np.array(rows).tolist(), truth.tolist(), strict=True)]
        )
        got = index.search(queries[:50], K, allowed)[1]
        held = np.mean([len(set(a) & set(b)) / K for a, b in zip(got.tolist(), filtered.tolist(), strict=True)])
    p50, p95 = np.percentile(times, [50, 95])
    cells = (f"{p50:.2f} ms", f"{p95:.2f} ms", f"{recall:.3f}", f"{held:.3f}", f"{1000 * min(opened):.0f} ms")
    return (f"{name}, {stored.search.kind}", *cells, f"{searched / len(vectors):.0f} + {size:.0f}", f"{built_s:.0f} s")


def measure_query(folder: Path, encoder_name: str) -> list[str]:
    """Rows of the query table: a drawing with words, the encoder included."""
    sketch = np.full((480, 640, 3), 255, np.uint8)
    sketch[100:380, 200:206] = sketch[100:106, 200:440] = sketch[374:380, 200:440] = sketch[100:380, 434:440] = 0
    cold_s = time.perf_counter()
    searcher = Searcher.open(folder, encoder_name)
    opened_s = time.perf_counter() - cold_s
    first = seconds_of(lambda: searcher.search(sketch, "a long red dress", K))
    times = sorted(
        1000 * seconds_of(lambda n=number: searcher.search(np.roll(sketch, n, 1), f"a red dress {n}", K))  # type: ignore[misc]
        for number in range(60)
    )
    return [
        table(
            (f"one fused query, {len(searcher):,} pictures", "time"),
            (
                ("open encoder and gallery (torch is imported)", f"{opened_s:.2f} s"),
                ("first query", f"{1000 * first:.0f} ms"),
                ("warm, median", f"{times[len(times) // 2]:.1f} ms"),
                ("warm, 95 %", f"{times[int(0.95 * len(times))]:.1f} ms"),
            ),
        )
    ]


def on_paper(p50_ms: float, bytes_searched: float, bytes_all: float) -> str:
    """What the constants of the largest measured gallery say about a hundred million."""
    lists = 2 ** round(np.log2(4 * np.sqrt(HUNDRED_MILLION)))
    return (
        f"**100 million, on paper**: {lists:,} lists by the same rule. A query compares itself with every list's "
        f"centre and with the rows of the lists it visits, and both grow with the square root of the rows: about "
        f"{10 * p50_ms:.0f} ms on one thread. The vector index takes {bytes_searched * 100 / 1000:.0f} GB, all files "
        f"{bytes_all * 100 / 1000:.0f} GB of disk. Below that, one machine will do; above, `--index milvus:URI`."
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True, help="a gallery of real pictures")
    parser.add_argument("--encoder", default=default_encoder(), help="encoder folder or hub name")
    parser.add_argument("--pictures", type=int, default=2000, help="of which indexing is measured (2000)")
    parser.add_argument("--real", type=int, default=20_000, help="to which the mixture is fitted (20000)")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the large gallery (1000000)")
    parser.add_argument("--kinds", default="ivf", help="indexes of the large gallery, with commas: ivf,hnsw (ivf)")
    args = parser.parse_args()
    where = machine()
    encoder = open_encoder(args.encoder)
    catalog = Catalog.open(args.images)
    print("# What indexing and searching cost\n")
    print(f"One run of `python benchmarks/gallery.py` on {where}.\n")
    print("\n".join(measure_indexing(encoder, catalog, args.pictures)), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        part = Catalog.of_pictures(catalog.folder)
        part.items = catalog.items[: args.real]
        real = np.array(update_index(part, Path(folder) / "real", encoder, silent)[0].vectors)
        rows = []
        for name, count, kind in (
            ("44 thousand", 44_000, "auto"),
            *((f"{args.rows:,}", args.rows, kind) for kind in args.kinds.split(",")),
        ):
            drawn = mixture(real, count + QUERIES, seed=3)
            rows.append(measure_search(name, drawn[:count], drawn[count:], encoder, kind))
            if count == 44_000:
                write_folder(Path(folder) / "44", drawn[:count], encoder, "auto")
        head = ("search, 10 hits, one thread", "p50", "p95", "recall@10", "recall, 20 % allowed", "open",
                "bytes a vector: searched + all files", "built")  # fmt: skip
        print("\n" + table(head, rows), flush=True)
        print("\n" + "\n".join(measure_query(Path(folder) / "44", args.encoder)))
        searched, whole = (float(value) for value in rows[1][6].split(" + "))
        print("\n" + on_paper(float(rows[1][1].split()[0]), searched, whole))


if __name__ == "__main__":
    main()
