"""The HighGUI window: shows pictures, gives keys, mouse and size.

Two habits of the Qt window are worked around here: it never enlarges a picture (so the screen is laid out anew for
every window size, see ``window_wh``), and it tells neither its size nor all keys (so under X11 the server is asked).
"""

from __future__ import annotations

import os
import time
from collections import deque

import cv2

from air_sketch.desk.events import Key
from air_sketch.values.datatypes import UInt8Array
from air_sketch.window.display import HAS_X11, X11Window, check_display
from air_sketch.window.key_codes import key_of_highgui
from air_sketch.window.pointer import MouseEvent

# Clicks wait here until the loop takes them; a fast mouse sends about 1000 moves a second.
MOUSE_EVENTS_KEPT = 4096

_PRESSES = {
    cv2.EVENT_LBUTTONDOWN: "left", cv2.EVENT_LBUTTONDBLCLK: "left",
    cv2.EVENT_RBUTTONDOWN: "right", cv2.EVENT_RBUTTONDBLCLK: "right",
}  # fmt: skip


class HighGuiWindow:
    """One window with keyboard and mouse."""

    def __init__(self, title: str, first_wh: tuple[int, int]) -> None:
        """Open the window, ``first_wh`` pixels inside.

        Raises:
            DisplayError: if no window can be opened.
        """
        check_display()
        os.environ.setdefault("QT_LOGGING_RULES", "*.debug=false;qt.qpa.*=false;*.warning=false")
        self._name = f"{title} {os.getpid()}"  # nobody else's, so that the X server's window can be told by it
        self._wh = first_wh
        self._open = True
        self._mouse: deque[MouseEvent] = deque(maxlen=MOUSE_EVENTS_KEPT)
        cv2.namedWindow(self._name, cv2.WINDOW_NORMAL | cv2.WINDOW_FREERATIO | cv2.WINDOW_GUI_NORMAL)
        self._x11 = X11Window(self._name, first_wh) if HAS_X11 else None
        cv2.setWindowTitle(self._name, title)
        cv2.resizeWindow(self._name, *first_wh)
        cv2.setMouseCallback(self._name, self._on_mouse)

    @property
    def window_wh(self) -> tuple[int, int]:
        """The window's inner size in pixels, as far as the window system tells."""
        if self._x11 is not None:
            return self._x11.wh
        _, _, width, height = cv2.getWindowImageRect(self._name)
        if width > 0 and height > 0:
            self._wh = (width, height)
        return self._wh

    def show(self, image_bgr: UInt8Array) -> None:
        """Show one picture; it appears when the next key is asked for."""
        cv2.imshow(self._name, image_bgr)

    def next_key(self, wait_ms: int) -> Key | None:
        """Let the window system work and return the next key, or None after ``wait_ms``, at least 1."""
        if not self._open:
            return None
        if self._x11 is not None and (key := self._x11.next_key()) is not None:
            return key
        code = cv2.waitKeyEx(wait_ms)
        self._open = cv2.getWindowProperty(self._name, cv2.WND_PROP_VISIBLE) >= 1
        return key_of_highgui(code) if self._x11 is None else self._x11.next_key()

    def settle(self) -> None:
        """Let the window appear with its first picture."""
        for _ in range(3):  # Qt maps, lays out and paints in separate rounds of events
            cv2.waitKey(5)

    def take_mouse_events(self) -> list[MouseEvent]:
        """Return what the mouse has done since the last call, oldest first."""
        taken = list(self._mouse)
        self._mouse.clear()
        return taken

    def resize(self, wh: tuple[int, int]) -> None:
        """Ask for another inner size."""
        cv2.resizeWindow(self._name, *wh)
        self._wh = wh
        if self._x11 is not None:
            self._x11.wh = wh

    def is_open(self) -> bool:
        """Tell whether the user has left the window open."""
        return self._open

    def close(self) -> None:
        """Close the window."""
        if self._open:
            self._open = False
            cv2.destroyWindow(self._name)
            cv2.waitKey(1)
        if self._x11 is not None:
            self._x11.close()

    def _on_mouse(self, event: int, x_px: int, y_px: int, flags: int, _param: object) -> None:
        pressed = _PRESSES.get(event, "")
        left = bool(flags & cv2.EVENT_FLAG_LBUTTON) and event != cv2.EVENT_LBUTTONUP
        right = bool(flags & cv2.EVENT_FLAG_RBUTTON) and event != cv2.EVENT_RBUTTONUP
        left, right = left or pressed == "left", right or pressed == "right"
        self._mouse.append(MouseEvent(x_px, y_px, left, right, time.monotonic(), pressed))
