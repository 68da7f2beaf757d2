from __future__ import annotations

import json
import random
import re
import unicodedata
from pathlib import Path

import pytest

from retrieval.words.captions import COLOUR_WORDS, GENDER_WORDS, KIND_WORDS, compose
from retrieval.words.dictionary import COLUMNS, Entry, dictionary, english_words, read_table
from retrieval.words.fashion_words import CUTS, KNOWN_BRANDS, MATERIALS, PARTS, PATTERNS, PLAIN_COLOURS
from retrieval.words.lexicon import Piece, translate

TOKENIZER = Path(__file__).resolve().parents[3] / "checkpoints" / "air-sketch-mini" / "tokenizer.json"
UNSEEN = ("brand", "thing")  # lexical search and larger encoders know them; the shipped one has not met them all
UNSEEN_WORDS = {"velvet", "cropped", "ripped", "pointed", "studs", "crossbody", "perfume", "elegant", "ruffles",
                "fringe", "sleeves", "size"}  # fmt: skip  # the same


def english(caption: str) -> str:
    """What the pieces say; what has no entry stays as it is."""
    said = [piece.source if piece.english is None else piece.english for piece in translate(caption)]
    return " ".join(word for word in said if word)


EXAMPLES = {
    "kinds and colours": """
        빨간 원피스 = red dress
        검정색 드레스 = black dress
        파란색 청바지 = blue jeans
        회색 맨투맨 = grey sweatshirt
        초록색 후드티 = green hoodie
        네이비 슬랙스 = navy blue trousers
        파란 쪼리 = blue flip flops
        은색 손목시계 = silver watch
        연분홍 가디건 = light pink cardigan
        진회색 코트 = dark grey coat
        진한 회색 코트 = dark grey coat
        하늘색 와이셔츠 = light blue shirt
        버건디 카디건 = burgundy cardigan
        소라색 남방 = light blue shirt
        썬글라스 = sunglasses
        귀고리 = earrings
    """,
    "spacing variants": """
        클러치백 = clutch
        클러치 백 = clutch
        노트북가방 = laptop bag
        노트북 가방을 = laptop bag
        후드 집업 = hooded sweatshirt
        반팔 티 = short sleeve t-shirt
    """,
    "compounds": """
        빨간원피스 = red dress
        빨간치마 = red skirt
        체크남방 = checked shirt
        여성용 검정가죽 핸드백 = women black leather handbag
        화이트셔츠 = white shirt
        흰티 = white t-shirt
        검정바지 = black trousers
        블랙진 = black jeans
        롱원피스 = long dress
        빨간색의원피스 = red dress
    """,
    "particles and endings": """
        빨간색의 원피스 = red dress
        검은색으로 된 가방 = black bag
        줄무늬가 있는 셔츠 = striped shirt
        원피스를 = dress
        가방이랑 = bag
        장갑 검은거 = black gloves
        체크무늬 셔츠 남자꺼 = men checked shirt
        꽃무늬 스타일 치마 = floral skirt
        빨간 dress를 = red dress
    """,
    "fillers": """
        흰 운동화 보여줘 = white sports shoes
        검정 가죽 자켓 찾아줘 = black leather jacket
        검정바지 주세요 = black trousers
        여름에 입는 하얀 원피스 추천해주세요 = white summer dress
    """,
    "a kind or what stands before one": """
        니트 = sweater
        니트 원피스 = knitted dress
        민소매 니트 = sleeveless sweater
        데님 = jeans
        데님 셔츠 = denim shirt
        여자 청바지 스키니 = women skinny jeans
        패딩 조끼 = padded waistcoat
    """,
    "kinds that women call otherwise": """
        여자 구두 = women heels
        빨간색 구두 여자꺼 = women red heels
        남자 구두 검은색 = men black formal shoes
    """,
    "said twice": """
        체크 남방 셔츠 = checked shirt
    """,
    "with and without": """
        소매 없는 빨간 원피스 = red sleeveless dress
        지퍼 달린 자켓 = jacket with zip
        로고 있는 검정 티셔츠 = black t-shirt with logo
        주머니가 없는 바지 = trousers without pocket
        robe noire avec ceinture = black dress with belt
        ポケット付きジャケット = jacket with pocket
    """,
    "not": """
        검정 말고 = not black
        검정색은 말고 원피스 = not black dress
        빨간색 빼고 = not red
        가죽 아닌 가방 = not leather bag
        나이키 제외 운동화 = not nike sports shoes
        黒以外のバッグ = not black bag
        不要黑色 = not black
        kein schwarzes Kleid = not black dress
    """,
    "numbers": """
        5만원 이하 가방 = bag under 50000
        50달러 이하 = under 50
        3만원대 운동화 = sports shoes over 30000 under 40000
        3만 5천원 이상 = over 35000
        10,000원 미만 = under 10000
        사이즈 M = size M
        robe rouge moins de 50 euros = red dress under 50
    """,
    "brands": """
        나이키 운동화 = nike sports shoes
        리바이스청바지 = levi's jeans
        노스페이스 패딩 = the north face padded jacket
        구찌 클러치 = gucci clutch
    """,
    "mixed with English": """
        black 원피스 = black dress
        빨간 dress 주세요 = red dress
        검정 white 줄무늬 셔츠 = black white striped shirt
        V넥 니트 = v-neck sweater
    """,
    "French": """
        robe rouge = red dress
        robe noire pour femme = women black dress
        sac à main marron = brown handbag
        SAC A MAIN NOIR = black handbag
        pull gris = grey sweater
        robe d'été bleu foncé = dark blue summer dress
        jupe rose = pink skirt
        t-shirt gris pour homme = men grey t-shirt
    """,
    "German": """
        rotes Kleid = red dress
        schwarzes Sommerkleid für Damen = women black summer dress
        blaues Herrenhemd = men blue shirt
        grüne Lederjacke = green leather jacket
        gruene Lederjacke = green leather jacket
        Herrenlederjacke = men leather jacket
        geblümter Rock = floral skirt
        weiße Turnschuhe = white sports shoes
    """,
    "Spanish": """
        vestido rojo = red dress
        falda de flores = floral skirt
        cinturon marron = brown belt
        gafas de sol negras = black sunglasses
        pantalones azul oscuro = dark blue trousers
    """,
    "Italian": """
        vestito rosso = red dress
        gonna a fiori = floral skirt
        camicia blu da uomo = men blue shirt
    """,
    "Portuguese": """
        vestido vermelho = red dress
        saia floral = floral skirt
        óculos de sol pretos = black sunglasses
        calça azul-marinho = navy blue trousers
    """,
    "Japanese": """
        赤いワンピース = red dress
        グレーのTシャツ メンズ = men grey t-shirt
        黒い革の財布 = black leather wallet
        ﾈｲﾋﾞｰのｾｰﾀｰ = navy blue sweater
        黒の手袋 = black gloves
    """,
    "Chinese": """
        红色连衣裙 = red dress
        藍色人字拖 = blue flip flops
        男款灰色T恤 = men grey t-shirt
        女士黑色裙子 = women black skirt
        黑色手袋 = black handbag
    """,
}
PAIRS = [
    tuple(line.strip().split(" = "))
    for block in EXAMPLES.values()
    for line in block.strip().splitlines()
    if line.strip()
]


