"""Letter-to-sound rules of English, for names that no dictionary lists.

The method is the one of Elovitz et al. ("Letter-to-sound rules for automatic translation of English text to phonetics",
IEEE Trans. ASSP 1976): rules are tried in order at each place of the word, and the first that fits its letters, what
stands before and what stands after gives the sounds. The rules are our own, in the phonemes of the CMU dictionary.
"""

from __future__ import annotations

import re
from functools import lru_cache

# before, letters, after, phonemes. "before" and "after" are regular expressions over the rest of the word.
_V, _C = "[aeiouy]", "[b-df-hj-np-tv-z]"
_END = "$"
_ENDING = "(?:e?s|ed)?$"  # nothing, or an ending that leaves the sound before it alone
_MAGIC = "(?=[b-df-hj-np-tv-z](?:e(?:s|d|r|ly|less)?$|ing$|e[b-df-hj-np-tv-z]))"  # a_e: the vowel says its name

_RULES: tuple[tuple[str, str, str, str], ...] = (
    # a
    ("", "augh", "", "AO"), ("", "au", "", "AO"), ("", "aw", "", "AO"), ("", "air", "", "EH R"),
    ("", "ai", "", "EY"), ("", "ay", "", "EY"), ("", "are", _END, "EH R"), ("", "arr", _V, "AE R"),
    ("w", "ar", "", "AO R"), ("", "ar", _V, "EH R"), ("", "ar", "", "AA R"), ("", "alk", "", "AO K"),
    ("", "all", _END, "AO L"), ("", "all", "", "AE L"), ("", "al", "[mf]", "AA"), ("", "al", "[dtk]", "AO L"),
    ("", "able", _END, "AH B AH L"), ("", "ange", "", "EY N JH"), ("", "age", _END, "IH JH"), ("", "a", "sh", "AE"),
    (".", "a", _END, "AH"), ("", "a", "ste$", "EY"), ("", "a", _MAGIC, "EY"), ("", "a", "", "AE"),
    # b
    ("m", "b", _END, ""), ("", "bb", "", "B"), ("", "b", "", "B"),
    # c
    ("", "sch", "", "S K"), ("", "chr", "", "K R"), ("", "ch", "", "CH"), ("", "ck", "", "K"),
    ("", "cc", "[eiy]", "K S"),
    ("", "cc", "", "K"), ("", "cia", "", "SH AH"), ("s", "c", "[eiy]", ""), ("", "c", "[eiy]", "S"), ("", "c", "", "K"),
    # d
    ("", "dg", "e", "JH"), ("", "dd", "", "D"), ("", "d", "", "D"),
    # e
    ("", "eau", "", "OW"), ("", "eer", "", "IH R"), ("", "ear", "[nl]", "ER"), ("", "ear", "", "IH R"),
    ("", "ee", "", "IY"), ("", "ead", "", "EH D"), ("", "ea", "", "IY"), ("", "eigh", "", "EY"), ("", "ei", "", "EY"),
    ("", "eu", "", "Y UW"), ("[rldjsn]", "ew", "", "UW"), ("", "ew", "", "Y UW"), ("", "ey", _END, "IY"),
    ("", "ey", "", "EY"), ("", "ere", _END, "IH R"), ("", "err", _V, "EH R"), ("", "er", _V, "EH R"),
    ("", "er", "", "ER"),
    ("[aeiouy].*[td]", "ed", _END, "IH D"), ("[aeiouy].*[pkfsxc]|[aeiouy].*[cs]h", "ed", _END, "T"),
    ("[aeiouy].*", "ed", _END, "D"),
    ("[aeiouy].*(?:[sxz]|[cs]h)", "es", _END, "IH Z"), ("[aeiouy].*[pktf]", "es", _END, "S"),
    ("[aeiouy].*", "es", _END, "Z"), ("[aeiouy].*[bcdfgkpt]", "el", _END, "AH L"),
    ("[aeiouy].*[td]", "en", _END, "AH N"), ("[aeiouy].*", "e", _END, ""), ("^.?", "e", _END, "IY"),
    ("", "e", "st$", "AH"), ("[aeiouy].*", "e", "(?:ly|less|ness|ment|moor|ford)", ""),
    ("", "e", "[b-df-hj-np-tv-z]e$", "IY"), ("", "e", "", "EH"),
    # f g
    ("", "ff", "", "F"), ("", "f", "", "F"), ("^", "gh", "", "G"), ("", "gh", "t", ""), ("", "gh", "", ""),
    ("^", "gn", "", "N"), ("", "gn", _END, "N"), ("", "gg", "", "G"), ("^", "g", "i[vr]|e[tar]", "G"),
    ("n", "g", "er", "G"), ("", "gu", "[eiy]", "G"), ("", "g", "[eiy]", "JH"), ("", "g", "", "G"),
    # h
    ("", "hn", "", "N"), ("", "h", _V, "HH"), ("", "h", "", ""),
    # i
    ("", "igh", "", "AY"), ("", "ier", _END, "IY ER"), ("", "iere", _END, "IY EH R"), ("", "ieu", "", "Y UW"),
    ("^.{0,2}", "ie", _END, "AY"), ("", "ie", _END, "IY"), ("", "ie", "[bcdflnv]", "IY"), ("", "ia", "", "IY AH"),
    ("", "io", "", "IY OW"), ("", "ion", _END, "AH N"), ("", "iu", "", "IY AH"), ("", "irr", _V, "IH R"),
    ("", "ir", _V, "IH R"),
    ("", "ir", "", "ER"), ("", "i", "nd$|ld$", "AY"), ("", "ique", _END, "IY K"), ("", "ine", _END, "IY N"),
    ("", "ite", _END, "AY T"), (".", "i", _END, "IY"), ("", "i", _MAGIC, "AY"), ("", "i", "", "IH"),
    # j k l
    ("", "j", "", "JH"), ("^", "kn", "", "N"), ("", "kk", "", "K"), ("", "k", "", "K"), ("", "ll", "", "L"),
    ("[bcdfgkpstz]", "le", _ENDING, "AH L"), ("", "l", "", "L"),
    # m n
    ("", "mm", "", "M"), ("", "m", "", "M"), ("", "nn", "", "N"), ("", "ng", _END, "NG"),
    ("", "ng", "[aeiouy]", "NG G"),
    ("", "ng", "", "NG"), ("", "n", "[kx]", "NG"), ("", "n", "", "N"),
    # o
    ("", "oar", "", "AO R"), ("", "oa", "", "OW"), ("", "oor", "", "UH R"), ("", "ook", "", "UH K"),
    ("", "oo", "", "UW"),
    ("", "ought", "", "AO T"), ("", "ous", _END, "AH S"), ("", "our", "", "AO R"), ("", "ould", "", "UH D"),
    ("", "ou", "", "AW"), ("", "ow", "[nl]?$", "OW"), ("", "ow", "", "AW"), ("", "oy", "", "OY"), ("", "oi", "", "OY"),
    ("w", "or", _C, "ER"), ("", "ore", _END, "AO R"), ("", "or", "", "AO R"), ("", "ol", "[dtk]", "OW L"),
    ("", "o", "[kg]ue$", "OW"), ("", "oe", _END, "OW"), ("", "o", _END, "OW"), ("", "os", _END, "OW S"),
    ("", "o", _MAGIC, "OW"), ("", "o", "", "AA"),
    # p q r
    ("", "ph", "", "F"), ("^", "ps", "", "S"), ("", "pp", "", "P"), ("", "p", "", "P"), ("", "que", _END, "K"),
    ("", "qu", "", "K W"), ("", "q", "", "K"), ("", "rrh", "", "R"), ("", "rh", "", "R"), ("", "rr", "", "R"),
    ("", "r", "", "R"),
    # s
    ("", "shion", "", "SH AH N"), ("", "sh", "", "SH"), ("", "ssion", "", "SH AH N"), ("", "sion", "", "ZH AH N"),
    ("", "ss", "", "S"), (_V, "s", "e?$", "Z"), ("[bdglmnrvw]", "s", _END, "Z"), ("", "sc", "[eiy]", "S"),
    (_V, "s", _V, "Z"), ("", "s", "", "S"),
    # t
    ("", "tch", "", "CH"), ("", "tion", "", "SH AH N"), ("", "tia", "", "SH AH"), ("", "th", "", "TH"),
    ("", "tt", "", "T"),
    ("", "ture", _END, "CH ER"), ("", "t", "", "T"),
    # u
    ("", "urr", _V, "ER"), ("", "ure", _END, "Y UH R"), ("", "ur", "", "ER"), ("", "uy", "", "AY"),
    ("", "ui", "", "UW"),
    ("[rljsxz]", "u", _MAGIC, "UW"), ("", "u", _MAGIC, "Y UW"), ("", "ue", _END, "UW"), (".", "u", _END, "UW"),
    ("", "ull", "", "UH L"), ("^", "u", "ni", "Y UW"), ("", "u", "", "AH"),
    # v w x y z
    ("", "vv", "", "V"), ("", "v", "", "V"), ("^", "wr", "", "R"), ("", "wh", "", "W"), ("", "w", "", "W"),
    ("^", "x", "", "Z"), ("", "x", "", "K S"), ("^", "y", _V, "Y"), ("^[^aeiou]+", "y", _END, "AY"),
    ("", "y", _END, "IY"),
    ("", "y", _MAGIC, "AY"), (_V, "y", _V, "Y"), ("", "y", "", "IH"), ("", "zz", "", "Z"), ("", "z", "", "Z"),
)  # fmt: skip


