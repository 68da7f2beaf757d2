"""Galleries, packs and manifests that strangers send: nothing outside is read, nothing hangs, every file is told."""

from __future__ import annotations

import io
import os
import tarfile
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bridge.search import GallerySearch
from retrieval.commands.parser import main
from retrieval.files import FOLLOW_LINKS_VARIABLE, MAX_NAME_BYTES, index_folder, open_regular, phone_folder
from retrieval.gallery import manifest, packs
from retrieval.gallery.catalog import Catalog
from retrieval.gallery.lists import table
from retrieval.gallery.picture_files import OUTSIDE, GalleryFolder
from retrieval.index.folder.store import load_index, save_index
from retrieval.index.update import update_index
from retrieval.search.searcher import Searcher
from retrieval.values.datatypes import CatalogItem
from retrieval.values.errors import CatalogError, RetrievalError
from tests.retrieval.gallery.test_catalog import png, write_pack
from tests.retrieval.making import product_photo, save_picture, silent, write_manifest
from tests.retrieval.mean_colours import MeanColours

posix_only = pytest.mark.skipif(os.name == "nt", reason="makes pipes and links")
few = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def files_of(catalog: Catalog) -> list[str]:
    return [item.file for item in catalog.items]


# --- paths


@posix_only
def test_what_lies_outside_is_neither_taken_nor_read_and_each_is_told(tmp_path: Path) -> None:
    secret = save_picture(tmp_path / "private" / "secret.png", product_photo())
    folder = tmp_path / "shop"
    save_picture(folder / "sub" / "ok.png", product_photo())
    (folder / "link.png").symlink_to(secret)
    (folder / "there").symlink_to(secret.parent, target_is_directory=True)
    (folder / "inside.png").symlink_to("sub/ok.png")
    outside = ["../private/secret.png", str(secret), "link.png", "there/secret.png", "/etc/passwd", "a\0b.png",
               "sub/../../private/secret.png", "//server/share/x.png"]  # fmt: skip
    inside = ["sub/ok.png", "sub/../sub/ok.png", str(folder / "sub" / "ok.png"), "inside.png"]
    write_manifest(folder, [{"file": file, "file_hi": ""} for file in [*inside, *outside]])
    catalog = Catalog.open(folder)
    assert files_of(catalog) == inside
    assert dict(catalog.everything_skipped()) == dict.fromkeys(outside, OUTSIDE) | {"there": "a link to a folder"}
    for item in catalog.items:
        assert catalog.read(item).shape == (120, 120, 3)
    for file in outside:
        with pytest.raises(CatalogError, match="leads outside"):
            catalog.read_file(file)
        assert catalog.file_to_open(CatalogItem(file, file, file, file)) is None


@posix_only
def test_a_sharper_picture_outside_costs_itself_alone(tmp_path: Path) -> None:
    save_picture(tmp_path / "other.png", product_photo(size_px=300))
    save_picture(tmp_path / "shop" / "ok.png", product_photo())
    write_manifest(tmp_path / "shop", [{"file": "ok.png", "file_hi": "../other.png", "sketch": "../other.png"}])
    catalog = Catalog.open(tmp_path / "shop")
    assert catalog.read(catalog.items[0]).shape == (120, 120, 3)
    assert catalog.everything_skipped() == [("../other.png", OUTSIDE)]
    with pytest.raises(CatalogError, match="leads outside"):
        catalog.read_file(catalog.items[0].fields["sketch"])


@posix_only
def test_links_lead_out_where_the_person_allows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    away = save_picture(tmp_path / "away" / "deep" / "a.png", product_photo()).parent
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "one.png").symlink_to(away / "a.png")
    (folder / "all").symlink_to(away.parent, target_is_directory=True)
    (away / "back").symlink_to(folder, target_is_directory=True)
    with pytest.raises(CatalogError, match="--follow-links"):
        Catalog.open(folder)
    monkeypatch.setenv(FOLLOW_LINKS_VARIABLE, "1")
    catalog = Catalog.open(folder)
    assert files_of(catalog) == ["all/deep/a.png", "one.png"]
    assert all(catalog.read(item).size for item in catalog.items)
    assert catalog.everything_skipped() == [("all/deep/back", "a link to a folder that is listed already")]


