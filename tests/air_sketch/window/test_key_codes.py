# ruff: noqa: RUF001 (letters of other alphabets are meant)

import pytest

from air_sketch.desk.events import Key
from air_sketch.window.key_codes import key_of_highgui, key_of_x11, letter_of


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
        (0xFF09, "\t", Key("tab")),
        (0xFFE1, "", None),
        (0xFFBE, "", None),
        (0xFE57, "\xa8", None),
    ],
)
def test_x11_keys_have_names_or_what_they_type(keysym, text, key):
    assert key_of_x11(keysym, text) == key


@pytest.mark.parametrize(
    ("keysym", "text", "keycode", "shifted", "key"),
    [
        (0x6D2, "р", 43, False, Key("char", "р", "h")),
        (0x6F2, "Р", 43, True, Key("char", "Р", "H")),
        (0x3B, ";", 24, False, Key("char", ";", "q")),
        (0x6C8, "х", 34, False, Key("char", "х", "[")),
        (0x6C8, "Х", 34, True, Key("char", "Х")),
        (0x21, "!", 10, True, Key("char", "!")),
        (0x31, "1", 10, False, Key("char", "1")),
        (0x43, "C", 200, False, Key("char", "C")),
        (0xFE51, "", 47, False, Key("char", "", ";")),
        (0xFF0D, "\r", 36, False, Key("enter")),
        (0xFF52, "", 111, False, Key("up")),
        (0xFFE1, "", 50, False, None),
    ],
)
def test_without_latin_letters_the_place_of_a_key_tells_its_command(keysym, text, keycode, shifted, key):
    assert key_of_x11(keysym, text, keycode, latin=False, shifted=shifted) == key


@pytest.mark.parametrize(("text", "keycode"), [("é", 11), ("ü", 34), ("'", 24), (";", 52), ("&", 10)])
def test_latin_layouts_keep_their_letters_wherever_they_lie(text, keycode):
    assert key_of_x11(ord(text), text, keycode) == Key("char", text)


@pytest.mark.parametrize(
    ("keysym", "letter"),
    [
        (0x6D2, "р"),
        (0x6A6, "і"),
        (0x7E8, "θ"),
        (0xCF9, "ש"),
        (0xDBF, "ฟ"),
        (0xE9, "é"),
        (0x01003131, "ㄱ"),
        (0xFFE1, ""),
    ],
)
def test_a_keysym_is_a_letter_in_every_locale(keysym, letter):
    assert letter_of(keysym) == letter


@pytest.mark.parametrize(
    ("letter", "command"),
    [("р", "h"), ("Я", "Z"), ("θ", "u"), ("ㅅ", "t"), ("х", "["), ("é", ""), ("h", ""), ("C", "")],
)
def test_usual_letters_tell_their_place_where_the_window_system_does_not(letter, command):
    assert key_of_highgui(ord(letter)) == Key("char", letter, command)


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
