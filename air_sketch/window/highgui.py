"""The HighGUI window: shows pictures, gives keys, mouse and size.

``cv2.imshow`` without a display ends the process with SIGABRT, so ``check_display`` must pass first. Two
other habits of the Qt window are worked around here: it never enlarges a picture (so the screen is laid
out anew for every window size, see ``window_wh``), and it remembers only the last key between two polls
(so under X11 the server is asked for keys itself).
"""

from __future__ import annotations

import os
import time
from collections import deque
from pathlib import Path

import cv2

from air_sketch.desk.events import Key
from air_sketch.values.datatypes import UInt8Array
from air_sketch.values.errors import DisplayError
from air_sketch.window.brushes.fonts import FONT_FOLDER
from air_sketch.window.display import MouseEvent, check_display, framework
from air_sketch.window.key_codes import NO_KEY, KeyDecoder, KeyNumbering
from air_sketch.window.x11 import X11, KeyListener

# Asking for the size costs a round trip to the server.
SIZE_CHECK_EVERY_S = 0.15
# Clicks wait here until the loop takes them; a fast mouse sends about 1000 moves a second.
MOUSE_EVENTS_KEPT = 4096


class HighGuiWindow:
    """One window; a ``Display``."""

    def __init__(self, title: str, first_wh: tuple[int, int]) -> None:
        """Open the window.

        Args:
            title: in the title bar, unique among this program's windows.
            first_wh: inner size in pixels.
        Raises:
            DisplayError: if no window can be opened.
        """
        check_display()
        _quieten_qt()
        self._title = title
        self._keys = KeyDecoder(_numbering())
        self._is_qt = self._keys.numbering is KeyNumbering.QT
        self._x11: X11 | None = None
        self._x11_window: int | None = None
        self._listener: KeyListener | None = None
        self._window_wh = first_wh
        self._size_checked_s = 0.0
        self._open = True
        self._early_keys: deque[Key] = deque()
        self._mouse: deque[MouseEvent] = deque(maxlen=MOUSE_EVENTS_KEPT)
        try:
            cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_FREERATIO | cv2.WINDOW_GUI_NORMAL)
            cv2.resizeWindow(title, *first_wh)
            cv2.setMouseCallback(title, self._on_mouse)
        except cv2.error as error:
            raise DisplayError(f"The window cannot be opened: {' '.join(str(error).split())}") from None
        if self._is_qt:
            self._x11 = X11.connect()

    @property
    def window_wh(self) -> tuple[int, int]:
        """The window's inner size in pixels, as far as the window system tells."""
        now_s = time.monotonic()
        if now_s - self._size_checked_s >= SIZE_CHECK_EVERY_S:
            self._size_checked_s = now_s
            self._window_wh = self._ask_size() or self._window_wh
        return self._window_wh

    def show(self, image_bgr: UInt8Array) -> None:
        """Show one picture; it appears at the next ``poll_key``."""
        if self._open:
            cv2.imshow(self._title, image_bgr)

    def poll_key(self, wait_ms: int) -> int:
        """Let the window system work and return the next key's number, or -1.

        Args:
            wait_ms: how long to wait for one, at least 1.
        """
        if not self._open:
            return NO_KEY
        keysym = self._next_keysym()
        if keysym is not None:
            return keysym
        code = int(cv2.waitKeyEx(max(1, wait_ms)))
        if cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) < 1:
            self._open = False
        if self._listener is None:
            return code
        keysym = self._next_keysym()
        return NO_KEY if keysym is None else keysym

    def next_key(self, wait_ms: int) -> Key | None:
        """Return the next key by name, or None."""
        return self._early_keys.popleft() if self._early_keys else self._keys.decode(self.poll_key(wait_ms))

    def settle(self) -> None:
        """Let the window appear with its first picture; keys pressed meanwhile are kept for ``next_key``."""
        for _ in range(3):  # Qt maps, lays out and paints in separate rounds of events
            key = self._keys.decode(self.poll_key(5))
            if key is not None:
                self._early_keys.append(key)
            self._watch_x11_keys()

    def take_mouse_events(self) -> list[MouseEvent]:
        """Return what the mouse has done since the last call, oldest first."""
        taken = list(self._mouse)
        self._mouse.clear()
        return taken

    def resize(self, wh: tuple[int, int]) -> None:
        """Ask for another inner size."""
        if self._open:
            cv2.resizeWindow(self._title, *wh)
            self._window_wh, self._size_checked_s = wh, time.monotonic()

    def is_open(self) -> bool:
        """Tell whether the user has left the window open."""
        return self._open

    def close(self) -> None:
        """Close the window; safe to call twice."""
        if self._open:
            self._open = False
            cv2.destroyWindow(self._title)
            cv2.waitKey(1)
        if self._listener is not None:
            self._listener.stop()
        if self._x11 is not None:
            self._x11.close()
            self._x11 = None

    def _on_mouse(self, event: int, x_px: int, y_px: int, flags: int, _param: object) -> None:
        down = {cv2.EVENT_LBUTTONDOWN: "left", cv2.EVENT_RBUTTONDOWN: "right"}
        down |= {cv2.EVENT_LBUTTONDBLCLK: "left", cv2.EVENT_RBUTTONDBLCLK: "right"}
        pressed = down.get(event, "")
        left = bool(flags & cv2.EVENT_FLAG_LBUTTON) and event != cv2.EVENT_LBUTTONUP
        right = bool(flags & cv2.EVENT_FLAG_RBUTTON) and event != cv2.EVENT_RBUTTONUP
        left, right = left or pressed == "left", right or pressed == "right"
        self._mouse.append(MouseEvent(x_px, y_px, left, right, time.monotonic(), pressed))

    def _watch_x11_keys(self) -> None:
        """Take keys from the X server instead of from Qt, once our window is known there."""
        if self._x11 is None or self._x11_window is not None:
            return
        self._x11_window = self._x11.find_window(self._title)
        connection = X11.connect() if self._x11_window is not None else None
        if connection is not None and self._x11_window is not None:
            self._listener = KeyListener(connection, self._x11_window)
            self._keys = KeyDecoder(KeyNumbering.X11)

    def _next_keysym(self) -> int | None:
        return None if self._listener is None else self._listener.next_keysym()

    def _ask_size(self) -> tuple[int, int] | None:
        """Return the window's size; Qt's own answer is the picture's, so the X server is asked instead."""
        if self._x11 is not None:
            self._watch_x11_keys()
            return self._x11.window_wh(self._x11_window) if self._x11_window is not None else None
        if self._is_qt:
            return None
        try:
            _, _, width, height = cv2.getWindowImageRect(self._title)
        except cv2.error:
            return None
        return (width, height) if width > 0 and height > 0 else None


def _numbering() -> KeyNumbering:
    name = framework()
    return next((n for n in KeyNumbering if name.startswith(n.value.upper())), KeyNumbering.QT)


def _quieten_qt() -> None:
    """Keep Qt's remarks on fonts and plug-ins off the terminal; what the user has set stays."""
    os.environ.setdefault("QT_LOGGING_RULES", "*.debug=false;qt.qpa.*=false;*.warning=false")
    fonts = os.environ.get("QT_QPA_FONTDIR", "")
    if not fonts or not Path(fonts).is_dir():
        os.environ["QT_QPA_FONTDIR"] = str(FONT_FOLDER)
