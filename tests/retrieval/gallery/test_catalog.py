from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retrieval.gallery.catalog import Catalog
from retrieval.gallery.lists.names import title_from_file
from retrieval.values.errors import CatalogError
from tests.retrieval.making import product_photo, save_picture, write_gallery, write_manifest


def png(color: tuple[int, int, int] = (200, 30, 30)) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(product_photo(color=color)).save(buffer, "PNG")
    return buffer.getvalue()


def write_pack(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as pack:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            pack.addfile(entry, io.BytesIO(data))
    return path


def error_of(folder: Path, **options: object) -> str:
    with pytest.raises(CatalogError) as caught:
        Catalog.open(folder, **options)  # type: ignore[arg-type]
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_manifest_gives_id_title_and_every_further_column(tmp_path: Path) -> None:
    catalog = Catalog.open(write_gallery(tmp_path / "shop", 3))
    item = catalog.items[1]
    assert (item.id, item.file, item.title) == ("item-1", "001.png", "green bag number 1")
    assert item.image == str(tmp_path / "shop" / "001.png")
    assert (item.url, item.kind, item.colour) == ("https://shop.example/1", "Handbags", "Green")
    assert item.fields["price"] == "11.00"
    assert {"id", "file", "title"}.isdisjoint(item.fields)


def test_a_folder_of_pictures_is_enough(tmp_path: Path) -> None:
    for file in ("b/Red_summer-dress.JPG", "a.webp", "b/c/deep.png"):
        save_picture(tmp_path / file, product_photo())
    for file in (".hidden.png", ".thumbnails/x.png", "notes.txt", "b/.DS_Store"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(b"x")
    catalog = Catalog.open(tmp_path)
    assert [item.file for item in catalog.items] == ["a.webp", "b/Red_summer-dress.JPG", "b/c/deep.png"]
    assert catalog.items[1].title == "Red summer dress"
    assert catalog.items[1].id == "b/Red_summer-dress.JPG"


@pytest.mark.parametrize(
    ("file", "title"),
    [("a/red_dress.jpg", "red dress"), ("x-1.png", "x 1"), ("__.png", "__.png"), ("한복.png", "한복"), ("a", "a")],
)
def test_a_file_name_becomes_a_readable_title(file: str, title: str) -> None:
    assert title_from_file(file) == title


def test_a_byte_order_mark_and_spaces_in_the_header_do_no_harm(tmp_path: Path) -> None:
    text = '\ufefffile , title,price\r\n a.png , "Dress, red ",12\r\n'
    (tmp_path / "metadata.csv").write_bytes(text.encode())
    (item,) = Catalog.open(tmp_path).items
    assert (item.file, item.title, item.fields) == ("a.png", "Dress, red", {"price": "12"})


def test_ragged_rows_and_rows_without_a_file_are_taken_as_far_as_they_go(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_text("file,title,price\na.png\nb.png,B,1,2,3\n,no file,9\n\n   ,x,y\nc.png,C\n")
    items = Catalog.open(tmp_path).items
    assert [(item.file, item.title, item.fields) for item in items] == [
        ("a.png", "a", {"price": ""}),
        ("b.png", "B", {"price": "1"}),
        ("c.png", "C", {"price": ""}),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no header"),
        (b"id;price;title\n1;2;A\n", "id, price, title"),
        (b"name,title\na,b\n", "name, title"),
        (b'"first\nsecond",title\na,b\n', "first second"),
        (b"x" * 900 + b",title\n", "..."),
        (b'file,title\n"' + b"x" * (1 << 20) + b'",x\n', "line 2: expected at most 1,048,576 letters"),
        (b"file,title\n", "is empty"),
    ],
)
def test_a_manifest_that_cannot_be_used_says_why_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "metadata.csv").write_bytes(content)
    assert said in error_of(tmp_path)


def test_folders_and_manifests_that_are_not_there_are_named(tmp_path: Path) -> None:
    assert "is not a folder" in error_of(tmp_path / "none")
    assert "is not there" in error_of(tmp_path, manifest=tmp_path / "none.csv")
    assert "is empty" in error_of(tmp_path)
    (tmp_path / "file").write_text("x")
    assert "is not a folder" in error_of(tmp_path / "file")


def test_another_manifest_can_be_named_and_one_split_taken(tmp_path: Path) -> None:
    rows = [{"file": f"{i}.png", "split": split} for i, split in enumerate(("train", "val", "train", ""))]
    other = write_manifest(tmp_path, rows, "other.csv")
    assert len(Catalog.open(tmp_path, other).items) == 4
    assert [item.file for item in Catalog.open(tmp_path, other, "train").items] == ["0.png", "2.png"]
    assert "split 'test'" in error_of(tmp_path, manifest=other, split="test")


def test_items_may_share_an_id_or_a_picture(tmp_path: Path) -> None:
    write_manifest(tmp_path, [{"id": "1", "file": "a.png"}, {"id": "1", "file": "b.png"}, {"id": "2", "file": "a.png"}])
    assert [(item.id, item.file) for item in Catalog.open(tmp_path).items] == [
        ("1", "a.png"),
        ("1", "b.png"),
        ("2", "a.png"),
    ]


def test_packed_pictures_are_read_in_place(tmp_path: Path) -> None:
    write_pack(tmp_path / "one.tar", {"./x/a.png": png((200, 30, 30)), "b.png": png((30, 30, 200)), "._b.png": b"junk"})
    save_picture(tmp_path / "c.png", product_photo())
    catalog = Catalog.open(tmp_path)
    assert [item.file for item in catalog.items] == ["b.png", "c.png", "x/a.png"]
    assert catalog.items[0].image == f"{tmp_path / 'one.tar'}/b.png"
    assert np.array_equal(catalog.read(catalog.items[2]), product_photo(color=(200, 30, 30)))
    assert np.array_equal(catalog.read(catalog.items[0]), product_photo(color=(30, 30, 200)))
    assert catalog.stamp(catalog.items[0])[0] == len(png((30, 30, 200)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.png", "one.tar"]


def test_a_file_beside_a_pack_wins_over_the_packed_one(tmp_path: Path) -> None:
    write_pack(tmp_path / "one.tar", {"a.png": png((200, 30, 30))})
    save_picture(tmp_path / "a.png", product_photo(color=(30, 30, 200)))
    (item,) = (catalog := Catalog.open(tmp_path)).items
    assert item.image == str(tmp_path / "a.png")
    assert np.array_equal(catalog.read(item), product_photo(color=(30, 30, 200)))


def test_a_sharper_picture_is_read_where_the_manifest_names_one(tmp_path: Path) -> None:
    save_picture(tmp_path / "small.png", product_photo(size_px=40))
    save_picture(tmp_path / "large.png", product_photo(size_px=90))
    write_manifest(tmp_path, [{"file": "small.png", "file_hi": "large.png"}, {"file": "small.png", "file_hi": ""}])
    catalog = Catalog.open(tmp_path)
    assert [catalog.read(item).shape[0] for item in catalog.items] == [90, 40]
    assert catalog.stamp(catalog.items[0]) != catalog.stamp(catalog.items[1])


def truncated(data: bytes) -> bytes:
    return data[: len(data) - 9000]


@pytest.mark.parametrize("content", [b"", b"not a tar at all" * 100, b"\x1f\x8b\x08\x00" + b"x" * 2000])
def test_a_broken_pack_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "photos.tar").write_bytes(content)
    message = error_of(tmp_path)
    assert "photos.tar" in message
    assert "Copy it again" in message


def test_a_truncated_pack_is_an_error_or_lacks_only_what_was_cut(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "photos.tar", {f"{i}.png": png() + bytes(3000) for i in range(6)})
    whole = pack.read_bytes()
    for keep in range(100, len(whole), 1700):
        pack.write_bytes(whole[:keep])
        try:
            catalog = Catalog.open(tmp_path)
        except CatalogError as error:
            assert "\n" not in str(error)
            continue
        for item in catalog.items:
            try:
                catalog.read(item)
            except CatalogError as error:
                assert "\n" not in str(error)


def test_what_only_looks_like_a_pack_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "._photos.tar").write_bytes(b"resource fork")
    (tmp_path / "folder.tar").mkdir()
    save_picture(tmp_path / "a.png", product_photo())
    assert len(Catalog.open(tmp_path).items) == 1


def test_a_pack_that_disappears_is_an_error_of_that_picture(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "one.tar", {"a.png": png()})
    catalog = Catalog.open(tmp_path)
    pack.unlink()
    assert catalog.stamp(catalog.items[0]) == (0, 0)
    with pytest.raises(CatalogError, match=r"one\.tar"):
        catalog.read(catalog.items[0])


@pytest.mark.parametrize("file", ["missing.png", "x" * 400 + ".png", "nul\0.png", "../../nowhere.png", "folder"])
def test_a_file_that_cannot_be_is_an_error_of_that_picture(tmp_path: Path, file: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x.png").write_bytes(png())
    catalog = Catalog.open(tmp_path)
    item = type(catalog.items[0])("1", file, "t", str(tmp_path / file))
    catalog.stamp(item)
    with pytest.raises(CatalogError) as caught:
        catalog.read(item)
    assert "\n" not in str(caught.value)


def test_pictures_of_known_items_are_read_without_a_manifest(tmp_path: Path) -> None:
    folder = write_gallery(tmp_path / "shop", 2)
    items = Catalog.open(folder).items
    (folder / "metadata.csv").write_text("broken")
    assert Catalog.of_pictures(folder).read(items[0]).shape == (96, 96, 3)
    with pytest.raises(CatalogError, match="not there"):
        Catalog.of_pictures(tmp_path / "gone").read(items[0])
