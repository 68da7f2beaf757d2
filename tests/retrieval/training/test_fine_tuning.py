from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import CLIPModel

from retrieval.encoder.checkpoints import open_checkpoint
from retrieval.encoder.opening import open_encoder
from retrieval.search.queries import QueryEncoder
from retrieval.sketches.kind_sketches import KindSketches
from retrieval.sketches.preprocessing import resize_square
from retrieval.training.data.builder import BuildOptions, build_pairs
from retrieval.training.data.examples import Examples, ExampleSettings
from retrieval.training.data.pairs import Pairs
from retrieval.training.data.wishes import WishSettings
from retrieval.training.fine_tuning import HEADS, choose_trained, last_layers, parameter_groups
from retrieval.training.fusion_tuning import FusionTuning
from retrieval.training.options import TrainOptions
from retrieval.training.trainer import Trainer
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
    build_pairs(BuildOptions((catalogue,), folder / "photos", PAIRS_PX, workers=1), silent)
    return folder / "photos"


def options_for(pairs: Path, out: Path, start: Path | None, **changes: Any) -> TrainOptions:
    values: dict[str, Any] = {"steps": 4, "batch": 6, "learning_rate": 1e-3, "warmup_steps": 1, "workers": 0}
    values |= {"wishes": WishSettings(per_batch=4), "tuning": FusionTuning(steps=2, wish_batches=1), "memory": 20}
    values |= {"checkpoint_every": 2, "validate_every": 2, "ema_decay": 0.5, "vocabulary": 540}
    return TrainOptions(((pairs, 1),), out, start=str(start) if start else None, **(values | changes))


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
    trainer = Trainer(options_for(pairs, tmp_path / "cut", plain_clip_folder), silent)
    assert trainer.state.step == 2
    resumed = weights(trainer.run())
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
    trainer = Trainer(options_for(pairs, tmp_path / "run", encoder_folder, train_layers="last:1"), silent)
    heads = open_checkpoint(str(encoder_folder)).model.fusion.state_dict()
    for name, value in trainer.state.model.encoder.fusion.state_dict().items():
        assert torch.equal(value, heads[name])
    trainer.run()


def test_photos_and_drawings_are_made_at_the_encoder_s_size(pairs: Path) -> None:
    still = ExampleSettings(kind_sketch=0.0)
    same, small = (
        Examples([(Pairs(pairs), 1)], "train", still, KindSketches({}), 0, size_px)[0, 3] for size_px in (None, CLIP_PX)
    )
    assert same["photo"].shape == same["sketch"].shape == (PAIRS_PX, PAIRS_PX, 3)
    assert small["photo"].shape == small["sketch"].shape == (CLIP_PX, CLIP_PX, 3)
    assert np.array_equal(small["photo"].numpy(), resize_square(same["photo"].numpy(), CLIP_PX))
    assert small["caption"] == same["caption"]


def test_layers_are_chosen_by_number_from_the_end(plain_clip_folder: Path) -> None:
    model = open_checkpoint(str(plain_clip_folder)).model
    everything = choose_trained(model, "all")
    assert everything == sum(value.numel() for value in model.parameters())
    last, none = choose_trained(model, "last:1"), choose_trained(model, "last:0")
    assert none < last < everything
    assert not model.clip.text_model.embeddings.token_embedding.weight.requires_grad
    assert all(value.requires_grad for value in model.fusion.parameters())
    for wrong in ("last:9", "last:", "last:-1", "first:2", "", "last:x"):
        with pytest.raises(TrainingError, match="Layers to train"):
            choose_trained(model, wrong)
    assert last_layers("all") is None


def test_fresh_heads_learn_faster_than_published_weights(plain_clip_folder: Path) -> None:
    model = open_checkpoint(str(plain_clip_folder)).model
    choose_trained(model, "last:1")
    groups = parameter_groups(model, model.clip, 0.1, 25.0)
    rates = {id(value): group["rate"] for group in groups for value in group["params"]}
    assert len(rates) == sum(value.requires_grad for value in model.parameters())
    assert all(rates[id(value)] == 25.0 for value in model.fusion.parameters())
    assert all(rates[id(value)] == 1.0 for value in model.clip.parameters() if value.requires_grad)
    assert len(parameter_groups(model, model.clip, 0.1, 1.0)) == 2
    assert all(value.ndim >= 2 for group in groups if group["weight_decay"] for value in group["params"])


def test_an_encoder_that_is_not_there_is_told_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError):
        Trainer(options_for(tmp_path / "no pairs", tmp_path / "run", tmp_path / "nowhere"), silent)


def test_the_command_fine_tunes_from_a_folder(pairs: Path, plain_clip_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    shutil.copytree(pairs, tmp_path / "data" / "photos")
    done = run_retrieval(
        *("train", "--data", tmp_path / "data", "--out", tmp_path / "run", "--from", plain_clip_folder),
        *("--train-layers", "last:1", "--steps", 2, "--batch", 6, "--workers", 0, "--json"),
    )
    assert done.returncode == 0, done.stderr
    assert open_checkpoint(json.loads(done.stdout)["encoder"]).size_px == CLIP_PX
    options = json.loads((tmp_path / "run" / "options.json").read_text(encoding="utf-8"))
    assert options["learning_rate"] == 2e-5
