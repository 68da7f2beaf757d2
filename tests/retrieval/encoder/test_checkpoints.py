from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel, BertConfig, BertModel

from retrieval.encoder.checkpoints import open_checkpoint, save_checkpoint
from retrieval.encoder.fused_encoder import FusedEncoder
from retrieval.encoder.model.devices import best_device, cpu_multiplies_bf16
from retrieval.encoder.model.vision import AirSketchClipModel
from retrieval.encoder.opening import open_encoder
from retrieval.evaluation.gallery import encode_photos
from retrieval.search.queries import QueryEncoder
from retrieval.sketches.preprocessing import extract_lines
from retrieval.values.errors import CheckpointError, QueryError
from retrieval.values.fusions import FUSION_KINDS
from retrieval.values.ports import Encoder
from tests.retrieval.making import INKS, WORDS, make_fused_folder, pen_drawing, product_photo

PHOTOS = [product_photo(shape, color) for shape in ("shirt", "bag") for color in INKS.values()]


def error_of(name: str | Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        open_checkpoint(str(name))
    message = str(caught.value)
    assert "\n" not in message
    return message


def embed(encoder: Encoder, *query: Any) -> np.ndarray:
    return QueryEncoder(encoder).embed(*query)[0]


def assert_unit(vectors: np.ndarray) -> None:
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=-1), 1.0, atol=1e-5)


def test_what_is_saved_opens_as_the_same_encoder(encoder_folder: Path, tmp_path: Path) -> None:
    first = open_checkpoint(str(encoder_folder))
    save_checkpoint(tmp_path / "again", first.model, first.tokenizer, first.size_px, first.fusion)
    second = open_checkpoint(str(tmp_path / "again"))
    assert second.weights_hash == first.weights_hash == open_checkpoint(str(encoder_folder)).weights_hash
    assert (second.size_px, second.fusion, second.max_tokens) == (32, "gated", 16)
    assert second.model.statistics == first.model.statistics
    for one, other in ((first, second), (first, first)):
        a, b = FusedEncoder(one), FusedEncoder(other)
        assert np.array_equal(encode_photos(a, PHOTOS), encode_photos(b, PHOTOS))
        for kind in FUSION_KINDS:
            queries = [embed(e, pen_drawing(), "red dress", 0.4, kind) for e in (a, b)]
            assert np.array_equal(*queries)
    assert sorted(path.name for path in (tmp_path / "again").iterdir()) == sorted(
        path.name for path in encoder_folder.iterdir()
    )


