from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from retrieval.sketches.kind_sketches import KindSketches, kinds_drawn_as
from retrieval.sketches.preprocessing import extract_lines
from retrieval.training.data import wishes as settings
from retrieval.training.data.builder import build_pairs
from retrieval.training.data.pairs import Pairs
from retrieval.training.data.wishes import MAIN_COLOURS, Meaning, Wishes
from retrieval.training.losses import objective
from retrieval.training.losses.contrastive import TIER_SHARES, ranking_loss, soft_cross_entropy
from retrieval.training.losses.objective import PhotoMemory, wish_emphasis
from retrieval.training.losses.targets import WishTargets, graded, likeness, related_kinds
from retrieval.words.captions import KIND_WORDS, kinds_called, normalize_caption
from retrieval.words.colours import family_of
from retrieval.words.inks import COLOUR_RGB, INKABLE, PEN_RGB, ink_of, neutral_ink
from tests.retrieval.making import pen_drawing, silent, write_gallery

CPU = torch.device("cpu")
GROUPS = {"Boots": "Footwear", "Casual Shoes": "Footwear", "Sports Shoes": "Footwear", "Shirts": "Apparel", "Ties": ""}
ROWS = [{"articleType": kind, "masterCategory": group} for kind, group in GROUPS.items()]
ROWS += [{"baseColour": colour} for colour in ("Black", "Blue", "Navy Blue", "Red", "NA")]
TARGETS = WishTargets(ROWS, CPU)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Pairs:
    folder = tmp_path_factory.mktemp("pairs")
    source = write_gallery(folder / "gallery", 12, split="train")
    build_pairs([source], folder / "pairs", 32, silent, workers=1)
    return Pairs(folder / "pairs")


@pytest.fixture(autouse=True)
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PER_BATCH", 200)


def wishes_of(pairs: Pairs, bank: KindSketches | None = None, seed: int = 0) -> Wishes:
    if bank is None:
        bank = KindSketches({"shirt": [extract_lines(pen_drawing("shirt")).lines]})
    return Wishes(pairs, bank, seed, 32)


def test_the_wishes_of_a_batch_depend_on_seed_and_number_alone(pairs: Pairs) -> None:
    first, again = wishes_of(pairs).batch(5), wishes_of(pairs).batch(5)
    assert torch.equal(first["sketch"], again["sketch"])
    assert first["sketch"].shape == (200, 32, 32, 3)
    assert first["sketch"].dtype == torch.uint8
    assert torch.equal(first["others"], again["others"])
    said = first.keys() - {"sketch", "others"}
    assert {key: first[key] for key in said} == {key: again[key] for key in said}
    for other in (wishes_of(pairs).batch(6), wishes_of(pairs, seed=1).batch(5)):
        assert not torch.equal(first["sketch"], other["sketch"])


def test_words_say_what_a_wish_means_and_win_over_the_ink(pairs: Pairs) -> None:
    batch = wishes_of(pairs).batch(0)
    seen, wrong = set(), 0
    for caption, drawn, said, both in zip(*(batch[key] for key in ("caption", "drawn", "said", "both")), strict=True):
        assert caption == normalize_caption(caption) != ""
        if said.colour:
            assert both.colour == said.colour
        else:
            assert both.colour == drawn.colour
        assert drawn.kinds
        assert both.kinds
        assert both.kinds <= (said.kinds or drawn.kinds)
        wrong += not both.kinds & drawn.kinds
        seen.add((bool(drawn.colour), bool(said.colour), bool(said.kinds)))
    assert 10 < wrong < 70  # drawings of something else: the words hold
    # coloured and neutral ink, with and without a colour in words; and "red" without a kind
    assert {
        (False, False, True),
        (True, False, True),
        (False, True, True),
        (True, True, True),
        (False, True, False),
    } <= seen


def test_the_ink_of_a_wish_is_what_it_means(pairs: Pairs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "NAMES_COLOUR", 0.0)
    batch = wishes_of(pairs).batch(1)
    for sketch, drawn in zip(batch["sketch"].numpy(), batch["drawn"], strict=True):
        ink = sketch.reshape(-1, 3)[sketch.sum(axis=2).argmin()].astype(int)
        spread = ink.max() - ink.min()
        assert spread <= 3 if not drawn.colour else spread > 15, (drawn.colour, ink)


