"""Lists as spreadsheets, shops and people write them: every row is taken, and every fault is told with its line."""

from __future__ import annotations

import codecs
import io
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from retrieval.gallery.catalog import Catalog
from retrieval.gallery.lists.columns import canonical_columns, distinct
from retrieval.gallery.lists.names import PictureNames
from retrieval.gallery.lists.table import Table
from retrieval.gallery.manifest import read_manifest
from retrieval.gallery.shop.lists import read_rows
from retrieval.values.errors import CatalogError
from tests.retrieval.gallery.test_catalog import png, write_pack
from tests.retrieval.making import product_photo, save_picture, write_manifest

KOREAN = (
    "파일명{0}상품명{0}가격{0}색상\nIMG_1.jpg{0}빨간 원피스{0}10000원{0}빨강\nIMG_2.jpg{0}파란 셔츠{0}20000원{0}파랑\n"
)


def rows_of(tmp_path: Path, content: bytes | str) -> tuple[list[dict[str, str]], list[str]]:
    path = tmp_path / "list.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    told: list[str] = []
    return list(read_manifest(path, told.append)), told


def titles(tmp_path: Path, content: bytes | str) -> list[str]:
    rows, told = rows_of(tmp_path, content)
    assert not told
    return [row["title"] for row in rows]


# --- letters, separators, lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_korean_list_is_read_however_a_spreadsheet_saves_it(
    tmp_path: Path, encoding: str, separator: str, end: str
) -> None:
    rows, told = rows_of(tmp_path, KOREAN.format(separator).replace("\n", end).encode(encoding))
    assert not told
    assert [row["file"] for row in rows] == ["IMG_1.jpg", "IMG_2.jpg"]
    assert rows[0] == {"file": "IMG_1.jpg", "title": "빨간 원피스", "price": "10000원", "baseColour": "빨강"} | {
        "상품명": "빨간 원피스", "가격": "10000원", "색상": "빨강"}  # fmt: skip


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp949", ["치마"]),
        ("cp949", ["검정 구두", "똠방각하", "펲시 콜라", "흰 가방"]),
        ("cp932", ["赤い服", "靴"]),
        ("cp932", ["ワンピース", "スニーカー 黒"]),
        ("gb18030", ["红色连衣裙", "蓝色衬衫"]),
        ("big5", ["紅色洋裝", "藍色襯衫 白"]),
        ("cp1252", ["café"]),
        ("cp1252", ["robe d\u2019été", "Grünes Kleid für Mädchen", "niño"]),
        ("cp1251", ["Красное платье", "туфли"]),
        ("cp1250", ["żółta suknia ślub", "źdźbło 49 zł"]),
        ("cp1250", ["červené šaty", "modré tričko"]),
        ("cp1254", ["kırmızı elbise", "yeşil gömlek"]),  # noqa: RUF001
    ],
)
def test_a_few_words_tell_which_letters_a_list_is_written_in(tmp_path: Path, encoding: str, words: list[str]) -> None:
    text = "file,title\n" + "".join(f"{number}.jpg,{word}\n" for number, word in enumerate(words))
    assert titles(tmp_path, text.encode(encoding)) == words


def test_letters_beyond_ascii_may_come_late(tmp_path: Path) -> None:
    text = "file,title\n" + "a.jpg,dress\n" * 20_000 + "b.jpg,빨간 원피스\n"
    assert titles(tmp_path, text.encode("cp949"))[-1] == "빨간 원피스"


@pytest.mark.parametrize("bad", [b"\xff", b"\xea\xb0", b"\x80\x80"])
def test_a_bad_byte_costs_its_cell_and_is_told_with_its_line(tmp_path: Path, bad: bytes) -> None:
    content = KOREAN.format(",").encode() + b"IMG_3.jpg," + bad + b",5,\nIMG_4.jpg,ok,6,\n"
    rows, told = rows_of(tmp_path, content)
    assert [row["title"].strip("\ufffd") for row in rows] == ["빨간 원피스", "파란 셔츠", "", "ok"]
    assert rows[2]["price"] == "5"
    assert len(told) == 1
    assert told[0].startswith("line 4: letters that are no UTF-8")


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nfile;title\na.jpg;x, y\n",
        '"sep=;"\r\nfile;title\r\na.jpg;x, y\r\n',
        "\n\n;;\nfile;title;;\n;;\na.jpg;x, y;;\n",
        "우리 가게 목록\n\nfile;title\na.jpg;x, y\n",
        'FILE , "Title"\n a.jpg , "x, y" \n',
        "Image File;Product_Name\na.jpg;x, y\n",
        "무엇;제목\na.jpg;x, y\n",
        "spec;Bild;Titel\ns.pdf;a.jpg;x, y",
    ],
)
def test_the_row_that_leads_to_pictures_is_the_header(tmp_path: Path, text: str) -> None:
    (row,) = rows_of(tmp_path, text)[0]
    assert (row["file"], row["title"]) == ("a.jpg", "x, y")


