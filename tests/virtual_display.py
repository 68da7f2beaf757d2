"""A virtual display with the real program on it, for tests: real pixels, real keys, real mouse."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import cv2
import numpy as np

REPOSITORY = Path(__file__).resolve().parent.parent
NEEDED_PROGRAMS = ("Xvfb", "xdotool")
WINDOW_TITLE = "Air Sketch"
# xdotool lends a spare key to each character that the layout lacks; this leaves time to look it up.
KEY_PAUSE_S = 0.09


def missing_programs(*others: str) -> str:
    """Name the programs that these tests need, some ``others`` too, and this machine lacks; "" when all are there."""
    return ", ".join(name for name in (*NEEDED_PROGRAMS, *others) if shutil.which(name) is None)


class VirtualDisplay:
    """An X server of our own in memory."""

    def __init__(self, size: str = "1500x950x24") -> None:
        reading, writing = os.pipe()
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp", "-noreset"]
        self._server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            self.name = ":" + pipe.readline().strip()
        self.environment = {**os.environ, "DISPLAY": self.name}

    def xdotool(self, *arguments: str) -> str:
        """Run xdotool; return what it printed, "" when it failed."""
        done = subprocess.run(
            ["xdotool", *arguments], env=self.environment, capture_output=True, text=True, check=False, timeout=20
        )
        return done.stdout.strip()

    def close(self) -> None:
        self._server.terminate()
        self._server.wait(10)


class Program:
    """The real program, started as a person starts it."""

    def __init__(self, display: VirtualDisplay, folder: Path, *arguments: str) -> None:
        self._display = display
        self.sketches = folder / "sketches"
        saving = [] if "calibrate" in arguments else ["--sketches", str(self.sketches)]
        command = [sys.executable, str(REPOSITORY / "main.py"), *arguments, *saving]
        environment = {**display.environment, "XDG_CACHE_HOME": str(folder / "cache"), "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stderr=subprocess.PIPE, text=True)
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.window = ""

    @property
    def errors(self) -> str:
        """Everything on stderr so far."""
        return "".join(self._lines)

    def wait_for_window(self, patience_s: float = 20.0) -> None:
        """Wait until the window is up and has the keyboard."""
        self._until(self._find_window, patience_s, "window")
        self._display.xdotool("windowfocus", "--sync", self.window)

    def wait_for(self, pattern: str, patience_s: float = 20.0) -> re.Match[str]:
        """Wait for a line on stderr."""
        self._until(lambda: re.search(pattern, self.errors) is not None, patience_s, pattern)
        found = re.search(pattern, self.errors)
        assert found is not None
        return found

    def press(self, *keys: str) -> None:
        """Press keys by their X names, one after the other."""
        for key in keys:
            self._display.xdotool("key", "--delay", "120", key)
            time.sleep(KEY_PAUSE_S)

    def type(self, text: str) -> None:
        """Type a text."""
        self._display.xdotool("type", "--delay", str(round(KEY_PAUSE_S * 1000)), text)
        time.sleep(KEY_PAUSE_S)

    def type_fast(self, text: str) -> None:
        """Type as fast as nobody can, 12 ms a key."""
        self._display.xdotool("type", "--delay", "12", text)

    def drag(self, points: list[tuple[int, int]], button: int = 1) -> None:
        """Draw with the mouse, in pixels of the window."""
        start, *others = points
        self._display.xdotool("mousemove", "--window", self.window, *map(str, start), "mousedown", str(button))
        for point in others:
            self._display.xdotool("mousemove", "--window", self.window, *map(str, point), "sleep", "0.03")
        self._display.xdotool("mouseup", str(button), "sleep", "0.1")

    def resize(self, width: int, height: int) -> None:
        """Give the window another size and wait until it has it."""
        self._display.xdotool("windowsize", "--sync", self.window, str(width), str(height))
        time.sleep(0.6)

    def close_window(self) -> None:
        """Close the window as its X button does (there is no window manager here to press it)."""
        _send_delete_window(self._display.name, int(self.window))

    def wait(self, patience_s: float = 10.0) -> int:
        """Wait for the program's end; return its exit code."""
        code = self._process.wait(patience_s)
        self._reader.join(5)
        return code

    def interrupt(self, number: int) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def kill_at_once(self) -> None:
        """End the program as a crash does."""
        self._process.kill()
        self._process.wait(10)

    def kill(self) -> None:
        """Make sure that it is gone."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)
        self._reader.join(5)
        if self._process.stderr is not None:
            self._process.stderr.close()

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._lines.append(line)

    def _find_window(self) -> bool:
        found = self._display.xdotool("search", "--onlyvisible", "--name", f"^{WINDOW_TITLE}$").split()
        self.window = found[0] if found else ""
        return bool(found)

    def _until(self, condition: object, patience_s: float, what: str) -> None:
        assert callable(condition)
        end_s = time.monotonic() + patience_s
        while time.monotonic() < end_s:
            if condition():
                return
            if self._process.poll() is not None:
                self._reader.join(5)
                if condition():
                    return
                break
            time.sleep(0.03)
        raise AssertionError(f"no {what} within {patience_s} s (exit {self._process.poll()}); stderr:\n{self.errors}")


def write_video(path: Path, frames: int = 30, wh: tuple[int, int] = (320, 240)) -> Path:
    """Write a short video of a moving blob, no hand in it."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30.0, wh)
    for number in range(frames):
        image = np.full((wh[1], wh[0], 3), (70, 90, 80), np.uint8)
        cv2.circle(image, (40 + 5 * number, 120), 30, (40, 160, 220), -1)
        writer.write(image)
    writer.release()
    return path


