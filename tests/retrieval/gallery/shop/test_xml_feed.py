from __future__ import annotations

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.gallery.shop.xml_feed import MAX_TOKEN_BYTES, is_xml, read_xml_feed
from retrieval.values.errors import CatalogError

RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
<title>Shop</title><link>https://shop.example</link>
<item>
  <g:id>7</g:id><title>Plain</title><g:title>Red dress &amp; belt</g:title><link>https://shop.example/7</link>
  <description><![CDATA[<b>Long</b>]]></description>
  <g:image_link>https://shop.example/7.jpg?a=1&amp;b=2</g:image_link>
  <g:additional_image_link>https://shop.example/8.jpg</g:additional_image_link>
  <g:additional_image_link>https://shop.example/9.jpg</g:additional_image_link>
  <g:price> 19.99
  USD </g:price><g:shipping><g:country>US</g:country><g:price>5 USD</g:price></g:shipping><g:brand/>
</item>
<item><g:id>8</g:id></item>
</channel></rss>"""
ATOM = """<?xml version="1.0" encoding="UTF-16"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:x="http://base.google.com/ns/1.0"><title>Shop</title>
<entry><id>tag:shop</id><x:id>7</x:id><title type="text">Ärmel</title><link rel="self" href="https://a.example/self"/>
<link href="https://a.example/7"/><x:image_link>https://a.example/7.jpg</x:image_link></entry></feed>"""


def rows_of(text: str | bytes) -> list[dict[str, str]]:
    return list(read_xml_feed(io.BytesIO(text.encode() if isinstance(text, str) else text), "feed.xml"))


def test_an_rss_feed() -> None:
    first, second = rows_of(RSS)
    assert first == {
        "id": "7",
        "title": "Red dress & belt",
        "link": "https://shop.example/7",
        "description": "<b>Long</b>",
        "image_link": "https://shop.example/7.jpg?a=1&b=2",
        "additional_image_link": "https://shop.example/8.jpg,https://shop.example/9.jpg",
        "price": "19.99 USD",
        "shipping": "US 5 USD",
    }
    assert second == {"id": "8"}


def test_an_atom_feed_in_utf_16_with_another_prefix() -> None:
    assert is_xml(ATOM.encode("utf-16"))
    assert rows_of(ATOM.encode("utf-16")) == [
        {"id": "7", "title": "Ärmel", "link": "https://a.example/7", "image_link": "https://a.example/7.jpg"}
    ]


def test_a_prefix_that_is_not_declared_and_pictures_of_plain_rss() -> None:
    (one,) = rows_of("<rss><item><g:id>1</g:id><g:image_link>a.jpg</g:image_link></item></rss>")
    assert one == {"id": "1", "image_link": "a.jpg"}
    (two,) = rows_of('<rss><item><title>x</title><enclosure url="a.mp3" type="audio/mpeg"/>'
                     '<media:content url="b.jpg" medium="image"/></item></rss>')  # fmt: skip
    assert two["image_link"] == "b.jpg"
    (three,) = rows_of('<shop><offer id="5"><name>x</name></offer></shop>')
    assert three == {"id": "5", "name": "x"}


@pytest.mark.parametrize(
    ("text", "said"),
    {
        "<rss>\n<item>\n</rss>": "line 3: mismatched tag",
        "<rss>\n<item><title>a&nbsp;b</title></item></rss>": "line 2: undefined entity",
        "": "no element found",
        '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>': "expected no entities",
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>': "expected no entities",
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]><a/>': "expected no entities",
        "<a>" * 100: "expected at most 64 elements",
        "<a><!--" + "x" * (MAX_TOKEN_BYTES + (1 << 20)): "tags of at most",
        '<a b="' + "x" * (MAX_TOKEN_BYTES + (1 << 20)): "tags of at most",
        "<a><item><title>" + "x" * (2 << 20): "letters a product",
        '<?xml version="1.0" encoding="nonsense"?><a/>': "unknown encoding",
        '<?xml version="1.0" encoding="shift_jis"?><a/>': "line 1",
    }.items(),
)
def test_a_bad_feed_is_one_line_with_its_number(text: str, said: str) -> None:
    with pytest.raises(CatalogError, match=r"Feed feed\.xml cannot be read: line") as caught:
        rows_of(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_outer_document_is_not_opened() -> None:
    assert rows_of('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a><item><id>1</id></item></a>') == [{"id": "1"}]


@pytest.mark.parametrize("seed", range(200))
def test_only_the_packages_own_error_comes_out_of_damaged_feeds(seed: int) -> None:
    source = random.Random(seed)
    data = bytearray((RSS if seed % 2 else ATOM).encode("utf-8" if seed % 4 else "utf-16"))
    for _ in range(source.randint(1, 12)):
        at = source.randrange(len(data))
        change = source.randrange(4)
        if change == 0:
            data[at] = source.randrange(256)
        elif change == 1:
            del data[at : at + source.randint(1, 40)]
        elif change == 2:
            data[at:at] = data[source.randrange(len(data)) :][: source.randint(1, 60)]
        else:
            data[at:at] = source.choice((b"<", b">", b"&x;", b"<item>", b"]]>", b"<!ENTITY a 'b'>", b"\0", b"<?xml ?>"))
    try:
        rows = rows_of(bytes(data))
    except CatalogError:
        return
    assert all(isinstance(value, str) for row in rows for value in row.values())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(
    ("<item>", "</item>", "<g:id>", "</g:id>", "<link href='x'/>", "text", "<a>", "</a>", "<b:c>", "</b:c>", "<:>",
     "<a xmlns:b='base.google.com'>", "<enclosure url='u'/>", "<item id='3'>", "<![CDATA[", "]]>", "&amp;", "&#0;", "é")
)))  # fmt: skip
def test_any_order_of_tags_is_rows_or_one_line(pieces: list[str]) -> None:
    try:
        assert all(isinstance(row, dict) for row in rows_of(f"<rss>{''.join(pieces)}</rss>"))
    except CatalogError as error:
        assert "\n" not in str(error)
