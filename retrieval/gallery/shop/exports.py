"""Understand what shops export: rows of a Merchant feed, of Shopify or of WooCommerce become rows of a manifest.

One product gives one row, with its first picture: a hit stands for a product, and one with eight pictures would
otherwise fill a page alone. What has no place among the manifest's columns is kept as it stands.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

Row = dict[str, str]

_ADDRESS = re.compile(r"(?i)(?!file:)[a-z][a-z0-9+.-]+://|data:")
_NEXT_ADDRESS = re.compile(r"[\s,;|]+(?=(?i:https?:)?//)")
_PASSWORD = re.compile(r"//[^/?#\\]*@")
_NEXT_PATH = re.compile(r"(?<!\\),")
_LEVEL = re.compile(r"\s*(?:>|&gt;)\s*")
_COLOUR_WORDS = frozenset({
    "color", "colour", "colours", "colors", "farbe", "couleur", "kleur", "colore", "cor", "kolor", "färg", "farve",
    "farge", "renk", "цвет", "색상", "색", "컬러", "色", "カラー", "颜色", "顏色",
})  # fmt: skip


@dataclass(frozen=True)
class Export:
    """How a shop's system names its columns, in the form that ``plain`` gives.

    Attributes:
        needs: a table is this system's when it has a column of each of these groups.
        columns: the manifest's column -> the system's, of which the first with a value is taken.
        product: names the product that a row belongs to, "" for one of its own; None when each row is a product.
        page: address of a product in its shop, for systems that do not export it; "" for those that do.
    """

    needs: Sequence[Sequence[str]]
    columns: Mapping[str, Sequence[str]]
    product: Callable[[Row], str] | None = None
    page: str = ""


@lru_cache(1 << 12)
def plain(name: str) -> str:
    """Bring a column's name to one form: ``g:image_link`` and ``Image Link`` are the same."""
    return " ".join(name.casefold().removeprefix("g:").replace("_", " ").split())


def _first(row: Row, names: Iterable[str]) -> str:
    return next((row[name] for name in names if row.get(name)), "")


MERCHANT = Export(
    (("image link",),),
    {
        "id": ("id",),
        "file": ("image link",),
        "title": ("title",),
        "brand": ("brand",),
        "price": ("price", "price pc"),
        "url": ("link",),
        "articleType": ("product type", "google product category", "category name3", "category name2"),
        "baseColour": ("color", "colour"),
        "gender": ("gender",),
    },
)

_HANDLE = ("handle", "url handle")
_SHOPIFY_PICTURE = ("image src", "product image url")
SHOPIFY = Export(
    (_HANDLE, _SHOPIFY_PICTURE),
    {
        "id": _HANDLE,
        "file": (*_SHOPIFY_PICTURE, "variant image", "variant image url"),
        "title": ("title",),
        "brand": ("vendor",),
        "price": ("variant price", "price"),
        "url": ("url", "link"),
        "articleType": ("type", "custom product type", "product category", "standardized product type"),
        "baseColour": ("color", "colour"),
        "gender": ("google shopping / gender",),
    },
    lambda row: _first(row, _HANDLE),
    "/products/{}",
)

_IMAGES = ("images", "bilder", "imágenes", "immagini", "imagens", "afbeeldingen", "obrazki", "изображения", "görseller",
           "이미지", "画像")  # fmt: skip
_REGULAR = ("regular price", "regulärer preis", "tarif régulier", "precio normal", "prezzo di listino", "preço normal",
            "reguliere prijs", "cena regularna", "ordinarie pris", "базовая цена", "정상 가격", "정상가격",
            "通常価格")  # fmt: skip
_SALE = ("sale price", "angebotspreis", "tarif promo", "precio rebajado", "prezzo in offerta", "preço promocional",
         "actieprijs", "cena promocyjna", "reapris", "акционная цена", "할인 가격", "할인가격",
         "セール価格")  # fmt: skip
_CATEGORIES = ("categories", "kategorien", "catégories", "categorías", "categorie", "categorias", "categorieën",
               "kategorie", "kategorier", "категории", "카테고리", "カテゴリー")  # fmt: skip
_PARENT = ("parent", "übergeordnetes produkt", "superior", "genitore", "bovenliggend", "상위", "親")
WOOCOMMERCE = Export(
    (_IMAGES, (*_REGULAR, *_SALE, *_CATEGORIES)),
    {
        "id": ("id", "sku"),
        "file": _IMAGES,
        "title": ("name", "nom", "nombre", "nome", "naam", "nazwa", "namn", "имя", "이름", "名前"),
        "brand": ("brands", "brand", "marken", "marques", "marcas", "marchi", "merken", "marki", "브랜드", "ブランド"),
        "price": (*_REGULAR, *_SALE),
        "url": ("external url", "externe url", "url externe", "url externa", "url esterno", "permalink"),
        "articleType": _CATEGORIES,
        "baseColour": ("color", "colour"),
        "gender": ("gender",),
    },
    lambda row: _first(row, _PARENT).removeprefix("id:") or _first(row, ("id", "sku")),
    "/?p={}",
)


