"""What the columns of a list are called elsewhere: in other programs, other languages, other spellings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

ALIASES: dict[str, str] = {
    "file": (
        "file name|filename|file path|image file|image file name|image path|image|image name|picture|"
        "picture file|photo|photo file|photo name|img|img name|img path|path|파일명|파일|파일 이름|"
        "이미지 파일명|이미지 파일|이미지명|이미지 이름|이미지|사진 파일명|사진 파일|사진명|사진 이름|사진|"
        "그림|그림 파일|ファイル名|ファイル|画像|画像ファイル|写真|文件名|文件|图片|图片名|图片文件|檔案|"
        "檔名|圖片|照片|Datei|Dateiname|Bild|Bilddatei|Foto|fichier|nom du fichier|nom de fichier|archivo|"
        "nombre de archivo|imagen|arquivo|imagem|immagine|nome file|plik|nazwa pliku|zdjęcie|bestand|fil|"
        "bild fil|файл|имя файла|изображение|картинка|фото"
    ),
    "id": (
        "item id|product id|article number|item number|상품번호|상품코드|제품번호|제품코드|품번|商品番号|"
        "商品コード|商品编号|編號|Artikelnummer|артикул"
    ),
    "title": (
        "product name|product title|item name|product display name|name|product|상품명|상품 이름|제품명|"
        "제품 이름|제목|이름|품명|품목명|상품|제품|商品名|製品名|タイトル|名前|品名|商品名称|产品名称|名称|"
        "标题|標題|名稱|Titel|Artikelname|Bezeichnung|titre|nom|nom du produit|título|titulo|nombre|nome|"
        "titolo|tytuł|nazwa|naam|titel|namn|название|наименование|caption"
    ),
    "brand": (
        "brand name|vendor|maker|브랜드|브랜드명|브랜드 이름|상표|제조사|ブランド|品牌|Marke|marque|marca|бренд|марка"
    ),
    "price": (
        "sale price|selling price|unit price|가격|판매가|판매가격|상품가격|상품 금액|정가|소비자가|할인가|"
        "단가|금액|価格|値段|販売価格|价格|售价|價格|售價|Preis|prix|precio|prezzo|preço|preco|цена|cena"
    ),
    "url": (
        "link|product url|product link|web page|링크|상품 링크|구매 링크|상품 주소|상품 url|リンク|链接|連結|"
        "lien|enlace|ссылка"
    ),
    "articleType": (
        "article type|product type|category|종류|카테고리|분류|품목|상품 종류|상품 분류|カテゴリ|カテゴリー|"
        "種類|类别|分类|類別|Kategorie|catégorie|categoría|categoria|категория"
    ),
    "baseColour": (
        "base color|colour|color|색상|색|색깔|컬러|칼라|색상명|色|カラー|颜色|顏色|Farbe|couleur|cor|colore|цвет"
    ),
    "gender": "sex|성별|性別|性别|Geschlecht|género|genero|пол",
    "split": "",
    "sketch": "",
}
"""Canonical column -> its other names, the likeliest first; case, spaces and signs do not count."""

RENAMED = frozenset({"file"})
"""Of these the other name is not kept: they only lead to the picture."""

LONGEST_NAME = 200
_IN_BRACKETS = re.compile(r"[(\[].*?[)\]]")


def folded(name: str) -> str:
    """Reduce a column's name to what counts: ``Image_File (main)`` -> ``imagefile``."""
    plain = _IN_BRACKETS.sub("", unicodedata.normalize("NFKC", name[:LONGEST_NAME]).casefold())
    return "".join(letter for letter in plain if letter.isalnum())


_KNOWN = {
    canonical: [folded(canonical), *(folded(name) for name in names.split("|") if name)]
    for canonical, names in ALIASES.items()
}


def canonical_columns(names: Sequence[str]) -> dict[str, list[int]]:
    """Find which columns could be which canonical one, the likeliest first.

    An exact name leaves no other choice. Canonical columns that nothing stands for are missing.
    """
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(folded(name), []).append(place)
    found = {}
    for canonical, known in _KNOWN.items():
        exact = [place for place, name in enumerate(names) if name == canonical][:1]
        if likely := exact or list(dict.fromkeys(place for name in known for place in places.get(name, ()))):
            found[canonical] = likely
    return found


def distinct(names: Sequence[str]) -> list[str]:
    """Number the later ones of columns with one name: ``name``, ``name 2``; columns without a name stay so."""
    found: dict[str, None] = {}
    numbers: dict[str, int] = {}
    named = []
    for name in names:
        own = name
        while own and own in found:
            numbers[name] = numbers.get(name, 1) + 1
            own = f"{name} {numbers[name]}"
        found[own] = None
        named.append(own)
    return named