@posix_only
def test_a_manifest_or_pack_that_is_a_link_out_is_not_read(tmp_path: Path) -> None:
    save_picture(tmp_path / "shop" / "a.png", product_photo())
    write_pack(tmp_path / "elsewhere.tar", {"b.png": png()})
    (tmp_path / "shop" / "p.tar").symlink_to(tmp_path / "elsewhere.tar")
    catalog = Catalog.open(tmp_path / "shop")
    assert files_of(catalog) == ["a.png"]
    assert "leads outside" in dict(catalog.everything_skipped())["p.tar"]
    (tmp_path / "shop" / "metadata.csv").symlink_to("/dev/zero")
    with pytest.raises(CatalogError, match=r"metadata\.csv"):
        Catalog.open(tmp_path / "shop")


@posix_only
def test_only_real_picture_files_are_handed_to_other_programs(tmp_path: Path) -> None:
    save_picture(tmp_path / "ok.png", product_photo())
    (tmp_path / "run.desktop").write_bytes(png())
    (tmp_path / "dress.png").symlink_to("run.desktop")
    (tmp_path / "fine.png").symlink_to("ok.png")
    (tmp_path / "text.png").write_text("[Desktop Entry]\nExec=/bin/true\n")
    write_pack(tmp_path / "p.tar", {"packed.png": png()})
    searcher = Searcher(MeanColours(), update_index(Catalog.open(tmp_path), tmp_path / ".i", MeanColours(), silent)[0])
    found = {item.file: searcher.file_to_open(item) for item in searcher.items}
    ok = (tmp_path / "ok.png").resolve()
    assert found == {"dress.png": None, "fine.png": ok, "ok.png": ok, "packed.png": None}
    hit = searcher.search(like="ok.png", k=1)[0]
    (tmp_path / hit.item.file).unlink()
    (tmp_path / hit.item.file).write_text("#!/bin/sh\n")
    assert GallerySearch(searcher, None)._card(hit).image_path is None


# --- packs


def test_members_of_a_pack_that_lie_outside_or_are_no_pictures_are_told(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "p.tar", "w") as pack:
        for name in ("../x.png", "/etc/x.png", "a/../../x.png", "in.png", "in.png", "notes.txt", "한복" * 60 + ".png"):
            entry = tarfile.TarInfo(name)
            entry.size = len(png())
            pack.addfile(entry, io.BytesIO(png()))
        for name, kind in (("link.png", tarfile.SYMTYPE), ("pipe.png", tarfile.FIFOTYPE), ("folder", tarfile.DIRTYPE)):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            pack.addfile(entry)
    catalog = Catalog.open(tmp_path)
    assert files_of(catalog) == ["in.png", "한복" * 60 + ".png"]
    assert set(dict(catalog.everything_skipped())) == {
        "p.tar/../x.png", "p.tar//etc/x.png", "p.tar/a/../../x.png", "p.tar/in.png", "p.tar/notes.txt",
        "p.tar/link.png", "p.tar/pipe.png"}  # fmt: skip


def header(name: str, size: bytes, kind: bytes = b"0") -> bytes:
    """One block that says what it likes, with a checksum that fits."""
    block = bytearray(tarfile.TarInfo(name).tobuf(tarfile.GNU_FORMAT))
    block[124:136], block[156:157], block[148:156] = size, kind, b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def member(name: str) -> bytes:
    content = png()
    return header(name, b"%011o\0" % len(content)) + content + bytes(-len(content) % 512)


HUGE = b"\x80" + bytes(2) + b"\x40" + bytes(8)


