from __future__ import annotations

import random

import numpy as np
import pytest

from retrieval.gallery.filters import Column, Columns, Condition, parse_where
from retrieval.values.errors import FilterError
from retrieval.words.numbers import parse_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *[("49.90", 49.9), ("$49.90", 49.9), ("49,90 €", 49.9), ("Rs. 1,299", 1299.0), ("Rs.1299", 1299.0)],
        *[("1.299,00", 1299.0), ("1 299", 1299.0), ("1\u00a0299,50 zł", 1299.5), ("1'299.50", 1299.5)],
        *[("1,299", 1299.0), ("1,299.50", 1299.5), ("12,5", 12.5), ("1.299.000", 1299000.0), ("1,29,999", 129999.0)],
        *[("US$ 5", 5.0), ("EUR 5", 5.0), ("5.", 5.0), (".5", 0.5), ("$.5", 0.5), ("CHF 20.-", 20.0), ("007", 7.0)],
        *[("36元", 36.0), ("NT$1,200", 1200.0), ("1,299円", 1299.0), ("Rs 999/-", 999.0), ("\uffe612,000", 12000.0)],
        *[
            ("12만원", 120000.0),
            ("5천원", 5000.0),
            ("12,000 원", 12000.0),
            ("\uff11\uff12\uff0c\uff10\uff10\uff10円", 12000.0),
            ("R$ 1.299,90", 1299.9),
        ],
        *[("1.299,00 €", 1299.0), ("CHF 1'299.\u2013", 1299.0), ("US$ 12.99", 12.99), ("19.99 USD", 19.99)],
        *[
            ("from 12.99", 12.99),
            ("12.99\u201319.99", 12.99),
            ("$10 - $20", 10.0),
            ("\uffe51,000\uff5e\uffe52,000", 1000.0),
        ],
        *[
            ("$10 to $20", 10.0),
            ("Rs.1,29,999/-", 129999.0),
            ("1.299 €", 1299.0),
            ("Rp 25.000", 25000.0),
            ("99¢", 99.0),
        ],
        *[("0.999 €", 0.999), ("12€99", 12.99), ("199:-", 199.0), ("20,- €", 20.0), ("1,299円(税込)", 1299.0)],
        *[("1.299,-", 1299.0), ("MX$499", 499.0), ("1290 บาท", 1290.0), ("約1,000円", 1000.0), ("£12.99 each", 12.99)],
        *[("199 kr.", 199.0), ("1 299 ₽", 1299.0), ("\u22125 €", -5.0), ("EUR 1.299,\u2013", 1299.0)],
        *[("-5", -5.0), ("-$3", -3.0), ("$-3", -3.0), ("+3", 3.0), ("1.299", 1.299), (" 8 ", 8.0), ("0", 0.0)],
    ],
)
def test_prices_are_read_as_shops_write_them(text: str, number: float) -> None:
    assert parse_number(text) == pytest.approx(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "$",
        "M",
        "nan",
        "inf",
        "10-20",
        "38-40",
        "10 to 20",
        "2024-01-02",
        "5 (pack)",
        "$1-$2-$3",
        "9" * 40 + "-" * 100_000 + "$",
        "2 pack",
        "1,2,3",
        "1.2.3",
        "1,234,5",
        "1e5",
        "٣",
        "3 in 1",
        "--5",
        "x1",
    ],
)
def test_what_is_no_number_stays_a_text(text: str) -> None:
    assert parse_number(text) is None


def test_what_is_free_costs_nothing_in_a_column_of_prices() -> None:
    below = parse_where("x<5")[0]
    assert Column.of(["free", "무료", "9", ""], "판매가").rows(below).tolist() == [True, True, False, False]
    assert Column.of(["free", "9"], "size").rows(below).tolist() == [False, False]


def test_of_columns_whose_names_differ_in_case_the_one_as_written_is_meant() -> None:
    columns = Columns(["Price", "price"], lambda name: ["1" if name == "Price" else "9"])
    assert [bool(columns.rows(parse_where(f"{name}>5"))[0]) for name in ("Price", "price", "PRICE")] == [
        False, True, False]  # fmt: skip