def recognise(columns: Collection[str]) -> Export | None:
    """Tell by its columns which system a table comes from; None for any other table."""
    names = {plain(name) for name in columns}
    exports = (SHOPIFY, WOOCOMMERCE, MERCHANT)
    return next((export for export in exports if all(names.intersection(group) for group in export.needs)), None)


def products(export: Export, rows: Iterable[Row], shop: str = "") -> Iterator[Row]:
    """Make a manifest's rows of an export's; those whose product is in several rows come when all are read.

    Args:
        export: where they come from.
        rows: as they stand in it.
        shop: address of the shop, for systems that do not export the products' pages; "" when nobody said it.
    Yields:
        Rows, of which ``file`` names the first picture: a file, an address, or "" for none.
    """
    if export.product is None:
        yield from (_as_manifest(export, row, shop) for row in rows)
        return
    found: dict[str, Row] = {}
    stock_numbers: dict[str, str] = {}  # variations may name their product by it
    for number, row in enumerate(rows):
        names = {plain(name): value for name, value in row.items()}
        key = export.product(names) or f"\0{number}"
        key = stock_numbers.get(key, key) if key not in found else key
        if key in found:
            _join(export, found[key], row, names)
        else:
            found[key] = row
            stock_numbers.setdefault(names.get("sku", ""), key)
    yield from (_as_manifest(export, row, shop) for row in found.values())


def _join(export: Export, product: Row, row: Row, names: Row) -> None:
    """Give a product what it lacks from a further row, and that row's picture when it stands before its own."""
    position = next((name for name in row if plain(name) == "image position"), "")
    is_before = _number(row.get(position, "")) < _number(product.get(position, ""))
    is_before &= bool(_first(names, export.columns["file"][:2]))
    for name, value in row.items():
        is_of_picture = name == position or plain(name) in {*export.columns["file"], "image alt text"}
        if value and (not product.get(name) or (is_before and is_of_picture)):
            product[name] = value


def _number(text: str) -> float:
    return float(text) if text.isdecimal() else float("inf")


def _as_manifest(export: Export, row: Row, shop: str) -> Row:
    names: dict[str, str] = {}
    for name in row:
        names.setdefault(plain(name), name)
    found: Row = {}
    taken: set[str] = set()
    for column, candidates in export.columns.items():
        source = next((names[name] for name in candidates if name in names and row[names[name]]), "")
        found[column] = row.get(source, "")
        taken.add(source)
    picture = found["file"]
    found["file"] = first_picture(f"https:{picture}" if picture.startswith("//") else picture)
    found["articleType"] = _kind(found["articleType"])
    found["baseColour"] = found["baseColour"] or _option(row)
    if shop and export.page and found["id"] and not found["url"]:
        found["url"] = shop.rstrip("/") + export.page.format(found["id"])
    own = {column.casefold() for column in found}  # filters know no case
    return found | {name: value for name, value in row.items() if name not in taken and name.casefold() not in own}


def given_away(rows: deque[Row]) -> Iterator[Row]:
    """Rows that nobody holds any more when the next one comes: a million of them are in memory once."""
    while rows:
        yield rows.popleft()


def is_address(picture: str) -> bool:
    """Whether a cell names a picture by an address, of whatever kind but ``file:``, and not by a file."""
    return _ADDRESS.match(picture) is not None


def first_picture(cell: str) -> str:
    """The first of the pictures in a cell, its address whole but for a password, which is nobody's business."""
    if not is_address(cell):
        return cell
    return _PASSWORD.sub("//", _NEXT_ADDRESS.split(cell, maxsplit=1)[0].rstrip(" ,;|"), count=1)


def _kind(cell: str) -> str:
    """What a product is, from paths of categories: ``Clothing > Dresses, Sale`` are dresses; numbers say nothing."""
    kind = _LEVEL.split(max(_NEXT_PATH.split(cell), key=lambda path: len(_LEVEL.split(path))))[-1]
    return "" if kind.isdecimal() else kind.replace("\\,", ",").strip()


def _option(row: Row) -> str:
    """The colour among a product's options: a cell says ``Color``, the next one which."""
    pairs = pairwise(row.values())
    return next((value for name, value in pairs if value and name.casefold() in _COLOUR_WORDS), "")
