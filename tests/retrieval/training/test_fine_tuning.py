from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import CLIPModel

from retrieval.encoder.checkpoints import open_checkpoint
from retrieval.encoder.model.fused import FusedClip
from retrieval.encoder.opening import open_encoder
from retrieval.search.queries import QueryEncoder
from retrieval.sketches.kind_sketches import KindSketches
from retrieval.sketches.preprocessing import resize_square
from retrieval.training import fusion_tuning, trainer
from retrieval.training.data import wishes
from retrieval.training.data.builder import build_pairs
from retrieval.training.data.examples import Examples
from retrieval.training.data.pairs import Pairs
from retrieval.training.fine_tuning import HEADS, choose_trained, parameter_groups
from retrieval.training.trainer import Trainer, TrainOptions
from retrieval.values.errors import CheckpointError, TrainingError
from tests.retrieval.making import pen_drawing, run_retrieval, silent, write_gallery

pytestmark = pytest.mark.usefixtures("one_thread")

PAIRS_PX, CLIP_PX = 48, 32


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos of another size than the published encoder's."""
    folder = tmp_path_factory.mktemp("pairs")
    catalogue = write_gallery(folder / "gallery", 16, split="train")
    text = (catalogue / "metadata.csv").read_text(encoding="utf-8")
    head, *rows = text.splitlines()
    rows[-4:] = [row.replace(",train", ",val") for row in rows[-4:]]
    (catalogue / "metadata.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    build_pairs([catalogue], folder / "photos", PAIRS_PX, silent, workers=1)
    return folder / "photos"


@pytest.fixture(autouse=True)
def short_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"WARMUP_STEPS": 1, "CHECKPOINT_EVERY": 2, "VALIDATE_EVERY": 2}.items():
        monkeypatch.setattr(trainer, name, value)
    monkeypatch.setattr(wishes, "PER_BATCH", 4)
    for name, value in {"STEPS": 2, "WISH_BATCHES": 1, "CANDIDATES": 20}.items():
        monkeypatch.setattr(fusion_tuning, name, value)


def options_for(pairs: Path, out: Path, start: Path | None, **changes: Any) -> TrainOptions:
    values: dict[str, Any] = {"steps": 4, "batch": 6, "learning_rate": 1e-3, "workers": 0}
    return TrainOptions(pairs.parent, out, start=str(start) if start else None, **(values | changes))


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return {name: value.half() for name, value in open_checkpoint(str(folder)).model.clip.state_dict().items()}


def test_a_published_clip_is_fine_tuned_and_saved_in_the_same_layout(
    pairs: Path, plain_clip_folder: Path, tmp_path: Path
) -> None:
    folder = Trainer(options_for(pairs, tmp_path / "run", plain_clip_folder), silent).run()
    tuned = open_checkpoint(str(folder))
    assert isinstance(tuned.model.clip, CLIPModel)
    assert (tuned.size_px, tuned.fusion, tuned.max_tokens) == (CLIP_PX, "mixed", 16)
    assert (folder / "fusion.safetensors").is_file()
    assert json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"] == "clip"
    before, after = weights(plain_clip_folder), weights(folder)
    changed = [name for name in before if not torch.equal(before[name], after[name])]
    assert len(changed) > 0.8 * len(before)
    encoder = open_encoder(folder)
    vector = QueryEncoder(encoder).embed(pen_drawing(), "red dress")[0]
    assert np.isfinite(vector).all()
    logged = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert any("val_fused_title" in record for record in logged)
    assert (tmp_path / "run" / "curves.png").stat().st_size > 1000


def test_last_layers_leave_the_others_as_they_were(pairs: Path, plain_clip_folder: Path, tmp_path: Path) -> None:
    options = options_for(pairs, tmp_path / "run", plain_clip_folder, train_layers="last:0")
    after = weights(Trainer(options, silent).run())
    before = weights(plain_clip_folder)
    changed = {name for name, value in before.items() if not torch.equal(value, after[name])}
    assert {"text_projection.weight", "visual_projection.weight"} <= changed
    assert all(any(part in name for part in HEADS) for name in changed)


def test_an_interrupted_fine_tuning_goes_on_and_ends_the_same(
    pairs: Path, plain_clip_folder: Path, tmp_path: Path
) -> None:
    class Crash(BaseException):
        pass

    def crash(_: str, share: float | None) -> None:
        if share is not None and share > 0.7:
            raise Crash

    whole = weights(Trainer(options_for(pairs, tmp_path / "whole", plain_clip_folder), silent).run())
    with pytest.raises(Crash):
        Trainer(options_for(pairs, tmp_path / "cut", plain_clip_folder), crash).run()
    cut = Trainer(options_for(pairs, tmp_path / "cut", plain_clip_folder), silent)
    assert cut.state.step == 2
    resumed = weights(cut.run())
    assert all(torch.equal(value, resumed[name]) for name, value in whole.items())


