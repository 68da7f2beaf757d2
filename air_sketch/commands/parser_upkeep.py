"""The options of the commands that look after the set-up: calibrate and doctor."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

NewCommand = Callable[[Any, str, str, str], argparse.ArgumentParser]

OWN_NAME = "me"


def add_calibrate(
    new_command: NewCommand, commands: Any, size: Callable[[str], tuple[int, int]], source: Callable[[str], str]
) -> None:
    """Add ``calibrate`` to the parser; ``size`` reads a WIDTHxHEIGHT, ``source`` finds a sample's file."""
    parser = new_command(
        commands,
        "calibrate",
        "fit the recogniser to your hand, in about ten seconds",
        "python main.py calibrate anna, and from then on: python main.py --calibration anna",
    )
    parser.add_argument(
        "name",
        nargs="?",
        default=OWN_NAME,
        metavar="NAME",
        help=f"written to calibration/NAME.json (default {OWN_NAME})",
    )
    parser.add_argument(
        "--source",
        type=source,
        default="0",
        metavar="0|FILE",
        help="camera number, or a video or .jsonl recording of the six steps, which needs no window, such as "
        "sample:calibration (default 0)",
    )
    parser.add_argument("--show", action="store_true", help="show a file in the window, at its own pace")
    parser.add_argument("--json", action="store_true", help="print the fitted values and their accuracy as JSON")
    parser.add_argument("--force", action="store_true", help="allow to replace the default calibration")
    parser.add_argument("--record", metavar="FILE", help="record the steps to FILE (.jsonl), for --source")
    parser.add_argument("--folder", metavar="DIR", help="write to DIR instead of calibration/")
    parser.add_argument(
        "--camera-size", type=size, default=(640, 480), metavar="WxH", help="wanted camera picture (default 640x480)"
    )
    parser.add_argument("--mirror", action="store_true", help="mirror a video first (a camera always is)")


def add_doctor(new_command: NewCommand, commands: Any) -> None:
    """Add ``doctor`` to the parser."""
    parser = new_command(
        commands,
        "doctor",
        "check camera, display, models, gallery, microphone and folders, and say how to mend each",
        "python main.py doctor --gallery my_photos",
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument("--gallery", metavar="DIR", help="folder of pictures to check (default: the demo gallery)")
    parser.add_argument("--encoder", metavar="NAME", help="encoder to check (default: the shipped one)")
    parser.add_argument("--sketches", default="sketches", metavar="DIR", help="where S saves (default sketches)")
    parser.add_argument("--deep", action="store_true", help="also load the encoder and ask the gallery once")
