from __future__ import annotations

import ast
import io
import json
import math
import shutil
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
from retrieval.encoder.model.vocabulary import train_tokenizer
from retrieval.encoder.opening import open_encoder
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.pictures import read_picture
from retrieval.search.queries import QueryEncoder
from retrieval.sketches.augmentation import SketchAugmentation, augment_photo, crop_band, degrade_lines, ink_sketch
from retrieval.sketches.kind_sketches import DRAWN_AS, KindSketches, kinds_drawn_as, mixed_bank, packed_bank, rasterize
from retrieval.sketches.line_variants import VARIANTS, draw_variants
from retrieval.sketches.packing import pack_lines, unpack_lines
from retrieval.sketches.people_drawings import read_drawings, training_drawings
from retrieval.sketches.preprocessing import LINE_GRID_PX, LINE_MARGIN_PX, bounding_box, extract_lines, prepare_photo
from retrieval.training.data import builder
from retrieval.training.data.batches import EpochBatches, collate
from retrieval.training.data.builder import BuildOptions, build_pairs
from retrieval.training.data.examples import Examples, ExampleSettings
from retrieval.training.data.pairs import Pairs
from retrieval.training.data.wishes import WishSettings
from retrieval.training.fusion_tuning import FusionTuning
from retrieval.training.losses.objective import TrainingModel, batch_loss
from retrieval.training.options import TrainOptions
from retrieval.training.trainer import Trainer
from retrieval.values.errors import TrainingError
from retrieval.words.captions import KIND_WORDS, kinds_called
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
DRAWN = {"one": "bag", "two": "shirt"}


def folder_bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


# --- pairs


def build(source: Path, out: Path, **options: Any) -> Pairs:
    build_pairs(BuildOptions((source,), out, 32, workers=1, **options), silent)
    return Pairs(out)


def test_packed_lines_unpack_to_what_they_were() -> None:
    rng = np.random.default_rng(0)
    for density in (0.0, 0.1, 1.0):
        lines = rng.random(GRID) < density
        assert np.array_equal(unpack_lines(pack_lines(lines)), lines)


def test_pairs_hold_photo_drawings_and_words_of_each_row(gallery: Path, tmp_path: Path) -> None:
    pairs = build(gallery, tmp_path / "pairs")
    catalog = Catalog.open(gallery)
    assert pairs.photos.shape == (10, 32, 32, 3)
    assert pairs.info.variants == VARIANTS
    for i, item in enumerate(catalog.items):
        photo = catalog.read(item)
        assert np.array_equal(pairs.photos[i], prepare_photo(photo, 32))
        for packed, lines in zip(pairs.lines[i], draw_variants(photo, item.title), strict=True):
            assert np.array_equal(unpack_lines(packed), lines)
        assert pairs.rows[i]["title"] == item.title
        assert pairs.rows[i]["split"] == "val"
    assert pairs.indices("val").tolist() == list(range(10))
    assert (tmp_path / "pairs" / "contact_sheet.png").stat().st_size > 1000


def test_building_is_deterministic_whatever_the_processes(
    gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder, "CHUNK_ROWS", 3)
    build(gallery, tmp_path / "one")
    build_pairs(BuildOptions((gallery,), tmp_path / "two", 32, workers=2), silent)
    assert folder_bytes(tmp_path / "one") == folder_bytes(tmp_path / "two")


def test_an_interrupted_build_goes_on_where_it_stopped(
    gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder, "CHUNK_ROWS", 3)
    options = BuildOptions((gallery,), tmp_path / "pairs", 32, workers=1)

    class Crash(BaseException):
        pass

    def crash(_: str, share: float | None) -> None:
        if share is not None and share > 0.5:
            raise Crash

    with pytest.raises(Crash):
        build_pairs(options, crash)
    with pytest.raises(TrainingError, match="missing or unfinished"):
        Pairs(tmp_path / "pairs")
    drawn: list[int] = []
    draw_chunk = builder._draw_chunk
    monkeypatch.setattr(builder, "_draw_chunk", lambda job: drawn.extend(job.indices) or draw_chunk(job))
    build_pairs(options, silent)
    assert drawn == [6, 7, 8, 9]
    build(gallery, tmp_path / "fresh")
    assert folder_bytes(tmp_path / "pairs") == folder_bytes(tmp_path / "fresh")


