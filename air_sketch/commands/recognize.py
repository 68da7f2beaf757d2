"""``recognize``: what the recogniser sees in still pictures."""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path
from typing import Any

from air_sketch.values.datatypes import Frame

logger = logging.getLogger(__name__)


def run_recognize(args: argparse.Namespace) -> int:
    """Carry out ``recognize``; 1 when a picture could not be read."""
    from air_sketch.drawing.keeping.calibrations import load_calibration
    from air_sketch.hands.geometry import finger_extensions
    from air_sketch.hands.gestures import classify_still
    from air_sketch.hands.still_pictures import read_pictures
    from air_sketch.hands.tracker import StillHandTracker

    bands = load_calibration(args.calibration).finger_bands
    tracker = StillHandTracker()
    unreadable = 0
    try:
        for picture in read_pictures(Path(path) for path in args.paths):
            line: dict[str, Any] = {"file": picture.name, "hand": False}
            line |= {"gesture": "none", "fingers": None, "score": 0.0}
            if picture.image_bgr is None:
                unreadable += 1
                line["error"] = "not a readable picture"
                logger.error("%s: not a readable picture", picture.name)
            else:
                hand = tracker.detect(Frame(picture.image_bgr, 0.0, 0))
                if hand is not None:
                    pose = classify_still(finger_extensions(hand), bands)
                    line.update(hand=True, gesture=pose.gesture, fingers=pose.fingers, score=round(hand.score, 4))
            print(json.dumps(line) if args.json else _recognize_line(line), flush=True)
    finally:
        tracker.close()
    return 1 if unreadable else 0


def _recognize_line(line: dict[str, Any]) -> str:
    if "error" in line:
        return f"{line['file']}: {line['error']}"
    if not line["hand"]:
        return f"{line['file']}: no hand"
    return f"{line['file']}: {line['gesture']}, {line['fingers']} up (score {line['score']:.2f})"
