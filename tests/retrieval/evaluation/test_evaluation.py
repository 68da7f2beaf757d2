from __future__ import annotations

import io
import json
import math
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from retrieval.evaluation.baselines import TitleSearch, hog_of_lines, words_of
from retrieval.evaluation.colours import TESTED_COLOURS
from retrieval.evaluation.drawn.paired import paired_section, read_paired
from retrieval.evaluation.evaluator import evaluate
from retrieval.evaluation.gallery import Gallery, encode_photos
from retrieval.evaluation.metrics import Estimate, estimate, top_hits
from retrieval.evaluation.recall import chance_row, gain_row, row_of, values_of
from retrieval.evaluation.report import Report
from retrieval.gallery.catalog import Catalog
from retrieval.sketches.edges import draw_variants
from retrieval.sketches.preprocessing import LINE_GRID_PX, extract_lines
from retrieval.values.errors import CatalogError, TrainingError
from retrieval.values.ports import Encoder
from retrieval.words.colours import COLOUR_FAMILIES, family_of
from retrieval.words.inks import COLOUR_RGB
from tests.retrieval.making import INKS, pen_drawing, product_photo, run_retrieval, save_picture, silent, write_gallery

TITLES = ["Nike Men Blue T-Shirt", "Nike Blue Blue Shoes", "red shoe", "", "Grey tee shirts for men"]
QUERIES = ["a blue shoe", "grey t-shirt", "unicorn", "", "Nike Men Blue T-Shirt"]


def test_title_search_agrees_with_dense_tf_idf() -> None:
    vocabulary = sorted({word for title in TITLES for word in words_of(title)})

    def weights(text: str) -> np.ndarray:
        counts = Counter(words_of(text))
        documents = [sum(word in words_of(title) for title in TITLES) for word in vocabulary]
        idf = [math.log((1 + len(TITLES)) / (1 + number)) + 1 for number in documents]
        vector = np.array([counts[word] * value for word, value in zip(vocabulary, idf, strict=True)])
        return vector / (np.linalg.norm(vector) or 1.0)

    dense = np.array([[weights(query) @ weights(title) for title in TITLES] for query in QUERIES])
    assert np.allclose(TitleSearch(TITLES).scores(QUERIES), dense, atol=1e-6)


def test_a_title_finds_itself_and_unknown_words_find_nothing() -> None:
    scores = TitleSearch(TITLES).scores(QUERIES)
    assert scores[4].argmax() == 0
    assert scores[4, 0] == pytest.approx(1.0)
    assert not scores[2].any()
    assert not scores[3].any()


def test_ties_between_titles_fall_by_a_seeded_draw_and_nothing_else_changes() -> None:
    search = TitleSearch(["red shoe"] * 50 + ["blue shoe"])
    scores = search.ranking_scores(["red shoe"] * 30)
    firsts = scores.argmax(axis=1)
    assert len(set(firsts.tolist())) > 10
    assert (scores.argmin(axis=1) == 50).all()
    assert np.array_equal(scores, search.ranking_scores(["red shoe"] * 30))


def test_hog_finds_the_drawing_of_the_same_shape() -> None:
    drawn = hog_of_lines(
        [extract_lines(pen_drawing(shape, 300, pen)).lines for shape in ("shirt", "bag") for pen in (3, 9)]
    )
    photos = hog_of_lines([draw_variants(product_photo(shape), "")[0] for shape in ("shirt", "bag")])
    assert (drawn @ photos.T).argmax(axis=1).tolist() == [0, 0, 1, 1]
    assert np.allclose(np.linalg.norm(drawn, axis=1), 1.0, atol=1e-5)
    assert not hog_of_lines([np.zeros((LINE_GRID_PX, LINE_GRID_PX), bool)]).any()


def test_every_catalogue_colour_with_a_hue_belongs_to_exactly_one_family() -> None:
    words = [word for family in COLOUR_FAMILIES.values() for word in family]
    assert len(words) == len(set(words))
    assert set(COLOUR_RGB) <= set(words)
    assert set(TESTED_COLOURS) <= set(COLOUR_FAMILIES)
    assert [family_of(name) for name in ("Navy Blue", "Multi", "", "Maroon", "NA")] == ["blue", "", "", "red", ""]