def test_unreadable_pictures_train_nothing_and_are_tried_again(gallery: Path, tmp_path: Path) -> None:
    good = (gallery / "002.png").read_bytes()
    (gallery / "002.png").write_bytes(b"x")
    pairs = build(gallery, tmp_path / "pairs")
    assert pairs.indices("unreadable").tolist() == [2]
    assert len(pairs.indices("val")) == 9
    (gallery / "002.png").write_bytes(good)
    assert len(build(gallery, tmp_path / "pairs").indices("val")) == 10


def test_pairs_of_other_pictures_are_not_mixed_in(gallery: Path, tmp_path: Path) -> None:
    build(gallery, tmp_path / "pairs")
    with pytest.raises(TrainingError, match="other pictures or settings"):
        build(gallery, tmp_path / "pairs", limit=3)
    assert len(build(gallery, tmp_path / "few", limit=3).rows) == 3


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
    for packed, wanted in zip(pairs.lines, expected, strict=True):
        assert np.array_equal(packed, np.stack([pack_lines(one) for one in wanted]))


def test_what_garments_writes_is_built_into_pairs_and_a_bank(tmp_path: Path) -> None:
    write_data_set(tmp_path / "garments", 2, kind_drawings=2)
    folder = str(tmp_path / "garments")
    command = ["dataset", "build", "--images", folder, "--images", folder, "--out", str(tmp_path / "pairs")]
    assert main([*command, "--kind-drawings", f"{folder}/kinds", "--size", "32", "--workers", "1"]) == 0
    pairs = Pairs(tmp_path / "pairs" / "photos")
    assert [row["id"] for row in pairs.rows] == ["demo-00000", "demo-00001"] * 2
    for row, packed in zip(pairs.rows, pairs.lines, strict=True):
        for style_seed, one in enumerate(packed[1:]):
            own = rasterize(line_drawing(int(row["id"][-5:]), style_seed=style_seed))
            near = cv2.dilate(unpack_lines(one).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
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
    packed_bank({"belt": drawings}).save(tmp_path / "kinds.npz")
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
        lines = degrade_lines(LINES, SketchAugmentation(), np.random.default_rng(seed))
        assert lines.shape == GRID
        assert lines.dtype == bool
        assert lines.sum() > 0.4 * LINES.sum()
        assert np.array_equal(lines, degrade_lines(LINES, SketchAugmentation(), np.random.default_rng(seed)))
    never = SketchAugmentation(affine=0, elastic=0, gaps=0, small_lines=0, simplify=0, band=0, flip=0)
    assert np.array_equal(degrade_lines(LINES, never, np.random.default_rng(0)), LINES)


def test_augmenting_nothing_is_nothing() -> None:
    blank = np.zeros(GRID, bool)
    for seed in range(10):
        rng = np.random.default_rng(seed)
        assert not degrade_lines(blank, SketchAugmentation(), rng).any()
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
    build(source, folder / "pairs")
    return folder / "pairs"


def examples_of(folder: Path, seed: int = 0, **settings: Any) -> Examples:
    bank = packed_bank({"shirt": [LINES]})
    return Examples([(Pairs(folder), 2)], "train", ExampleSettings(**settings), bank, seed)


def test_an_example_depends_on_seed_epoch_and_index_alone(tiny_pairs: Path) -> None:
    one, other = examples_of(tiny_pairs), examples_of(tiny_pairs)
    assert len(one) == 128
    for key in ((0, 0), (3, 77), (0, 127)):
        a, b = one[key], other[key]
        assert torch.equal(a["photo"], b["photo"])
        assert torch.equal(a["sketch"], b["sketch"])
        assert a["caption"] == b["caption"]
        assert a["photo"].shape == a["sketch"].shape == (32, 32, 3)
        assert a["photo"].dtype == a["sketch"].dtype == torch.uint8
    assert not torch.equal(one[(0, 0)]["sketch"], one[(1, 0)]["sketch"])
    assert not torch.equal(one[(0, 0)]["sketch"], examples_of(tiny_pairs, seed=1)[(0, 0)]["sketch"])


def test_held_out_rows_never_train(tiny_pairs: Path) -> None:
    examples = examples_of(tiny_pairs)
    held_out = {row["title"] for row in Pairs(tiny_pairs).rows if row["split"] == "val"}
    assert len(held_out) == 8
    assert held_out.isdisjoint(examples.row(i)["title"] for i in range(len(examples)))


def test_settings_decide_the_mix(tiny_pairs: Path) -> None:
    titles = examples_of(tiny_pairs, title=1.0, thin_title=0.0, kind_sketch=0.0)
    words = examples_of(tiny_pairs, title=0.0, kind_sketch=1.0)
    for i in range(0, 64, 5):
        assert titles[(0, i)]["caption"] == titles.row(i)["title"].lower()
        assert titles[(0, i)]["noun"] == titles[(0, i)]["drawn_word"] == ""
        kind = words.row(i)["articleType"]
        assert kind in kinds_called(words[(0, i)]["noun"])
        assert words[(0, i)]["drawn_word"] == ("shirt" if "Shirts" in kind or kind == "Kurtas" else "")
    batch = collate([words[(0, i)] for i in range(4)])
    assert batch["photo"].shape == (4, 32, 32, 3)
    assert len(batch["caption"]) == 4


def test_each_epoch_shows_rows_at_most_once_and_resuming_changes_nothing() -> None:
    whole = list(EpochBatches(rows=50, batch=8, first_step=0, steps=20, seed=3))
    assert len(whole) == 20
    assert all(len(batch) == 8 for batch in whole)
    for epoch in (0, 1, 2):
        indices = [i for batch in whole for e, i in batch if e == epoch]
        assert len(indices) == len(set(indices)) <= 48
    orders = [[i for batch in whole for e, i in batch if e == epoch] for epoch in (0, 1)]
    assert orders[0] != orders[1]
    for first in (0, 1, 6, 7, 19, 20):
        rest = EpochBatches(50, 8, first, 20, 3)
        assert list(rest) == whole[first:]
        assert len(rest) == 20 - first


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


def options_for(pairs: Path, out: Path, **changes: Any) -> TrainOptions:
    still = ExampleSettings(
        thin_title=0.0, sketch=SketchAugmentation(affine=0, gaps=0, small_lines=0, band=0, flip=0), kind_sketch=0.0
    )
    few = WishSettings(per_batch=6)
    options = TrainOptions(
        data=((pairs, 1),),
        out=out,
        steps=12,
        batch=16,
        warmup_steps=4,
        vocabulary=600,
        max_tokens=16,
        workers=0,
        checkpoint_every=5,
        validate_every=6,
        examples=still,
        wishes=few,
        memory=40,
        tuning=FusionTuning(steps=3, wish_batches=2, batch=16, wishes=8, candidates=20),
    )
    return replace(options, **changes)


def metrics(out: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def test_a_small_set_is_learnt_by_heart(tiny_pairs: Path, tmp_path: Path) -> None:
    losses: list[float] = []

    def watch(message: str, _: float | None) -> None:
        if message.startswith("Training, loss"):
            losses.append(float(message.split("loss ")[1].split(",", maxsplit=1)[0]))

    pairs_alone = WishSettings(per_batch=0)
    options = options_for(tiny_pairs, tmp_path / "run", steps=70, warmup_steps=6, wishes=pairs_alone)
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


def test_the_fusion_learns_alone_while_the_towers_rest(tiny_pairs: Path, tmp_path: Path) -> None:
    still = FusionTuning(steps=0)
    plain = Trainer(options_for(tiny_pairs, tmp_path / "plain", tuning=still), silent).run()
    longer = FusionTuning(steps=40, wish_batches=2, batch=32, wishes=8, candidates=20)
    tuned = Trainer(options_for(tiny_pairs, tmp_path / "tuned", tuning=longer), silent).run()
    before, after = (open_checkpoint(str(folder)).model for folder in (plain, tuned))
    for name, value in before.clip.state_dict().items():
        assert torch.equal(value, after.clip.state_dict()[name]), name
    moved = [
        name
        for name, value in before.fusion.state_dict().items()
        if not torch.equal(value, after.fusion.state_dict()[name])
    ]
    assert len(moved) == len(before.fusion.state_dict())
    assert metrics(tmp_path / "tuned")[-1]["tuned"]


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
    trainer = Trainer(options_for(tiny_pairs, tmp_path / "cut"), silent)
    assert trainer.state.step == 10
    resumed = trainer.run()
    assert open_checkpoint(str(resumed)).weights_hash == open_checkpoint(str(whole)).weights_hash
    assert Trainer(options_for(tiny_pairs, tmp_path / "cut"), silent).run() == resumed  # nothing is left to do
    assert open_checkpoint(str(resumed)).weights_hash == open_checkpoint(str(whole)).weights_hash


def test_a_run_of_other_settings_is_not_continued(tiny_pairs: Path, tmp_path: Path) -> None:
    Trainer(options_for(tiny_pairs, tmp_path / "run", steps=1), silent).run()
    for change in (
        {"seed": 1},
        {"batch": 8},
        {"vocabulary": 700},
        {"memory": 0},
        {"wishes": WishSettings(per_batch=0)},
    ):
        with pytest.raises(TrainingError, match="other settings"):
            Trainer(options_for(tiny_pairs, tmp_path / "run", **({"steps": 1} | change)), silent)
    assert Trainer(options_for(tiny_pairs, tmp_path / "run", steps=3), silent).state.step == 1  # more steps are welcome
    shutil.rmtree(tmp_path / "run" / "tokenizer")
    with pytest.raises(TrainingError, match="no vocabulary"):
        Trainer(options_for(tiny_pairs, tmp_path / "run", steps=1), silent)
    Trainer(options_for(tiny_pairs, tmp_path / "again", steps=1), silent).run()
    shutil.copytree(tmp_path / "again" / "tokenizer", tmp_path / "run" / "tokenizer")
    (tmp_path / "run" / "state.pt").write_bytes(b"x")
    with pytest.raises(TrainingError, match="damaged"):
        Trainer(options_for(tiny_pairs, tmp_path / "run", steps=1), silent)


def test_too_few_rows_and_unwritable_folders_are_told(tiny_pairs: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="expected at least one batch of 65"):
        Trainer(options_for(tiny_pairs, tmp_path / "run", batch=65), silent)
    (tmp_path / "file").write_text("x")
    with pytest.raises(TrainingError, match="cannot be made"):
        Trainer(options_for(tiny_pairs, tmp_path / "file" / "run"), silent).run()


def test_a_loss_that_is_not_a_number_stops_the_run(tiny_pairs: Path, tmp_path: Path) -> None:
    trainer = Trainer(options_for(tiny_pairs, tmp_path / "run"), silent)
    with torch.no_grad():
        trainer.state.model.encoder.clip.logit_scale.fill_(float("nan"))
    with pytest.raises(TrainingError, match="diverged at step 0"):
        trainer.run()


def test_pictures_without_any_label_train_too(tmp_path: Path) -> None:
    source = write_gallery(tmp_path / "g", 12, split="train")
    (source / "metadata.csv").unlink()
    build(source, tmp_path / "pairs")
    Trainer(options_for(tmp_path / "pairs", tmp_path / "run", steps=2, batch=6), silent).run()
    assert all(math.isfinite(value) for value in metrics(tmp_path / "run")[0].values())


def test_every_part_of_the_model_learns(tiny_pairs: Path, tmp_path: Path) -> None:
    trainer = Trainer(options_for(tiny_pairs, tmp_path / "run"), silent)
    model: TrainingModel = trainer.state.model
    for value in model.encoder.fusion.parameters():
        torch.nn.init.normal_(value, std=0.1)  # its last layers start at zero and would hold the others back
    batch = collate([trainer.material.examples[(0, i)] for i in range(16)])
    batch["tokens"] = trainer.vocabulary.tokenizer(batch["caption"], padding=True, return_tensors="pt")
    labels = {"kind": torch.arange(16) % 2, "colour": torch.arange(16) % 5}
    loss, terms = batch_loss(model, batch, model.encoder.photo_vectors(batch["photo"]), labels)
    loss.backward()
    assert set(terms) == {"gated", "concat", "average", "words", "sketch", "labels"}
    without = [name for name, value in model.named_parameters() if value.grad is None or not value.grad.any()]
    assert without == []
