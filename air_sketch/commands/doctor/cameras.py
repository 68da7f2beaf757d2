"""Checks the cameras: each that exists is opened and asked for a few frames."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from air_sketch.files import COMMAND
from air_sketch.values.errors import CameraError
from air_sketch.values.findings import Finding, Health

if TYPE_CHECKING:
    from air_sketch.values.ports import Camera

FRAMES_TIMED = 10
TIMED_FOR_S = 1.0
SLOW_FPS = 12.0
INDICES_TRIED = 2
"""Where the system does not list cameras, only so many are tried: opening one that is not there takes long."""

MOUSE = f"Or draw with the mouse: {COMMAND} --source mouse"


def check_cameras(
    indices: Sequence[int] | None = None, open_one: Callable[[int], Camera] | None = None
) -> list[Finding]:
    """Try every camera; that there is none is a warning, because the mouse draws as well.

    Args:
        indices: camera numbers; None asks the system.
        open_one: opens a camera by number; None opens real ones.
    """
    numbers = list_cameras() if indices is None else list(indices)
    opener = _open_webcam if open_one is None else open_one
    findings = [_check_camera(number, opener) for number in numbers]
    listed = sys.platform.startswith("linux")
    if indices is None and not listed:  # guesses that led nowhere are not news
        findings = [finding for finding in findings if finding.health is Health.OK] or findings[:1]
    return findings or [Finding("camera", Health.WARN, "none found", f"Plug one in. {MOUSE}")]


def list_cameras(devices: Path = Path("/dev"), classes: Path = Path("/sys/class/video4linux")) -> list[int]:
    """Return camera numbers; on Linux without the second nodes that one camera has for its metadata."""
    if not sys.platform.startswith("linux"):
        return list(range(INDICES_TRIED))
    numbers = sorted(int(p.name[5:]) for p in devices.glob("video*") if p.name[5:].isdigit())
    return [number for number in numbers if _node_index(classes / f"video{number}") == 0]


def _node_index(folder: Path) -> int:
    try:
        return int((folder / "index").read_text())
    except (OSError, ValueError):
        return 0


def _open_webcam(number: int) -> Camera:
    from air_sketch.camera.opening import open_camera

    return open_camera(str(number))


def _check_camera(number: int, open_one: Callable[[int], Camera]) -> Finding:
    name = f"camera {number}"
    try:
        with closing(open_one(number)) as camera:
            fps = _measure_fps(camera)
            width, height = camera.resolution_wh
    except CameraError as error:
        return Finding(name, Health.WARN, error.what.removeprefix(f"{name} "), error.remedy or MOUSE)
    detail = f"{width} x {height}, {fps:.0f} frames a second"
    if fps < SLOW_FPS:
        return Finding(name, Health.WARN, detail, "Give it more light: cameras halve their rate in the dark")
    return Finding(name, Health.OK, detail)


def _measure_fps(camera: Camera) -> float:
    """Time a few frames; the first may have waited."""
    camera.read()
    start_s = time.monotonic()
    frames = 0
    while frames < FRAMES_TIMED and time.monotonic() - start_s < TIMED_FOR_S:
        if camera.read() is None:
            break
        frames += 1
    return frames / max(time.monotonic() - start_s, 1e-6)
