import pytest

from air_sketch.desk.events import Key
from air_sketch.window.key_codes import KeyDecoder, KeyNumbering, decode_key

QT, GTK, COCOA, WIN32 = KeyNumbering.QT, KeyNumbering.GTK, KeyNumbering.COCOA, KeyNumbering.WIN32


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (0x61, "a"),
        (0x20, " "),
        (0x31, "1"),
        (0x3F, "?"),
        (-0x37, "é"),
        (-0x2F, "ñ"),
        (-0x21, "ß"),
        (-0x1A, "æ"),
        (0x20AC, "€"),
        (0x0100D55C, "한"),
        (0x0100AE00, "글"),
        (0x01000142, "ł"),
        (0x0EA1, "ㄱ"),
        (0x06C1, "а"),  # noqa: RUF001 - Cyrillic on purpose
        (0x07E1, "α"),  # noqa: RUF001 - Greek on purpose
        (0x01B3, "ł"),
        (0x13BD, "œ"),
        (0xFFB7, "7"),
        (0xFFAE, "."),
    ],
)
def test_qt_numbers_become_the_typed_character(code, text):
    assert decode_key(code, QT) == Key("char", text)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (8, "backspace"),
        (0xFF08, "backspace"),
        (10, "enter"),
        (13, "enter"),
        (0xFF0D, "enter"),
        (0xFF8D, "enter"),
        (27, "escape"),
        (0xFF1B, "escape"),
        (0xFF52, "up"),
        (0xFF54, "down"),
        (0xFF55, "page_up"),
        (0xFF56, "page_down"),
        (0xFFFF, "delete"),
        (9, "tab"),
    ],
)
def test_named_keys_are_the_same_on_qt_and_gtk(code, name):
    assert decode_key(code, QT) == decode_key(code, GTK) == Key(name)


@pytest.mark.parametrize("code", [-1, 0xFFE1, 0xFFE2, 0xFFE3, 0xFFE9, 0xFFBE, 0xFE03, 0x7F, 0x0, 0x1, 0x01110000 + 5])
def test_no_key_modifiers_and_function_keys_are_nothing(code):
    assert decode_key(code, QT) is None


@pytest.mark.parametrize(
    ("codes", "text"),
    [
        ([0x41], "A"),
        ([0xE9], "é"),
        ([0xC9], "É"),
        ([0xFF], "ÿ"),
        ([0x0100D55C], "한"),
        ([0x06E1], "А"),  # noqa: RUF001 - Cyrillic on purpose
        ([0xFE51, 0x65], "é"),
        ([0xFE57, 0x55], "Ü"),
        ([0xFE51, 0xFFE1, 0x45], "É"),
        ([0xFE5C, 0x61, 0x62], "ąb"),
        ([0xFE51, 0x78], "x"),
        ([0xFE51, 0xFF0D, 0x65], "e"),
    ],
)
def test_x11_keysyms_keep_their_case_and_dead_keys_join_the_next_letter(codes, text):
    decoder = KeyDecoder(KeyNumbering.X11)
    keys = [decoder.decode(code) for code in codes]
    assert "".join(key.text for key in keys if key is not None) == text


@pytest.mark.parametrize(
    ("code", "text"), [(0x41, "A"), (0x100041, "A"), (0x1000E9, "é"), (0x0110D55C, "한"), (0x100000 | 0xFFB3, "3")]
)
def test_gtk_modifier_bits_do_not_change_the_character(code, text):
    assert decode_key(code, GTK) == Key("char", text)


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (0x41, Key("char", "A")),
        (0xE9, Key("char", "é")),
        (0xD55C, Key("char", "한")),
        (0x7F, Key("backspace")),
        (0xF700, Key("up")),
        (0xF72D, Key("page_down")),
        (0xF704, None),
        (3, Key("enter")),
    ],
)
def test_cocoa_gives_utf_16_units(code, key):
    assert decode_key(code, COCOA) == key


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (0x41, Key("char", "A")),
        (8, Key("backspace")),
        (0x260000, Key("up")),
        (0x220000, Key("page_down")),
        (0x700000, None),
        (0xE9, Key("char", "é")),
    ],
)
def test_win32_shifts_its_special_keys_by_sixteen_bits(code, key):
    assert decode_key(code, WIN32) == key


@pytest.mark.parametrize("numbering", list(KeyNumbering))
def test_any_number_decodes_to_one_printable_character_or_a_name_or_nothing(numbering):
    codes = [*range(-300, 70000, 7), *range(0x00FFFF00, 0x01020000, 97), 2**31 - 1, -(2**31)]
    for code in codes:
        key = decode_key(code, numbering)
        assert key is None or (key.name == "char" and len(key.text) == 1 and key.text.isprintable()) or not key.text
