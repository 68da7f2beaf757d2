from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from retrieval.evaluation.evaluator import evaluate
from retrieval.evaluation.gallery import encode_photos
from retrieval.evaluation.metrics import Estimate
from retrieval.evaluation.recall import METRICS
from retrieval.gallery.catalog import Catalog
from retrieval.values.errors import CatalogError
from retrieval.values.ports import Encoder
from tests.retrieval.making import save_picture, silent, write_gallery, write_manifest

PLAIN = ("title", "short caption", "TF-IDF on titles, title", "TF-IDF on titles, short caption", "chance")


def rows_for(*drawings: str) -> set[str]:
    drawn = [f"drawing ({name}){more}" for name in drawings for more in ("", " + title", " + short caption")]
    return {*PLAIN, *drawn, *(f"HOG on edges, {name}" for name in drawings)}


def test_drawings_are_derived_in_two_ways_where_none_are_given(gallery: Path, encoder: Encoder) -> None:
    report = evaluate(encoder, silent, gallery, "val")
    assert set(report.items.rows) == rows_for("Canny", "XDoG")
    assert (report.queries, report.gallery) == (10, 10)


def test_given_drawings_are_used_and_rows_without_one_are_left_out(tmp_path: Path, encoder: Encoder) -> None:
    folder = write_gallery(tmp_path / "g", 8, sketches=True)
    items = Catalog.open(folder).items
    rows = [item.fields | {"id": item.id, "file": item.file, "title": item.title} for item in items]
    rows[2]["sketch"] = ""
    rows[3]["sketch"] = str((folder / rows[3]["sketch"]).resolve())
    write_manifest(folder, rows)
    report = evaluate(encoder, silent, folder, "val")
    assert set(report.items.rows) == rows_for("given")
    assert report.queries == 7


def test_chance_is_exact(tmp_path: Path, encoder: Encoder) -> None:
    folder, extra = write_gallery(tmp_path / "g", 6), write_gallery(tmp_path / "extra", 16, split="train")
    report = evaluate(encoder, silent, folder, "val", extra)
    # ids of the first six are the queries' own, so ten further pictures remain
    assert (report.queries, report.gallery) == (6, 16)
    chance = report.items.rows["chance"]
    assert (chance["R@1"], chance["R@5"], chance["R@10"]) == (1 / 16, 5 / 16, 10 / 16)
    assert chance["median rank"] == 8.5
    assert chance["mAP"] == pytest.approx(sum(1 / rank for rank in range(1, 17)) / 16)
    assert chance["kind P@10"] == pytest.approx(8 / 16)


def test_figures_agree_with_ranking_by_hand(gallery: Path, encoder: Encoder) -> None:
    report = evaluate(encoder, silent, gallery, "val")
    catalog = Catalog.open(gallery)
    photos = encode_photos(encoder, [catalog.read(item) for item in catalog.items])
    titles = encoder.encode_words([item.title for item in catalog.items])
    ranks = [1 + sum(s >= row[i] for j, s in enumerate(row) if j != i) for i, row in enumerate(titles @ photos.T)]
    row = report.items.rows["title"]
    for k in (1, 5, 10):
        found = row[f"R@{k}"]
        assert isinstance(found, Estimate)
        assert found.mean == pytest.approx(np.mean([rank <= k for rank in ranks]))
    median = row["median rank"]
    assert isinstance(median, Estimate)
    assert median.mean == np.median(ranks)


def test_the_record_is_json_and_the_table_has_every_row(gallery: Path, encoder: Encoder) -> None:
    report = evaluate(encoder, silent, gallery, "val")
    record = json.loads(json.dumps(report.record(), allow_nan=False))
    assert record["queries"] == 10
    assert record["encoder"] == encoder.name
    assert set(record["figures"]) == set(report.items.rows)
    assert set(record["figures"]["title"]["R@10"]) == {"mean", "low", "high", "n"}
    assert report.table().startswith("10 queries, gallery of 10")
    lines = [line for line in report.items.table().splitlines() if line.startswith("|")]
    assert len(lines) == 2 + len(report.items.rows)
    assert {line.count("|") for line in lines} == {len(METRICS) + 2}


def test_without_kinds_that_column_stays_empty(tmp_path: Path, encoder: Encoder) -> None:
    folder = write_gallery(tmp_path / "g", 4)
    write_manifest(folder, [{"file": f"{i:03d}.png", "title": f"thing {i}", "split": "val"} for i in range(4)])
    report = evaluate(encoder, silent, folder, "val")
    assert all("kind P@10" not in row for row in report.items.rows.values())
    assert report.items.table().splitlines()[-1].endswith("|  |")


def test_further_pictures_that_cannot_be_read_distract_nobody(tmp_path: Path, encoder: Encoder) -> None:
    folder, extra = write_gallery(tmp_path / "g", 4), write_gallery(tmp_path / "extra", 9)
    (extra / "007.png").write_bytes(b"x")
    assert evaluate(encoder, silent, folder, "val", extra).gallery == 8


def test_data_that_cannot_be_measured_are_told(tmp_path: Path, encoder: Encoder) -> None:
    folder = write_gallery(tmp_path / "g", 3)
    with pytest.raises(CatalogError, match="split 'test'"):
        evaluate(encoder, silent, folder, "test")
    for picture in folder.glob("*.png"):
        picture.write_bytes(b"x")
    with pytest.raises(CatalogError, match=r"Nothing of .* can be measured: .*000\.png .*\(3 like it\)"):
        evaluate(encoder, silent, folder, "val")


@pytest.mark.parametrize("sketches", [False, True])
def test_pictures_that_cannot_be_read_cost_themselves(tmp_path: Path, encoder: Encoder, sketches: bool) -> None:
    folder, whole = (write_gallery(tmp_path / name, 8, sketches=sketches) for name in ("g", "whole"))
    (folder / "003.png").write_bytes(b"x")
    (folder / "000.png").unlink()
    if sketches:
        (folder / "sketches" / "005.png").write_bytes(b"")
        save_picture(folder / "sketches" / "006.png", np.full((50, 50, 3), 255, np.uint8))
    lost = {"000.png", "003.png", *(["sketches/005.png", "sketches/006.png"] if sketches else [])}
    report = evaluate(encoder, silent, folder, "val", sheets=tmp_path / "s")
    assert report.queries == report.gallery == 8 - len(lost)
    assert all(any(name in line for line in report.left_out) for name in lost)
    assert f"{len(lost)} left out" in report.table()
    rows = (whole / "metadata.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    gone = {name[-7:] for name in lost}
    (whole / "metadata.csv").write_text("".join(row for row in rows if not any(name in row for name in gone)), "utf-8")
    alone = evaluate(encoder, silent, whole, "val")
    assert alone.items.record() == report.items.record() and not alone.left_out
    assert {key: section.record() for key, section in alone.sections.items()} == {
        key: section.record() for key, section in report.sections.items()
    }


def test_one_item_alone_is_measured(tmp_path: Path, encoder: Encoder) -> None:
    folder = write_gallery(tmp_path / "g", 3)
    for name in ("000.png", "002.png"):
        (folder / name).write_bytes(b"x")
    report = evaluate(encoder, silent, folder, "val", sheets=tmp_path / "s")
    assert (report.queries, report.gallery, len(report.left_out)) == (1, 1, 2)
    json.dumps(report.record(), allow_nan=False)
