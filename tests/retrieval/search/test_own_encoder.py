"""Anything with the members of the ``Encoder`` port opens a gallery: here mean colours, without any model."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval import Searcher
from retrieval.gallery.catalog import Catalog
from retrieval.index.update import update_index
from retrieval.search.queries import QueryEncoder
from retrieval.values.errors import GalleryIndexError, QueryError
from retrieval.values.ports import Encoder
from tests.retrieval.making import INKS, pen_drawing, product_photo, save_picture, silent, write_gallery, write_manifest
from tests.retrieval.mean_colours import MeanColours, Wordless


def colours(searcher: Searcher, **query: object) -> list[str]:
    return [hit.item.colour for hit in searcher.search(**query)]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gallery(tmp_path_factory.mktemp("own") / "gallery", 20)


@pytest.fixture(params=[MeanColours, Wordless])
def searcher(folder: Path, request: pytest.FixtureRequest) -> Searcher:
    return Searcher.open(folder, request.param())


def test_a_folder_is_indexed_and_searched_by_drawing(searcher: Searcher) -> None:
    assert len(searcher) == 20
    for name in ("red", "green", "blue"):
        assert colours(searcher, sketch=pen_drawing("bag", ink=INKS[name]), k=4) == 4 * [name.capitalize()]
    hits = searcher.search(pen_drawing(ink=INKS["red"]), k=20)
    paged = [hit for offset in (0, 8, 16) for hit in searcher.search(pen_drawing(ink=INKS["red"]), k=8, offset=offset)]
    assert paged == hits
    filtered = searcher.search(pen_drawing(ink=INKS["red"]), k=20, where="articleType=Shirts,price<25")
    assert [hit.item for hit in filtered] == [
        hit.item for hit in hits if hit.item.kind == "Shirts" and float(hit.item.fields["price"]) < 25
    ]


def test_words_count_alone_and_beside_a_drawing(folder: Path) -> None:
    searcher = Searcher.open(folder, MeanColours())
    assert colours(searcher, caption="a green bag", k=4) == 4 * ["Green"]
    red = pen_drawing(ink=INKS["red"])
    assert colours(searcher, sketch=red, caption="blue", sketch_weight=0.1, k=4) == 4 * ["Blue"]
    assert colours(searcher, sketch=red, caption="blue", sketch_weight=0.9, k=4) == 4 * ["Red"]
    (hit,) = searcher.search(red, "red shirt", k=1)
    assert hit.sketch_score is not None and hit.words_score is not None
    with pytest.raises(QueryError, match="in one way"):
        searcher.search(red, "blue", fusion="gated")


def test_with_an_encoder_without_words_those_of_the_gallery_are_looked_up(folder: Path) -> None:
    searcher = Searcher.open(folder, Wordless())
    red = pen_drawing(ink=INKS["red"])
    assert colours(searcher, caption="blue", k=2) == 2 * ["Blue"]
    assert colours(searcher, sketch=red, caption="a velvet one", k=3) == colours(searcher, sketch=red, k=3)
    (hit,) = searcher.search(red, "blue", k=1)
    assert hit.words_score is None and hit.lexical_score is not None
    with pytest.raises(QueryError, match="mean-colours knows no words: expected a drawing"):
        searcher.search(caption="velvet")
    with pytest.raises(QueryError, match="is empty"):
        QueryEncoder(Wordless()).embed(None, "")


def test_near_duplicates_are_folded(tmp_path: Path) -> None:
    for number, name in enumerate(("red", "red", "blue")):
        save_picture(tmp_path / "g" / f"{number}.png", product_photo(color=INKS[name], size_px=(200, 120, 120)[number]))
    write_manifest(tmp_path / "g", [{"id": f"{number}", "file": f"{number}.png"} for number in range(3)])
    hits = Searcher.open(tmp_path / "g", MeanColours()).search(caption="red", fold=True)
    assert [(hit.rank, len(hit.alike)) for hit in hits] == [(1, 1), (2, 0)]


def test_an_index_folder_is_opened_with_the_encoder_that_made_it_and_with_no_other(
    folder: Path, tmp_path: Path, encoder: Encoder
) -> None:
    index, report = update_index(Catalog.open(folder), tmp_path / "index", MeanColours(), silent)
    assert (len(report.encoded), index.encoder, index.vectors.shape) == (20, "mean-colours", (20, 3))
    found = Searcher.open(tmp_path / "index", MeanColours())
    assert found.search(caption="red") == Searcher(MeanColours(), index).search(caption="red")
    with pytest.raises(GalleryIndexError, match="made by another encoder"):
        Searcher.open(tmp_path / "index", encoder)