def test_a_cell_may_be_long(tmp_path: Path) -> None:
    text = "file,title,text\na.jpg,red," + "x" * 900_000 + '\nb.jpg,blue,"' + "y\n" * 400_000 + '"\n'
    assert titles(tmp_path, text) == ["red", "blue"]


# --- quotes


@pytest.mark.parametrize(
    ("third", "fifth"),
    [
        ('c.jpg,"three,x', "e.jpg,five,x"),
        ('c.jpg,"three,x', 'e.jpg,"five, too",x'),
        ('c.jpg,"three,x', 'e.jpg,five 20",x'),
        ('c.jpg,"three,x', 'e.jpg,"five,x'),
        ('"c.jpg","three","x', '"e.jpg","five","x"'),
        ('c.jpg,three,"x', '"e.jpg","five","""x"'),
    ],
)
def test_a_quote_that_does_not_close_costs_no_row_and_is_told_with_its_line(
    tmp_path: Path, third: str, fifth: str
) -> None:
    text = f"file,title,brand\na.jpg,one,x\nb.jpg,two,x\n{third}\nd.jpg,four,x\n{fifth}\nf.jpg,six,x\n"
    rows, told = rows_of(tmp_path, text)
    assert [row["file"] for row in rows] == [f"{letter}.jpg" for letter in "abcdef"]
    assert [row["title"][:4].strip() for row in rows] == ["one", "two", "thre", "four", "five", "six"]
    assert told[0].startswith("line 4: a quote opens")


def test_a_quote_may_stay_open_in_the_last_row(tmp_path: Path) -> None:
    rows, told = rows_of(tmp_path, 'file,title,brand\na.jpg,"red,Acme')
    assert rows == [{"file": "a.jpg", "title": "red", "brand": "Acme"}]
    assert len(told) == 1


@pytest.mark.parametrize(
    "cell",
    ['"one, two\nthree, four, five\n<b>x</b>"', '"he said ""so""\n\n"', '"Big" dress', '12" wide', '""', 'a "b, c" d'],
)
def test_honest_quotes_are_left_alone(tmp_path: Path, cell: str) -> None:
    rows, told = rows_of(tmp_path, f"file,title,text\na.jpg,one,{cell}\nb.jpg,two,x\n")
    assert ([row["title"] for row in rows], told) == (["one", "two"], [])


# --- columns


def test_columns_of_one_name_are_all_kept(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path, "file,name,name,note,note,\na.jpg,1,2,3,4,5\n")[0]
    assert row == {"file": "a.jpg", "name": "1", "name 2": "2", "title": "1", "note": "3", "note 2": "4"}
    assert distinct(["a", "a", "a 2", "", "", "a"]) == ["a", "a 2", "a 2 2", "", "", "a 3"]


def test_an_exact_name_wins_over_others(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path, "Title,title,File,file,filename\n1,2,x,a.jpg,y\n")[0]
    assert row == {"Title": "1", "title": "2", "File": "x", "file": "a.jpg", "filename": "y"}
    assert canonical_columns(["Price (EUR)", "product-name", "BaseColour"]) == {
        "price": [0], "title": [1], "baseColour": [2]}  # fmt: skip


@pytest.mark.parametrize("text", ["a.jpg;x, y;10 €;https://shop.example/a\nb.jpg;z;;\n", "1;a.jpg;x, y\n2;b.jpg;z"])
def test_a_list_may_have_no_header(tmp_path: Path, text: str) -> None:
    rows, _ = rows_of(tmp_path, text)
    assert [(row["file"], row["title"]) for row in rows] == [("a.jpg", "x, y"), ("b.jpg", "z")]


def test_what_cannot_be_seen_around_a_cell_is_no_part_of_it(tmp_path: Path) -> None:
    rows, _ = rows_of(tmp_path, "file,title\n\u202aa.jpg\u200b,x\xa0\n\ufeffb.jpg,\u200ey\n\x1a")
    assert [(row["file"], row["title"]) for row in rows] == [("a.jpg", "x"), ("b.jpg", "y")]


