"""Whether there is a display to open a window on."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any

import cv2

from air_sketch.values.errors import DisplayError

HAS_X11 = sys.platform not in {"win32", "darwin"}

# Xlib's own handler ends the process when a window has just gone. Kept for good: Xlib keeps its address.
_IGNORE_ERROR = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda _display, _event: 0)


def check_display() -> None:
    """Make sure that a window can be opened: without a display ``cv2.imshow`` ends the process with SIGABRT.

    Raises:
        DisplayError: if OpenCV has no window system or no display answers.
    """
    if not cv2.currentUIFramework():
        raise DisplayError(
            "The installed OpenCV has no windows: expected opencv-python, got a headless build",
            "Mend it with: pip uninstall -y opencv-python-headless && pip install --force-reinstall "
            "opencv-python==4.11.0.86",
        )
    if HAS_X11:
        library, display = connect_x11()
        library.XCloseDisplay(display)


def connect_x11() -> tuple[Any, ctypes.c_void_p]:
    """Return libX11 and a new connection to the server that DISPLAY names.

    Raises:
        DisplayError: if libX11 is missing or the server does not answer.
    """
    advice = "Start it from a desktop (or use ssh -X), or draw without a window: python main.py replay SOURCE"
    name = os.environ.get("DISPLAY")
    if not name:
        raise DisplayError("There is no display to open a window on: DISPLAY is not set", advice)
    try:
        library = ctypes.CDLL("libX11.so.6")
    except OSError:
        raise DisplayError("libX11 is missing, and the window needs it", "sudo apt install libx11-6") from None
    library.XOpenDisplay.restype = ctypes.c_void_p
    library.XDefaultRootWindow.restype = ctypes.c_ulong
    library.XSetErrorHandler(_IGNORE_ERROR)
    display = library.XOpenDisplay(None)
    if not display:
        raise DisplayError(f"The display DISPLAY={name} does not answer", advice)
    return library, ctypes.c_void_p(display)
