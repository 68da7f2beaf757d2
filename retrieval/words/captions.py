"""Words: bring captions into one spelling, and compose captions as people type them from catalogue fields."""

from __future__ import annotations

import random
import re
import unicodedata
from dataclasses import dataclass

# Catalogue kind -> what people call it, singular first where both exist. The first entry is the plain name.
KIND_WORDS: dict[str, tuple[str, ...]] = {
    "Accessory Gift Set": ("gift set",),
    "Backpacks": ("backpack", "rucksack", "school bag", "bag"),
    "Bangle": ("bangle", "bracelet"),
    "Belts": ("belt",),
    "Blazers": ("blazer", "jacket", "suit jacket"),
    "Booties": ("booties", "baby shoes"),
    "Boots": ("boots", "boot", "ankle boots"),
    "Boxers": ("boxers", "underwear", "boxer shorts"),
    "Bra": ("bra", "underwear", "lingerie"),
    "Bracelet": ("bracelet",),
    "Briefs": ("briefs", "underwear", "underpants", "panties"),
    "Camisoles": ("camisole", "cami top"),
    "Caps": ("cap", "hat", "baseball cap"),
    "Capris": ("capris", "capri pants", "cropped trousers"),
    "Casual Shoes": ("casual shoes", "shoe", "shoes", "sneakers", "casual shoe", "trainers"),
    "Churidar": ("churidar", "leggings"),
    "Clothing Set": ("clothing set", "set"),
    "Clutches": ("clutch", "clutch bag", "purse", "clutch purse"),
    "Coats": ("coat", "overcoat"),
    "Cufflinks": ("cufflinks", "cuff links"),
    "Dresses": ("dress", "gown", "frock"),
    "Duffel Bag": ("duffel bag", "gym bag", "bag", "travel bag"),
    "Dupatta": ("dupatta", "scarf", "shawl"),
    "Earrings": ("earrings", "earring", "ear rings"),
    "Flats": ("flats", "ballet flats", "flat shoes", "shoes", "ballerinas"),
    "Flip Flops": ("flip flops", "flip flop", "slippers", "thongs"),
    "Formal Shoes": ("formal shoes", "shoe", "dress shoes", "leather shoes", "shoes"),
    "Gloves": ("gloves",),
    "Handbags": ("handbag", "purse", "bag", "shoulder bag", "hand bag", "tote"),
    "Hat": ("hat", "sun hat"),
    "Headband": ("headband", "hair band"),
    "Heels": ("heels", "high heels", "pumps", "heeled shoes", "shoe"),
    "Innerwear Vests": ("vest", "undershirt", "tank top", "innerwear vest"),
    "Jackets": ("jacket", "coat"),
    "Jeans": ("jeans", "pants", "denim", "denim trousers"),
    "Jeggings": ("jeggings", "leggings", "pants"),
    "Jewellery Set": ("jewellery set", "necklace and earrings", "jewelry set"),
    "Jumpsuit": ("jumpsuit", "overall"),
    "Kurta Sets": ("kurta set", "kurta"),
    "Kurtas": ("kurta", "tunic", "long shirt"),
    "Kurtis": ("kurti", "tunic"),
    "Laptop Bag": ("laptop bag", "laptop case", "bag", "briefcase"),
    "Leggings": ("leggings", "tights", "pants"),
    "Lounge Pants": ("lounge pants", "pyjama pants", "pants"),
    "Lounge Shorts": ("lounge shorts", "shorts"),
    "Lounge Tshirts": ("lounge t-shirt", "t-shirt"),
    "Messenger Bag": ("messenger bag", "shoulder bag", "bag"),
    "Mobile Pouch": ("mobile pouch", "phone case", "pouch"),
    "Mufflers": ("muffler", "scarf"),
    "Necklace and Chains": ("necklace", "chain", "neck chain"),
    "Nehru Jackets": ("nehru jacket", "waistcoat"),
    "Night suits": ("night suit", "pyjamas", "pajamas", "nightwear"),
    "Nightdress": ("nightdress", "nightgown", "night dress", "nightie"),
    "Patiala": ("patiala", "patiala pants"),
    "Pendant": ("pendant", "necklace"),
    "Rain Jacket": ("rain jacket", "raincoat", "jacket"),
    "Ring": ("ring", "finger ring"),
    "Robe": ("robe", "bathrobe"),
    "Bath Robe": ("bath robe", "bathrobe", "robe"),
    "Rompers": ("romper", "baby suit"),
    "Rucksacks": ("rucksack", "backpack", "bag"),
    "Salwar": ("salwar", "pants"),
    "Sandals": ("sandals", "sandal", "shoes"),
    "Sarees": ("saree", "sari"),
    "Scarves": ("scarf", "shawl"),
    "Shirts": ("shirt", "button-down shirt", "dress shirt"),
    "Shorts": ("shorts", "short pants"),
    "Shrug": ("shrug", "cardigan"),
    "Skirts": ("skirt",),
    "Socks": ("socks", "sock"),
    "Sports Sandals": ("sports sandals", "sandals"),
    "Sports Shoes": ("sports shoes", "running shoes", "shoe", "sneakers", "trainers", "shoes"),
    "Stockings": ("stockings", "tights"),
    "Stoles": ("stole", "scarf", "shawl"),
    "Suitcases": ("suitcase", "luggage"),
    "Trolley Bag": ("trolley bag", "suitcase", "luggage"),
    "Sunglasses": ("sunglasses", "eyeglasses", "glasses", "shades"),
    "Suspenders": ("suspenders", "braces"),
    "Sweaters": ("sweater", "pullover", "jumper", "cardigan"),
    "Sweatshirts": ("sweatshirt", "hoodie", "sweater", "hooded sweatshirt"),
    "Swimwear": ("swimwear", "swimsuit", "swimming costume"),
    "Ties": ("tie", "necktie"),
    "Tights": ("tights", "leggings"),
    "Tops": ("top", "blouse", "ladies top"),
    "Track Pants": ("track pants", "pants", "joggers", "sweatpants"),
    "Tracksuits": ("tracksuit", "track suit"),
    "Trousers": ("trousers", "trouser", "pants", "formal trousers"),
    "Trunk": ("trunks", "trunk", "underwear", "boxer briefs"),
    "Tshirts": ("t-shirt", "tee", "t-shirts", "tee shirt"),
    "Tunics": ("tunic", "long top"),
    "Umbrellas": ("umbrella",),
    "Waist Pouch": ("waist pouch", "belt bag", "fanny pack"),
    "Waistcoat": ("waistcoat", "vest"),
    "Wallets": ("wallet", "purse", "billfold"),
    "Watches": ("watch", "wristwatch", "wrist watch"),
    "Wristbands": ("wristband", "wrist band", "sweatband"),
}