def write_gallery(folder: Path) -> Path:
    """Write a small gallery: simple garments in three colours."""
    folder.mkdir(parents=True)
    outlines = {
        "dress": [(90, 20), (134, 20), (140, 90), (190, 204), (34, 204), (84, 90)],
        "trousers": [(70, 20), (154, 20), (170, 204), (125, 204), (112, 90), (99, 204), (54, 204)],
        "bag": [(40, 90), (184, 90), (200, 200), (24, 200)],
        "shirt": [(70, 30), (154, 30), (210, 80), (180, 110), (160, 90), (160, 200), (64, 200), (64, 90), (44, 110)],
    }  # fmt: skip
    for kind, outline in outlines.items():
        for name, bgr in {"red": (40, 40, 210), "blue": (200, 80, 30), "green": (60, 160, 40)}.items():
            picture = np.full((224, 224, 3), 255, np.uint8)
            cv2.fillPoly(picture, [np.array(outline)], bgr, cv2.LINE_AA)
            cv2.imwrite(str(folder / f"{name} {kind}.png"), picture)
    return folder


def _send_delete_window(display: str, window: int) -> None:
    """Send WM_DELETE_WINDOW, the message behind the X button, through libX11."""
    code = (
        "import ctypes as c\n"
        "x = c.CDLL('libX11.so.6')\n"
        "x.XOpenDisplay.restype = c.c_void_p\n"
        "x.XInternAtom.restype = c.c_ulong\n"
        f"d = c.c_void_p(x.XOpenDisplay({display.encode()!r}))\n"
        "class Message(c.Structure):\n"
        "    _fields_ = [('type', c.c_int), ('serial', c.c_ulong), ('send_event', c.c_int), ('display', c.c_void_p),\n"
        "                ('window', c.c_ulong), ('kind', c.c_ulong), ('format', c.c_int), ('data', c.c_long * 5),\n"
        "                ('room', c.c_long * 24)]\n"
        "kind = x.XInternAtom(d, b'WM_PROTOCOLS', 0)\n"
        "delete = x.XInternAtom(d, b'WM_DELETE_WINDOW', 0)\n"
        f"m = Message(33, 0, 1, d, {window}, kind, 32, (c.c_long * 5)(delete, 0, 0, 0, 0))\n"
        f"x.XSendEvent(d, c.c_ulong({window}), 0, c.c_long(0), c.byref(m))\n"
        "x.XSync(d, 0)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=20)
