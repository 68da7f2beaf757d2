"""The captions of a named gallery, which need no encoder."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.search.gallery_captions import captions_of_gallery
from retrieval.values.errors import RetrievalError


def test_the_demo_gallery_is_known_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIR_SKETCH_CACHE", str(tmp_path))
    words = {word for caption in captions_of_gallery(None) for word in caption.split()}
    assert {"larkhollow", "ondeva", "handbag", "polka"} <= words
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_pictures_gives_its_file_names(tmp_path: Path) -> None:
    (tmp_path / "glittery_poncho.jpg").write_bytes(b"")
    assert any("poncho" in caption for caption in captions_of_gallery(tmp_path))


def test_a_gallery_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(RetrievalError, match="not a folder"):
        captions_of_gallery(tmp_path / "nowhere")
