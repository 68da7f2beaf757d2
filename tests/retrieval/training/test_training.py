from __future__ import annotations

import ast
import io
import json
import math
import os
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from garments import line_drawing
from garments.writing.data_set import write_data_set
from retrieval.commands.parser import main
from retrieval.encoder.checkpoints import open_checkpoint
from retrieval.encoder.model.vision import FROZEN_STAGES
from retrieval.encoder.model.vocabulary import train_tokenizer
from retrieval.encoder.opening import open_encoder
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.pictures import read_picture
from retrieval.search.queries import QueryEncoder
from retrieval.sketches import augmentation
from retrieval.sketches.augmentation import augment_photo, crop_band, degrade_lines, ink_sketch
from retrieval.sketches.edges import draw_variants
from retrieval.sketches.kind_sketches import DRAWN_AS, KindSketches, kinds_drawn_as, mixed_bank, rasterize
from retrieval.sketches.people_drawings import read_drawings, training_drawings
from retrieval.sketches.preprocessing import (
    LINE_GRID_PX,
    LINE_MARGIN_PX,
    bounding_box,
    extract_lines,
    pack_lines,
    prepare_photo,
    unpack_lines,
)
from retrieval.training import fusion_tuning, trainer
from retrieval.training.data import builder, examples, wishes
from retrieval.training.data.builder import build_pairs
from retrieval.training.data.examples import Examples, TrainingBatches
from retrieval.training.data.pairs import Pairs
from retrieval.training.data.wishes import Wishes
from retrieval.training.losses.objective import TrainingModel, step_loss
from retrieval.training.trainer import Trainer, TrainOptions
from retrieval.values.errors import CatalogError, TrainingError
from retrieval.words.captions import KIND_WORDS, kinds_called, normalize_caption
from tests.retrieval.making import (
    REPOSITORY,
    pen_drawing,
    product_photo,
    save_picture,
    silent,
    write_gallery,
    write_manifest,
)

pytestmark = pytest.mark.usefixtures("one_thread")

GRID = (LINE_GRID_PX, LINE_GRID_PX)
LINES = extract_lines(pen_drawing("shirt")).lines
MIXED = ("THIN_TITLES", "KIND_SKETCHES")
DRAWN = {"one": "bag", "two": "shirt"}


def folder_bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


# --- pairs


def build(source: Path, out: Path) -> Pairs:
    build_pairs([source], out, 32, silent, workers=1)
    return Pairs(out)


def drawings(pairs: Pairs, row: int) -> list[bytes]:
    return [pack_lines(pairs.lines(row, variant)).tobytes() for variant in range(pairs.variants)]


def test_packed_lines_unpack_to_what_they_were() -> None:
    rng = np.random.default_rng(0)
    for density in (0.0, 0.1, 1.0):
        lines = rng.random(GRID) < density
        assert np.array_equal(unpack_lines(pack_lines(lines)), lines)


def test_pairs_hold_photo_drawings_and_words_of_each_row(gallery: Path, tmp_path: Path) -> None:
    pairs = build(gallery, tmp_path / "pairs")
    catalog = Catalog.open(gallery)
    assert pairs.photos.shape == (10, 32, 32, 3)
    for i, item in enumerate(catalog.items):
        photo = catalog.read(item)
        assert np.array_equal(pairs.photos[i], prepare_photo(photo, 32))
        assert drawings(pairs, i) == [pack_lines(lines).tobytes() for lines in draw_variants(photo, item.title)]
        assert pairs.rows[i]["title"] == item.title
        assert pairs.rows[i]["split"] == "val"
    assert pairs.indices("val") == list(range(10))


def test_building_is_deterministic_whatever_the_processes(
    gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder, "CHUNK_ROWS", 3)
    build(gallery, tmp_path / "one")
    build_pairs([gallery], tmp_path / "two", 32, silent, workers=2)
    assert folder_bytes(tmp_path / "one") == folder_bytes(tmp_path / "two")


