"""Frame sources: ``open_camera`` picks a webcam or a video by the source's name.

Each kind is a small class with the same members (``ports.Camera``). Frames are mirrored there and nowhere else.
"""

from __future__ import annotations

from pathlib import Path

from air_sketch.camera.video_file import PacedCamera, VideoFileCamera
from air_sketch.camera.webcam import WebcamCamera, WebcamSettings
from air_sketch.values.ports import Camera


def open_camera(
    source: str,
    mirror: bool | None = None,
    size_wh: tuple[int, int] = (640, 480),
    fps: float = 30.0,
    *,
    live: bool = True,
) -> Camera:
    """Open a webcam or a video.

    Args:
        source: "0", "1" ... for a webcam, else the path of a video file.
        mirror: None mirrors webcams and leaves videos as they are.
        size_wh: wanted webcam size; videos keep their own.
        fps: wanted webcam rate; videos keep their own.
        live: a video plays at its own pace and drops frames when the reader is late; False gives every frame.
    Raises:
        CameraError: if there is no such camera or file, or it gives no picture.
    """
    if source.isdigit():
        return WebcamCamera(int(source), WebcamSettings(size_wh, fps, mirror is not False))
    video = VideoFileCamera(Path(source), mirror=bool(mirror))
    return PacedCamera(video) if live else video
