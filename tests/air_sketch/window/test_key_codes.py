import pytest

from air_sketch.desk.events import Key
from air_sketch.window.key_codes import key_of_highgui, key_of_x11


@pytest.mark.parametrize(
    ("keysym", "text", "key"),
    [
        (0x41, "A", Key("char", "A")),
        (0xE9, "é", Key("char", "é")),
        (0x0100D55C, "한", Key("char", "한")),
        (0xFFB7, "7", Key("char", "7")),
        (0xFF08, "\b", Key("backspace")),
        (0xFF0D, "\r", Key("enter")),
        (0xFF8D, "\r", Key("enter")),
        (0xFF1B, "\x1b", Key("escape")),
        (0xFFFF, "\x7f", Key("delete")),
        (0xFF52, "", Key("up")),
        (0xFF54, "", Key("down")),
        (0xFF55, "", Key("page_up")),
        (0xFF9B, "", Key("page_down")),
        (0xFF09, "\t", None),
        (0xFFE1, "", None),
        (0xFFBE, "", None),
        (0xFE57, "\xa8", None),
    ],
)
def test_x11_keys_have_names_or_what_they_type(keysym, text, key):
    assert key_of_x11(keysym, text) == key


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
    assert key_of_highgui(code) == key


@pytest.mark.parametrize(
    ("code", "key"),
    [(0x41, Key("char", "A")), (8, Key("backspace")), (13, Key("enter")), (27, Key("escape")),
     (0x260000, Key("up")), (0x220000, Key("page_down")), (0x700000, None), (0xE9, Key("char", "é"))],
)  # fmt: skip
def test_win32_shifts_its_special_keys_by_sixteen_bits(code, key):
    assert key_of_highgui(code) == key


def test_any_number_is_one_printable_character_or_a_name_or_nothing():
    for code in [*range(-300, 70000, 7), *range(0x00FFFF00, 0x01020000, 97), 2**31 - 1, -(2**31)]:
        key = key_of_highgui(code)
        assert key is None or (key.name == "char" and len(key.text) == 1 and key.text.isprintable()) or not key.text