def test_an_interrupted_build_goes_on_where_it_stopped(
    gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder, "CHUNK_ROWS", 3)

    class Crash(BaseException):
        pass

    def crash(_: str, share: float | None) -> None:
        if share is not None and share > 0.5:
            raise Crash

    with pytest.raises(Crash):
        build_pairs([gallery], tmp_path / "pairs", 32, crash, workers=1)
    with pytest.raises(TrainingError, match="missing or unfinished"):
        Pairs(tmp_path / "pairs")
    drawn: list[str] = []
    draw = builder.draw_variants
    monkeypatch.setattr(builder, "draw_variants", lambda photo, title: drawn.append(title) or draw(photo, title))
    build(gallery, tmp_path / "pairs")
    assert drawn == [item.title for item in Catalog.open(gallery).items[6:]]
    build(gallery, tmp_path / "fresh")
    assert folder_bytes(tmp_path / "pairs") == folder_bytes(tmp_path / "fresh")


def test_unreadable_pictures_train_nothing_and_are_tried_again(gallery: Path, tmp_path: Path) -> None:
    good = (gallery / "002.png").read_bytes()
    (gallery / "002.png").write_bytes(b"x")
    pairs = build(gallery, tmp_path / "pairs")
    assert pairs.indices("unreadable") == [2]
    rows, left_out = build_pairs([gallery], tmp_path / "pairs", 32, silent, workers=1)
    assert rows == 10 and len(left_out) == 1 and "002.png" in left_out[0]
    assert len(pairs.indices("val")) == 9
    (gallery / "002.png").write_bytes(good)
    assert len(build(gallery, tmp_path / "pairs").indices("val")) == 10


def test_pairs_without_a_single_photo_are_an_error(tmp_path: Path) -> None:
    gallery = write_gallery(tmp_path / "g", 2)
    for picture in gallery.glob("*.png"):
        picture.write_bytes(b"x")
    with pytest.raises(CatalogError, match=r"No photo of .* can be read: .*\(2 like it\)"):
        build_pairs([gallery], tmp_path / "pairs", 32, silent, workers=1)


@pytest.mark.skipif(sys.platform != "linux", reason="names of other bytes are not allowed elsewhere")
def test_names_that_are_no_letters_train(tmp_path: Path) -> None:
    gallery = tmp_path / "g"
    for name in (b"caf\xe9 dress.png", b"bag.png"):
        save_picture(gallery / os.fsdecode(name), product_photo())
    pairs = build(gallery, tmp_path / "pairs")
    tokenizer = train_tokenizer([normalize_caption(row["title"]) for row in pairs.rows], 560, 16)
    assert tokenizer([normalize_caption(row["title"]) for row in pairs.rows])["input_ids"]


def test_pairs_of_other_pictures_are_not_mixed_in(gallery: Path, tmp_path: Path) -> None:
    build(gallery, tmp_path / "pairs")
    with pytest.raises(TrainingError, match="other pictures or settings"):
        build(write_gallery(tmp_path / "other", 3), tmp_path / "pairs")


