"""The options of every command; imports nothing heavy, so that ``--help`` answers at once."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from air_sketch.files import COMMAND, find_source
from air_sketch.values.errors import RecordingError

COMMANDS = ("draw", "replay", "recognize", "transcribe", "calibrate", "doctor")

DEFAULT_SPEECH = "offline"
"""Moonshine with the gallery's words; its weights come with its package."""


def build_parser() -> argparse.ArgumentParser:
    """Return the program's parser."""
    parser = argparse.ArgumentParser(
        description="Draw in the air with one finger, say what it is, find it in your gallery.",
        epilog="Without a command the window opens, as with 'draw', with the same options, such as --source 1 (another "
        "camera, a video, or the mouse) and --gallery DIR (your own pictures); all of them: %(prog)s draw -h",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def new_command(name: str, summary: str, example: str) -> Callable[..., Any]:
        """Add a command; return what adds its options."""
        description, epilog = f"{summary[0].upper()}{summary[1:]}.", f"example: {COMMAND} {example}"
        command: argparse.ArgumentParser = commands.add_parser(
            name, help=summary, description=description, epilog=epilog
        )
        return command.add_argument

    _describe_draw(new_command("draw", "open the window and draw (the default)", "draw --source mouse"))
    _describe_replay(
        new_command(
            "replay",
            "run a video or a recorded session through the same pipeline, without camera or window",
            'replay sample:tshirt --save tshirt.png --caption "red t-shirt"',
        )
    )
    add = new_command("recognize", "say what the hand in still pictures shows", "recognize photos/ hand.jpg --json")
    add("paths", nargs="+", metavar="PATH", help="pictures, folders of them, or .tar packs")
    add("--json", action="store_true", help="a JSON line each: file, hand, gesture, fingers, pointing, score")
    _add_calibration(add)
    add = new_command(
        "transcribe",
        "write down spoken captions from sound files, with the recogniser of the window",
        "transcribe caption.wav --json",
    )
    add("files", nargs="+", metavar="FILE", help="sound files: WAV of any kind, FLAC, OGG, MP3")
    add("--json", action="store_true", help="a JSON line each: file, text, confidence, seconds, audio_seconds")
    add("--gallery", metavar="DIR", help="gallery whose words are expected (default: the demo gallery)")
    _add_speech(add)
    _describe_calibrate(
        new_command(
            "calibrate",
            "fit the recogniser to your hand, in about ten seconds",
            f"calibrate anna, and from then on: {COMMAND} --calibration anna",
        )
    )
    add = new_command(
        "doctor",
        "check camera, display, models, gallery, microphone and folders, and say how to mend each",
        "doctor --gallery my_photos",
    )
    add("--json", action="store_true", help="print the findings as JSON")
    add("--deep", action="store_true", help="also load the encoder and ask the gallery once")
    _add_search(add)
    _add_sketches(add)
    return parser


def with_default_command(arguments: list[str]) -> list[str]:
    """Put "draw" before arguments that name no command."""
    if arguments and (arguments[0] in COMMANDS or arguments[0] in ("-h", "--help")):
        return arguments
    return ["draw", *arguments]


def _describe_draw(add: Callable[..., Any]) -> None:
    source_help = "camera number, video, .jsonl recording, sample:NAME, or the mouse (default 0)"
    add("--source", type=_source, default="0", metavar="0|VIDEO|mouse", help=source_help)
    _add_search(add)
    _add_calibration(add)
    add("--record", metavar="FILE", help="record the session to FILE (.jsonl), for replay")
    _add_camera_size(add)
    add("--camera-fps", type=_positive, default=30, metavar="N", help="wanted camera frames a second (default 30)")
    mirror_help = "show yourself as in a mirror (default: cameras yes, videos no)"
    add("--mirror", action=argparse.BooleanOptionalAction, help=mirror_help)
    _add_sketches(add)
    microphone_help = "number or name of the microphone, or a sound file that is heard in its place"
    add("--microphone", metavar="NAME", help=f"{microphone_help} (default: the system's)")
    _add_speech(add)


def _describe_replay(add: Callable[..., Any]) -> None:
    source_help = "a video, a .jsonl recording, or a shipped one: sample:dress, sample:handbag, sample:tshirt"
    add("source", type=_source, metavar="SOURCE", help=source_help)
    add("--json", action="store_true", help="print strokes, events, fingertips and hits as JSON")
    add("--save", metavar="PNG", help="save the drawing as a picture")
    add("--svg", metavar="SVG", help="save the drawing as SVG")
    add("--caption", metavar="TEXT", help="search the gallery for the drawing and these words")
    add("--k", type=_positive, default=5, metavar="N", help="number of hits (default 5)")
    add("--mirror", action="store_true", help="mirror the video first")
    _add_search(add)
    _add_calibration(add)


def _describe_calibrate(add: Callable[..., Any]) -> None:
    add("name", nargs="?", default="me", metavar="NAME", help="written to calibration/NAME.json (default me)")
    source_help = "camera number, or a video or .jsonl recording of the six steps, which needs no window (default 0)"
    add("--source", type=_source, default="0", metavar="0|FILE", help=source_help)
    add("--show", action="store_true", help="show a file in the window, at its own pace")
    add("--json", action="store_true", help="print the fitted values and their accuracy as JSON")
    add("--force", action="store_true", help="allow to replace the default calibration")
    add("--folder", metavar="DIR", help="write to DIR instead of calibration/")
    _add_camera_size(add)
    add("--mirror", action="store_true", help="mirror a video first (a camera always is)")


def _add_search(add: Callable[..., Any]) -> None:
    add("--gallery", metavar="DIR", help="folder of pictures to search (default: the demo gallery)")
    add("--follow-links", action="store_true", help="also pictures outside the gallery's folder, if it is your own")
    add("--encoder", metavar="NAME", help="encoder folder or hub name (default: the shipped one)")


def _add_calibration(add: Callable[..., Any]) -> None:
    add("--calibration", default="default", metavar="NAME", help="settings from calibration/NAME.json")


def _add_speech(add: Callable[..., Any]) -> None:
    speech_help = f"folder or hub name of a Whisper such as openai/whisper-base.en (default {DEFAULT_SPEECH})"
    add("--speech", default=DEFAULT_SPEECH, metavar="NAME", help=speech_help)


def _add_camera_size(add: Callable[..., Any]) -> None:
    size_help = "wanted camera picture (default 640x480)"
    add("--camera-size", type=_size, default=(640, 480), metavar="WxH", help=size_help)


def _add_sketches(add: Callable[..., Any]) -> None:
    add("--sketches", default="sketches", metavar="DIR", help="where S saves (default sketches)")


def _source(text: str) -> str:
    try:
        return find_source(text)
    except RecordingError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and 16 <= int(width) <= 8192 and 16 <= int(height) <= 8192):
        raise argparse.ArgumentTypeError(f"expected WIDTHxHEIGHT such as 1280x720, got {text!r}")
    return int(width), int(height)


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return int(text)
