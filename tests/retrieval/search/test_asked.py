"""Whatever is asked, of the library or in a line of queries: an answer, or one line that says what is wrong."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval import Searcher
from retrieval.commands.parser import main
from retrieval.gallery.catalog import Catalog
from retrieval.index.update import update_index
from retrieval.values.errors import QueryError, RetrievalError
from retrieval.values.ports import Encoder
from tests.retrieval.making import pen_drawing, save_picture, silent, write_gallery

COUNT = 6
few = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Searcher:
    folder = tmp_path_factory.mktemp("asked")
    update_index(Catalog.open(write_gallery(folder / "gallery", COUNT)), folder / "index", encoder, silent)
    return Searcher.open(folder / "index", encoder)


@pytest.fixture
def ask(searcher: Searcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Answer a file of queries with one open gallery: exit code, answers, stderr."""
    monkeypatch.setattr(Searcher, "open", lambda *_: searcher)

    def answers(content: bytes, *options: str) -> tuple[int, list[dict[str, Any]], str]:
        (tmp_path / "q.jsonl").write_bytes(content)
        code = main(["search", "--queries", str(tmp_path / "q.jsonl"), *options])
        out, err = capsys.readouterr()
        assert "Traceback" not in err

        def refused(name: str) -> None:
            raise AssertionError(f"{name} is not JSON")

        return code, [json.loads(line, parse_constant=refused) for line in out.splitlines()], err

    return answers


def png_of(tmp_path: Path) -> bytes:
    return save_picture(tmp_path / "bag.png", pen_drawing("bag")).read_bytes()


@pytest.mark.parametrize(
    "wrong",
    [
        {"k": "3"},
        {"k": 0},
        {"k": -1},
        {"k": 2.0},
        {"k": True},
        {"k": None},
        {"offset": "2"},
        {"offset": -1},
        {"sketch": 5},
        {"sketch": [[1], [1, 2]]},
        {"sketch": Ellipsis},
        {"sketch": b"x"},
        {"sketch": np.zeros((4, 4))},
        {"sketch": ""},
        {"sketch": "\0"},
        {"sketch": "A" * 300},
        {"sketch": "data:image/png;base64,AAAA"},
        {"sketch": "data:image/png;base64,?"},
        {"sketch": "data:image/png,%89PNG"},
        {"caption": 3.2},
        {"caption": b"x"},
        {"caption": "\ud83d"},
        {"caption": "a" * 20_000},
        {"sketch_weight": "x"},
        {"sketch_weight": None},
        {"sketch_weight": float("nan")},
        {"where": 7},
        {"where": "title=" + "a|" * 60_000},
        {"like": 7},
        {"like": [7]},
        {"like": [["item-1"]]},
        {"like": b"item-1"},
        {"fold": 1},
        {"fusion": 5},
        {"fusion": []},
    ],
    ids=lambda wrong: str(wrong)[:40],
)
def test_wrong_types_are_one_line(searcher: Searcher, wrong: dict[str, Any]) -> None:
    with pytest.raises(QueryError) as caught:
        searcher.search(**({"caption": "red bag"} | wrong))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


@pytest.mark.parametrize("names", [(5,), (None, 5), (b"x",), ([],), ("",), ("\0",), ("x\ud83d",)])
def test_what_is_no_gallery_or_encoder_is_one_line(names: tuple[Any, ...]) -> None:
    with pytest.raises(RetrievalError) as caught:
        Searcher.open(*names)
    assert "\n" not in str(caught.value)


def test_numbers_of_numpy_and_sequences_of_ids_are_taken(searcher: Searcher) -> None:
    hits = searcher.search(
        caption="red bag", k=np.int64(3), sketch_weight=np.float32(0.5), like=("item-1",), offset=np.int64(1)
    )
    assert [hit.rank for hit in hits] == [2, 3, 4]
    assert len(searcher.search(caption="red bag", k=10**30)) == COUNT
    assert searcher.search(caption="red bag", offset=10**30) == []


def test_a_data_url_is_the_picture_that_it_holds(searcher: Searcher, tmp_path: Path) -> None:
    data = png_of(tmp_path)
    by_file = searcher.search(tmp_path / "bag.png", "red")
    encoded = base64.b64encode(data).decode()
    for url in (
        f"data:image/png;base64,{encoded}",
        f"DATA:image/png;name=a.png;BASE64,\n{encoded[:9]} {encoded[9:]}\n",
    ):
        assert searcher.search(url, "red") == by_file