@pytest.mark.parametrize("damage", ["pairs.json", "rows.jsonl", "photos.npy", "lines.npy"])
@pytest.mark.parametrize("content", [None, b"", b"x", b"[]"])
def test_damaged_pairs_are_named_in_one_line(
    damage: str, content: bytes | None, tmp_path: Path, tiny_pairs: Path
) -> None:
    folder = tmp_path / "pairs"
    folder.mkdir()
    for name in ("pairs.json", "rows.jsonl", "photos.npy", "lines.npy"):
        if name != damage:
            (folder / name).symlink_to(tiny_pairs / name)
        elif content is not None:
            (folder / name).write_bytes(content)
    with pytest.raises(TrainingError) as caught:
        Pairs(folder)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_drawings_that_the_manifest_names_stand_beside_derived_ones(tmp_path: Path) -> None:
    drawn = {name: save_picture(tmp_path / "g" / f"{name}.png", pen_drawing(shape)) for name, shape in DRAWN.items()}
    save_picture(tmp_path / "g" / "blank.png", np.full((50, 50, 3), 255, np.uint8))
    save_picture(tmp_path / "g" / "shirt.png", product_photo())
    names = [("", "", ""), ("one", "", ""), ("one", "two", "one"), ("blank", "none", "")]
    rows = [dict(zip(builder.SKETCH_COLUMNS, (n and f"{n}.png" for n in row), strict=True)) for row in names]
    write_manifest(tmp_path / "g", [{"file": "shirt.png", "id": str(i), **row} for i, row in enumerate(rows)])
    pairs = build(tmp_path / "g", tmp_path / "pairs")
    lines = {name: extract_lines(read_picture(path)).lines for name, path in drawn.items()}
    fine, medium, sparse, contour = draw_variants(product_photo(), "shirt")
    expected = [
        [fine, medium, sparse, contour],
        [medium, fine, sparse, lines["one"]],
        [medium, lines["one"], lines["two"], lines["one"]],
        [fine, medium, sparse, contour],
    ]
    for row, wanted in enumerate(expected):
        assert drawings(pairs, row) == [pack_lines(one).tobytes() for one in wanted]


