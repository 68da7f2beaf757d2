from __future__ import annotations

import csv
import io

import pytest

from retrieval.gallery.shop.exports import MERCHANT, SHOPIFY, WOOCOMMERCE, first_picture, products, recognise


def table(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


@pytest.mark.parametrize(
    ("header", "export"),
    {
        "id\ttitle\timage_link\tlink\tprice": MERCHANT,
        "ID\tTitle\tImage link\tLink\tPrice": MERCHANT,
        "g:id\tg:title\tg:image_link": MERCHANT,
        "Handle\tTitle\tBody (HTML)\tVendor\tVariant Price\tImage Src\tImage Position": SHOPIFY,
        "Title\tURL handle\tVendor\tPrice\tProduct image URL\tImage position": SHOPIFY,
        "ID\tType\tSKU\tName\tSale price\tRegular price\tCategories\tImages": WOOCOMMERCE,
        "ID\tTyp\tArtikelnummer\tName\tAngebotspreis\tRegulärer Preis\tKategorien\tBilder": WOOCOMMERCE,
        "ID\tTipo\tSKU\tNombre\tPrecio rebajado\tPrecio normal\tCategorías\tImágenes": WOOCOMMERCE,
        "ID\t유형\tSKU\t이름\t할인 가격\t정상 가격\t카테고리\t이미지": WOOCOMMERCE,
        "file\ttitle\tprice\turl": None,
        "id\tfile\tname\tcategories": None,
        "": None,
    }.items(),
)
def test_a_system_is_recognised_by_its_columns(header: str, export: object) -> None:
    assert recognise(header.split("\t")) is export


def test_a_merchant_row_becomes_a_row_of_a_manifest() -> None:
    rows = table(
        "id\ttitle\tlink\timage_link\tadditional_image_link\tprice\tsale_price\tbrand\tcolor\tgender\tproduct_type\n"
        "7\tRed dress\thttps://a.example/7\thttps://a.example/7.jpg\thttps://a.example/8.jpg\t19.99 USD\t9.99 USD"
        "\tAcme\tRed\tfemale\tWomen > Dresses\n",
        "\t",
    )
    (row,) = products(MERCHANT, rows)
    assert row == {
        "id": "7",
        "file": "https://a.example/7.jpg",
        "title": "Red dress",
        "brand": "Acme",
        "price": "19.99 USD",
        "url": "https://a.example/7",
        "articleType": "Dresses",
        "baseColour": "Red",
        "gender": "female",
        "additional_image_link": "https://a.example/8.jpg",
        "sale_price": "9.99 USD",
    }


SHOPIFY_HEADER = (
    "Handle,Title,Body (HTML),Vendor,Type,Option1 Name,Option1 Value,Variant SKU,Variant Price,Image Src,"
    "Image Position,Image Alt Text,Variant Image"
)
SHOPIFY_ROWS = f"""{SHOPIFY_HEADER}
red-dress,Red dress,<p>Long</p>,Acme,Dress,Color,Red,rd-1,19.99,https://cdn.example/back.jpg,2,the back,https://cdn.example/v.jpg
red-dress,,,,,,Blue,rd-2,24.99,https://cdn.example/front.jpg?v=1,1,the front,
red-dress,,,,,,,,,https://cdn.example/side.jpg,3,,
bag,Bag,,Acme,Bag,Title,Default Title,,49,//cdn.example/bag.jpg,,,
red-dress,,,,,,Green,rd-3,24.99,,,,https://cdn.example/green.jpg
shoe,Shoe,,Acme,Shoes,Title,Default Title,,,,,,
"""


def test_shopifys_rows_of_one_handle_are_one_product_with_its_first_picture() -> None:
    dress, bag, shoe = products(SHOPIFY, table(SHOPIFY_ROWS), "https://shop.example/")
    assert (dress["id"], dress["title"], dress["price"], dress["brand"]) == ("red-dress", "Red dress", "19.99", "Acme")
    assert (dress["file"], dress["Image Position"], dress["Image Alt Text"]) == (
        "https://cdn.example/front.jpg?v=1",
        "1",
        "the front",
    )
    assert (dress["articleType"], dress["baseColour"]) == ("Dress", "Red")
    assert dress["url"] == "https://shop.example/products/red-dress"
    assert (bag["file"], bag["baseColour"], bag["price"]) == ("https://cdn.example/bag.jpg", "", "49")
    assert shoe["file"] == ""
    assert next(products(SHOPIFY, table(SHOPIFY_ROWS)))["url"] == ""
    assert len({tuple(row) for row in (dress, bag)}) == 1


WOO_HEADER = (
    "ID,Type,SKU,Name,Published,Sale price,Regular price,Categories,Images,Parent,External URL,Brands,"
    "Attribute 1 name,Attribute 1 value(s)"
)
WOO_ROWS = f"""{WOO_HEADER}
10,simple,a,Bag,1,39,49,"Bags, Sale","https://w.example/a,b.jpg, https://w.example/c.jpg",,,Acme,,
44,variable,dress,Dress,1,,,"Clothing, Clothing > Dresses","https://w.example/d.jpg",,,Acme,Color,"Red, Blue"
45,variation,d-1,Dress - Red,1,,20,,https://w.example/e.jpg,id:44,,,Color,Red
46,variation,d-2,Dress - Blue,1,,21,,https://w.example/f.jpg,dress,,,Color,Blue
47,external,,Shoe,1,10,,Shoes,,,https://other.example/shoe,,,
"""


def test_woocommerces_variations_join_their_product() -> None:
    bag, dress, shoe = products(WOOCOMMERCE, table(WOO_ROWS), "https://w.example")
    assert (bag["id"], bag["title"], bag["price"], bag["Sale price"]) == ("10", "Bag", "49", "39")
    assert (bag["file"], bag["articleType"], bag["brand"]) == ("https://w.example/a,b.jpg", "Bags", "Acme")
    assert bag["url"] == "https://w.example/?p=10"
    assert (dress["title"], dress["price"], dress["file"]) == ("Dress", "20", "https://w.example/d.jpg")
    assert (dress["articleType"], dress["baseColour"]) == ("Dresses", "Red, Blue")
    assert (shoe["price"], shoe["url"], shoe["file"]) == ("10", "https://other.example/shoe", "")


def test_variations_without_their_product_stand_for_it() -> None:
    rows = [row for row in table(WOO_ROWS) if row["Type"] == "variation"]
    (dress, other) = products(WOOCOMMERCE, rows)
    assert (dress["title"], other["title"]) == ("Dress - Red", "Dress - Blue")  # they name it in two ways


@pytest.mark.parametrize(
    ("cell", "picture"),
    {
        "https://a.example/1.jpg": "https://a.example/1.jpg",
        "https://a.example/w_2,h_3/1.jpg,https://a.example/2.jpg": "https://a.example/w_2,h_3/1.jpg",
        "https://a.example/1.jpg | https://a.example/2.jpg": "https://a.example/1.jpg",
        "https://me:secret@a.example/1.jpg?x=@": "https://a.example/1.jpg?x=@",
        "//server/share/1.jpg": "//server/share/1.jpg",
        "img/a, b.jpg": "img/a, b.jpg",
        "": "",
    }.items(),
)
def test_the_first_picture_of_a_cell(cell: str, picture: str) -> None:
    assert first_picture(cell) == picture
