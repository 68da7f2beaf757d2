"""Tags of pictures: kept in the index folder, never made twice, found by words, and leading where few are clothes."""

import json
import os

import numpy as np
import pytest

from retrieval.commands.parser import main
from retrieval.gallery.catalog import Catalog
from retrieval.index import tagging
from retrieval.index.folder.store import load_index
from retrieval.index.folder.tags import RECORD, TAG_NAMES_FILE, TAGS_FILE, read_tags
from retrieval.index.tagging import how_tagged, offer_tags, update_tags
from retrieval.index.update import update_index
from retrieval.search.searcher import Searcher
from retrieval.values.datatypes import TagNames
from tests.retrieval.making import INKS, pen_drawing, product_photo, save_picture, silent, write_manifest
from tests.retrieval.mean_colours import MeanColours

WORDS = ({"dog": 1.0}, {"poodle": 1.0, "toy": 0.5}, {"clothes": 1.0}, {"shirt": 1.0}, {"barn": 1.0})
SHOWN = {"red": ((0, 0.9),), "green": ((1, 0.5), (0, 0.7)), "blue": ((3, 0.9), (2, 0.9)), "yellow": ((4, 0.9),)}


class Colours(MeanColours):
    """Takes words that name no ink for black ones."""

    def encode_words(self, captions):
        return super().encode_words([f"{caption} black" for caption in captions])