@pytest.mark.parametrize(("caption", "said"), PAIRS, ids=[said for _, said in PAIRS])
def test_captions_are_understood(caption: str, said: str) -> None:
    assert english(caption) == said


def test_a_piece_tells_its_kind_of_word() -> None:
    assert [piece.role for piece in translate("5만원 이하 빨간 원피스 white")] == ["colour", "kind", "limit", ""]


def test_a_word_alone_that_is_silver_is_no_ending() -> None:
    assert english("은 귀걸이") == "silver earrings"
    assert english("가방은 은색") == "silver bag"


def test_foreign_words_in_an_english_title_stay() -> None:
    for title in (
        "Homme Men Black Formal Shoes",
        "Biara Women White Bra ST 5001",
        "Calvin Klein watch 925",
        "18k ring",
    ):
        assert all(piece.english is None for piece in translate(title))


def test_words_typed_as_jamo_are_composed() -> None:
    assert english(unicodedata.normalize("NFD", "빨간 원피스")) == "red dress"


def test_a_piece_carries_what_was_typed() -> None:
    assert translate("빨간색의원피스") == (Piece("의", ""), Piece("빨간색", "red"), Piece("원피스", "dress"))
    assert translate("노트북 가방") == (Piece("노트북 가방", "laptop bag"),)
    assert translate("검정 말고") == (Piece("검정 말고", "not black"),)


def test_unknown_words_are_left_to_the_caller() -> None:
    assert translate("뷁뷁 원피스") == (Piece("뷁뷁", None), Piece("원피스", "dress"))
    assert translate("젝시믹스레깅스") == (Piece("젝시믹스", None), Piece("레깅스", "leggings"))
    assert translate("이상한 나라") == translate("이상한 나라")


def test_single_letters_are_no_words_inside_unknown_ones() -> None:
    assert all(piece.english is None for piece in translate("백화점"))