@pytest.mark.parametrize("start", [b"PK\3\4\x14\0", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b\x08"])
def test_a_workbook_is_told_to_be_one(tmp_path: Path, start: bytes) -> None:
    (tmp_path / "list.xlsx").write_bytes(start + bytes(100))
    with pytest.raises(CatalogError, match=r"expected text, got a (workbook|packed file).*Save its sheet as CSV UTF-8"):
        list(read_rows(tmp_path / "list.xlsx"))


# --- names of files


def test_names_are_found_however_a_list_writes_them() -> None:
    disk = [
        "img/a.jpg",
        "img/B c.JPG",
        unicodedata.normalize("NFD", "róbe.jpg"),
        "한복.png",
        "x/same.jpg",
        "y/same.jpg",
    ]
    names = PictureNames([(name, name) for name in disk], "/home/me/shop")
    for written, found in (
        ("img\\a.jpg", 0), ("/img/a.jpg", 0), ("./img/a.jpg", 0), ("C:\\Users\\me\\shop\\img\\a.jpg", 0),
        ("shop/img/a.jpg", 0), ("me/shop/img/a.jpg", 0), ("a.jpg", 0), ("IMG/A.JPG", 0), ("a", 0), ("img/a", 0),
        ("a.jpg;b.jpg", 0), ("img/a.jpg, img/x.jpg", 0),
        ("img/B%20c.JPG", 1), ("file:///img/b c.jpg", 1), ("róbe.jpg", 2), ("RÓBE", 2),
        (unicodedata.normalize("NFD", "한복.png"), 3), ("x/same.jpg", 4),
    ):  # fmt: skip
        assert names.find(written) == disk[found], written
    for written in ("same.jpg", "same", "a.png", "other/a.jpg", "../a.jpg", "", "/", "\\", "%00", "a" * 5000):
        assert names.find(written) is None, written


def test_pictures_are_found_on_disk_and_stay_in_the_gallery(tmp_path: Path) -> None:
    save_picture(tmp_path / "outside.png", product_photo())
    folder = tmp_path / "shop"
    save_picture(folder / "img" / unicodedata.normalize("NFD", "é.png"), product_photo())
    rows = [{"file": "\\img\\é.png", "title": "A"}, {"file": "file:///home/me/shop/img/é.png", "title": "B"}]
    write_manifest(folder, [*rows, {"file": "gone.png"}, {"file": "../outside.png"}])
    catalog = Catalog.open(folder)
    assert [item.title for item in catalog.items] == ["A", "B", "gone"]
    assert catalog.read(catalog.items[0]).size and catalog.read(catalog.items[1]).size
    assert [file for file, _ in catalog.everything_skipped()] == ["../outside.png"]


# --- what the list does not name


def test_pictures_that_the_list_does_not_name_come_after_the_others(tmp_path: Path) -> None:
    for file in ("a.png", "b.png", "c.png", "d.png", "big/a.png", "lines/a.png", "back.png", "sub/new_dress.png"):
        save_picture(tmp_path / file, product_photo())
    row = {"title": "", "file_hi": "big/a.png", "sketch": "lines/a.png", "back": "back.png", "price": "1"}
    files = ["b.png", "A.PNG", str(tmp_path / "c.png"), "sub/../d.png", "gone.png"]
    write_manifest(tmp_path, [{"file": file} | row for file in files])
    catalog = Catalog.open(tmp_path, unlisted=True)
    assert [item.file for item in catalog.items] == ["b.png", "a.png", *files[2:], "sub/new_dress.png"]
    assert catalog.items[-1].title == "new dress"
    assert catalog.items[-1].fields.keys() == catalog.items[0].fields.keys()
    assert len(Catalog.open(tmp_path).items) == 5


def test_a_data_set_holds_what_its_list_names(tmp_path: Path) -> None:
    for file in ("a.png", "b.png"):
        save_picture(tmp_path / file, product_photo())
    write_manifest(tmp_path, [{"file": "a.png", "split": "val"}])
    assert len(Catalog.open(tmp_path, split="val").items) == 1
    assert Catalog.open(tmp_path).everything_skipped() == [("b.png", "not in the manifest")]


def test_a_fault_of_the_list_is_told_in_the_report(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    save_picture(tmp_path / "a.png", product_photo())
    (tmp_path / "metadata.csv").write_text('file,title\na.png,"red\n')
    catalog = Catalog.open(tmp_path)
    assert catalog.items[0].title == "red"
    ((file, reason),) = catalog.everything_skipped()
    assert (file, reason[:6]) == ("metadata.csv", "line 2")
    assert "line 2" in caplog.text


# --- packs


def test_the_same_names_in_two_packs_are_two_items(tmp_path: Path) -> None:
    colors = {"one": (200, 30, 30), "two": (30, 30, 200), "three": (30, 200, 30)}
    for name, color in colors.items():
        write_pack(tmp_path / f"{name}.tar", {"000.png": png(color), f"{name}.png": png(color)})
    catalog = Catalog.open(tmp_path)
    assert [item.file for item in catalog.items] == [
        "one.png", "one.tar/000.png", "three.png", "three.tar/000.png", "two.png", "two.tar/000.png"]  # fmt: skip
    assert len({catalog.read(item).tobytes() for item in catalog.items}) == 3
    assert catalog.items[1].image == f"{tmp_path}/one.tar/000.png"
    assert catalog.everything_skipped() == []
    assert catalog.read_file("000.png").tobytes() == catalog.read_file("two.png").tobytes()  # as older indexes mean it
    write_manifest(tmp_path, [{"file": file} for file in ("one.png", "two.tar/two.png", "two.tar/000.png", "000.png")])
    catalog = Catalog.open(tmp_path)
    assert [item.file for item in catalog.items] == ["one.png", "two.png", "two.tar/000.png", "000.png"]


def test_packs_in_sub_folders_are_taken(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    write_pack(tmp_path / "a.tar", {"x.png": png()})
    write_pack(tmp_path / "in" / "deep" / "b.tar", {"x.png": png((30, 30, 200)), "y.png": png()})
    (tmp_path / "in" / "broken.tar").write_bytes(b"x" * 2000)
    (tmp_path / ".hidden").mkdir()
    write_pack(tmp_path / ".hidden" / "c.tar", {"z.png": png()})
    catalog = Catalog.open(tmp_path)
    assert [item.file for item in catalog.items] == ["in/deep/b.tar/x.png", "in/deep/b.tar/y.png", "x.png"]
    assert all(catalog.read(item).size and catalog.stamp(item)[0] for item in catalog.items)
    assert [file for file, _ in catalog.everything_skipped()] == [".hidden", "in/broken.tar"]
    write_manifest(tmp_path, [{"file": "y.png", "title": "plain"}, {"file": "in/deep/b.tar/x.png"}])
    assert [item.file for item in Catalog.open(tmp_path).items] == ["in/deep/b.tar/y.png", "in/deep/b.tar/x.png"]


# --- anything


texts = st.text(st.sampled_from('ab",;\t|\n\r =.é빨\ufffd\0'), max_size=80)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(
        ["", "file,title\n", "file;title\n", "sep=|\nfile|title\n", "파일명\t제목\r\n", "\n\nFile,file,x,x\n"]
    ),
    texts,
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp949", "cp1252", "utf-32"]),
    st.binary(max_size=6),
    st.integers(0, 80),
)
@example("file,title\n", 'a.png,"x', "utf-16", b"\xff", 3)
@example("file,title\n", "a\\b\\..\\..\\c.png,x", "utf-8", b"", 0)
def test_any_text_in_any_letters_is_rows_or_an_error(
    tmp_path: Path, start: str, text: str, encoding: str, noise: bytes, at: int
) -> None:
    content = (start + text).encode(encoding, "replace")
    content = content[:at] + noise + content[at:]
    try:
        rows, told = rows_of(tmp_path, content)
    except CatalogError as error:
        assert str(error).isprintable()
        return
    assert all(row["file"] for row in rows)
    assert len(told) <= 2
    assert len(rows) <= len(content)
    save_picture(tmp_path / "a.png", product_photo())
    assert Catalog.open(tmp_path, tmp_path / "list.csv", unlisted=True).items


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("ab/\\.:%20Cé "), max_size=30))
def test_any_name_is_found_or_not(written: str) -> None:
    assert PictureNames([("a/b.jpg", "a/b.jpg"), ("b.jpg", "b.jpg")], "/a").find(written) in {None, "a/b.jpg", "b.jpg"}


@pytest.mark.parametrize("cell", ["(" * 1_000_000, "\\" * 1_000_000, "a/" * 500_000, "%" * 1_000_000, " " * 1_000_000])
def test_long_cells_are_not_pondered(tmp_path: Path, cell: str) -> None:
    save_picture(tmp_path / "a.png", product_photo())
    (tmp_path / "list.csv").write_text(f"file,{cell}\n{cell}a.png,\n")
    assert len(Catalog.open(tmp_path, tmp_path / "list.csv", unlisted=True).items) in {1, 2}


def test_a_mark_alone_is_no_list(tmp_path: Path) -> None:
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, b"\0", b"\0" * 99):
        with pytest.raises(CatalogError, match="no 'file' column"):
            rows_of(tmp_path, mark)


@pytest.mark.parametrize(("blank", "rows"), [(900, 2), (2_000, 0)])
def test_a_header_is_looked_for_behind_some_blank_lines_but_not_behind_millions(blank: int, rows: int) -> None:
    table = Table(io.BytesIO(b"\n" * blank + b"file,title\na.jpg,A\n"))
    assert len(table.look(",", 2)) == rows
    assert len(list(table.rows(","))) == blank + 2  # they come again