@pytest.mark.parametrize(
    "lie",
    [
        header("lie.png", b"\xff" * 10 + b"\xfe\0"),
        header("lie.png", b"\xff" * 12),
        header("lie.png", HUGE),
        header("lie.png", b"77777777777\0"),
        header("././@LongLink", b"77777777777\0", tarfile.GNUTYPE_LONGNAME),
        header("././@LongLink", HUGE, tarfile.GNUTYPE_LONGLINK),
        header("pax", b"77777777777\0", tarfile.XHDTYPE),
        header("pax", HUGE, tarfile.XGLTYPE),
        header("lie.png", b"00000001000\0", tarfile.GNUTYPE_SPARSE),
        header("pax", b"00000001000\0", tarfile.XHDTYPE) + b"99999999 path=x".ljust(512, b"\xff"),
        header("pax", b"00000001000\0", tarfile.XHDTYPE) + b"1 1 1 1 1 ".ljust(512, b"1"),
        header("pax", b"00000000024\0", tarfile.XHDTYPE) + b"20 size=99999999999\n".ljust(512, b"\0"),
        b"\x01" * 1536,
    ],
)
def test_a_header_that_lies_costs_no_other_member(tmp_path: Path, lie: bytes) -> None:
    (tmp_path / "p.tar").write_bytes(member("first.png") + lie + member("last.png") + bytes(1024))
    write_pack(tmp_path / "q.tar", {"other.png": png()})
    catalog = Catalog.open(tmp_path)
    assert {"first.png", "other.png"} <= set(files_of(catalog))
    told = [file for file, _ in catalog.everything_skipped()]
    assert "last.png" in files_of(catalog) or "p.tar" in told or "p.tar/last.png" in told
    for item in catalog.items:
        assert catalog.read(item).shape == (120, 120, 3)


def test_a_long_name_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "p.tar").open("wb") as stream:
        stream.write(member("first.png") + header("././@LongLink", b"20000000000\0", tarfile.GNUTYPE_LONGNAME))
        stream.seek(2 << 30, 1)
        stream.write(member("last.png") + bytes(1024))
    tracemalloc.start()
    catalog = Catalog.open(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert files_of(catalog) == ["first.png", "last.png"]
    assert peak < 20 << 20
    assert "at most 1,048,576 bytes" in catalog.everything_skipped()[0][1]


def test_a_pack_is_cut_off_while_it_is_used(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "p.tar", {"a.png": png(), "b.png": png()})
    catalog = Catalog.open(tmp_path)
    os.truncate(pack, 900)
    with pytest.raises(CatalogError, match="changes while it is read"):
        catalog.read(catalog.items[1])


@few
@given(st.data())
def test_any_damage_to_a_pack_gives_pictures_or_reasons(tmp_path: Path, data: st.DataObject) -> None:
    with tarfile.open(tmp_path / "p.tar", "w", format=data.draw(st.sampled_from([0, 1, 2]))) as pack:
        for name in ("a.png", "b.png"):
            entry = tarfile.TarInfo(name if pack.format == 0 else "x" * 120 + name)
            entry.size = 700
            pack.addfile(entry, io.BytesIO(bytes(700)))
    content = bytearray((tmp_path / "p.tar").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, 6000))
        content[at : at + 12] = data.draw(st.binary(max_size=12))
        block = at // 512 * 512
        content[block + 148 : block + 156] = b" " * 8
        content[block + 148 : block + 156] = b"%06o\0 " % sum(content[block : block + 512])
    (tmp_path / "p.tar").write_bytes(content)
    try:
        catalog = Catalog.open(tmp_path)
    except CatalogError:
        return
    assert len(catalog.everything_skipped()) + len(catalog.items) <= 100
    for item in catalog.items:
        with pytest.raises(CatalogError):
            catalog.read(item)


def test_more_members_than_a_gallery_may_have_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "MAX_MEMBERS", 2)
    write_pack(tmp_path / "p.tar", {f"{number}.png": png() for number in range(3)})
    catalog = Catalog.open(tmp_path)
    assert files_of(catalog) == ["0.png", "1.png"]
    assert "at most 2 members" in dict(catalog.everything_skipped())["p.tar"]


