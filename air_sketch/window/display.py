"""The display: whether there is one to open a window on, and what the loops need of that window."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2

from air_sketch.desk.events import Key
from air_sketch.values.datatypes import UInt8Array
from air_sketch.values.errors import DisplayError
from air_sketch.window.x11 import X11


@dataclass(frozen=True)
class MouseEvent:
    """The mouse moved or a button changed.

    Attributes:
        x_px, y_px: place in the picture shown last.
        left, right: whether the button is down now.
        t_s: when, ``time.monotonic`` seconds.
        pressed: "left" or "right" when that button has just gone down, else "".
    """

    x_px: int
    y_px: int
    left: bool
    right: bool
    t_s: float
    pressed: str = ""


class Display(Protocol):
    """A window with keyboard and mouse; see ``HighGuiWindow``."""

    @property
    def window_wh(self) -> tuple[int, int]:
        """Inner size in pixels."""

    def show(self, image_bgr: UInt8Array) -> None:
        """Show one picture."""

    def next_key(self, wait_ms: int) -> Key | None:
        """Return the next key, or None."""

    def take_mouse_events(self) -> list[MouseEvent]:
        """Return what the mouse has done."""

    def is_open(self) -> bool:
        """Tell whether the user has left the window open."""


def check_display(environment: dict[str, str] | None = None, platform: str = sys.platform) -> None:
    """Make sure that a window can be opened; call it before anything else of OpenCV's windows.

    Args:
        environment: variables, ``os.environ`` by default.
        platform: as ``sys.platform``.
    Raises:
        DisplayError: if OpenCV has no window system or no display answers.
    """
    if framework() == "NONE":
        raise DisplayError(
            "The installed OpenCV has no windows: expected opencv-python, got a headless build",
            "Mend it with: pip uninstall -y opencv-python-headless && pip install --force-reinstall "
            "opencv-python==4.11.0.86",
        )
    if platform in {"win32", "darwin"}:
        return
    variables = dict(os.environ) if environment is None else environment
    if _wayland_will_do(variables):
        return
    name = variables.get("DISPLAY", "")
    advice = "Start it from a desktop (or use ssh -X), or draw without a window: python main.py replay SOURCE"
    if not name:
        raise DisplayError("There is no display to open a window on: DISPLAY is not set", advice)
    if X11.is_available():
        connection = X11.connect()
        if connection is None:
            raise DisplayError(f"The display DISPLAY={name} does not answer", advice)
        connection.close()


def framework() -> str:
    """Name OpenCV's window system: QT5, GTK3, COCOA, WIN32 or NONE."""
    try:
        return str(cv2.currentUIFramework()).upper() or "NONE"
    except (cv2.error, AttributeError):
        return "NONE"


def _wayland_will_do(variables: dict[str, str]) -> bool:
    """Tell whether OpenCV can draw on Wayland itself; the pip wheels carry Qt's X11 plug-in only."""
    socket = Path(variables.get("XDG_RUNTIME_DIR", "")) / variables.get("WAYLAND_DISPLAY", "")
    if not variables.get("WAYLAND_DISPLAY") or not socket.is_socket():
        return False
    if framework().startswith("GTK"):
        return True
    plugins = Path(cv2.__file__).parent / "qt" / "plugins" / "platforms"
    return any(plugins.glob("*wayland*"))