def test_saving_over_an_encoder_replaces_it_and_leaves_no_litter(
    encoder_folder: Path, other_encoder_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(other_encoder_folder, folder)
    first = open_checkpoint(str(encoder_folder))
    save_checkpoint(folder, first.model, first.tokenizer, first.size_px, first.fusion)
    assert open_checkpoint(str(folder)).weights_hash == first.weights_hash
    assert not list(folder.glob("*.tmp")) + list(folder.glob(".*"))


def test_the_hash_tells_encoders_apart(encoder_folder: Path, other_encoder_folder: Path) -> None:
    checkpoint = open_checkpoint(str(encoder_folder))
    assert checkpoint.weights_hash != open_checkpoint(str(other_encoder_folder)).weights_hash
    assert len(checkpoint.weights_hash) == 16


def test_transformers_itself_opens_our_folders(encoder_folder: Path) -> None:
    model = AutoModel.from_pretrained(encoder_folder, dtype=torch.float32).eval()
    assert isinstance(model, AirSketchClipModel)
    ours = open_checkpoint(str(encoder_folder)).model.clip
    pixels = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        assert torch.equal(
            model.get_image_features(pixel_values=pixels).pooler_output,
            ours.get_image_features(pixel_values=pixels).pooler_output,
        )


def test_a_plain_clip_opens_and_fuses_by_the_average(plain_clip_folder: Path) -> None:
    encoder = open_encoder(plain_clip_folder)
    sketch, words = encoder.encode_drawings([extract_lines(pen_drawing())]), encoder.encode_words(["red dress"])
    for weight in (0.0, 0.3, 0.5, 1.0):
        mean = weight * sketch[0] + (1 - weight) * words[0]
        assert np.allclose(embed(encoder, pen_drawing(), "red dress", weight), mean / np.linalg.norm(mean), atol=1e-5)
    assert encoder.size_px == 32
    statistics = open_checkpoint(str(plain_clip_folder)).model.statistics
    assert statistics.photo_mean == statistics.sketch_mean
    assert statistics.photo_mean[0] == pytest.approx(0.481, abs=1e-3)


def test_everything_encoded_has_length_one(encoder: Encoder) -> None:
    assert_unit(encode_photos(encoder, PHOTOS))
    blank = np.full((9, 9, 3), 255, np.uint8)
    assert_unit(encoder.encode_drawings([extract_lines(picture) for picture in (pen_drawing("bag"), blank)]))
    assert_unit(encoder.encode_words([*WORDS, "", "\ube68\uac04 \U0001f457 caf\u00e9", "word " * 500]))
    assert encode_photos(encoder, []).shape == encoder.encode_words([]).shape == (0, encoder.width)


def test_batches_do_not_change_the_vectors(encoder: Encoder) -> None:
    many = encode_photos(encoder, PHOTOS * 7)
    alone = np.concatenate([encode_photos(encoder, [photo]) for photo in PHOTOS])
    is_float32 = best_device().type == "cpu" and not cpu_multiplies_bf16()
    assert np.allclose(many, np.tile(alone, (7, 1)), atol=1e-6 if is_float32 else 0.02)
    captions = [*WORDS, "a " * 12 + "bag"]
    together = encoder.encode_words(captions * 12)
    assert np.allclose(
        together[: len(captions)], np.concatenate([encoder.encode_words([c]) for c in captions]), atol=1e-5
    )


def test_spelling_does_not_change_the_words(encoder: Encoder) -> None:
    assert np.array_equal(encoder.encode_words(["  YELLOW Tee shirt"]), encoder.encode_words(["yellow t-shirt"]))


def test_one_half_of_a_query_is_enough(encoder: Encoder) -> None:
    blank = np.full((50, 50, 3), 255, np.uint8)
    sketch = embed(encoder, pen_drawing(), None)
    assert np.array_equal(sketch, embed(encoder, pen_drawing(), "  \n", 0.1))
    words = embed(encoder, None, "red dress")
    assert np.array_equal(words, embed(encoder, blank, "red dress", 0.9))
    assert_unit(np.stack([sketch, words]))


@pytest.mark.parametrize(
    ("caption", "weight", "fusion", "said"),
    [
        (None, 0.5, None, "empty"),
        (" \t", 0.5, None, "empty"),
        ("red dress", 1.5, None, "0 to 1"),
        ("red dress", -0.1, None, "0 to 1"),
        ("red dress", float("nan"), None, "0 to 1"),
        ("red dress", 0.5, "sum", "expected one of"),
    ],
)
def test_queries_out_of_range_are_refused(
    encoder: Encoder, caption: str | None, weight: float, fusion: str | None, said: str
) -> None:
    with pytest.raises(QueryError, match=said):
        embed(encoder, None, caption, weight, fusion)


def cut(name: str, share: float) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: int(len(data) * share)])

    return damage