# --- manifests


@pytest.mark.parametrize(
    "text",
    [
        "file," + ",".join(f"c{i}" for i in range(321)) + "\n" + "a.png\n" * 60_000,
        "file," + ",".join(f"c{i}" for i in range(100_000)) + "\n" + "a.png\n" * 1_000,
        "file\n" + "a.png" + "," * 900_000,
    ],
)
def test_a_manifest_takes_no_more_memory_than_it_is_worth(tmp_path: Path, text: str) -> None:
    save_picture(tmp_path / "a.png", product_photo())
    (tmp_path / "metadata.csv").write_text(text)
    tracemalloc.start()
    catalog = Catalog.open(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 150 << 20
    assert catalog.read(catalog.items[-1]).size


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file,title\na.png," + "," * (1 << 20), "line 2: expected at most"),
        ('file\n"' + "\n" * 200_000, "line 2: a quote opens"),
        ("file,title\n" + 'x","y\n' * 90_000, "a quote opens there"),
    ],
)
def test_a_manifest_with_endless_lines_is_refused_in_one_line(
    tmp_path: Path, text: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "MAX_ROW_LETTERS", 1 << 18)
    monkeypatch.setattr(table, "MAX_LETTERS_READ_AGAIN", 1 << 20)
    (tmp_path / "metadata.csv").write_text(text)
    with pytest.raises(CatalogError, match=said):
        Catalog.open(tmp_path)


def test_a_manifest_with_too_many_cells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "MAX_CELLS", 1000)
    write_manifest(tmp_path, [{"file": f"{number}.png", "title": "x"} for number in range(500)])
    with pytest.raises(CatalogError, match="Make several galleries"):
        Catalog.open(tmp_path)


@few
@given(st.binary(max_size=300), st.sampled_from([b"", b"file,title\n", b"file,file_hi,title,id\n"]))
@example(b'a.png,"x', b"file,title\n")
@example("\u038b\u3000\u00a0".encode(), b"")  # a letter that Unicode has not given yet, and wide spaces
def test_any_bytes_are_a_manifest_or_an_error_in_one_line(tmp_path: Path, content: bytes, start: bytes) -> None:
    save_picture(tmp_path / "a.png", product_photo())
    (tmp_path / "metadata.csv").write_bytes(start + content)
    try:
        catalog = Catalog.open(tmp_path)
    except CatalogError as error:
        assert str(error).isprintable()
        return
    for item in catalog.items:
        catalog.stamp(item)
        assert "\n" not in item.title
        try:
            catalog.load(item)
        except CatalogError as error:
            assert "\n" not in str(error)
    catalog.everything_skipped()


# --- small ones


@posix_only
def test_two_pictures_that_change_places_are_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    for name, color in (("a.bmp", (250, 0, 0)), ("b.bmp", (0, 0, 250))):
        save_picture(folder / name, product_photo(color=color))
        os.utime(folder / name, (1e9, 1e9))
    first, _ = update_index(Catalog.open(folder), tmp_path / "i", MeanColours(), silent)
    (folder / "a.bmp").rename(folder / "c.bmp")
    (folder / "b.bmp").rename(folder / "a.bmp")
    (folder / "c.bmp").rename(folder / "b.bmp")
    index, rows = update_index(Catalog.open(folder), tmp_path / "i", MeanColours(), silent)
    assert (rows.encoded, sorted(rows.copied)) == ([], ["a.bmp", "b.bmp"])
    assert (index.vectors == first.vectors[::-1]).all()


