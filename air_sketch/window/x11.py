"""What HighGUI does not tell under X11, asked from libX11 itself: is there a server, how large is our window,
which keys were pressed.

Qt's window keeps only the last key between two polls, without its case. X sends key presses to every client
that asks, so we ask too, on a connection of our own, and miss none however busy the program is.

Everything here is optional: without libX11 (or on another window system) the answers are None.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import queue
import select
import threading
from typing import Any

_KEY_PRESS, _MAPPING_NOTIFY = 2, 34
_KEY_PRESS_MASK = 1
_CONTROL_MASK, _ALT_MASK, _SUPER_MASK = 4, 8, 64
_SEARCH_DEPTH = 4  # root, window manager's frame or two, our window

_ErrorHandler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


# Xlib's own handler ends the process when a window has just gone. Kept for good: Xlib keeps its address.
_IGNORE_ERROR = _ErrorHandler(lambda _display, _event: 0)


class _KeyEvent(ctypes.Structure):
    """XKeyEvent of Xlib.h."""

    _fields_ = (
        ("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p), ("window", ctypes.c_ulong), ("root", ctypes.c_ulong),
        ("subwindow", ctypes.c_ulong), ("time", ctypes.c_ulong), ("x", ctypes.c_int), ("y", ctypes.c_int),
        ("x_root", ctypes.c_int), ("y_root", ctypes.c_int), ("state", ctypes.c_uint), ("keycode", ctypes.c_uint),
        ("same_screen", ctypes.c_int),
    )  # fmt: skip


class _Event(ctypes.Union):
    """XEvent of Xlib.h, as far as it is used here."""

    _fields_ = (("type", ctypes.c_int), ("key", _KeyEvent), ("room", ctypes.c_long * 24))


class X11:
    """One connection of our own to the X server."""

    def __init__(self, library: Any, display: int) -> None:
        """Use ``X11.connect`` instead."""
        self._x = library
        self._display = ctypes.c_void_p(display)
        self._root = ctypes.c_ulong(library.XDefaultRootWindow(self._display))
        library.XSetErrorHandler(_IGNORE_ERROR)

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

    def wait(self, timeout_s: float) -> None:
        """Wait until the server says something, or for this long."""
        select.select([self._x.XConnectionNumber(self._display)], [], [], timeout_s)

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

    def watch_keys(self, window: int) -> None:
        """Ask to be told of keys pressed in a window from now on."""
        self._x.XSelectInput(self._display, ctypes.c_ulong(window), ctypes.c_long(_KEY_PRESS_MASK))
        self._x.XFlush(self._display)

    def next_keysym(self) -> int | None:
        """Return the next key pressed as an X keysym, Shift and layout applied; None when there is none.

        Shortcuts with Control, Alt or Super are left out.
        """
        event = _Event()
        while self._x.XPending(self._display) > 0:
            self._x.XNextEvent(self._display, ctypes.byref(event))
            if event.type == _MAPPING_NOTIFY:
                self._x.XRefreshKeyboardMapping(ctypes.byref(event))
            elif event.type == _KEY_PRESS and not event.key.state & (_CONTROL_MASK | _ALT_MASK | _SUPER_MASK):
                keysym, text = ctypes.c_ulong(), ctypes.create_string_buffer(16)
                self._x.XLookupString(ctypes.byref(event), text, len(text), ctypes.byref(keysym), None)
                if keysym.value:
                    return int(keysym.value)
        return None

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


class KeyListener:
    """Collects a window's keys on a thread of its own.

    What a key means is looked up at once: programs that type for the user (on-screen keyboards, xdotool)
    lend a spare key to one character after the other, and a moment later it means something else.
    """

    def __init__(self, connection: X11, window: int) -> None:
        """Start listening.

        Args:
            connection: used by nobody else from now on.
            window: id of the window that has the keyboard.
        """
        self._connection = connection
        self._keysyms: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._stopping = threading.Event()
        connection.watch_keys(window)
        self._thread = threading.Thread(target=self._listen, name="keys", daemon=True)
        self._thread.start()

    def next_keysym(self) -> int | None:
        """Return the next key, or None."""
        return None if self._keysyms.empty() else self._keysyms.get_nowait()

    def stop(self) -> None:
        """Stop listening and disconnect; safe to call twice."""
        self._stopping.set()
        self._thread.join(1.0)

    def _listen(self) -> None:
        while not self._stopping.is_set():
            keysym = self._connection.next_keysym()
            if keysym is None:
                self._connection.wait(0.1)
            else:
                self._keysyms.put(keysym)
        self._connection.close()


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
