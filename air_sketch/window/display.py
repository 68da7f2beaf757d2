"""The display: whether there is one, and our window as the X server sees it.

HighGUI's Qt window tells neither its size (but the picture's) nor all keys (but the last between two polls, without its
case). X sends events to every client that asks, so we ask too, on a connection of our own.
"""

from __future__ import annotations

import ctypes
import os
import queue
import select
import struct
import sys
import threading
import time
from typing import Any

import cv2

from air_sketch.desk.events import Key
from air_sketch.values.errors import DisplayError
from air_sketch.window.key_codes import key_of_x11, letter_of

HAS_X11 = sys.platform not in {"win32", "darwin"}

_KEY_PRESS, _CONFIGURE_NOTIFY, _MAPPING_NOTIFY = 2, 22, 34
_EVENTS_WANTED = 1 << 0 | 1 << 17  # key presses, and changes of the window's own structure
_SHORTCUT_KEYS = 4 | 8 | 64  # Control, Alt, Super
_KEY_EVENT, _CONFIGURE_EVENT = struct.Struct("@iLiPLLLLiiiiII"), struct.Struct("@iLiPLLiiii")
"""XKeyEvent of Xlib.h up to its state and keycode, XConfigureEvent up to width and height."""
_KEYCODE_AT = _KEY_EVENT.size - 4
_SHIFT, _LOCK, _OTHER_LEVELS = 1, 2, 32 | 128  # the last: AltGr and its kin
_KEYCODE_OF_A = 38  # on a US keyboard; every Latin layout has some Latin letter there
_SEARCH_DEPTH = 4  # window manager's frame or two, our window
_PATIENCE_S = 2.0

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


class X11Window:
    """One window, watched on a thread and a connection of its own.

    What a key means is looked up at once: programs that type for the user (on-screen keyboards, xdotool)
    lend a spare key to one character after the other, and a moment later it means something else.
    """

    def __init__(self, title: str, wh: tuple[int, int]) -> None:
        """Find the window, and begin to watch it.

        Args:
            title: nobody else's.
            wh: its inner size in pixels; later changes are noticed.
        Raises:
            DisplayError: if the window does not appear.
        """
        self.wh = wh
        self._x, self._display = connect_x11()
        patient_until_s = time.monotonic() + _PATIENCE_S
        while not (window := self._find(title.encode())):
            if time.monotonic() > patient_until_s:
                raise DisplayError("The window does not appear on the display")
            time.sleep(0.01)
        self._x.XSelectInput(self._display, ctypes.c_ulong(window), ctypes.c_long(_EVENTS_WANTED))
        self._x.XFlush(self._display)
        self._keys: queue.SimpleQueue[Key] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="X11 events", daemon=True)
        self._thread.start()

    def next_key(self) -> Key | None:
        """Return the next key pressed, Shift and layout applied, or None."""
        return None if self._keys.empty() else self._keys.get()

    def close(self) -> None:
        """Stop watching and disconnect; safe to call twice."""
        self._stopping.set()
        self._thread.join(1.0)

    def _watch(self) -> None:
        event = (ctypes.c_long * 24)()
        while not self._stopping.is_set():
            if self._x.XPending(self._display) == 0:
                select.select([self._x.XConnectionNumber(self._display)], [], [], 0.1)
                continue
            self._x.XNextEvent(self._display, event)
            (kind,) = struct.unpack_from("i", event)
            if kind == _MAPPING_NOTIFY:
                self._x.XRefreshKeyboardMapping(event)
            elif kind == _CONFIGURE_NOTIFY:
                *_, width, height = _CONFIGURE_EVENT.unpack_from(event)
                self.wh = (width, height)
            elif kind == _KEY_PRESS and (key := self._key(event)) is not None:
                self._keys.put(key)
        self._x.XCloseDisplay(self._display)

    def _key(self, event: Any) -> Key | None:
        """Name the key of an event, as it is and by its place."""
        *_, state, keycode = _KEY_EVENT.unpack_from(event)
        if state & _SHORTCUT_KEYS:
            return None
        keysym, text = self._look_up(event)
        struct.pack_into("I", event, _KEYCODE_AT, _KEYCODE_OF_A)
        latin = bool(state & _OTHER_LEVELS) or self._look_up(event)[0] < 0x80
        shifted = bool(state & _SHIFT) != bool(state & _LOCK)
        return key_of_x11(keysym, text, keycode, latin=latin, shifted=shifted)

    def _look_up(self, event: Any) -> tuple[int, str]:
        """Return keysym and text of a key event, Shift and layout applied."""
        keysym, typed = ctypes.c_ulong(), ctypes.create_string_buffer(16)
        self._x.XLookupString(event, typed, len(typed), ctypes.byref(keysym), None)
        return keysym.value, typed.value.decode("utf-8", "ignore") or letter_of(keysym.value)

    def _find(self, title: bytes) -> int:
        """Return the id of the window with this title, 0 when there is none."""
        level = [self._x.XDefaultRootWindow(self._display)]
        for _ in range(_SEARCH_DEPTH):
            level = [child for window in level for child in self._children(window)]
            for window in level:
                if self._title(window) == title:
                    return window
        return 0

    def _title(self, window: int) -> bytes | None:
        name = ctypes.c_char_p()
        self._x.XFetchName(self._display, ctypes.c_ulong(window), ctypes.byref(name))
        title = name.value
        self._x.XFree(name)
        return title

    def _children(self, window: int) -> list[int]:
        root, parent, count = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_uint()
        children = ctypes.POINTER(ctypes.c_ulong)()
        pointers = [ctypes.byref(value) for value in (root, parent, children, count)]
        self._x.XQueryTree(self._display, ctypes.c_ulong(window), *pointers)
        found = children[: count.value]
        self._x.XFree(children)
        return found
