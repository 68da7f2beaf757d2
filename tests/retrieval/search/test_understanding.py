"""What a caption asks for: its words, its typing errors, its filters, and what nobody knows."""

import pytest

from retrieval.gallery.filters import Columns, parse_where
from retrieval.index.lexical import TermIndex
from retrieval.search.asked_filters import asked_filters
from retrieval.search.suggestions import suggest
from retrieval.search.understanding import CaptionReader
from retrieval.values.datatypes import CatalogItem

TITLES = (
    "Puma Men White Casual Shoes", "Nike Women Red Running Shoes", "Zyxon Navy Blue Jeans", "Adidas Black T-Shirt",
    "Catwalk Women Brown Sandals", "Puma Unisex Black Backpack", "Red Floral Dress", "검정 롱원피스",
)  # fmt: skip
TABLE = {
    "brand": ("Puma", "Nike", "Zyxon", "Adidas", "Catwalk", "Puma", "", ""),
    "gender": ("Men", "Women", "Men", "Men", "Women", "Unisex", "Women", "Women"),
    "baseColour": ("White", "Red", "Navy Blue", "Black", "Brown", "Black", "Red", "Black"),
    "price": ("49", "99", "19", "9", "29", "39", "59", "89"),
    "size": ("42", "38", "M", "L", "39", "", "S", "M"),
}
ITEMS = [
    CatalogItem(f"{row}", f"{row}.jpg", title, f"/g/{row}.jpg", {name: TABLE[name][row] for name in TABLE})
    for row, title in enumerate(TITLES)
]


class Words:
    """An encoder as far as words go."""

    def knows(self, word):
        return word in {"hoodie", "striped", "sunglasses", "size"}


@pytest.fixture
def reader():
    return CaptionReader(TermIndex.of_items(ITEMS), Words(), Columns(TABLE, TABLE.__getitem__))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("RED DRESS!!!", "red dress"), ("drees", "dress"), ("tshrit", "t-shirt"), ("trousrs", "trousers"),
        ("pumma shoos for hiking", "puma shoes for hiking"), ("blackdress", "black dress"),
        ("zyxn jeens", "zyxon jeans"),
        ("👗 red, dress?", "red dress"), ("V-Neck tee", "v-neck t-shirt"), ("sunglases", "sunglasses"),
        ("sunglasess", "sunglasses"),
        ("wmen sandal", "women sandal"), ("빨간 원피스", "red dress"), ("dress without sleeves", "dress sleeveless"),
    ],
)  # fmt: skip
def test_what_is_typed_is_understood(reader, typed, meant):
    understood = reader.read(typed)
    assert (understood.text, understood.unknown) == (meant, ())


@pytest.mark.parametrize(
    "word",
    ["pizza", "elephant", "computer", "guitar", "helicopter", "blorptang", "피자", "sarong", "anklet", "galoshes"],
)
def test_a_word_that_nobody_knows_is_named_and_does_not_steer(reader, word):
    alone, beside = reader.read(word), reader.read(f"red {word} dress")
    assert (alone.unknown, alone.text, alone.words, alone.encoded) == ((word,), "", (), "")
    plain = reader.read("red dress")
    assert (beside.unknown, beside.words, beside.encoded) == ((word,), plain.words, plain.encoded)


def test_an_encoder_gets_the_parts_of_words_and_none_of_their_accents(reader):
    understood = reader.read("hoodie-striped dr\u00e9ss")
    assert (understood.text, understood.encoded) == ("hoodie-striped dr\u00e9ss", "hoodie striped dress")


@pytest.mark.parametrize(
    "typed", ["jeans no stripes", "jeans with no stripes", "no stripes jeans", "jeans without any stripes"]
)
def test_what_is_not_wanted_does_not_steer(reader, typed):
    understood, plain = reader.read(typed), reader.read("jeans")
    assert (understood.text, understood.words, understood.encoded) == (plain.text, plain.words, plain.encoded)
    assert len(understood.unknown) == 1 and "stripes" in understood.unknown[0]
    assert "stripes" in reader.read(typed, as_typed=True).text


def test_a_word_of_the_gallery_is_never_mended_nor_unknown(reader):
    for title in TITLES:
        understood = reader.read(title, as_typed=False)
        assert not understood.unknown and not understood.mended, title


def test_as_typed_nothing_is_mended_and_no_filter_taken(reader):
    understood = reader.read("drees under 50", as_typed=True)
    assert (understood.unknown, understood.mended, understood.filters) == (("drees",), {}, ())


def test_a_word_of_the_gallery_that_the_encoder_never_saw_is_looked_up_only(reader):
    understood = reader.read("zyxon hoodie")
    assert (understood.encoded, understood.words) == ("hoodie", (("zyxon",),))


def test_a_foreign_word_is_looked_up_as_typed_too(reader):
    (dress,) = reader.read("원피스").words
    assert {"dress", "원피"} <= set(dress)