def test_inks_are_the_programs_pens_or_like_them() -> None:
    from air_sketch.drawing.pens import EXTRA_INKS

    assert {name.capitalize(): rgb for name, rgb in EXTRA_INKS.items() if name != "grey"}.items() <= PEN_RGB.items()
    rng = np.random.default_rng(0)
    assert PEN_RGB.keys() <= INKABLE
    for colour in sorted(INKABLE):
        inks = {ink_of(colour, rng) for _ in range(12)}
        assert len(inks) > 2
        assert (PEN_RGB[colour] in inks) if colour in PEN_RGB else True
        assert all(max(abs(a - b) for a, b in zip(ink, COLOUR_RGB[colour], strict=True)) < 75 for ink in inks)
    assert all(len(set(neutral_ink(rng))) == 1 for _ in range(50))


def test_kinds_are_wished_for_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bank of two words gives both equally often, however many drawings each has."""
    lines = extract_lines(pen_drawing("shirt")).lines
    bank = KindSketches({"hat": [lines], "shirt": [lines] * 30})
    rows = [{"articleType": "Shirts", "split": "train"}] * 50 + [{"articleType": "Hat", "split": "train"}]

    class Rows:
        def __init__(self) -> None:
            self.rows = rows

        def indices(self, split: str) -> range:
            return range(len(rows))

    monkeypatch.setattr(settings, "WORD_DRAWINGS", 1.0)
    wishes = Wishes(Rows(), bank, 0, 32)  # type: ignore[arg-type]
    hats = sum("Hat" in drawn.kinds for drawn in wishes.batch(0)["drawn"])
    assert 70 < hats < 130


def test_without_a_bank_of_drawings_items_own_lines_are_drawn(pairs: Pairs) -> None:
    batch = wishes_of(pairs, KindSketches({})).batch(0)
    assert all(len(drawn.kinds) == 1 for drawn in batch["drawn"])


def grades(meaning: Meaning, photos: list[tuple[str, str]]) -> torch.Tensor:
    kinds, colours = zip(*photos, strict=True)
    return graded(TARGETS.weights([meaning]), *TARGETS.numbers(kinds, colours))


def target(meaning: Meaning, photos: list[tuple[str, str]]) -> list[float]:
    """What cross-entropy wants each photo's share to be: its gradient where all photos are equally likely."""
    query, vectors = torch.zeros(1, 4), torch.zeros(len(photos), 4, requires_grad=True)
    query[0, 0] = 1.0
    soft_cross_entropy(query, vectors, grades(meaning, photos), 1.0).backward()
    assert vectors.grad is not None
    answered = bool(vectors.grad.any()) or bool(grades(meaning, photos).any())
    return [round(float(answered / len(photos) - value), 4) for value in vectors.grad[:, 0]]


def test_the_kind_in_the_colour_comes_first_then_that_colour_in_related_kinds() -> None:
    photos = [("Boots", "Red"), ("Boots", "Black"), ("Casual Shoes", "Red"), ("Shirts", "Red"), ("", "Red")]
    first, second, _ = TIER_SHARES
    whole = first + second
    assert "Casual Shoes" in related_kinds("Boots") | {"Casual Shoes"}
    got = target(
        Meaning(frozenset({"Casual Shoes"}), "Red"), [("Casual Shoes", "Red"), ("Sports Shoes", "Red"), *photos[1:2]]
    )
    assert got == [round(first / whole, 4), round(second / whole, 4), 0.0]
    red_boots = target(Meaning(frozenset({"Boots"}), "Red"), photos)
    assert red_boots[0] > red_boots[2] > 0
    assert red_boots[1] == red_boots[3] == red_boots[4] == 0
    assert sum(red_boots) == pytest.approx(1, abs=1e-3)


def test_any_colour_and_any_kind_are_meant_where_none_is_said() -> None:
    photos = [("Boots", "Red"), ("Boots", "?"), ("Shirts", "Red"), ("?", "Red")]
    assert target(Meaning(frozenset({"Boots"})), photos) == [0.5, 0.5, 0.0, 0.0]
    assert target(Meaning(frozenset(), "Red"), photos) == [0.3333, 0.0, 0.3333, 0.3333]
    assert target(Meaning(frozenset({"Boots"}), "Blue"), photos) == [0.0] * 4
    assert target(Meaning(frozenset({"Unheard of"})), photos) == [0.0] * 4


def test_navy_answers_blue_better_than_blue_answers_navy() -> None:
    assert likeness("Blue", "Blue") == likeness("Navy Blue", "Navy Blue") == 1
    assert 1 > likeness("Blue", "Navy Blue") > likeness("Navy Blue", "Blue") > 0
    assert likeness("Blue", "Red") == likeness("Black", "Grey") == 0
    assert all(likeness(a, b) == 0 for a in MAIN_COLOURS for b in MAIN_COLOURS if a != b)
    assert all(family_of(colour) == colour.lower() for colour in MAIN_COLOURS)