def test_what_garments_writes_is_built_into_pairs_and_a_bank(tmp_path: Path) -> None:
    write_data_set(tmp_path / "garments", 2, kind_drawings=2)
    folder = str(tmp_path / "garments")
    command = ["dataset", "build", "--images", folder, "--images", folder, "--out", str(tmp_path / "pairs")]
    assert main([*command, "--kind-drawings", f"{folder}/kinds", "--size", "32", "--workers", "1"]) == 0
    pairs = Pairs(tmp_path / "pairs" / "photos")
    assert [row["id"] for row in pairs.rows] == ["demo-00000", "demo-00001"] * 2
    for i, row in enumerate(pairs.rows):
        for style_seed in range(3):
            own = rasterize(line_drawing(int(row["id"][-5:]), style_seed=style_seed))
            near = cv2.dilate(pairs.lines(i, style_seed + 1).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
            assert (own & ~near).sum() < 0.03 * own.sum()
    bank = KindSketches.load(tmp_path / "pairs" / "kinds.npz")
    assert set(bank.words) == {word for several in DRAWN_AS.values() for word in several}


def test_peoples_drawings_make_up_their_share_of_a_word() -> None:
    line, other = np.eye(GRID[0], dtype=bool), np.eye(GRID[0], dtype=bool)[::-1]
    bank = mixed_bank({"belt": [line] * 65, "hat": [line]}, {"belt": [other] * 5, "crown": [other]})
    assert set(bank.words) == {"belt", "hat"}
    rng = np.random.default_rng(0)
    picked = [np.array_equal(bank.drawing("belt", rng), other) for _ in range(400)]
    assert 0.28 < np.mean(picked) < 0.42
    assert mixed_bank({}, {}).words == ()


def test_a_bank_of_kinds_is_saved_and_picked_from(tmp_path: Path) -> None:
    drawings = [rasterize([np.array([[0, 0], [10, y]], np.float32)]) for y in (0, 5, 10)]
    KindSketches({"belt": drawings}).save(tmp_path / "kinds.npz")
    bank = KindSketches.load(tmp_path / "kinds.npz")
    assert bank.words == ("belt",)
    assert bank.knows("Belts")
    assert not bank.knows("Hat")
    rng = np.random.default_rng(0)
    picks = [bank.pick("Belts", rng) for _ in range(40)]
    assert {word for _, word in picks} == {"belt"}
    assert {pack_lines(lines).tobytes() for lines, _ in picks} == {pack_lines(lines).tobytes() for lines in drawings}
    for content in (b"", b"PK\x03\x04x", b"x"):
        (tmp_path / "bad.npz").write_bytes(content)
        with pytest.raises(TrainingError, match=r"bad\.npz"):
            KindSketches.load(tmp_path / "bad.npz")


def test_a_word_means_every_kind_that_people_call_or_draw_by_it() -> None:
    assert {"Casual Shoes", "Sports Shoes", "Formal Shoes"} <= kinds_called("shoe") & kinds_drawn_as("shoe")
    assert kinds_called("dress") == {"Dresses"}
    assert kinds_called("") == kinds_drawn_as("") == frozenset()
    assert all(kinds_called(words[0]) for words in KIND_WORDS.values())


def test_peoples_drawings_are_split_by_their_key_and_packs_are_read(tmp_path: Path) -> None:
    strokes = [[[0, 50, 100], [0, 80, 0], [1, 2, 3]], [[0, 100], [40, 40], [4, 5]]]
    lines = [json.dumps({"word": "belt", "key_id": str(i), "drawing": strokes}) for i in range(60)]
    lines.append(json.dumps({"word": "helicopter", "key_id": "x", "drawing": strokes}))
    (tmp_path / "d.ndjson").write_text("\n".join(lines))
    drawings = read_drawings(tmp_path / "d.ndjson")
    assert len(drawings) == 60
    assert 8 < sum(drawing.split == "val" for drawing in drawings) < 35
    picture = np.full((64, 64, 3), 255, np.uint8)
    picture[20:40, 30] = 0
    encoded = cv2.imencode(".png", picture)[1].tobytes()
    with tarfile.open(tmp_path / "shoes.tar", "w") as pack:
        for name in ("sketch/1.png", "photo_edge/1.png"):
            member = tarfile.TarInfo(name)
            member.size = len(encoded)
            pack.addfile(member, io.BytesIO(encoded))
    found = training_drawings(drawings, {"shoe": tmp_path / "shoes.tar"})
    assert set(found) == {"belt", "shoe"}
    assert len(found["belt"]) == sum(drawing.split == "train" for drawing in drawings)
    assert len(found["shoe"]) == 1
    assert found["shoe"][0].any()
    for broken in ("nothing.tar", "d.ndjson"):
        with pytest.raises(TrainingError, match="cannot be read"):
            training_drawings([], {"shoe": tmp_path / broken})


def test_a_stroke_of_one_point_leaves_a_dot() -> None:
    line = np.array([[0, 0], [100, 0]], np.float32)
    with_dot = rasterize([line, np.array([[50, 50]], np.float32)])
    assert with_dot[LINE_GRID_PX // 2 :].sum() >= 1
    assert with_dot.sum() > rasterize([line]).sum()


def test_strokes_of_any_size_fill_the_grid() -> None:
    rng = np.random.default_rng(1)
    for scale in (0.01, 1.0, 5000.0):
        strokes = [rng.random((5, 2)).astype(np.float32) * scale for _ in range(3)]
        box = bounding_box(rasterize(strokes))
        assert box is not None
        assert max(box[2] - box[0], box[3] - box[1]) == pytest.approx(LINE_GRID_PX - 2 * LINE_MARGIN_PX, abs=2)


# --- examples


def test_degraded_lines_keep_enough_ink_and_depend_only_on_the_dice() -> None:
    for seed in range(40):
        lines = degrade_lines(LINES, np.random.default_rng(seed))
        assert lines.shape == GRID
        assert lines.dtype == bool
        assert lines.sum() > 0.4 * LINES.sum()
        assert np.array_equal(lines, degrade_lines(LINES, np.random.default_rng(seed)))


def test_augmenting_nothing_is_nothing() -> None:
    blank = np.zeros(GRID, bool)
    for seed in range(10):
        rng = np.random.default_rng(seed)
        assert not degrade_lines(blank, rng).any()
        assert not crop_band(blank, rng).any()
        assert (ink_sketch(blank, (9, 9, 9), 32, rng) == 255).all()
        paper = np.full((32, 32, 3), 250, np.uint8)
        assert (augment_photo(paper, rng) == 250).all()


def test_a_band_of_a_drawing_fills_the_grid_again() -> None:
    for seed in range(10):
        box = bounding_box(crop_band(LINES, np.random.default_rng(seed)))
        assert box is not None
        assert max(box[2] - box[0], box[3] - box[1]) > LINE_GRID_PX - 2 * LINE_MARGIN_PX - 8


@pytest.fixture(scope="module")
def tiny_pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """64 rows for training and 8 held out, photos of 32 px."""
    folder = tmp_path_factory.mktemp("pairs")
    source = write_gallery(folder / "gallery", 72, split="train")
    rows = [
        item.fields | {"id": item.id, "file": item.file, "title": item.title} for item in Catalog.open(source).items
    ]
    write_manifest(source, [row | {"split": "val" if i % 9 == 8 else "train"} for i, row in enumerate(rows)])
    build(source, folder / "data" / "photos")
    return folder / "data" / "photos"


def examples_of(folder: Path, seed: int = 0) -> Examples:
    return Examples(Pairs(folder), KindSketches({"shirt": [LINES]}), seed, 32)


def test_an_example_depends_on_seed_epoch_and_index_alone(tiny_pairs: Path) -> None:
    one, other = examples_of(tiny_pairs), examples_of(tiny_pairs)
    assert len(one) == 64
    for epoch, indices in ((0, [0, 63]), (3, [17])):
        a, b = one.batch(epoch, indices), other.batch(epoch, indices)
        assert torch.equal(a["photo"], b["photo"])
        assert torch.equal(a["sketch"], b["sketch"])
        assert a["caption"] == b["caption"]
        assert a["photo"].shape == a["sketch"].shape == (len(indices), 32, 32, 3)
        assert a["photo"].dtype == a["sketch"].dtype == torch.uint8
    assert not torch.equal(one.batch(0, [0])["sketch"], one.batch(1, [0])["sketch"])
    assert not torch.equal(one.batch(0, [0])["sketch"], examples_of(tiny_pairs, seed=1).batch(0, [0])["sketch"])


def test_held_out_rows_never_train(tiny_pairs: Path) -> None:
    held_out = {row["title"] for row in Pairs(tiny_pairs).rows if row["split"] == "val"}
    assert len(held_out) == 8
    assert held_out.isdisjoint(examples_of(tiny_pairs).batch(0, range(64))["title"])


def test_settings_decide_the_mix(tiny_pairs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "THIN_TITLES", 0.0)
    monkeypatch.setattr(examples, "KIND_SKETCHES", 0.0)
    titles = examples_of(tiny_pairs).batch(0, range(0, 64, 5), titles=1.0)
    assert titles["caption"] == [title.lower() for title in titles["title"]]
    assert {*titles["noun"], *titles["drawn_word"]} == {""}
    monkeypatch.setattr(examples, "KIND_SKETCHES", 1.0)
    words = examples_of(tiny_pairs).batch(0, range(0, 64, 5), titles=0.0)
    for kind, noun, drawn in zip(words["kind"], words["noun"], words["drawn_word"], strict=True):
        assert kind in kinds_called(noun)
        assert drawn == ("shirt" if "Shirts" in kind or kind == "Kurtas" else "")


def test_each_epoch_shows_rows_at_most_once_whatever_the_step_that_is_asked_for(tiny_pairs: Path) -> None:
    pairs = Pairs(tiny_pairs)
    batches = TrainingBatches(examples_of(tiny_pairs, 3), Wishes(pairs, KindSketches({}), 3, 32), size=10)
    whole = [batches.indices(step) for step in range(20)]
    assert all(len(indices) == 10 for _, indices in whole)
    for epoch in (0, 1, 2):
        seen = [i for e, indices in whole for i in indices if e == epoch]
        assert len(seen) == len(set(seen)) == 60
    assert whole[0][1] != whole[6][1]
    assert [batches.indices(step) for step in (19, 0, 7)] == [whole[step] for step in (19, 0, 7)]


def test_the_vocabulary_knows_every_byte_and_is_deterministic() -> None:
    texts = ["red dress", "blue dress", "blue shirt"] * 4
    tokenizer, again = (train_tokenizer(texts, 600, 12) for _ in range(2))
    assert tokenizer.get_vocab() == again.get_vocab()
    # hash tables are seeded anew in every process, and a run is continued in another one
    start = "from retrieval.encoder.model.vocabulary import train_tokenizer as t"
    code = f"{start}; print(ascii(t({texts!r}, 600, 12).get_vocab()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert ast.literal_eval(done.stdout) == tokenizer.get_vocab()
    assert tokenizer.encode("red dress")[0] == 0
    assert tokenizer.encode("red dress")[-1] == 1
    for text in ("caf\u00e9 \ube68\uac04 \U0001f457", "never seen", ""):
        assert tokenizer.unk_token_id not in tokenizer.encode(text)[1:-1]
        assert tokenizer.decode(tokenizer.encode(text), skip_special_tokens=True).strip() == text
    padded = tokenizer(["red", "a much longer text " * 9], padding=True, truncation=True, max_length=12)
    assert {len(ids) for ids in padded["input_ids"]} == {12}


# --- training


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples as they are: nothing but titles loses anything."""
    for module, names in ((augmentation, ("AFFINE", "GAPS", "SMALL_LINES", "FLIP")), (examples, MIXED)):
        for name in names:
            monkeypatch.setattr(module, name, 0.0)


@pytest.fixture(autouse=True)
def short_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wishes, "PER_BATCH", 6)
    for name, value in {"STEPS": 3, "WISH_BATCHES": 2, "BATCH": 16, "WISHES": 8, "CANDIDATES": 20}.items():
        monkeypatch.setattr(fusion_tuning, name, value)
    for name, value in {"WARMUP_STEPS": 4, "CHECKPOINT_EVERY": 5, "VALIDATE_EVERY": 6}.items():
        monkeypatch.setattr(trainer, name, value)


def options_for(pairs: Path, out: Path, **changes: Any) -> TrainOptions:
    options = TrainOptions(
        data=pairs.parent,
        out=out,
        steps=12,
        batch=16,
        workers=0,
    )
    return replace(options, **changes)


def metrics(out: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


@pytest.mark.usefixtures("still")
def test_a_small_set_is_learnt_by_heart(tiny_pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Wishes, "__bool__", lambda _: False)
    losses: list[float] = []

    def watch(message: str, _: float | None) -> None:
        if message.startswith("Training, loss"):
            losses.append(float(message.split("loss ")[1].split(",", maxsplit=1)[0]))

    options = options_for(tiny_pairs, tmp_path / "run", steps=70)
    folder = Trainer(options, watch).run()
    assert len(losses) == 70
    assert losses[0] == pytest.approx(math.log(16), abs=0.6)  # chance
    assert np.mean(losses[-6:]) < 0.6 * math.log(16)
    validated = [record for record in metrics(tmp_path / "run") if "val_sketch" in record]
    assert validated[-1]["step"] == 70
    assert {"val_sketch", "val_title", "val_fused_title", "val_fused_short"} <= set(validated[-1])
    encoder = open_encoder(folder)
    assert QueryEncoder(encoder).embed(pen_drawing(), "red shirt")[0].shape == (256,)
    assert open_checkpoint(str(folder)).fusion == "mixed"
    assert (tmp_path / "run" / "options.json").is_file()


def test_the_fusion_learns_alone_while_the_towers_rest(
    tiny_pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = []
    for steps in (0, 40):
        monkeypatch.setattr(fusion_tuning, "STEPS", steps)
        folders.append(Trainer(options_for(tiny_pairs, tmp_path / f"{steps}"), silent).run())
    before, after = (open_checkpoint(str(folder)).model for folder in folders)
    for name, value in before.clip.state_dict().items():
        assert torch.equal(value, after.clip.state_dict()[name]), name
    moved = [
        name
        for name, value in before.fusion.state_dict().items()
        if not torch.equal(value, after.fusion.state_dict()[name])
    ]
    assert len(moved) == len(before.fusion.state_dict())
    assert metrics(tmp_path / "40")[-1]["tuned"]


def test_a_run_that_was_interrupted_ends_with_the_same_weights(tiny_pairs: Path, tmp_path: Path) -> None:
    whole = Trainer(options_for(tiny_pairs, tmp_path / "whole"), silent).run()

    class Crash(BaseException):
        pass

    for crash_at in (8, 11):  # of 12 steps, saved every 5

        def crash(_: str, share: float | None, crash_at: int = crash_at) -> None:
            if share is not None and share >= crash_at / 12:
                raise Crash

        with pytest.raises(Crash):
            Trainer(options_for(tiny_pairs, tmp_path / "cut"), crash).run()
    cut = Trainer(options_for(tiny_pairs, tmp_path / "cut"), silent)
    assert cut.state.step == 10
    resumed = cut.run()
    assert open_checkpoint(str(resumed)).weights_hash == open_checkpoint(str(whole)).weights_hash
    assert Trainer(options_for(tiny_pairs, tmp_path / "cut"), silent).run() == resumed  # nothing is left to do
    assert open_checkpoint(str(resumed)).weights_hash == open_checkpoint(str(whole)).weights_hash


def test_a_run_of_other_settings_is_not_continued(tiny_pairs: Path, tmp_path: Path) -> None:
    Trainer(options_for(tiny_pairs, tmp_path / "run", steps=1), silent).run()
    for change in ({"seed": 1}, {"batch": 8}):
        with pytest.raises(TrainingError, match="other settings"):
            Trainer(options_for(tiny_pairs, tmp_path / "run", **({"steps": 1} | change)), silent)
    assert Trainer(options_for(tiny_pairs, tmp_path / "run", steps=3), silent).state.step == 1  # more steps are welcome
    (tmp_path / "run" / "state.pt").write_bytes(b"x")
    with pytest.raises(TrainingError, match="damaged"):
        Trainer(options_for(tiny_pairs, tmp_path / "run", steps=1), silent)


def test_too_few_rows_and_unwritable_folders_are_told(tiny_pairs: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="expected at least one batch of 65"):
        Trainer(options_for(tiny_pairs, tmp_path / "run", batch=65), silent)
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError, match="run"):
        Trainer(options_for(tiny_pairs, tmp_path / "file" / "run"), silent).run()


def test_a_loss_that_is_not_a_number_stops_the_run(tiny_pairs: Path, tmp_path: Path) -> None:
    diverging = Trainer(options_for(tiny_pairs, tmp_path / "run"), silent)
    with torch.no_grad():
        diverging.state.model.encoder.clip.logit_scale.fill_(float("nan"))
    with pytest.raises(TrainingError, match="diverged at step 0"):
        diverging.run()


def test_pictures_without_any_label_train_too(tmp_path: Path) -> None:
    source = write_gallery(tmp_path / "g", 12, split="train")
    (source / "metadata.csv").unlink()
    build(source, tmp_path / "photos")
    Trainer(options_for(tmp_path / "photos", tmp_path / "run", steps=2, batch=6), silent).run()
    assert all(math.isfinite(value) for value in metrics(tmp_path / "run")[0].values())


def test_every_part_of_the_model_learns(tiny_pairs: Path, tmp_path: Path) -> None:
    run = Trainer(options_for(tiny_pairs, tmp_path / "run"), silent)
    model: TrainingModel = run.state.model
    for value in model.encoder.fusion.parameters():
        torch.nn.init.normal_(value, std=0.1)  # its last layers start at zero and would hold the others back
    batch = run.examples.batch(0, range(16))
    batch |= {"tokens": run.checkpoint.tokens(batch["caption"], torch.device("cpu")), "wishes": None}
    loss, terms = step_loss(model, batch, run.state.memory, run.targets, 0.0)
    loss.backward()
    assert set(terms) == {"gated", "concat", "average", "words", "sketch", "labels"}
    without = {name for name, value in model.named_parameters() if value.grad is None or not value.grad.any()}
    frozen = ("backbone.stem.", *(f"backbone.stages.{stage}." for stage in range(FROZEN_STAGES)))
    idle = (*frozen, "garment_head.")  # which learns from wishes
    assert without == {name for name, _ in model.named_parameters() if any(part in name for part in idle)} != set()
