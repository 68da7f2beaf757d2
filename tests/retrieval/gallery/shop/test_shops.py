"""A shop's export, its pictures on a server of this machine, becomes a gallery."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest

from retrieval.commands.parser import main
from retrieval.search.searcher import Searcher
from tests.retrieval.gallery.shop.picture_server import PictureServer, serving
from tests.retrieval.making import REPOSITORY, write_gallery

COUNT = 50
COLOURS = ("red", "green", "blue", "black", "yellow")


@pytest.fixture(scope="module")
def server() -> Iterator[PictureServer]:
    with serving() as server:
        yield server


def table(rows: list[dict[str, str]], delimiter: str = ",") -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def merchant_rows(address: str) -> list[dict[str, str]]:
    return [
        {
            "id": f"sku-{number}",
            "title": f"{COLOURS[number % 5].capitalize()} dress no. {number} & belt",
            "description": "Long,\nwide",
            "link": f"https://shop.example/dress/{number}?a=1&b=2",
            "image_link": f"{address}/{number}.jpg?v=2",
            "additional_image_link": f"{address}/{number + 500}.jpg,{address}/{number + 600}.jpg",
            "price": f"{number + 10}.99 USD",
            "sale_price": f"{number + 5}.00 USD",
            "availability": "in_stock",
            "google_product_category": "2271",
            "product_type": "Women > Clothing > Dresses",
            "brand": "Acme",
            "gender": "female",
            "color": COLOURS[number % 5],
        }
        for number in range(COUNT)
    ]


def merchant_tsv(address: str) -> str:
    return table([{**row, "description": "Long, wide"} for row in merchant_rows(address)], "\t")


def merchant_rss(address: str) -> str:
    items = "".join(
        "<item>" + "".join(f"<g:{name}>{escape(value)}</g:{name}>" for name, value in row.items()) + "</item>"
        for row in merchant_rows(address)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">'
        f"<channel><title>Shop</title><link>https://shop.example</link>{items}</channel></rss>"
    )


def merchant_atom(address: str) -> str:
    entries = "".join(
        f"<entry><id>tag:{number}</id><title>{escape(row['title'])}</title><link href={quoteattr(row['link'])}/>"
        + "".join(f"<g:{name}>{escape(row[name])}</g:{name}>" for name in row if name not in {"title", "link"})
        + "</entry>"
        for number, row in enumerate(merchant_rows(address))
    )
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><title>Shop</title>'
        f"{entries}</feed>"
    )


def shopify_csv(address: str) -> str:
    rows = []
    for number, item in enumerate(merchant_rows(address)):
        handle = item["id"]
        rows += [
            {
                "Handle": handle,
                "Title": item["title"],
                "Body (HTML)": "<p>Long,</p>\n<p>wide</p>",
                "Vendor": "Acme",
                "Type": "Dresses",
                "Option1 Name": "Color",
                "Option1 Value": item["color"],
                "Variant Price": item["price"].removesuffix(" USD"),
                "Image Src": f"{address}/{number + 500}.jpg",
                "Image Position": "2",
            },
            {"Handle": handle, "Image Src": item["image_link"], "Image Position": "1"},
            {"Handle": handle, "Option1 Value": "grey", "Variant Price": "99"},
        ]
    return table(rows)


def woocommerce_csv(address: str) -> str:
    return table(
        [
            {
                "ID": item["id"],
                "Type": "simple",
                "Name": item["title"],
                "Regular price": item["price"].removesuffix(" USD"),
                "Categories": "Women, Women > Dresses",
                "Images": f"{item['image_link']}, {address}/{number + 500}.jpg",
                "Brands": "Acme",
                "Attribute 1 name": "Colour",
                "Attribute 1 value(s)": item["color"],
            }
            for number, item in enumerate(merchant_rows(address))
        ]
    )


EXPORTS: dict[str, tuple[Callable[[str], str], str, str]] = {
    "feed.tsv": (merchant_tsv, "12.99 USD", "https://shop.example/dress/2?a=1&b=2"),
    "feed.xml": (merchant_rss, "12.99 USD", "https://shop.example/dress/2?a=1&b=2"),
    "feed.atom": (merchant_atom, "12.99 USD", "https://shop.example/dress/2?a=1&b=2"),
    "products_export.csv": (shopify_csv, "12.99", "https://shop.example/products/sku-2"),
    "wc-product-export.csv": (woocommerce_csv, "12.99", "https://shop.example/?p=sku-2"),
}


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_of_fifty_products_becomes_a_gallery(
    server: PictureServer, encoder_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    write, price, url = EXPORTS[name]
    feed, out = tmp_path / "in" / name, tmp_path / "gallery"
    feed.parent.mkdir()
    feed.write_text(write(server.address), encoding="utf-8")
    index = ("index", "--metadata", feed, "--out", out, "--encoder", encoder_folder, "--shop", "https://shop.example")
    server.asked.clear()
    code, text, told = run(capsys, *index, "--download", "--allow-local-addresses", "--json")
    assert code == 0
    record = json.loads(text)
    assert (record["count"], record["encoded"], record["unreadable"], record["skipped"]) == (COUNT, COUNT, [], [])
    assert "Fetching pictures" in told
    assert set(server.asked) == {f"/{number}.jpg?v=2" for number in range(COUNT)}  # the first pictures alone

    server.asked.clear()
    searcher = Searcher.open(out, encoder_folder)
    (hit,) = searcher.search(caption="a dress", k=1, where="title~no. 2 &")
    item = hit.item
    assert (item.id, item.title, item.url) == ("sku-2", "Blue dress no. 2 & belt", url)
    assert item.fields["price"] == price
    assert (item.kind, item.colour, item.fields["brand"]) == ("Dresses", "blue", "Acme")
    assert searcher.picture(item).shape == (60, 80, 3)
    assert searcher.file_to_open(item) == Path(item.image).resolve()
    assert len(searcher.search(caption="a dress", k=COUNT, where="price<30")) == 20
    moved = (tmp_path / "gallery").rename(tmp_path / "elsewhere")
    assert Searcher.open(moved, encoder_folder).picture(item).shape == (60, 80, 3)
    moved.rename(out)

    code, text, _ = run(capsys, *index, "--json")  # offline, from what is there
    assert code == 0
    assert json.loads(text)["kept"] == COUNT
    pictures = Searcher.open(out / "pictures", encoder_folder)  # a gallery of its own
    assert [one.title for one in pictures.items] == [one.title for one in searcher.items]
    assert pictures.items[2].url == url
    assert not server.asked


def test_failures_are_counted_and_named_and_a_later_run_fetches_what_lacks(
    server: PictureServer,
    encoder_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    pictures = (
        "1.jpg",
        "gone.jpg",
        "page",
        "2.png",
        "to/http://169.254.169.254/",
        "to/file:///etc/passwd",
        "busy-once",
    )
    rows = [
        {"id": str(number), "title": f"Item {number}", "image_link": f"{server.address}/{picture}", "link": "https://x"}
        for number, picture in enumerate(pictures)
    ]
    rows += [
        {"id": "7", "title": "Nothing to see", "image_link": ""},
        {"id": "8", "title": "Mine", "image_link": f"http://me:secret@127.0.0.1:{server.server_port}/locked"},
        {"id": "9", "title": "Hidden", "image_link": "ftp://shop.example/1.jpg"},
    ]
    feed, out = tmp_path / "feed.tsv", tmp_path / "gallery"
    feed.write_text(table(rows, "\t"), encoding="utf-8")
    index = ("index", "--metadata", feed, "--out", out, "--encoder", encoder_folder)
    code, text, _ = run(capsys, *index, "--download", "--allow-local-addresses")
    told = caplog.text
    assert code == 0
    assert "3 items" in text
    assert "6 left out" in text
    for said in (
        "gone.jpg: its server answers 404 Not Found",
        "page: expected a picture, got 'text/html'",
        "its host is no machine of the web",
        "got 'file'",
        "ftp://shop.example/1.jpg: expected an address of http or https",
        f"{server.server_port}/locked: its server answers 404",
        "left out: 7 Nothing to see: it names no picture",
    ):
        assert said in told
    lines = [json.loads(line) for line in (out / "pictures.jsonl").read_text().splitlines()]
    assert sum(line["outcome"] == "unreadable" for line in lines) == 6
    assert {"file": "7 Nothing to see", "outcome": "skipped", "reason": "it names no picture"} in lines
    assert "secret" not in told + text + (out / "pictures.jsonl").read_text() + (out / "report.json").read_text()
    server.asked.clear()
    code, text, _ = run(capsys, *index, "--download", "--allow-local-addresses")
    assert (code, server.asked["/1.jpg"], server.asked["/gone.jpg"]) == (0, 0, 1)
    assert "3 unchanged" in text


def test_without_download_one_line_says_what_to_do(
    server: PictureServer, encoder_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feed = tmp_path / "feed.tsv"
    feed.write_text(merchant_tsv(server.address.replace("//", "//me:secret@")), encoding="utf-8")
    server.asked.clear()
    arguments = ("index", "--metadata", feed, "--out", tmp_path / "gallery", "--encoder", encoder_folder)
    code, out, told = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert told.count("\n") == 1
    assert "its picture lies on the web; index --download fetches it (50 like it)" in told
    assert "secret" not in told
    assert not (tmp_path / "gallery").exists()
    code, _, told = run(capsys, *arguments, "--download")
    assert code == 1
    assert "lies on this machine or its network; --allow-local-addresses fetches it, too" in told
    assert not server.asked


def test_files_and_addresses_in_one_list(
    server: PictureServer,
    encoder_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    shop = write_gallery(tmp_path / "shop", 3)
    rows = list(csv.DictReader(io.StringIO((shop / "metadata.csv").read_text(encoding="utf-8"))))
    rows += [
        {**rows[0], "id": "web", "title": "From the web", "file": f"{server.address}/1.jpg"},
        {**rows[0], "id": "out", "file": "../secret.png"},
    ]
    (shop / "metadata.csv").write_text(table(rows), encoding="utf-8")
    index = ("index", "--images", shop, "--out", tmp_path / "i", "--encoder", encoder_folder)
    code, text, _ = run(capsys, *index)
    assert (code, "3 items" in text) == (0, True)
    assert f"{server.address}/1.jpg: its picture lies on the web" in caplog.text
    assert not (tmp_path / "i" / "pictures").exists()
    code, text, _ = run(capsys, *index, "--download", "--allow-local-addresses")
    assert (code, "4 items" in text) == (0, True)
    assert "left out: ../secret.png: it leads outside the gallery" in caplog.text
    items = Searcher.open(tmp_path / "i", encoder_folder).items
    assert [item.id for item in items] == ["item-0", "item-1", "item-2", "web"]
    assert all(Path(item.image).is_file() for item in items)


def test_an_interrupted_download_is_resumed(server: PictureServer, encoder_folder: Path, tmp_path: Path) -> None:
    rows = merchant_rows(server.address)
    rows[20]["image_link"] = f"{server.address}/silent"
    feed, out = tmp_path / "feed.tsv", tmp_path / "gallery"
    feed.write_text(table([{**row, "description": ""} for row in rows], "\t"), encoding="utf-8")
    index = [sys.executable, "-m", "retrieval", "index", "--metadata", feed, "--out", out, "--encoder", encoder_folder,
             "--download", "--allow-local-addresses"]  # fmt: skip
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen(index, cwd=REPOSITORY, env=environment, stderr=subprocess.PIPE, text=True) as process:
        while len(list(out.glob("pictures/*.jpg"))) < 10:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in told
    there = len(list(out.glob("pictures/*.jpg")))
    assert 10 <= there < COUNT
    rows[20]["image_link"] = f"{server.address}/20.jpg?v=2"
    feed.write_text(table([{**row, "description": ""} for row in rows], "\t"), encoding="utf-8")
    server.asked.clear()
    assert main([str(argument) for argument in index[3:]]) == 0
    assert sum(server.asked.values()) == COUNT - there
    assert len(Searcher.open(out, encoder_folder)) == COUNT


def test_other_feeds_and_plain_lists_of_addresses(
    server: PictureServer, encoder_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    offers = "".join(
        f"<offer id='{number}'><name>Boot {number}</name><picture>{server.address}/{number}.jpg</picture>"
        f"<url>https://shop.example/{number}</url><price>{number}</price></offer>"
        for number in range(4)
    )
    rows = [
        {
            "상품명": f"원피스 {number}",
            "이미지": f"{server.address}/{number}.jpg",
            "링크": "https://shop.example",
            "가격": "9",
        }
        for number in range(4)
    ]
    for name, text in (
        ("yml.xml", f"<yml_catalog><shop>{offers}</shop></yml_catalog>"),
        ("list.csv", table(rows, ";")),
    ):
        feed = tmp_path / name
        feed.write_text(text, encoding="utf-16")
        out = tmp_path / f"{name}-index"
        index = ("index", "--metadata", feed, "--out", out, "--encoder", encoder_folder, "--allow-local-addresses")
        code, said, _ = run(capsys, *index, "--download")
        assert (code, "4 items" in said) == (0, True)
        item = Searcher.open(out, encoder_folder).items[3]
        assert item.title in {"Boot 3", "원피스 3"}
        assert item.url.startswith("https://shop.example")
        assert item.fields["price"] in {"3", "9"}


def test_a_bad_feed_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    feed = tmp_path / "feed.xml"
    for text, said in (
        ("<rss>\n<item>\n</rss>", "line 3: mismatched tag"),
        ("<rss><item><title>a</title></item></rss>", "names no pictures"),
        ("<rss></rss>", "names no pictures"),
    ):
        feed.write_text(text)
        code, out, told = run(capsys, "index", "--metadata", feed, "--out", tmp_path / "gallery", "--download")
        assert (code, out, told.count("\n")) == (1, "", 1)
        assert told.startswith(f"error: Feed {feed} ")
        assert said in told
    with pytest.raises(SystemExit) as caught:
        main(["index", "--out", str(tmp_path / "gallery")])
    assert caught.value.code == 2
