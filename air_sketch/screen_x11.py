"""What HighGUI does not tell under X11, asked from libX11 itself: is there a server, how large is our window,
is Shift down.

Everything here is optional: without libX11 (or on another window system) the answers are None.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from typing import Any

_SHIFT_MASK, _LOCK_MASK = 1, 2
_SEARCH_DEPTH = 4  # root, window manager's frame or two, our window

_ErrorHandler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


class X11:
    """One connection of our own to the X server."""

    def __init__(self, library: Any, display: int) -> None:
        """Use ``X11.connect`` instead."""
        self._x = library
        self._display = ctypes.c_void_p(display)
        self._root = ctypes.c_ulong(library.XDefaultRootWindow(self._display))
        # Xlib's own handler ends the process when a window has just gone.
        self._on_error = _ErrorHandler(lambda _display, _event: 0)
        library.XSetErrorHandler(self._on_error)

    @classmethod
    def connect(cls) -> X11 | None:
        """Connect to the server that DISPLAY names; None when it does not answer or libX11 is missing."""
        library = _load()
        if library is None:
            return None
        display = library.XOpenDisplay(None)
        return cls(library, display) if display else None

    @staticmethod
    def is_available() -> bool:
        """Tell whether libX11 itself can be loaded."""
        return _load() is not None

    def find_window(self, title: str) -> int | None:
        """Return the id of this process's window with this title."""
        return self._find(self._root.value, title, _SEARCH_DEPTH)

    def window_wh(self, window: int) -> tuple[int, int] | None:
        """Return a window's inner size in pixels, None when it has gone."""
        geometry = [ctypes.c_uint() for _ in range(4)]
        corner = [ctypes.c_int() for _ in range(2)]
        root = ctypes.c_ulong()
        pointers = [ctypes.byref(value) for value in (root, *corner, *geometry)]
        if not self._x.XGetGeometry(self._display, ctypes.c_ulong(window), *pointers):
            return None
        return geometry[0].value, geometry[1].value

    def letters_are_capital(self) -> bool:
        """Tell whether Shift is down or Caps Lock is on, but not both."""
        ids = [ctypes.c_ulong() for _ in range(2)]
        places = [ctypes.c_int() for _ in range(4)]
        mask = ctypes.c_uint()
        pointers = [ctypes.byref(value) for value in (*ids, *places, mask)]
        self._x.XQueryPointer(self._display, self._root, *pointers)
        return bool(mask.value & _SHIFT_MASK) != bool(mask.value & _LOCK_MASK)

    def close(self) -> None:
        """Disconnect; safe to call twice."""
        if self._display:
            self._x.XCloseDisplay(self._display)
            self._display = ctypes.c_void_p()

    def _find(self, window: int, title: str, depth: int) -> int | None:
        if self._title(window) == title and self._process(window) in {None, os.getpid()}:
            return window
        if depth == 0:
            return None
        for child in self._children(window):
            found = self._find(child, title, depth - 1)
            if found is not None:
                return found
        return None

    def _title(self, window: int) -> str | None:
        name = ctypes.c_char_p()
        if not self._x.XFetchName(self._display, ctypes.c_ulong(window), ctypes.byref(name)) or name.value is None:
            return None
        title = name.value.decode("utf-8", "replace")
        self._x.XFree(name)
        return title

    def _process(self, window: int) -> int | None:
        """Return the process id that the window names, None when it names none."""
        atom = self._x.XInternAtom(self._display, b"_NET_WM_PID", 1)
        kind, layout = ctypes.c_ulong(), ctypes.c_int()
        count, left = ctypes.c_ulong(), ctypes.c_ulong()
        data = ctypes.POINTER(ctypes.c_ulong)()
        self._x.XGetWindowProperty(
            self._display, ctypes.c_ulong(window), ctypes.c_ulong(atom), ctypes.c_long(0), ctypes.c_long(1), 0,
            ctypes.c_ulong(0), ctypes.byref(kind), ctypes.byref(layout), ctypes.byref(count), ctypes.byref(left),
            ctypes.byref(data),
        )  # fmt: skip
        if not data:
            return None
        process = int(data[0]) if count.value else None
        self._x.XFree(data)
        return process

    def _children(self, window: int) -> list[int]:
        root, parent, count = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_uint()
        children = ctypes.POINTER(ctypes.c_ulong)()
        pointers = [ctypes.byref(value) for value in (root, parent, children, count)]
        if not self._x.XQueryTree(self._display, ctypes.c_ulong(window), *pointers) or not children:
            return []
        found = [int(children[i]) for i in range(count.value)]
        self._x.XFree(children)
        return found


def _load() -> Any:
    """Load libX11 with the return types that ctypes cannot guess; None when there is none."""
    for name in ("libX11.so.6", ctypes.util.find_library("X11")):
        try:
            library = ctypes.CDLL(name) if name else None
        except OSError:
            continue
        if library is not None:
            library.XOpenDisplay.restype = ctypes.c_void_p
            library.XDefaultRootWindow.restype = ctypes.c_ulong
            library.XInternAtom.restype = ctypes.c_ulong
            return library
    return None
