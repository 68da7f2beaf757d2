import os
import subprocess
import sys

import pytest

from air_sketch.values.errors import DisplayError
from air_sketch.window import display
from air_sketch.window.display import check_display

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