def test_a_word_that_the_gallery_has_is_not_cut() -> None:
    assert translate("검정바지", lambda word: True) == (Piece("검정바지", "black trousers"),)
    assert translate("젝시믹스레깅스", lambda word: True) == (Piece("젝시믹스레깅스", "leggings"),)


def test_an_ending_comes_off_an_unknown_word_where_the_gallery_has_the_rest() -> None:
    assert translate("고양이") == (Piece("고양이", None),)
    assert translate("뷁뷁의", lambda word: word == "뷁뷁") == (Piece("뷁뷁", None), Piece("의", ""))
    assert translate("아이스크림") == (Piece("아이스크림", None),)


def test_english_wins_where_a_word_stands_alone() -> None:
    for word in ("robe", "rose", "pull", "short", "ring", "rock", "top", "gold", "collar", "hose", "jersey", "costume"):
        assert translate(word) == (Piece(word, None),)
    assert english("robe for women") == "robe for women"
    assert english("robe longue") == "long dress"


def english_captions() -> list[str]:
    rng = random.Random(5)
    captions = [
        word for words in (KIND_WORDS, COLOUR_WORDS, GENDER_WORDS) for listed in words.values() for word in listed
    ]
    captions += [*PLAIN_COLOURS, *CUTS, *MATERIALS, *PATTERNS, *PARTS, *KNOWN_BRANDS]
    for _ in range(300):
        colour = rng.choice([*COLOUR_WORDS, *(word.title() for word in PLAIN_COLOURS)])
        fields = {"articleType": rng.choice(list(KIND_WORDS)), "baseColour": colour, "usage": rng.choice(CUTS)}
        fields |= {"gender": rng.choice(list(GENDER_WORDS)), "brand": rng.choice(KNOWN_BRANDS).title()}
        fields |= {"material": rng.choice(MATERIALS), "pattern": rng.choice(PATTERNS)}
        captions.append(f"{compose(fields, rng).text} with {rng.choice(PARTS)}")
    return captions


def test_english_captions_stay_as_they_are() -> None:
    for caption in [*english_captions(), "A (red) dress, size 42!", "show me the Men's T-Shirt, please", ""]:
        assert translate(caption) == tuple(Piece(word, None) for word in caption.split())


def test_hostile_captions_are_answered() -> None:
    for caption in (
        "sommer" * 500,
        "뷁" * 2000,
        "빨간원피스" * 300,
        "말고 " * 300,
        "\u0300" * 50,
        "5" * 400 + "만원",
        "'",
        "이하",
    ):
        assert isinstance(translate(caption), tuple)


def test_the_table_says_what_the_shipped_encoder_knows() -> None:
    vocabulary = json.loads(TOKENIZER.read_text(encoding="utf-8"))["model"]["vocab"]
    for known in dictionary().values():
        for meanings in known.values():
            for meaning in meanings:
                if meaning.role in (*UNSEEN, "without", "amount", "limit"):
                    continue
                words = re.findall(r"'s|[a-z]+|[^\sa-z]+", meaning.english)
                assert all(f"{word}</w>" in vocabulary or word in UNSEEN_WORDS for word in words), meaning


def test_the_table_has_the_usual_words_of_every_language() -> None:
    for language, known in dictionary().items():
        if language != "en":
            roles = [meanings[0] for meanings in known.values()]
            assert len({entry.english for entry in roles if entry.role == "kind"}) >= 40, language
            assert len({entry.english for entry in roles if entry.role == "colour"}) >= 15, language


def test_a_broken_table_names_its_line() -> None:
    header = "\t".join(COLUMNS)
    with pytest.raises(ValueError, match="begins wrongly"):
        read_table("ko\tkind\tdress\t원피스")
    for line, said in (
        ("ko\tkind\tdress", "line 3 is no entry"),
        ("ko\tkind\tdress\t원피스|", "line 3 is no entry"),
        ("ko\tsort\tdress\t원피스", "line 3 has an unknown kind of word"),
        ("ko\tkind\tdress\t원피스|원 피스", "line 3 repeats a word"),
    ):
        with pytest.raises(ValueError, match=said):
            read_table(f"# words\n{header}\n{line}")


def test_the_table_is_read_once_and_grows_by_a_line() -> None:
    assert dictionary() is dictionary()
    assert read_table("\t".join(COLUMNS) + "\nfi\tkind\tdress\tmekko|Mekot") == {
        "fi": {word: (Entry("fi", "kind", "dress"),) for word in ("mekko", "mekot")}
    }
    assert {"dress", "red", "pull"} <= english_words()