def test_a_run_is_not_resumed_from_another_encoder_or_with_other_layers(
    pairs: Path, plain_clip_folder: Path, tmp_path: Path, encoder_folder: Path
) -> None:
    Trainer(options_for(pairs, tmp_path / "run", plain_clip_folder, steps=2), silent).run()
    for start, layers in ((encoder_folder, "all"), (None, "all"), (plain_clip_folder, "last:1")):
        with pytest.raises(TrainingError, match="other settings"):
            Trainer(options_for(pairs, tmp_path / "run", start, train_layers=layers), silent)


def test_our_own_encoder_can_be_fine_tuned_and_keeps_its_fusion(
    pairs: Path, encoder_folder: Path, tmp_path: Path
) -> None:
    run = Trainer(options_for(pairs, tmp_path / "run", encoder_folder, train_layers="last:1"), silent)
    heads = open_checkpoint(str(encoder_folder)).model.fusion.state_dict()
    for name, value in run.state.model.encoder.fusion.state_dict().items():
        assert torch.equal(value, heads[name])
    run.run()


def test_photos_and_drawings_are_made_at_the_encoder_s_size(pairs: Path) -> None:
    same, small = (Examples(Pairs(pairs), KindSketches({}), 0, side).batch(0, [3]) for side in (PAIRS_PX, CLIP_PX))
    assert same["photo"].shape == same["sketch"].shape == (1, PAIRS_PX, PAIRS_PX, 3)
    assert small["photo"].shape == small["sketch"].shape == (1, CLIP_PX, CLIP_PX, 3)
    assert np.array_equal(small["photo"][0].numpy(), resize_square(same["photo"][0].numpy(), CLIP_PX))
    assert small["caption"] == same["caption"]


def trained_with(folder: Path, train_layers: str) -> tuple[FusedClip, int]:
    """A model some of whose layers are chosen, and how many parameters are trained."""
    model = open_checkpoint(str(folder)).model
    choose_trained(model, train_layers)
    return model, sum(value.numel() for value in model.parameters() if value.requires_grad)


def test_layers_are_chosen_by_number_from_the_end(plain_clip_folder: Path) -> None:
    model, everything = trained_with(plain_clip_folder, "all")
    assert everything == sum(value.numel() for value in model.parameters())
    (model, last), (_, none) = (trained_with(plain_clip_folder, f"last:{count}") for count in (1, 0))
    assert none < last < everything
    assert not model.clip.text_model.embeddings.token_embedding.weight.requires_grad
    assert all(value.requires_grad for value in model.fusion.parameters())
    for wrong in ("last:9", "last:", "last:-1", "first:2", "", "last:x"):
        with pytest.raises(TrainingError, match="Layers to train"):
            choose_trained(model, wrong)


def test_fresh_heads_learn_faster_than_published_weights(plain_clip_folder: Path) -> None:
    model, _ = trained_with(plain_clip_folder, "last:1")
    groups = parameter_groups(model, model.clip, 25.0)
    rates = {id(value): group["rate"] for group in groups for value in group["params"]}
    assert len(rates) == sum(value.requires_grad for value in model.parameters())
    assert all(rates[id(value)] == 25.0 for value in model.fusion.parameters())
    assert all(rates[id(value)] == 1.0 for value in model.clip.parameters() if value.requires_grad)
    assert len(parameter_groups(model, model.clip, 1.0)) == 2
    assert all(value.ndim >= 2 for group in groups if group["weight_decay"] for value in group["params"])


def test_an_encoder_that_is_not_there_is_told_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError):
        Trainer(options_for(tmp_path / "no pairs", tmp_path / "run", tmp_path / "nowhere"), silent)


def test_the_command_fine_tunes_from_a_folder(pairs: Path, plain_clip_folder: Path, tmp_path: Path) -> None:
    done = run_retrieval(
        *("train", "--data", pairs.parent, "--out", tmp_path / "run", "--from", plain_clip_folder),
        *("--train-layers", "last:1", "--steps", 2, "--batch", 6, "--workers", 0, "--json"),
    )
    assert done.returncode == 0, done.stderr
    assert open_checkpoint(json.loads(done.stdout)["encoder"]).size_px == CLIP_PX
    options = json.loads((tmp_path / "run" / "options.json").read_text(encoding="utf-8"))
    assert options["learning_rate"] == 2e-5