@lru_cache(maxsize=1)
def _compiled() -> dict[str, list[tuple[re.Pattern[str], str, re.Pattern[str], tuple[str, ...]]]]:
    table: dict[str, list[tuple[re.Pattern[str], str, re.Pattern[str], tuple[str, ...]]]] = {}
    for before, letters, after, phones in _RULES:
        row = (re.compile(f"(?:{before})$"), letters, re.compile(after), tuple(phones.split()))
        table.setdefault(letters[0], []).append(row)
    return table


def spell_out(word: str) -> tuple[str, ...]:
    """Say a word by rule.

    >>> " ".join(spell_out("zalten"))
    'Z AO L T AH N'

    Args:
        word: letters a to z; others are passed over.
    Returns:
        Phonemes of the CMU dictionary, () when there is no letter.
    """
    phones: list[str] = []
    place = 0
    while place < len(word):
        rule = _fitting(word, place)
        phones += rule[3] if rule else ()
        place += len(rule[1]) if rule else 1
    return tuple(_without_doubles(phones))


def _fitting(word: str, place: int) -> tuple[re.Pattern[str], str, re.Pattern[str], tuple[str, ...]] | None:
    for rule in _compiled().get(word[place], ()):
        before, letters, after, _ = rule
        if (
            word.startswith(letters, place)
            and before.search(word[:place]) is not None
            and after.match(word[place + len(letters) :]) is not None
        ):
            return rule
    return None


def _without_doubles(phones: list[str]) -> list[str]:
    return [phone for number, phone in enumerate(phones) if number == 0 or phone != phones[number - 1]]
