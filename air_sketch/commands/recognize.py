"""``recognize``: what the recogniser sees in still pictures."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.hands.geometry import finger_extensions
from air_sketch.hands.gestures import PoseTracker
from air_sketch.hands.still_pictures import MAX_SIDE_PX, find_hand
from air_sketch.hands.tracker import Landmarker
from air_sketch.values.errors import printable
from air_sketch.values.ports import PictureReader


def run_recognize(args: argparse.Namespace, read_pictures: PictureReader) -> int:
    """Carry out ``recognize``; 1 when a picture could not be read."""
    bands = load_calibration(args.calibration).finger_bands
    landmarker, unreadable = Landmarker("IMAGE"), 0
    for name, image_bgr in read_pictures(map(Path, args.paths), MAX_SIDE_PX):
        line: dict[str, Any] = {"file": name, "hand": False, "gesture": "none", "fingers": None}
        line |= {"pointing": False, "score": 0.0}
        if isinstance(image_bgr, str):
            unreadable += 1
            line["error"] = image_bgr
        elif (hand := find_hand(landmarker, image_bgr)) is not None:
            pose = PoseTracker(bands).read(finger_extensions(hand))
            line |= {"hand": True, "gesture": pose.gesture, "fingers": pose.fingers}
            line |= {"pointing": pose.pointing, "score": round(hand.score, 4)}
        print(json.dumps(line) if args.json else printable(_told(line)), flush=True)
    landmarker.close()
    return 1 if unreadable else 0


def _told(line: dict[str, Any]) -> str:
    if "error" in line:
        return f"{line['file']}: {line['error'].removeprefix(line['file']).lstrip()}"
    if not line["hand"]:
        return f"{line['file']}: no hand"
    return f"{line['file']}: {line['gesture']}, {line['fingers']} up (score {line['score']:.2f})"