def test_related_kinds_share_a_word_and_never_name_themselves() -> None:
    for kind in KIND_WORDS:
        assert kind not in related_kinds(kind)
    assert {"Sports Shoes", "Formal Shoes"} <= related_kinds("Casual Shoes")
    assert "Shirts" not in related_kinds("Boots")
    assert kinds_called("hat") | kinds_drawn_as("hat") == {"Hat", "Caps"}


def test_the_soft_loss_is_cross_entropy_and_skips_what_nothing_answers() -> None:
    rng = torch.Generator().manual_seed(0)
    queries, photos = (functional.normalize(torch.randn(n, 8, generator=rng), dim=1) for n in (3, 5))
    hard = torch.tensor([1, 4, 0])
    targets = functional.one_hot(hard, 5).float()[:, None, :].repeat(1, len(TIER_SHARES), 1)
    expected = functional.cross_entropy(20.0 * queries @ photos.T, hard)
    assert float(soft_cross_entropy(queries, photos, targets, 20.0)) == pytest.approx(float(expected), rel=1e-5)
    targets[1] = 0
    kept = functional.cross_entropy((20.0 * queries @ photos.T)[[0, 2]], hard[[0, 2]])
    assert float(soft_cross_entropy(queries, photos, targets, 20.0)) == pytest.approx(float(kept), rel=1e-5)
    assert float(soft_cross_entropy(queries, photos, torch.zeros_like(targets), 20.0)) == 0


def ranked(scores: list[float], meaning: Meaning, photos: list[tuple[str, str]], scale: float = 20.0) -> float:
    """The ranking loss of one wish whose photos have these inner products with it."""
    query = torch.tensor([[1.0, 0.0]])
    vectors = torch.tensor([[score, (1.0 - score**2) ** 0.5] for score in scores])
    return float(ranking_loss(query, vectors, grades(meaning, photos), scale))


def test_the_ranking_loss_leaves_the_order_of_equal_answers_alone() -> None:
    red_shoes = Meaning(frozenset({"Casual Shoes"}), "Red")
    photos = [("Casual Shoes", "Red"), ("Casual Shoes", "Red"), ("Casual Shoes", "Black"), ("Shirts", "Red")]
    alike = ranked([0.8, 0.8, 0.1, 0.0], red_shoes, photos)
    assert alike < 1e-4
    assert ranked([0.9, 0.6, 0.1, 0.0], red_shoes, photos) == pytest.approx(alike, abs=1e-3)
    assert ranked([0.9, 0.2, 0.6, 0.0], red_shoes, photos) > 1  # a black one before a red one
    assert ranked([0.9, 0.8, 0.1, 0.95], red_shoes, photos) > 1  # a shirt before the shoes


def test_the_ranking_loss_puts_related_kinds_of_the_colour_between() -> None:
    red_boots = Meaning(frozenset({"Boots"}), "Red")
    photos = [("Boots", "Red"), ("Casual Shoes", "Red"), ("Boots", "Black")]
    good = ranked([0.9, 0.5, 0.1], red_boots, photos)
    assert good < ranked([0.5, 0.9, 0.1], red_boots, photos) < ranked([0.1, 0.5, 0.9], red_boots, photos)
    assert good < ranked([0.9, 0.1, 0.5], red_boots, photos)
    assert ranked([0.9, 0.1], Meaning(frozenset({"Ties"})), photos[:2]) == 0.0  # nothing answers, nothing is asked


def test_wishes_grow_from_a_fifth_to_three_fifths_of_a_run() -> None:
    start, middle, end = (wish_emphasis(done) for done in (0.0, 0.4, 1.0))
    assert start == wish_emphasis(0.2)
    assert end == wish_emphasis(0.6)
    assert start[0] < middle[0] < end[0]
    assert start[1] < middle[1] < end[1]


def test_the_memory_keeps_the_last_photos_with_their_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objective, "MEMORY_ROWS", 5)
    memory = PhotoMemory(2, CPU)
    seen: list[float] = []
    for step in range(6):
        new = torch.full((2, 2), float(step))
        labels = torch.tensor([2 * step, 2 * step + 1])
        vectors, kind, colour = memory.with_batch(new, labels, labels)
        assert vectors[:2].eq(step).all()
        remembered = set(kind[2:].tolist())
        expected = set(range(max(0, 2 * step - 5), 2 * step))
        assert remembered == expected
        assert torch.equal(kind, colour)
        assert len(vectors) == 2 + len(remembered)
        seen.append(float(vectors.sum()))
