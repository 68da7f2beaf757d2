# ruff: noqa: RUF001 (letters of other alphabets are meant)

import os
import subprocess
import sys

import pytest

from air_sketch.values.errors import DisplayError
from air_sketch.window import display
from air_sketch.window.display import check_display
from tests.virtual_display import REPOSITORY, VirtualDisplay, missing_programs

ON_LINUX = sys.platform.startswith("linux")


@pytest.mark.skipif(not ON_LINUX, reason="X11 only")
def test_no_display_is_found_out_before_any_window_is_opened(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    with pytest.raises(DisplayError, match="DISPLAY is not set") as caught:
        check_display()
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not ON_LINUX, reason="X11 only")
def test_a_display_that_does_not_answer_is_found_out(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":9876")
    with pytest.raises(DisplayError, match="DISPLAY=:9876 does not answer"):
        check_display()


def test_windows_and_macos_always_have_a_display(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr(display, "HAS_X11", False)
    check_display()


def test_a_headless_opencv_is_named_with_its_cure(monkeypatch):
    monkeypatch.setattr("cv2.currentUIFramework", lambda: "")
    with pytest.raises(DisplayError, match="headless"):
        check_display()


@pytest.mark.skipif(not ON_LINUX, reason="X11 only")
def test_opening_a_window_on_a_dead_display_raises_instead_of_aborting():
    code = "from air_sketch.window.highgui import HighGuiWindow; HighGuiWindow('x', (100, 100))"
    variables = {**os.environ, "DISPLAY": ":9876"}
    done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "DisplayError: The display DISPLAY=:9876 does not answer." in done.stderr


WATCHED = """
import sys
import numpy as np
from air_sketch.window.highgui import HighGuiWindow
window = HighGuiWindow("Air Sketch", (300, 200))
window.show(np.zeros((200, 300, 3), np.uint8))
window.settle()
while (key := window.next_key(20)) is None or key.name != "escape":
    if key is not None:
        print(key.text, key.command, flush=True)
window.close()
"""


ALT_GR = 108


@pytest.mark.skipif(bool(missing_programs("setxkbmap")), reason=f"needs {missing_programs('setxkbmap')}")
@pytest.mark.parametrize(
    ("layout", "locale", "typed"),
    [
        ("ru", "C.UTF-8", ["р h", "е t", "я z", "х [", "1 1", "- -", "й q"]),
        ("ru", "C", ["р h", "е t", "я z", "х [", "1 1", "- -", "й q"]),
        ("gr", "C.UTF-8", ["η h", "τ t", "ζ z", "[ [", "1 1", "- -", "; q", "· ·"]),
        ("de", "C.UTF-8", ["h h", "t t", "y y", "ü ü", "1 1", "ß ß", "q q", "@ @"]),
    ],
)
def test_keys_of_every_layout_type_their_letters_and_command_by_place(layout, locale, typed):
    server = VirtualDisplay("400x300x24")
    variables = {**server.environment, "LC_ALL": locale, "PYTHONIOENCODING": "utf-8"}
    subprocess.run(["setxkbmap", "-layout", layout], env=server.environment, check=True, timeout=20)
    program = subprocess.Popen([sys.executable, "-c", WATCHED], env=variables, stdout=subprocess.PIPE, cwd=REPOSITORY)
    try:
        window = server.xdotool("search", "--sync", "--onlyvisible", "--name", "^Air Sketch$")
        server.xdotool("windowfocus", "--sync", window)
        for keycode in (43, 28, 52, 34, 10, 20, 24):
            server.xdotool("key", "--delay", "60", str(keycode))
        server.xdotool("keydown", str(ALT_GR), "key", "--delay", "60", "24", "keyup", str(ALT_GR))
        server.xdotool("key", "Escape")
        said = program.communicate(timeout=20)[0].decode()
        assert said.splitlines() == typed
    finally:
        program.kill()
        program.communicate()
        server.close()