def test_an_index_without_identities_is_not_encoded_again(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    save_picture(folder / "a.png", product_photo())
    index, _ = update_index(Catalog.open(folder), tmp_path / "i", MeanColours(), silent)
    older = [replace(stored, identity="") for stored in index.items]
    save_index(tmp_path / "i", replace(index, items=older))
    index, rows = update_index(Catalog.open(folder), tmp_path / "i", MeanColours(), silent)
    assert (rows.kept, rows.encoded) == (["a.png"], [])
    assert load_index(tmp_path / "i").items[0].identity


@posix_only
@pytest.mark.parametrize("kind", ["pipe", "/dev/zero", "/dev/tty", "folder"])
def test_nothing_but_ordinary_files_is_opened(tmp_path: Path, kind: str) -> None:
    path = Path(kind) if kind.startswith("/") else tmp_path / kind
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    with pytest.raises(OSError, match=r"folder|ordinary"):
        open_regular(path)
    save_picture(tmp_path / "a.png", product_photo())
    with pytest.raises(CatalogError, match=r"folder|ordinary"):
        Catalog.open(tmp_path, path)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="has no /proc")
def test_a_gallery_of_the_system_s_own_files_ends(tmp_path: Path) -> None:
    write_manifest(tmp_path, [{"file": "kmsg"}, {"file": "self/mem"}, {"file": "self/environ"}, {"file": "kcore"}])
    catalog = Catalog.open("/proc", tmp_path / "metadata.csv")
    for item in catalog.items:
        with pytest.raises(CatalogError):
            catalog.read(item)
    with pytest.raises(CatalogError, match=r"empty|cannot be looked at|outside"):
        Catalog.open("/proc/self")


def test_cache_folders_of_long_names_can_be_made(tmp_path: Path) -> None:
    for name in ("x" * 240, "한" * 80, "x" * 255):
        place = index_folder(tmp_path / name, "0123456789abcdef")
        assert len(os.fsencode(place.name)) <= MAX_NAME_BYTES
        place.mkdir(parents=True)
        assert place.name.endswith("-0123456789abcdef")
    assert len(os.fsencode(phone_folder("serial", "/sdcard/" + "한" * 85).name)) <= MAX_NAME_BYTES
    assert index_folder(tmp_path / "shop", "0").name.startswith("shop-")


def test_control_characters_reach_no_terminal(
    tmp_path: Path, encoder_folder: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    evil = "\x1b]0;x\x07\x1b[2J\x9b31m\u202e"
    save_picture(tmp_path / f"a{evil}.png", product_photo())
    (tmp_path / f"b{evil}.png").write_text("no picture")
    row = {"title": f"red{evil}dress", "price": evil, "brand\x1b": "x", "url": "https://x/\x1b"}
    write_manifest(tmp_path, [row | {"file": file.name, "id": file.name} for file in sorted(tmp_path.glob("*.png"))])
    (tmp_path / f"p{evil}.tar").write_text("no pack")
    common = ["--encoder", str(encoder_folder)]
    assert main(["search", "--gallery", str(tmp_path), "--caption", "dress", *common]) == 0
    assert main(["index", "--images", str(tmp_path), "--out", str(tmp_path / "i"), *common]) == 0
    assert main(["search", "--gallery", str(tmp_path), "--caption", "x", "--where", f"{evil}=1", *common]) == 1
    shown = "".join(capsys.readouterr()) + caplog.text
    assert "red" in shown
    assert not set(shown) & set("\x1b\x07\x9b\u202e")
    item = Catalog.open(tmp_path).items[0]
    assert "\x1b" not in item.id + item.title + "".join((*item.fields, *item.fields.values()))
    assert str(RetrievalError("a\x1bb\r\nc", "d\u2066e")) == "a b c. d e"


@posix_only
def test_a_folder_lists_so_many_files_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from retrieval.gallery import listing

    monkeypatch.setattr(listing, "MAX_ENTRIES", 3)
    for number in range(5):
        save_picture(tmp_path / f"{number}.png", product_photo())
    files, skipped = listing.list_folder(GalleryFolder(tmp_path))
    assert len(files) == 3
    assert "at most 3 files" in skipped[0][1]
