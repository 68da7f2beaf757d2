"""``draw``: the window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from air_sketch.values.ports import RecognizerLoader, SearchLoader


def run_draw(args: argparse.Namespace, search_loader: SearchLoader, recognizer_loader: RecognizerLoader) -> int:
    """Carry out ``draw``; return the exit code, or raise an AirSketchError."""
    from air_sketch.hands.sources import CameraRequest
    from air_sketch.voice.listener import Listener
    from air_sketch.voice.microphone import microphone_opener
    from air_sketch.window.app import run_live

    return run_live(
        CameraRequest(args.source, args.camera_size, args.camera_fps, args.mirror),
        calibration=args.calibration,
        record=None if args.record is None else Path(args.record),
        sketches=Path(args.sketches),
        search_loader=search_loader,
        listener=Listener(microphone_opener(args.microphone), recognizer_loader),
    )