def rewrite(name: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text(text, encoding="utf-8") and None


def change(name: str, **values: object) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        record = json.loads((folder / name).read_text(encoding="utf-8"))
        (folder / name).write_text(json.dumps(record | values), encoding="utf-8")

    return damage


def remove(*names: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        for name in names:
            for path in folder.glob(name):
                path.unlink()

    return damage


def lose_a_tensor(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        weights = load_file(folder / name)
        weights.pop(sorted(weights)[-1])
        save_file(weights, folder / name, metadata={"format": "pt"})

    return damage


def spoil(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        weights = {key: value * float("nan") for key, value in load_file(folder / name).items()}
        save_file(weights, folder / name, metadata={"format": "pt"})

    return damage


class Evil:
    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return eval, ("open('PWNED', 'w')",)


def pickled(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({"x": Evil()}, folder / "pytorch_model.bin")


PARTS = ("photo_mean", "photo_std", "sketch_mean", "sketch_std")
DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "empty weights": (cut("model.safetensors", 0.0), "damaged"),
    "weights cut in the header": (cut("model.safetensors", 0.01), "damaged"),
    "weights cut in half": (cut("model.safetensors", 0.5), "damaged"),
    "no weights": (remove("model.safetensors"), "damaged"),
    "a tensor is missing": (lose_a_tensor("model.safetensors"), "lack 1 tensors"),
    "no tokenizer": (remove("*token*", "vocab*", "merges*"), "tokenizer"),
    "an empty tokenizer": (rewrite("tokenizer.json", ""), "damaged"),
    "no config": (remove("config.json"), "no config.json"),
    "config is no JSON": (rewrite("config.json", "{"), "damaged"),
    "config is a list": (rewrite("config.json", "[]"), "damaged"),
    "config of an unknown model": (change("config.json", model_type="abacus"), "damaged"),
    "no preprocessor": (remove("preprocessor_config.json"), "has no preprocessor_config.json"),
    "preprocessor is a list": (rewrite("preprocessor_config.json", "[]"), "damaged"),
    "fusion of another version": (change("fusion.json", version=99), "version 3"),
    "fusion of other parts": (change("fusion.json", parts=[20, 5]), "fusion files cannot be read"),
    "fusion of parts that are none": (change("fusion.json", parts=[30, -6]), "fusion files cannot be read"),
    "fusion of another format": (change("fusion.json", format="x"), "expected air-sketch-fusion"),
    "an unknown fusion": (change("fusion.json", fusion="sum"), "expected a fusion of"),
    "fusion of another size": (change("fusion.json", hidden=99), "fusion files cannot be read"),
    "fusion without statistics": (change("fusion.json", statistics={}), "fusion files cannot be read"),
    "fusion is empty": (rewrite("fusion.json", ""), "fusion files cannot be read"),
    "no fusion weights": (remove("fusion.safetensors"), "fusion files cannot be read"),
    "fusion weights cut": (cut("fusion.safetensors", 0.5), "fusion files cannot be read"),
    "a fusion tensor is missing": (lose_a_tensor("fusion.safetensors"), "fusion files cannot be read"),
    "code of its own": (
        change("config.json", model_type="evil", auto_map={"AutoConfig": "evil.C", "AutoModel": "evil.M"}),
        "never run",
    ),
    "a tokenizer with code": (
        change("tokenizer_config.json", tokenizer_class="Evil", auto_map={"AutoTokenizer": ["evil.T", None]}),
        "never run",
    ),
    "pickled weights": (pickled, "damaged"),
    "an earlier tower": (
        change("config.json", vision_config={"model_type": "air_sketch_clip_vision", "stem_width": 96}),
        "earlier version",
    ),
    "endlessly many layers": (
        change("config.json", vision_config={"model_type": "air_sketch_clip_vision", "num_hidden_layers": 10**9}),
        "num_hidden_layers",
    ),
    "endlessly many labels": (change("config.json", num_labels=10**12), "num_labels"),
    "as wide as the sky": (change("config.json", projection_dim=900_000), "asks for"),
    "an endless number": (rewrite("config.json", '{"model_type": "air_sketch_clip", "projection_dim": 1e999}'), "inf"),
    "a width of half a number": (change("config.json", projection_dim="wide"), "damaged"),
    "config is endlessly deep": (rewrite("config.json", "[" * 100_000), "nested too deep"),
    "config is endlessly long": (rewrite("config.json", " " * (2 << 20)), "larger than"),
    "a pipe": (lambda folder: os.mkfifo(folder / "added_tokens.json"), "is no file"),
    "config is a pipe": (lambda folder: (remove("config.json")(folder), os.mkfifo(folder / "config.json"))[0], "json"),
    "pictures as large as the sky": (
        change("preprocessor_config.json", size=10**9),
        "says size shortest_edge 1000000000",
    ),
    "pictures of another size": (change("preprocessor_config.json", size=48), "damaged"),
    "fusion statistics are words": (change("fusion.json", statistics=dict.fromkeys(PARTS, "abc")), "damaged"),
    "fusion statistics are zero": (change("fusion.json", statistics=dict.fromkeys(PARTS, [0.0] * 3)), "greater than"),
    "fusion hidden is huge": (change("fusion.json", hidden=10**9), "fusion files cannot be read"),
    "fusion hidden is a list": (change("fusion.json", hidden=[1]), "fusion files cannot be read"),
    "weights of no number": (spoil("model.safetensors"), "no number"),
    "fusion weights of no number": (spoil("fusion.safetensors"), "no number"),
}


@pytest.mark.parametrize("damage", list(DAMAGES))
def test_a_damaged_encoder_is_named_in_one_line(
    damage: str, encoder_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n" * 100))  # who says yes to everything
    harm, said = DAMAGES[damage]
    folder = tmp_path / "encoder"
    shutil.copytree(encoder_folder, folder)
    harm(folder)
    message = error_of(folder)
    assert str(folder) in message
    assert said in message
    assert [path.name for path in tmp_path.iterdir()] == ["encoder"]


def test_random_settings_never_get_through_as_another_error(encoder_folder: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(14)
    folder = tmp_path / "encoder"
    shutil.copytree(encoder_folder, folder)
    values = (None, -1, 0, 10**30, 1e999, float("nan"), "x", "\ud83d", [], {}, [[]], True, 0.5, {"a": []}, 7)
    for _ in range(60):
        name = str(rng.choice(["config.json", "preprocessor_config.json", "fusion.json", "tokenizer_config.json"]))
        whole = (folder / name).read_bytes()
        record = json.loads(whole)
        inner = [value for value in record.values() if isinstance(value, dict)]
        place = inner[int(rng.integers(len(inner)))] if inner and rng.random() < 0.6 else record
        if place:
            place[str(rng.choice(list(place)))] = values[int(rng.integers(len(values)))]
        (folder / name).write_text(json.dumps(record))
        try:
            opened = open_encoder(folder)
            assert_unit(opened.encode_words(["bag"]))
            assert_unit(encode_photos(opened, PHOTOS[:1]))
        except CheckpointError as error:
            assert "\n" not in str(error)
        (folder / name).write_bytes(whole)


def test_a_tokenizer_of_another_model_is_refused(encoder_folder: Path, plain_clip_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(encoder_folder, tmp_path / "encoder")
    change("tokenizer_config.json", model_max_length=16)(tmp_path / "encoder")
    record = json.loads((tmp_path / "encoder" / "tokenizer.json").read_text(encoding="utf-8"))
    record["model"]["vocab"] |= {f"extra{i}": 5000 + i for i in range(900)}
    rewrite("tokenizer.json", json.dumps(record))(tmp_path / "encoder")
    assert "tokenizer has" in error_of(tmp_path / "encoder")


def test_a_model_that_is_no_clip_is_refused(tmp_path: Path) -> None:
    config = BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
    config.save_pretrained(tmp_path / "bert")
    save_file(BertModel(config).state_dict(), tmp_path / "bert" / "model.safetensors", metadata={"format": "pt"})
    assert "is a BertModel: expected a CLIP" in error_of(tmp_path / "bert")


@pytest.mark.parametrize("name", ["nowhere", "/no/such/folder", "a/b/c", "./x", ""])
def test_a_path_that_is_not_there_is_told_at_once(name: str) -> None:
    error_of(name)


def test_a_file_is_no_encoder(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    assert "expected a folder" in error_of(tmp_path / "x")
    (tmp_path / "empty").mkdir()
    assert "no config.json" in error_of(tmp_path / "empty")


def test_a_hub_name_without_a_connection_says_what_to_do() -> None:
    assert "Connect to the internet" in error_of("nobody-here/no-such-model")


def test_the_variable_names_the_encoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = make_fused_folder(tmp_path / "named", seed=9)
    monkeypatch.setenv("AIR_SKETCH_ENCODER", str(folder))
    assert open_encoder().name == str(folder)
