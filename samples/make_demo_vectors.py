"""Makes the vectors of the demo gallery: ``python samples/make_demo_vectors.py``, after new weights or pictures."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from retrieval.encoder.opening import open_encoder  # noqa: E402
from retrieval.files import SHIPPED_ENCODER  # noqa: E402
from retrieval.gallery.catalog import Catalog  # noqa: E402
from retrieval.gallery.demo import ensure_demo_gallery  # noqa: E402
from retrieval.index.update import update_index  # noqa: E402
from retrieval.search.opening import DEMO_VECTORS, save_ready_vectors  # noqa: E402


def main() -> None:
    """Encode the demo gallery with the shipped encoder and write its vectors."""
    encoder = open_encoder(SHIPPED_ENCODER)
    with tempfile.TemporaryDirectory() as folder:
        pictures = ensure_demo_gallery(lambda *_: None, Path(folder) / "demo-gallery")
        index, _ = update_index(Catalog.open(pictures), Path(folder) / "index", encoder, lambda *_: None)
        save_ready_vectors(DEMO_VECTORS, index)
    print(DEMO_VECTORS)


if __name__ == "__main__":
    main()