@pytest.mark.parametrize(
    ("typed", "left", "filters"),
    [
        ("shoes under 50", "shoes", ("price<50",)), ("bag between 10 and 20 euros", "bag", ("price>=10", "price<=20")),
        ("jeans up to $1,299", "jeans", ("price<=1299",)), ("shoes for women", "shoes", ("gender=women",)),
        ("jeans size M", "jeans", ("size=m",)), ("shoes by Nike", "shoes", ("brand=nike",)),
        ("shoes not black", "shoes", ("baseColour!=black",)),
        ("t-shirt but not navy", "t-shirt", ("baseColour!=navy blue",)),
        ("shoes for men or women", "shoes", ("gender=men|women",)), ("bag not for men", "bag", ("gender!=men",)),
        ("shoes by Nike or Puma in red", "shoes in red", ("brand=nike|puma",)),
        ("bag not by Nike", "bag", ("brand!=nike",)),
        ("bag not white or brown", "bag", ("baseColour!=brown|white",)), ("nike max 90", "nike max 90", ()),
        ("bag max $30", "bag", ("price<=30",)), ("bag from 10 to 20", "bag", ("price>=10", "price<=20")),
        ("jeans from 2011", "jeans from 2011", ()), ("jeans up to 50 for men", "jeans", ("price<=50", "gender=men")),
        ("bag at least 2 straps", "bag at least 2 straps", ()), ("jeans under 40 cm", "jeans under 40", ()),
        ("bag not more than 30", "bag", ("price<=30",)), ("bag no less than 30", "bag", ("price>=30",)),
        ("bag other than black", "bag", ("baseColour!=black",)), ("non-black shoes", "shoes", ("baseColour!=black",)),
        ("shoes by nobody", "shoes by nobody", ()), ("dress with a strap", "dress with a strap", ()),
    ],
)  # fmt: skip
def test_filters_stand_in_the_words(reader, typed, left, filters):
    understood = reader.read(typed)
    assert understood.filters == filters
    assert " ".join((understood.text, *understood.unknown)).split()[0] == left.split()[0]


def test_without_the_column_the_words_stay(reader):
    bare = CaptionReader(TermIndex.of_items(ITEMS), Words(), Columns(["title"], lambda _: TITLES))
    assert bare.read("shoes under 50").filters == () and "50" in bare.read("shoes under 50").text


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("pu", "puma"),
        ("red sh", "red shoes"),
        ("jea", "jeans"),
        ("nike ru", "nike running"),
        ("adidas t-s", "adidas t-shirt"),
        ("RED SHOES", "RED SHOES"),
        ("nike's ru", "nike's running"),
        ("검", "검정"),
    ],
)
def test_what_is_typed_is_continued_by_words_of_the_gallery(typed, first):
    index = TermIndex.of_items(ITEMS)
    found = suggest(typed, index, ITEMS)
    assert first in (found[0], typed) and len(found) <= 6 and any(title in found for title in TITLES)
    assert suggest("qqq", index, ITEMS) == () and suggest("red ", index, ITEMS) == ()


def test_pairs_of_letters_by_which_words_are_found_are_no_suggestions():
    index = TermIndex.of_items(ITEMS)
    assert suggest("원", index, ITEMS) == ("검정 롱원피스",)


def test_what_does_not_end_as_it_is_looked_up_is_replaced_whole():
    items = [CatalogItem("0", "", "Levis Jeans", "", {}), CatalogItem("1", "", "Levi Jeans", "", {})]
    assert suggest("blue levi's", TermIndex.of_items(items), items)[0] == "blue levis"


@pytest.mark.parametrize(("typed", "words"), [("hoodie 42", ()), ("42", (("42",),)), ("nike 42", (("nike",), ("42",)))])
def test_a_number_is_looked_up_alone_or_with_a_word_of_the_gallery(reader, typed, words):
    assert reader.read(typed).words == words


@pytest.mark.parametrize("value", ["a,b", "a|b", '"m"', 'a"b,c', "'q'", "o'neill", '5" heel', "<5", "!x", "a=b", ""])
def test_any_value_of_the_manifest_makes_a_filter_that_can_be_read(value):
    left, filters = asked_filters(f"shoes by {value}", ("brand",), {"brand": (value,)}.__getitem__)
    assert [parse_where(one)[0].values for one in filters] == ([(value,)] if value else [])
    assert left == ("shoes" if value else "shoes by ")


@pytest.mark.parametrize(
    ("amount", "condition"),
    [("2000000", "price<2000000"), ("1234567.5", "price<1234567.5"), ("0.0000001", None), ("9" * 400, None)],
)
def test_amounts_of_any_size_make_a_filter_that_can_be_read_or_none(amount, condition):
    _, filters = asked_filters(f"shoes under {amount}", ("price",), {}.__getitem__)
    assert filters == ((condition,) if condition else ())
    assert all(parse_where(one) for one in filters)


def test_a_caption_costs_a_bounded_number_of_looks_at_the_gallery(reader):
    looks = []

    def values_of(name):
        looks.append(name)
        return ("nike",)

    asked_filters("by x " * 2000, ("brand",), values_of)
    assert looks == ["brand"]
    assert len(reader.read("drees " + "".join(f"dre{a}{b}s " for a in "bcfgh" for b in "bcfgh")).mended) < 17
    assert reader.read("x" * 10_000).unknown == ("x" * 10_000,)