COLOUR_WORDS: dict[str, tuple[str, ...]] = {
    "Grey": ("grey", "gray"),
    "Grey Melange": ("grey melange", "grey", "heather grey"),
    "Navy Blue": ("navy blue", "navy", "dark blue"),
    "Off White": ("off white", "white", "ivory"),
    "Maroon": ("maroon", "dark red", "wine red"),
    "Charcoal": ("charcoal", "dark grey"),
    "Turquoise Blue": ("turquoise blue", "turquoise"),
    "Multi": ("multicoloured", "colourful", "multi coloured"),
    "Lavender": ("lavender", "light purple"),
    "Sea Green": ("sea green", "green"),
    "Lime Green": ("lime green", "green"),
    "Fluorescent Green": ("fluorescent green", "neon green"),
    "Coffee Brown": ("coffee brown", "brown"),
    "Mushroom Brown": ("mushroom brown", "brown"),
    "Skin": ("skin", "nude", "beige"),
    "Burgundy": ("burgundy", "dark red"),
}

GENDER_WORDS: dict[str, tuple[str, ...]] = {
    "Men": ("men", "men's", "mens", "for men", "for him"),
    "Women": ("women", "women's", "ladies", "for women", "womens", "for her"),
    "Boys": ("boys", "boy's", "for boys", "kids"),
    "Girls": ("girls", "girl's", "for girls", "kids"),
    "Unisex": ("unisex",),
}

# What is said around a wish, and what no title ever held.
_AROUND = re.compile(
    r"^(?:(?:please|show me|find me|search for|looking for|i am looking for|i'm looking for|i want|i would like)\s+)+"
    r"|\s+please$"
)
# Only spellings that the encoder never saw are folded into ones that it did; "pants" and "trousers", "trouser" and
# "pant", "sari" and "saree" were all learnt as words of their own and stay.
_SPELLINGS = (
    (re.compile(r"\btee[- ]?shirts?\b|\bt[- ]?shirt\b|\btee\b"), "t-shirt"),
    (re.compile(r"\bt[- ]?shirts\b|\btees\b"), "t-shirts"),
    (re.compile(r"\bgray\b|\bgr[ae]yish\b"), "grey"),
    (re.compile(r"\bcolored\b"), "coloured"),
    (re.compile(r"\bcolor(s?)\b"), r"colour\1"),
    (re.compile(r"\bpajama(s?)\b"), r"pyjama\1"),
    (re.compile(r"\bflip-flops?\b|\bflipflops?\b"), "flip flops"),
    (re.compile(r"\b(hand|back)[ -](bag|pack)\b"), r"\1\2"),
    (re.compile(r"\bsun[ -]glasses\b"), "sunglasses"),
    (re.compile(r"\bsweat-shirt(s?)\b"), r"sweatshirt\1"),
    (re.compile(r"\bwaist[ -]coat\b"), "waistcoat"),
    (re.compile(r"\bwrist-watch\b"), "wrist watch"),
    (re.compile(r"\b(trowsers|trouzers)\b"), "trousers"),
    (re.compile(r"\bjewel(?:le|e)?ry\b"), "jewellery"),
    (re.compile(r"\bchequered\b"), "checked"),
    (re.compile(r"\bleggins\b"), "leggings"),
    (re.compile(r"\bwoman's\b"), "women's"),
    (re.compile(r"\bman's\b"), "men's"),
    (re.compile(r"\b(dark|light|navy)-(?=[a-z])"), r"\1 "),
    (re.compile(r"\b(long|short)-(sleeved?)\b"), r"\1 \2"),
    (re.compile(r"\b(?:without|no) sleeves?\b"), "sleeveless"),
)