def test_a_median_has_an_interval_too() -> None:
    got = estimate([1, 2, 3, 4, 1000], statistic=np.median)
    assert got.mean == 3
    assert 1 <= got.low <= 3 <= got.high <= 1000


def test_top_hits_are_the_best_first_and_equals_stay_in_order() -> None:
    assert top_hits(np.array([[0.1, 0.9, 0.5, 0.9]], np.float32), 3).tolist() == [[1, 3, 2]]
    assert top_hits(np.zeros((2, 2), np.float32), 10).shape == (2, 2)


def mean(value: Estimate | float) -> float:
    return value.mean if isinstance(value, Estimate) else value


def test_chance_is_what_random_orders_give_on_average() -> None:
    rng = np.random.default_rng(0)
    relevant = rng.random((30, 40)) < 0.3
    rows = [row_of(values_of(rng.random((30, 40)).astype(np.float32), relevant)) for _ in range(60)]
    expected = chance_row(40, relevant)
    for column in ("R@1", "R@10", "mAP", "kind P@10"):
        assert np.mean([mean(row[column]) for row in rows]) == pytest.approx(mean(expected[column]), abs=0.02)
    assert np.mean([mean(row["median rank"]) for row in rows]) == pytest.approx(mean(expected["median rank"]), abs=1.5)


def test_gains_are_differences_query_by_query() -> None:
    relevant = np.eye(3, dtype=bool)
    good, bad = values_of(np.eye(3, dtype=np.float32), relevant), values_of(-np.eye(3, dtype=np.float32), relevant)
    row = gain_row(good, bad)
    assert (mean(row["R@1"]), mean(row["R@10"])) == (1.0, 0.0)


def check_report(report: Report) -> dict[str, Any]:
    """Every table is rectangular, and the record is strict JSON."""
    for block in report.table().split("\n\n"):
        lines = [line for line in block.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in lines}) <= 1
        assert "nan" not in block
    record = json.loads(json.dumps(report.record(), allow_nan=False))
    for rows in (record["figures"], *record["sections"].values()):
        for row in rows.values():
            for value in row.values():
                assert not isinstance(value, dict) or value["low"] <= value["mean"] <= value["high"]
    return record


@pytest.mark.parametrize("given", [False, True])
def test_a_small_gallery_is_measured_in_every_way(given: bool, encoder: Encoder, tmp_path: Path) -> None:
    folder = write_gallery(tmp_path / "gallery", 12, sketches=given)
    extra = write_gallery(tmp_path / "extra", 16)  # the first twelve are the queries themselves
    save_picture(extra / "not a picture.png", pen_drawing())
    (extra / "001.png").write_bytes(b"broken")
    report = evaluate(encoder, silent, folder, "val", gallery_extra=extra, sheets=tmp_path / "sheets")
    record = check_report(report)
    assert record["queries"] == 12
    assert record["gallery"] == 12 + 4
    methods = ["given"] if given else ["Canny", "XDoG"]
    expected = {"title", "short caption", "chance", "TF-IDF on titles, title", "TF-IDF on titles, short caption"}
    for method in methods:
        expected |= {f"drawing ({method})", f"drawing ({method}) + title", f"drawing ({method}) + short caption"}
        expected.add(f"HOG on edges, {method}")
    assert set(record["figures"]) == expected
    assert record["figures"]["TF-IDF on titles, title"]["R@1"]["mean"] == 1.0
    assert {"gains", "colour", "ink", "misleading_ink"} <= set(record["sections"])
    assert [Path(file).name for file in report.sheets] == ["items.png"]
    for file in report.sheets:
        with Image.open(file) as sheet:
            assert sheet.width > 1000


def test_rows_without_a_drawing_are_left_out_when_others_have_one(encoder: Encoder, tmp_path: Path) -> None:
    folder = write_gallery(tmp_path / "gallery", 6, sketches=True)
    text = (folder / "metadata.csv").read_text(encoding="utf-8").replace("sketches/002.png", "")
    (folder / "metadata.csv").write_text(text, encoding="utf-8")
    assert evaluate(encoder, silent, folder, "val").queries == 5