def conditions(text: str) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(c.column, c.operator, c.values) for c in parse_where(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gender=Women", [("gender", "=", ("Women",))]),
        (" gender = Women , price<50 ", [("gender", "=", ("Women",)), ("price", "<", ("50",))]),
        ("gender==Women|Girls", [("gender", "=", ("Women", "Girls"))]),
        ("price<=1,299", [("price", "<=", ("1,299",))]),
        ("price<1,299.50,a=b", [("price", "<", ("1,299.50",)), ("a", "=", ("b",))]),
        ("price<$1,299|5", [("price", "<", ("$1,299", "5"))]),
        ("price<1,299=x", [("price", "<", ("1",)), ("299", "=", ("x",))]),
        ("size=38,40=3", [("size", "=", ("38",)), ("40", "=", ("3",))]),
        ('brand="A, B"|\'it is "C"\',x!=1', [("brand", "=", ("A, B", 'it is "C"')), ("x", "!=", ("1",))]),
        ("title~long dress", [("title", "~", ("long dress",))]),
        ('"art, type">=5', [("art, type", ">=", ("5",))]),
        ('brand!=""', [("brand", "!=", ("",))]),
        ("base colour=Navy Blue", [("base colour", "=", ("Navy Blue",))]),
        ("이름~드레스", [("이름", "~", ("드레스",))]),
        ("a=b=c", [("a", "=", ("b=c",))]),
    ],
)
def test_filters_are_read_as_written(text: str, expected: list[tuple[str, str, tuple[str, ...]]]) -> None:
    assert conditions(text) == expected


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("", 1, "a column"),
        ("   ", 4, "a column"),
        ("gender", 7, "one of = !="),
        ("gender Women", 13, "one of = !="),
        ("gender=", 8, "a value after ="),
        ("gender=Women,", 14, "a column"),
        ("gender=Women,<50", 14, "a column"),
        ("a=b,,c=d", 5, "a column"),
        ("a=b|", 5, "a value"),
        ("a!b", 2, "one of = !="),
        ("price<cheap", 7, "a number after <"),
        ("price>5|lots", 9, "a number after >"),
        ('a="b', 3, "a closing"),
        ('a="b"c', 6, "a comma or the end"),
        ("a= =b", 4, "a value after ="),
        ("=x", 1, "a column"),
        ("a=1,5", 6, "one of = !="),
    ],
)
def test_a_mistake_is_told_in_one_line_with_its_place(text: str, place: int, expected: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_where(text)
    said = str(caught.value)
    assert f"at character {place}: expected {expected}" in said
    assert "\n" not in said


def test_whatever_is_typed_is_read_or_refused_in_one_line() -> None:
    for seed in range(3000):
        rng = random.Random(seed)
        text = "".join(rng.choice("ab1, =!<>~|\"'$.é\n") for _ in range(rng.randrange(14)))
        try:
            parse_where(text)
        except FilterError as error:
            assert "\n" not in str(error)


ROWS = {
    "gender": ["Women", "women", "Men", "", "Girls", "Unisex"],
    "price": ["$49.90", "50", "1,299", "", "cheap", "Rs. 20"],
    "title": ["Long red  Dress", "dress", "Shirt", "Hat", "", "Überdress"],
}


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("gender=women", [0, 1]),
        ("GENDER=WOMEN|girls", [0, 1, 4]),
        ("gender!=Women", [2, 3, 4, 5]),
        ("gender!=Women|Men", [3, 4, 5]),
        ('gender!=""', [0, 1, 2, 4, 5]),
        ("price<50", [0, 5]),
        ("price<=50", [0, 1, 5]),
        ("price>50", [2]),
        ("price=49.9", [0]),
        ("price=€20", [5]),
        ("price!=20", [0, 1, 2, 3, 4]),
        ("price=CHEAP", [4]),
        ("price~9", [0, 2]),
        ("title~dress", [0, 1, 5]),
        ("title~red dress", [0]),
        ("title~über|hat", [3, 5]),
        ('title~""', [0, 1, 2, 3, 5]),
        ("gender=Women,price<50", [0]),
        ("gender=Women,title~hat", []),
    ],
)
def test_conditions_hold_for_the_right_rows_and_never_for_missing_values(text: str, rows: list[int]) -> None:
    columns = Columns(list(ROWS), lambda name: ROWS[name])
    assert np.flatnonzero(columns.rows(parse_where(text))).tolist() == rows


def test_an_unknown_column_is_refused_with_those_there_are() -> None:
    columns = Columns(["gender", "Price"], lambda name: ROWS[name.lower()])
    assert columns.rows(parse_where("PRICE>50")).tolist() == [False, False, True, False, False, False]
    with pytest.raises(FilterError, match=r"'colour' is unknown: expected one of gender, Price\.") as caught:
        columns.rows(parse_where("gender=Men,colour=red"))
    assert "\n" not in str(caught.value)


def test_a_column_is_read_once_and_a_condition_evaluated_once() -> None:
    read: list[str] = []

    def texts(name: str) -> list[str]:
        read.append(name)
        return ROWS[name]

    columns = Columns(list(ROWS), texts)
    first = columns.rows(parse_where("gender=Men"))
    assert columns.rows(parse_where("gender=Men|Women")).sum() == 3
    assert np.array_equal(columns.rows(parse_where("gender=Men")), first)
    assert read == ["gender"]


def test_columns_agree_with_a_plain_loop() -> None:
    rng = random.Random(0)
    texts = [rng.choice(["", "Red", "red ", "Navy Blue", "7", "$7.00", "70", "12"]) for _ in range(500)]
    column = Column.of(texts)
    for operator, values in [("=", ("red",)), ("!=", ("7", "red")), ("<", ("12",)), (">=", ("12",)), ("~", ("e",))]:
        got = column.rows(Condition("x", operator, values)).tolist()
        assert got == [holds(text, operator, values) for text in texts]


def holds(cell: str, operator: str, values: tuple[str, ...]) -> bool:
    cell = cell.strip().lower()
    number = parse_number(cell)
    if operator == "!=":
        return not any(cell == v or (number is not None and number == parse_number(v)) for v in values)
    if not cell:
        return False
    if operator == "~":
        return any(v in cell for v in values)
    if operator == "=":
        return any(cell == v or (number is not None and number == parse_number(v)) for v in values)
    wanted = [parse_number(v) or 0.0 for v in values]
    return number is not None and any(number < w if operator == "<" else number >= w for w in wanted)


def test_an_empty_gallery_has_no_rows() -> None:
    assert Columns(["a"], lambda _: []).rows(parse_where("a=b")).tolist() == []


@pytest.mark.parametrize("sign", ["=", "!="])
def test_many_values_are_looked_up_as_each_alone(sign: str) -> None:
    column = Column.of(["a", "$1", "1.0", "b c", "", "2"], "size")
    holds = [column.rows(Condition("size", "=", (value,))) for value in ("1", "B  C", "x")]
    together = column.rows(Condition("size", sign, ("1", "B  C", "x")))
    assert (together == (np.any(holds, axis=0) == (sign == "="))).all()
    assert together.tolist() == ([False, True, True, True, False, False] if sign == "=" else [1, 0, 0, 0, 1, 1])