HALF_LETTER = re.compile("[\ud800-\udfff]")
"""Bytes of a file's name that are no letters, and halves of emoji: no tokenizer takes them."""


def normalize_caption(text: str) -> str:
    """Bring a caption into the spelling that the encoder was trained on.

    Lower case, one space between words, plain quotes, accents kept, one spelling for words that have several
    (t-shirt, grey, colour, flip flops), and nothing of "show me" and "please" around it, nor of
    half letters. Articles stay: half of the captions that the encoder learnt from have one. The same for typed and for
    heard words.

    >>> normalize_caption("  Grey Tee-Shirt ")
    'grey t-shirt'
    """
    plain = unicodedata.normalize("NFKC", HALF_LETTER.sub(" ", text)).replace("\u2019", "'").replace("`", "'").lower()
    plain = _AROUND.sub("", " ".join(plain.split()))
    for pattern, spelling in _SPELLINGS:
        plain = pattern.sub(spelling, plain)
    return plain


def kind_words(kind: str) -> tuple[str, ...]:
    """What people call a catalogue kind; its own name in lower case when it is not listed."""
    return KIND_WORDS.get(kind) or ((kind.lower(),) if kind else ())


def colour_words(colour: str) -> tuple[str, ...]:
    """What people call a catalogue colour."""
    return COLOUR_WORDS.get(colour) or ((colour.lower(),) if colour and colour != "NA" else ())


def article(words: str) -> str:
    """Put "a" or "an" before words in the singular; plural words stay bare."""
    last = words.rsplit(maxsplit=1)[-1]
    if last.endswith("s") and not last.endswith("ss"):
        return words
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def short_caption(fields: dict[str, str]) -> str:
    """The plain short caption "a {colour} {kind}" of an item; its title when neither is known."""
    words = [*colour_words(fields.get("baseColour", ""))[:1], *kind_words(fields.get("articleType", ""))[:1]]
    return article(" ".join(words)) if words else normalize_caption(fields.get("title", ""))


@dataclass(frozen=True)
class ComposedCaption:
    """A caption and what it says, so that training knows which other items it fits as well.

    Attributes:
        text: normalised words.
        noun: what it calls the item, "" when it is a title.
        names_colour: whether it says a colour.
    """

    text: str
    noun: str = ""
    names_colour: bool = False


def compose(fields: dict[str, str], rng: random.Random) -> ComposedCaption:
    """Compose one caption as a person might type it, from an item's manifest columns (title, articleType, baseColour,
    gender, brand, usage, ...), any of which may be missing; its text is "" when they hold nothing to say.
    """
    kinds = kind_words(fields.get("articleType", ""))
    if not kinds:
        return ComposedCaption(normalize_caption(fields.get("title", "")))
    noun = kinds[0] if rng.random() < 0.5 else rng.choice(kinds)
    colours = colour_words(fields.get("baseColour", ""))
    colour = (colours[0] if rng.random() < 0.7 else rng.choice(colours)) if colours else ""
    if rng.random() >= 0.8:
        colour = ""
    parts = [colour, noun]
    gender = rng.choice(GENDER_WORDS.get(fields.get("gender", ""), ("",))) if rng.random() < 0.2 else ""
    for column, chance in (("pattern", 0.35), ("material", 0.35), ("usage", 0.1)):
        extra = fields.get(column, "").lower()
        if extra and extra not in {"solid", "na", "casual"} and rng.random() < chance:
            parts.insert(1, extra)
    brand = fields.get("brand", "") if rng.random() < 0.15 else ""
    words = " ".join(part for part in [brand, *parts] if part)
    if gender.startswith("for "):
        words = f"{words} {gender}"
    elif gender:
        words = f"{gender} {words}"
    elif not brand and rng.random() < 0.5:
        words = article(words)
    return ComposedCaption(normalize_caption(words), noun, bool(colour))


def kinds_called(noun: str) -> frozenset[str]:
    """Every catalogue kind that people call by a noun: "shoe" fits sports, casual and formal shoes alike."""
    return frozenset(kind for kind, words in KIND_WORDS.items() if noun in words)


def drop_words(title: str, rng: random.Random) -> str:
    """Leave out a quarter of a title's words, at least one stays; so that no single word carries the item."""
    words = title.split()
    kept = [word for word in words if rng.random() < 0.75]
    return " ".join(kept or words[-1:])
