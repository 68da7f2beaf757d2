"""The options of every command; imports nothing heavy, so that ``--help`` answers at once."""

from __future__ import annotations

import argparse

from air_sketch.commands.parser_upkeep import add_calibrate, add_doctor
from air_sketch.commands.parser_voice import add_microphone_option, add_speech_option, add_transcribe
from air_sketch.files import COMMAND, find_source
from air_sketch.values.errors import RecordingError

COMMANDS = ("draw", "replay", "recognize", "transcribe", "calibrate", "doctor")

_Subparsers = argparse._SubParsersAction  # argparse gives its own helper no public name


def build_parser() -> argparse.ArgumentParser:
    """Return the program's parser."""
    parser = argparse.ArgumentParser(
        description="Draw in the air with one finger, say what it is, find it in your gallery.",
        epilog="Without a command the window opens, as with 'draw'. Each command explains itself: %(prog)s replay -h",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_draw(commands)
    _add_replay(commands)
    _add_recognize(commands)
    add_transcribe(_new_command, commands)
    add_calibrate(_new_command, commands, _size, _source)
    add_doctor(_new_command, commands)
    return parser


def with_default_command(arguments: list[str]) -> list[str]:
    """Put "draw" before arguments that name no command."""
    if arguments and (arguments[0] in COMMANDS or arguments[0] in ("-h", "--help")):
        return arguments
    return ["draw", *arguments]


def _add_draw(commands: _Subparsers[argparse.ArgumentParser]) -> None:
    parser = _new_command(
        commands,
        "draw",
        "open the window and draw (the default)",
        "python main.py draw --source mouse --gallery my_photos",
    )
    parser.add_argument(
        "--source",
        type=_source,
        default="0",
        metavar="0|VIDEO|mouse",
        help="camera number, video, .jsonl recording, sample:NAME, or the mouse (default 0)",
    )
    _add_search_options(parser)
    _add_calibration(parser)
    parser.add_argument("--record", metavar="FILE", help="record the session to FILE (.jsonl), for replay")
    parser.add_argument(
        "--camera-size", type=_size, default=(640, 480), metavar="WxH", help="wanted camera picture (default 640x480)"
    )
    parser.add_argument(
        "--camera-fps", type=_rate, default=30.0, metavar="N", help="wanted camera frames a second (default 30)"
    )
    parser.add_argument(
        "--mirror",
        action=argparse.BooleanOptionalAction,
        help="show yourself as in a mirror (default: cameras yes, videos no)",
    )
    parser.add_argument("--sketches", default="sketches", metavar="DIR", help="where S saves (default sketches)")
    add_microphone_option(parser)
    add_speech_option(parser)


def _add_replay(commands: _Subparsers[argparse.ArgumentParser]) -> None:
    parser = _new_command(
        commands,
        "replay",
        "run a video or a recorded session through the same pipeline, without camera or window",
        'python main.py replay sample:tshirt --save tshirt.png --caption "red t-shirt"',
    )
    parser.add_argument(
        "source",
        type=_source,
        metavar="SOURCE",
        help="a video, a .jsonl recording, or a shipped one: sample:dress, sample:handbag, sample:tshirt",
    )
    parser.add_argument("--json", action="store_true", help="print strokes, events, fingertips and hits as JSON")
    parser.add_argument("--save", metavar="PNG", help="save the drawing as a picture")
    parser.add_argument("--svg", metavar="SVG", help="save the drawing as SVG")
    parser.add_argument("--caption", metavar="TEXT", help="search the gallery for the drawing and these words")
    parser.add_argument("--k", type=_positive, default=5, metavar="N", help="number of hits (default 5)")
    parser.add_argument("--mirror", action="store_true", help="mirror the video first")
    _add_search_options(parser)
    _add_calibration(parser)


def _add_recognize(commands: _Subparsers[argparse.ArgumentParser]) -> None:
    parser = _new_command(
        commands,
        "recognize",
        "say what the hand in still pictures shows",
        "python main.py recognize photos/ hand.jpg --json",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="pictures, folders of them, or .tar packs")
    parser.add_argument("--json", action="store_true", help="a JSON line each: file, hand, gesture, fingers, score")
    _add_calibration(parser)


def _new_command(
    commands: _Subparsers[argparse.ArgumentParser], name: str, summary: str, example: str
) -> argparse.ArgumentParser:
    description = summary[0].upper() + summary[1:] + "."
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=description, epilog=f"example: {example.replace('python main.py', COMMAND)}"
    )
    return parser


def _add_search_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--gallery", metavar="DIR", help="folder of pictures to search (default: the demo gallery)")
    parser.add_argument("--encoder", metavar="NAME", help="encoder folder or hub name (default: the shipped one)")


def _add_calibration(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--calibration", default="default", metavar="NAME", help="settings from calibration/NAME.json")


def _source(text: str) -> str:
    try:
        return find_source(text)
    except RecordingError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and 16 <= int(width) <= 10000 and 16 <= int(height) <= 10000):
        raise argparse.ArgumentTypeError(f"expected WIDTHxHEIGHT such as 1280x720, got {text!r}")
    return int(width), int(height)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 1.0 <= rate <= 1000.0:
        raise argparse.ArgumentTypeError(f"expected frames a second from 1 to 1000, got {text!r}")
    return rate


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return int(text)
