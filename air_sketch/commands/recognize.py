"""``recognize``: what the recogniser sees in still pictures."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.hands.geometry import finger_extensions
from air_sketch.hands.gestures import PoseTracker
from air_sketch.hands.still_pictures import find_hand, read_pictures
from air_sketch.hands.tracker import Landmarker


def run_recognize(args: argparse.Namespace) -> int:
    """Carry out ``recognize``; 1 when a picture could not be read."""
    bands = load_calibration(args.calibration).finger_bands
    landmarker, unreadable = Landmarker("IMAGE"), 0
    for name, image_bgr in read_pictures(Path(path) for path in args.paths):
        line: dict[str, Any] = {"file": name, "hand": False, "gesture": "none", "fingers": None}
        line |= {"pointing": False, "score": 0.0}
        if image_bgr is None:
            unreadable += 1
            line["error"] = "not a readable picture"
        elif (hand := find_hand(landmarker, image_bgr)) is not None:
            pose = PoseTracker(bands).read(finger_extensions(hand))
            line |= {"hand": True, "gesture": pose.gesture, "fingers": pose.fingers}
            line |= {"pointing": pose.pointing, "score": round(hand.score, 4)}
        print(json.dumps(line) if args.json else _told(line), flush=True)
    landmarker.close()
    return 1 if unreadable else 0


def _told(line: dict[str, Any]) -> str:
    if "error" in line:
        return f"{line['file']}: {line['error']}"
    if not line["hand"]:
        return f"{line['file']}: no hand"
    return f"{line['file']}: {line['gesture']}, {line['fingers']} up (score {line['score']:.2f})"
