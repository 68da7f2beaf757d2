"""Our window as the X server sees it: its size, and every key that is pressed in it.

HighGUI's Qt window tells neither: of its size it knows only the picture's, and of keys only the last between two polls,
without its case. X sends events to every client that asks, so we ask too, on a connection of our own.
"""

from __future__ import annotations

import ctypes
import queue
import select
import threading
import time

from air_sketch.desk.key import Key
from air_sketch.values.errors import DisplayError
from air_sketch.window.display import connect_x11
from air_sketch.window.key_codes import key_of_x11

_KEY_PRESS, _CONFIGURE_NOTIFY, _MAPPING_NOTIFY = 2, 22, 34
_EVENTS_WANTED = 1 << 0 | 1 << 17  # key presses, and changes of the window's own structure
_SHORTCUT_KEYS = 4 | 8 | 64  # Control, Alt, Super
_SEARCH_DEPTH = 4  # window manager's frame or two, our window
_PATIENCE_S = 2.0


class _KeyEvent(ctypes.Structure):
    """XKeyEvent of Xlib.h."""

    _fields_ = (
        ("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p), ("window", ctypes.c_ulong), ("root", ctypes.c_ulong),
        ("subwindow", ctypes.c_ulong), ("time", ctypes.c_ulong), ("x", ctypes.c_int), ("y", ctypes.c_int),
        ("x_root", ctypes.c_int), ("y_root", ctypes.c_int), ("state", ctypes.c_uint), ("keycode", ctypes.c_uint),
        ("same_screen", ctypes.c_int),
    )  # fmt: skip


class _ConfigureEvent(ctypes.Structure):
    """XConfigureEvent of Xlib.h, as far as it is used here."""

    _fields_ = (
        ("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p), ("event", ctypes.c_ulong), ("window", ctypes.c_ulong),
        ("x", ctypes.c_int), ("y", ctypes.c_int), ("width", ctypes.c_int), ("height", ctypes.c_int),
    )  # fmt: skip


class _Event(ctypes.Union):
    """XEvent of Xlib.h, as far as it is used here."""

    _fields_ = (
        ("type", ctypes.c_int), ("key", _KeyEvent), ("configure", _ConfigureEvent), ("room", ctypes.c_long * 24),
    )  # fmt: skip


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
        event = _Event()
        while not self._stopping.is_set():
            if self._x.XPending(self._display) == 0:
                select.select([self._x.XConnectionNumber(self._display)], [], [], 0.1)
                continue
            self._x.XNextEvent(self._display, ctypes.byref(event))
            if event.type == _MAPPING_NOTIFY:
                self._x.XRefreshKeyboardMapping(ctypes.byref(event))
            elif event.type == _CONFIGURE_NOTIFY:
                self.wh = (event.configure.width, event.configure.height)
            elif event.type == _KEY_PRESS and not event.key.state & _SHORTCUT_KEYS:
                self._take_key(event)
        self._x.XCloseDisplay(self._display)

    def _take_key(self, event: _Event) -> None:
        keysym, typed = ctypes.c_ulong(), ctypes.create_string_buffer(16)
        self._x.XLookupString(ctypes.byref(event), typed, len(typed), ctypes.byref(keysym), None)
        key = key_of_x11(keysym.value, typed.value.decode("utf-8", "replace"))
        if key is not None:
            self._keys.put(key)

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