def test_pictures_without_labels_are_measured_as_far_as_they_go(encoder: Encoder, tmp_path: Path) -> None:
    for number, ink in enumerate(INKS.values()):
        save_picture(tmp_path / "g" / f"{number}.png", product_photo(color=ink))
    rows = "".join(f"{number}.png,thing {number},val\n" for number in range(len(INKS)))
    (tmp_path / "g" / "metadata.csv").write_text("file,title,split\n" + rows, encoding="utf-8")
    report = evaluate(encoder, silent, tmp_path / "g", "val", sheets=tmp_path / "sheets")
    check_report(report)
    assert set(report.sections) == {"gains"}
    assert "kind P@10" not in report.items.rows["title"]
    with pytest.raises(CatalogError, match="split 'test'"):
        evaluate(encoder, silent, tmp_path / "g", "test")


def write_pairs(path: Path, count: int = 5, folders: tuple[str, str] = ("sketch", "photo_edge")) -> Path:
    with tarfile.open(path, "w") as pack:
        for number in range(count):
            picture = pen_drawing("bag", 128, 2)
            picture[40 + 8 * number : 44 + 8 * number, 30:100] = 0
            for folder in folders:
                stream = io.BytesIO()
                Image.fromarray(picture).save(stream, "PNG")
                entry = tarfile.TarInfo(f"{folder}/{number}.png")
                entry.size = stream.tell()
                stream.seek(0)
                pack.addfile(entry, stream)
    return path


def test_a_drawing_equal_to_its_edge_map_is_found_first(encoder: Encoder, tmp_path: Path) -> None:
    pairs = read_paired(write_pairs(tmp_path / "my_handbag.tar"))
    assert len(pairs) == 5
    catalog = Catalog.open(write_gallery(tmp_path / "gallery", 6))
    pictures = [catalog.read(item) for item in catalog.items]
    hog = hog_of_lines([draw_variants(picture, "")[0] for picture in pictures])
    gallery = Gallery(catalog.items, (catalog,) * 6, encode_photos(encoder, pictures), hog, 6)
    rows = paired_section(encoder, gallery, {"my_handbag": pairs}).rows
    assert mean(rows["my_handbag (5): HOG"]["R@1"]) == 1.0
    assert mean(rows["my_handbag (5): edge maps as drawings"]["R@1"]) == 1.0
    assert mean(rows["my_handbag (5): in the catalogue, drawing alone"]["kind P@10"]) == pytest.approx(0.5)


def test_tars_without_pairs_and_broken_tars_are_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="hold no photo_edge"):
        read_paired(write_pairs(tmp_path / "half.tar", folders=("sketch", "other")))
    (tmp_path / "broken.tar").write_bytes(b"x" * 3000)
    for name in ("broken.tar", "missing.tar"):
        with pytest.raises(TrainingError) as caught:
            read_paired(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_a_picture_without_its_partner_costs_itself(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pack = write_pairs(tmp_path / "handbag.tar")
    with tarfile.open(pack, "a") as more:
        more.addfile(tarfile.TarInfo("photo_edge/._0.png"))
        for name in ("sketch/alone.png", "photo_edge/broken.png", "sketch/broken.png"):
            entry = tarfile.TarInfo(name)
            entry.size = 0
            more.addfile(entry)
    assert len(read_paired(pack)) == 5
    assert "3 left out" in caplog.text and "sketch/alone.png" in caplog.text


def test_the_command_measures_people_pairs_and_sheets(encoder_folder: Path, gallery: Path, tmp_path: Path) -> None:
    drawing = {"word": "purse", "drawing": [[[0, 50, 100], [0, 90, 10]]]}
    (tmp_path / "people.ndjson").write_text(json.dumps(drawing) + "\n", encoding="utf-8")
    pack = write_pairs(tmp_path / "handbag.tar")
    done = run_retrieval(
        *("evaluate", "--data", gallery, "--encoder", encoder_folder, "--drawings", tmp_path / "people.ndjson"),
        *("--paired-drawings", pack, "--paired-drawings", pack, "--sheets", tmp_path / "sheets", "--json"),
    )
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert {"people", "paired"} <= set(record["sections"])
    packs = {row.split(" (")[0] for row in record["sections"]["paired"]}
    assert packs == {"handbag", "handbag 2"}
    assert sorted(path.name for path in (tmp_path / "sheets").iterdir()) == sorted(
        Path(file).name for file in record["sheets"]
    )