class ColourTagger:
    """Takes red things for dogs, green ones for poodles, and blue ones for shirts."""

    names = TagNames("colours", ("dog", "poodle", "clothes", "shirt", "barn"), WORDS)
    size_px = 16

    def __init__(self):
        self.tagged = 0

    def prepare_photo(self, photo_rgb):
        return photo_rgb[len(photo_rgb) * 3 // 5, len(photo_rgb[0]) * 2 // 5].reshape(1, 1, 3)

    def tag_prepared_photos(self, prepared):
        self.tagged += len(prepared)
        tags, probabilities = np.zeros((len(prepared), 2), np.uint16), np.zeros((len(prepared), 2), np.float32)
        for row, photo in enumerate(prepared):
            ink = min(INKS, key=lambda name: int(np.abs(photo[0, 0].astype(int) - INKS[name]).sum()))
            for place, (tag, probability) in enumerate(SHOWN.get(ink, ())):
                tags[row, place], probabilities[row, place] = tag, probability
        return tags, probabilities


@pytest.fixture
def tagger():
    return ColourTagger()


@pytest.fixture
def album(tmp_path):
    for number, ink in enumerate(("black", "green", "red", "yellow")):
        save_picture(tmp_path / "g" / f"IMG_{number}.png", product_photo("shirt", INKS[ink]))
    return tmp_path / "g"


def index_again(images, tagger=None):
    catalog = Catalog.open(images, unlisted=True)
    index, _ = update_index(catalog, images.parent / "i", Colours(), silent)
    return update_tags(index, catalog, tagger, silent)


def files(hits):
    return [hit.item.file for hit in hits]


def test_things_are_found_by_what_they_are_the_surest_first_and_hits_tell_it(album, tagger):
    tags = index_again(album, tagger)
    assert len(tags) == tagger.tagged == 4 and tags.clothes_share == 0.0
    searcher = Searcher.open(album.parent / "i", Colours())
    assert files(searcher.search(caption="dogs"))[:2] == ["IMG_2.png", "IMG_1.png"]
    first = searcher.search(caption="a poodle")[0]
    assert first.item.file == "IMG_1.png"
    assert first.record()["tags"] == [{"tag": "poodle", "p": 0.5}, {"tag": "dog", "p": 0.7}]
    assert "tags" not in searcher.search(caption="dog", k=4)[2].record()  # the black one shows nothing known
    assert files(searcher.search(caption="dog", where="tags~poodle")) == ["IMG_1.png"]


def test_nothing_is_tagged_twice_and_what_is_gone_is_forgotten(album, tagger):
    index_again(album, tagger)
    save_picture(album / "new.png", product_photo("bag", INKS["red"]))
    save_picture(album / "same.png", product_photo("shirt", INKS["red"]))
    (album / "IMG_3.png").unlink()
    tags = index_again(album, tagger)
    assert tagger.tagged == 5 and len(tags) == 4 and how_tagged(load_index(album.parent / "i")) == "4 tagged"
    assert not Searcher.open(album.parent / "i", Colours()).search(caption="barn")
    assert len(Searcher.open(album.parent / "i", Colours()).search(caption="dog", where="tags~dog")) == 4
    index_again(album, tagger)
    assert tagger.tagged == 5


def test_a_folder_that_has_tags_keeps_them_up_and_says_so_where_it_cannot(album, tagger, monkeypatch, caplog):
    assert index_again(album) is None and not (album.parent / "i" / TAGS_FILE).exists()
    index_again(album, tagger)
    save_picture(album / "new.png", product_photo("bag", INKS["green"]))
    monkeypatch.setattr("retrieval.encoder.model.imagenet.find_spec", lambda name: None)
    assert len(index_again(album)) == 4 and "1 new picture not tagged" in caplog.text
    assert "air-sketch[tags]" in caplog.text
    assert files(Searcher.open(album.parent / "i", Colours()).search(caption="dog"))[0] == "IMG_2.png"
    monkeypatch.setattr(tagging, "open_tagger", lambda: tagger)
    assert len(index_again(album)) == tagger.tagged == 5


def test_a_killed_run_goes_on_behind_its_last_whole_record(album, tagger):
    whole = len(index_again(album, tagger))
    path = album.parent / "i" / TAGS_FILE
    path.write_bytes(path.read_bytes()[: RECORD.itemsize * (whole - 2) + 7])
    assert len(index_again(album, tagger)) == whole and tagger.tagged == whole + 2
    assert path.stat().st_size == RECORD.itemsize * whole


def test_another_tagger_begins_anew(album, tagger):
    index_again(album, tagger)
    other = ColourTagger()
    other.names = TagNames(
        "other", tuple(name.replace("dog", "wolf") for name in tagger.names.names), ({"wolf": 1.0}, *WORDS[1:])
    )
    assert len(index_again(album, other)) == other.tagged == 4
    searcher = Searcher.open(album.parent / "i", Colours())
    assert files(searcher.search(caption="wolf"))[0] == "IMG_2.png" and not searcher.search(caption="dog")


def test_a_title_comes_before_a_tag(album, tagger):
    rows = [{"file": "IMG_2.png", "title": "Barn"}, {"file": "IMG_0.png", "title": "My dog"}]
    write_manifest(album, rows)
    index_again(album, tagger)
    hits = Searcher.open(album.parent / "i", Colours()).search(caption="dog")
    assert files(hits)[:3] == ["IMG_0.png", "IMG_2.png", "IMG_1.png"]
    assert hits[0].lexical_score > hits[1].lexical_score > hits[2].lexical_score > 0


def test_tags_lead_before_drawing_and_colour_where_few_things_are_clothes(album, tagger, caplog):
    index_again(album, tagger)
    caplog.set_level("INFO")
    searcher = Searcher.open(album.parent / "i", Colours())
    told = "about 0 of 100 pictures look like clothes; searching by tags and look"
    assert searcher.told == f"gallery: {told}" and searcher.told in caplog.messages
    green = pen_drawing("bag", ink=INKS["green"])
    assert files(searcher.search(green, "barn"))[0] == "IMG_3.png"
    assert files(searcher.search(caption="red barn"))[0] == "IMG_3.png"


def test_in_a_gallery_of_clothes_tags_are_shown_and_change_nothing_else(album, tagger):
    for number in range(4):
        save_picture(album / f"shirt-{number}.png", product_photo("bag", (40 + number, 90, 200)))
    save_picture(album / "a dog.png", product_photo("bag", INKS["black"]))
    queries = (
        {"caption": "shirt"},
        {"caption": "blue dog"},
        {"sketch": pen_drawing(ink=INKS["red"]), "caption": "dog"},
    )

    def answers():
        searcher = Searcher.open(album.parent / "i", Colours())
        return searcher.told, [[(hit.item.file, hit.score) for hit in searcher.search(**query)] for query in queries]

    for number in range(4):
        save_picture(album / f"blue-{number}.png", product_photo("shirt", (40, 90 + number, 200)))
        save_picture(album / f"more-{number}.png", product_photo("bag", (40, 95 + number, 200)))
    index_again(album)
    before = answers()
    tags = index_again(album, tagger)
    assert tags.clothes_share > 0.5 and tags.told == ""
    assert answers() == before
    searcher = Searcher.open(album.parent / "i", Colours())
    assert searcher.search(caption="blue shirt", k=1)[0].tags


def test_a_stranger_can_neither_name_tags_that_are_not_there_nor_have_other_files_written(
    album, tagger, tmp_path, caplog
):
    index_again(album, tagger)
    folder = album.parent / "i"
    records = np.frombuffer((folder / TAGS_FILE).read_bytes(), RECORD).copy()
    records["tag"][:] = 60_000
    records["probability"][:, 1:] = np.nan
    (folder / TAGS_FILE).write_bytes(records.tobytes())
    tags = read_tags(folder)
    assert all(
        tags.of(stored.digest) == () == tuple(tags.words_of(stored.digest)) for stored in load_index(folder).items
    )
    precious = tmp_path / "precious"
    precious.write_bytes(bytes(RECORD.itemsize))
    (folder / TAGS_FILE).unlink()
    (folder / TAGS_FILE).symlink_to(precious)
    assert read_tags(folder) is None and "is a link" in caplog.text
    assert len(index_again(album, tagger)) == 4 and precious.read_bytes() == bytes(RECORD.itemsize)


@pytest.mark.parametrize(
    "said",
    ["", "[]", "null", '{"tagger": "x", "names": ["a"], "words": []}',
     '{"tagger": "x", "names": ["a"], "words": [{"a": 2.0}]}',
     json.dumps({"tagger": "x", "names": ["a" * 99], "words": [{}]})],
)  # fmt: skip
def test_names_of_tags_that_are_damaged_are_passed_over(album, tagger, said, caplog):
    index_again(album, tagger)
    (album.parent / "i" / TAG_NAMES_FILE).write_text(said)
    assert read_tags(album.parent / "i") is None and "cannot be read" in caplog.text
    assert Searcher.open(album.parent / "i", Colours()).told == ""


def test_indexing_offers_tags_with_the_very_command_where_few_things_are_clothes(album, tagger, monkeypatch, caplog):
    caplog.set_level("INFO")
    monkeypatch.setattr(tagging, "open_tagger", lambda: tagger)
    monkeypatch.setattr(tagging, "is_tagger_installed", lambda: True)
    monkeypatch.setattr(tagging, "LOOKED_AT", 3)
    catalog = Catalog.open(album, unlisted=True)
    index, _ = update_index(catalog, album.parent / "i", Colours(), silent)
    offer_tags(index, catalog)
    assert " --tags" in how_tagged(index)
    assert f"python -m retrieval index --images {album} --out {album.parent / 'i'} --tags" in caplog.messages[-1]
    assert "about 0 of 100" in caplog.messages[-1] and not (album.parent / "i" / TAGS_FILE).exists()
    for file in os.listdir(album):
        save_picture(album / file, product_photo("shirt", (40, 90, 200)))
    caplog.clear()
    offer_tags(index, catalog)  # what has changed since is not looked at
    index, _ = update_index(catalog, album.parent / "i", Colours(), silent)
    offer_tags(index, catalog)
    assert not [message for message in caplog.messages if "--tags" in message]


def test_the_command_needs_the_extra_and_says_so_first(album, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("retrieval.encoder.model.imagenet.find_spec", lambda name: None)
    assert main(["index", "--images", str(album), "--out", str(tmp_path / "o"), "--tags"]) == 1
    told = capsys.readouterr().err.strip()
    assert "air-sketch[tags]" in told and "\n" not in told and not (tmp_path / "o").exists()


def test_the_command_tags_and_tells_how_many(album, tmp_path, tagger, encoder_folder, monkeypatch, capsys):
    monkeypatch.setattr("retrieval.encoder.tagging.opening.open_tagger", lambda: tagger)
    options = [
        "index",
        "--images",
        str(album),
        "--out",
        str(tmp_path / "o"),
        "--encoder",
        str(encoder_folder),
        "--json",
    ]
    assert main([*options, "--tags"]) == 0
    assert json.loads(capsys.readouterr().out) | {"tagged": 4, "clothes_share": 0.0} == json.loads(
        (tmp_path / "o" / "report.json").read_text()
    )
    assert (
        main(
            ["search", "--gallery", str(tmp_path / "o"), "--caption", "dog", "--encoder", str(encoder_folder), "--json"]
        )
        == 0
    )
    assert json.loads(capsys.readouterr().out)["hits"][0]["tags"] == [{"tag": "dog", "p": 0.9}]