def test_each_line_is_answered_in_its_place(ask: Any, tmp_path: Path) -> None:
    encoded = base64.b64encode(png_of(tmp_path)).decode()
    (tmp_path / "folder").mkdir()
    lines = [
        ({"id": "first", "caption": "red"}, 2),
        ({"id": 2, "sketch": "bag.png"}, 2),
        ({"id": 2.5, "sketch": f"data:image/png;base64,{encoded}"}, 2),
        ({"id": None, "sketch": encoded}, 0),
        ({"sketch": "folder"}, 0),
        ({"id": "", "sketch": "none.png", "caption": "red"}, 0),
        ({"id": True, "sketch": {"data": encoded}}, 0),
        ({"id": "n", "caption": 5}, 0),
        ({"id": "e", "caption": ""}, 0),
        ({"id": "p", "caption": "red", "page": "1"}, 0),
        ({"id": "k", "caption": "red", "k": "1"}, 0),
        ({"id": "k3", "caption": "red", "k": 3, "unknown option": 1}, 3),
        ({"id": "past", "caption": "red", "page": 9}, 0),
        ({"id": "last", "caption": None, "like": "item-3"}, 2),
    ]
    text = b"\r\n \r\n".join(json.dumps(line).encode() for line, _ in lines)
    code, answers, err = ask(b"\xef\xbb\xbf" + text + b"\r\n\r\n", "--k", "2")
    assert code == 0
    assert [answer["id"] for answer in answers] == [line.get("id") for line, _ in lines]
    assert [len(answer["hits"]) for answer in answers] == [count for _, count in lines]
    assert ["error" in answer for answer in answers] == [not count and line["id"] != "past" for line, count in [
        ({"id": None} | line, count) for line, count in lines
    ]]  # fmt: skip
    assert "no hits: page 9 is past the end, fewer than 17 items fit" in err
    assert max(map(len, err.splitlines())) < 400


def test_numbers_that_json_does_not_know_are_no_ids(ask: Any) -> None:
    code, answers, _ = ask(
        b'{"id": NaN, "caption": "red"}\n{"id": 1e999, "caption": "red"}\n{"id": 1, "caption": "red"}'
    )
    assert (code, [answer["id"] for answer in answers]) == (0, [None, None, 1])
    assert ["error" in answer for answer in answers] == [True, True, False]


def test_a_file_of_utf_16_is_one_line(ask: Any) -> None:
    code, answers, err = ask('{"id": 1, "caption": "red"}'.encode("utf-16"))
    assert (code, answers) == (1, [])
    assert err.startswith("error: ") and err.count("\n") == 1 and "UTF-16" in err
    assert ask(b"")[:2] == (0, [])


def test_a_page_past_the_end_says_so(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Searcher, "open", lambda *_: searcher)
    for options in (["--page", "3", "--k", "4"], ["--page", "1" + "0" * 30], ["--where", "price<0"]):
        assert main(["search", "--caption", "red", "--json", *options]) == 0
        out, err = capsys.readouterr()
        assert json.loads(out)["hits"] == []
        assert err.startswith("no hits: ") and err.count("\n") == 1


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["item-1", "price<9", "red"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    ("id", "caption", "sketch", "sketch_weight", "fusion", "where", "like", "fold", "k", "page", "x")
)
objects = st.dictionaries(names, values, max_size=4).map(lambda line: json.dumps(line).encode())
harmed = st.tuples(objects, st.binary(max_size=4), st.integers(0, 99)).map(
    lambda parts: parts[0][: parts[2]] + parts[1] + parts[0][parts[2] + 1 :]
)


@few
@given(st.lists(objects | harmed | st.binary(max_size=40), max_size=5))
def test_no_line_keeps_another_from_its_answer(ask: Any, lines: list[bytes]) -> None:
    lines = [part for line in lines for part in line.split(b"\n") if part.removeprefix(b"\xef\xbb\xbf").strip()]
    code, answers, err = ask(b"\n".join([*lines, b'{"id": "last", "caption": "red bag"}']), "--k", "2")
    assert code == 0
    assert len(answers) == len(lines) + 1
    assert answers[-1]["id"] == "last" and len(answers[-1]["hits"]) == 2
    assert err.count("error: query") == sum("error" in answer for answer in answers)


@few
@given(st.dictionaries(names.filter(lambda name: name not in {"id", "page", "x"}), values, max_size=4))
def test_the_library_answers_or_says_what_is_wrong(searcher: Searcher, asked: dict[str, Any]) -> None:
    try:
        assert len(searcher.search(**asked)) <= COUNT
    except QueryError as error:
        assert "\n" not in str(error)
