"""Encoding with Ray Data, started on this machine."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from retrieval.gallery.catalog import Catalog
from retrieval.index.update import update_index
from retrieval.values.ports import Encoder
from tests.retrieval.making import silent, write_gallery

pytest.importorskip("ray.data", reason="needs requirements-ray.txt")
pytestmark = pytest.mark.filterwarnings("ignore")  # of what Ray itself does

from retrieval.index.ray_encoding import encode_on_ray  # noqa: E402


def test_ray_gives_the_vectors_that_this_machine_gives(tmp_path: Path, encoder_folder: Path, encoder: Encoder) -> None:
    folder = write_gallery(tmp_path / "gallery", 90)
    (folder / "003.png").write_bytes(b"no picture")
    (folder / "copy.png").write_bytes((folder / "001.png").read_bytes())
    (folder / "metadata.csv").unlink()
    catalog = Catalog.open(folder)
    here, _ = update_index(catalog, tmp_path / "here", encoder, silent)
    encoding = partial(encode_on_ray, str(encoder_folder), "local")
    there, report = update_index(catalog, tmp_path / "there", encoder, silent, encode=encoding)
    assert (len(report.encoded), len(report.copied), len(report.unreadable)) == (89, 1, 1)
    assert [stored.item.file for stored in there.items] == [stored.item.file for stored in here.items]
    assert np.allclose(there.vectors, here.vectors, atol=1e-3)
