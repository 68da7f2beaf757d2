from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from retrieval.encoder.checkpoints import open_checkpoint
from retrieval.encoder.fused_encoder import FusedEncoder
from retrieval.encoder.model import devices
from retrieval.evaluation.gallery import encode_photos
from retrieval.search.queries import QueryEncoder
from retrieval.sketches import preprocessing
from retrieval.sketches.preprocessing import extract_lines, prepare_photo
from tests.retrieval.making import INKS, WORDS, pen_drawing, prepare_sketch, product_photo

PHOTOS = [product_photo(shape, color) for shape in ("shirt", "bag") for color in INKS.values()]
SKETCHES = [
    pen_drawing(shape, 300, pen, ink) for shape in ("shirt", "bag") for pen, ink in ((2, INKS["red"]), (9, (0, 0, 0)))
]


@pytest.mark.parametrize("bf16", [False, True])
@pytest.mark.parametrize("kind", ["fused", "plain"])
def test_the_fast_way_to_encode_agrees_with_the_plain_model(
    kind: str, bf16: bool, encoder_folder: Path, plain_clip_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(encoder_folder if kind == "fused" else plain_clip_folder)
    plain = open_checkpoint(folder)
    monkeypatch.setattr(devices, "cpu_multiplies_bf16", lambda: bf16)
    encoder = FusedEncoder(open_checkpoint(folder))
    with torch.inference_mode():
        photos = torch.from_numpy(np.stack([prepare_photo(photo, plain.size_px) for photo in PHOTOS]))
        sketches = torch.from_numpy(np.stack([prepare_sketch(sketch, plain.size_px) for sketch in SKETCHES]))
        pairs = [
            (encode_photos(encoder, PHOTOS), plain.model.photo_vectors(photos)),
            (
                encoder.encode_drawings([extract_lines(sketch) for sketch in SKETCHES]),
                plain.model.sketch_vectors(sketches),
            ),
        ]
        tokens = plain.tokenizer(WORDS[0], return_tensors="pt")
        words = plain.model.word_vectors(tokens["input_ids"], tokens["attention_mask"])
        fused = plain.model.fusion(pairs[1][1][:1], words, plain.fusion)
    query = QueryEncoder(encoder).embed(SKETCHES[0], WORDS[0])[0]
    pairs += [(encoder.encode_words(WORDS[:1]), words), (query[None], fused)]
    for fast, slow in pairs:
        assert fast.dtype == np.float32
        assert (fast * slow.numpy()).sum(axis=1).min() > 0.999


def test_threads_are_given_back_even_after_an_error() -> None:
    before = torch.get_num_threads()
    with pytest.raises(RuntimeError), devices.cpu_threads(before + 1):
        assert torch.get_num_threads() == before + 1
        raise RuntimeError
    with devices.cpu_threads(None):
        assert torch.get_num_threads() == before
    assert torch.get_num_threads() == before


def test_small_encoders_use_one_thread_and_large_ones_what_there_is(encoder_folder: Path) -> None:
    assert devices.usual_threads(open_checkpoint(str(encoder_folder)).model) == 1
    with torch.device("meta"):
        large = torch.nn.Linear(10_000, 10_000)
    assert devices.usual_threads(large) is None


def test_ink_is_found_as_by_comparing_every_channel_in_whole_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(picture: np.ndarray, color: np.ndarray) -> np.ndarray:
        return np.abs(picture.astype(np.int16) - color.astype(np.int16)).max(axis=2).astype(np.uint8)

    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (*rng.integers(1, 60, 2), 3), dtype=np.uint8) for _ in range(60)]
    pictures += [*PHOTOS, *SKETCHES, PHOTOS[0][:, ::-1], SKETCHES[1][10:-3, 5:]]
    fast = [(extract_lines(p), prepare_photo(p, 40)) for p in pictures]
    monkeypatch.setattr(preprocessing, "_difference", slow)
    for picture, (drawing, photo) in zip(pictures, fast, strict=True):
        again = extract_lines(picture)
        assert np.array_equal(drawing.lines, again.lines)
        assert np.array_equal(drawing.color_rgb, again.color_rgb)
        assert np.array_equal(photo, prepare_photo(picture, 40))
