"""The words of a gallery beside its vectors."""

import io
from dataclasses import replace

import numpy as np
import pytest

from retrieval.gallery.catalog import Catalog
from retrieval.index import lexical
from retrieval.index.engines.exact import ExactIndex
from retrieval.index.folder.store import load_index
from retrieval.index.lexical import TermIndex, open_terms, weighted_terms
from retrieval.index.update import update_index
from retrieval.search import ranking
from retrieval.search.ranking import Ranking
from retrieval.values.datatypes import CatalogItem
from tests.retrieval.making import write_gallery
from tests.retrieval.mean_colours import MeanColours

TITLES = ("Puma red shoes", "Nike red running shoes", "Puma blue bag with a red strap and many more words", "Hat")


def item(title, **fields):
    return CatalogItem(title, f"{title}.jpg", title, f"/g/{title}.jpg", fields)


@pytest.fixture
def index():
    return TermIndex.of_items([item(title, articleType="Shoes" if "shoes" in title else "") for title in TITLES])


@pytest.fixture
def index_dir(tmp_path):
    write_gallery(tmp_path / "g")
    update_index(Catalog.open(tmp_path / "g"), tmp_path / "i", MeanColours(), lambda *_: None)
    return tmp_path / "i"


def order(scores):
    return [int(row) for row in np.argsort(-scores, kind="stable") if scores[row] > 0]


def test_rare_words_count_more_and_all_of_them_most(index):
    assert order(index.scores([["puma"], ["shoe"]]))[0] == 0
    assert order(index.scores([["hat"], ["red"]]))[0] == 3  # one item has the hat, three have red
    scores = index.scores([["nike"], ["red"], ["running"], ["shoe"]])
    assert scores[1] == pytest.approx(1.0, abs=0.15) and scores[3] == 0


def test_words_that_nobody_has_cost_nothing(index):
    assert (index.scores([["puma"], ["pizza"]]) == index.scores([["puma"]])).all()
    assert not index.scores([["pizza"]]).any() and not index.scores([]).any()


def test_of_words_that_mean_the_same_the_best_counts_once(index):
    either = index.scores([["bag", "hat"]])
    assert order(either) == [3, 2] and either.max() <= 1.2


def test_columns_are_words_and_addresses_are_not():
    index = TermIndex.of_items([item("x", brand="Puma", url="https://shop.example/nike", note="see http://adidas")])
    assert index.frequency("puma") == 1
    assert not any(map(index.frequency, ("nike", "adidas", "http", "shop")))


def test_it_is_read_as_it_was_written_and_every_damage_is_noticed(index, tmp_path):
    stream = io.BytesIO()
    index.save(stream)
    path, data = tmp_path / "words.bin", bytearray(stream.getvalue())
    path.write_bytes(data)
    again = TermIndex.load(path, 4)
    assert again.vocabulary == index.vocabulary and (again.scores([["red"]]) == index.scores([["red"]])).all()
    rng = np.random.default_rng(0)
    for at in rng.integers(0, len(data), 60):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1 << int(rng.integers(8))]) + data[at + 1 :])
        try:
            assert TermIndex.load(path, 4).vocabulary == index.vocabulary  # padding of NumPy's headers
        except Exception:
            continue
    with pytest.raises(ValueError, match="damaged"):
        path.write_bytes(data)
        TermIndex.load(path, 5)


def test_it_is_made_anew_where_it_is_missing_or_damaged(index_dir, monkeypatch):
    stored = load_index(index_dir)
    path = index_dir / stored.words
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    assert open_terms(stored).frequency("red") and path.read_bytes() == whole
    path.unlink()
    open_terms(stored)
    assert path.read_bytes() == whole
    monkeypatch.setattr(lexical.TermIndex, "of_items", None)
    open_terms(stored)  # now it is only read


def test_a_strangers_file_is_not_opened(index_dir, monkeypatch):
    stored = load_index(index_dir)
    before = (index_dir / stored.words).read_bytes()
    monkeypatch.setattr(lexical.TermIndex, "load", None)
    assert open_terms(replace(stored, is_ours=False)).frequency("red")
    assert (index_dir / stored.words).read_bytes() == before


@pytest.mark.parametrize("most", [5, 60, 10_000])
def test_of_many_rows_that_have_a_word_those_that_the_vectors_like_come_first(monkeypatch, most):
    monkeypatch.setattr(ranking, "MOST_GAINING", most)
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((400, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    gains = rng.choice([0.0, 0.5, 0.9], 400, p=[0.4, 0.5, 0.1]).astype(np.float32)
    allowed = rng.random(400) < 0.9
    found, scores = Ranking(ExactIndex(vectors), vectors[7], allowed, np.array([3]), gains).first(12)
    expected = np.where(allowed, vectors @ vectors[7] + gains, -9)
    expected[3] = -9
    assert found.tolist() == np.argsort(-expected, kind="stable")[:12].tolist()
    assert np.allclose(scores, -np.sort(-expected)[:12], atol=1e-5)


def test_of_a_long_text_only_the_beginning_is_looked_up():
    assert list(weighted_terms(item("red " * 1_000 + "late"))) == ["red"]
