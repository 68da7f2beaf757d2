"""Air Sketch's commands: parse, carry out, turn errors into exit codes."""

from __future__ import annotations

import io
import logging
import os
import sys
from typing import TYPE_CHECKING

from air_sketch.commands.parser import build_parser, with_default_command
from air_sketch.files import isolate_children
from air_sketch.values.errors import AirSketchError, printable

if TYPE_CHECKING:
    import argparse


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 done, 1 a known error said in one line, 2 wrong usage, 130 interrupted."""
    isolate_children()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a console may lack the letters of a name
    args = build_parser().parse_args(with_default_command(sys.argv[1:] if arguments is None else arguments))
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    for handler in logging.getLogger().handlers:
        handler.addFilter(_as_printable)
    try:
        return _run_command(args)
    except AirSketchError as error:
        print(f"error: {printable(str(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _as_printable(record: logging.LogRecord) -> bool:
    record.msg, record.args = printable(record.getMessage()), None
    return True


def _run_command(args: argparse.Namespace) -> int:
    """Carry out the parsed command; what it needs is imported only now, so that ``--help`` answers at once."""
    if getattr(args, "follow_links", False):
        from retrieval.files import follow_links

        follow_links()
    match args.command:
        case "recognize":
            from air_sketch.commands.recognize import run_recognize

            return run_recognize(args)
        case "calibrate":
            from air_sketch.commands.calibrate import run_calibrate

            return run_calibrate(args)
        case "transcribe":
            from air_sketch.commands.transcribe import run_transcribe
            from bridge.speech import load_speech

            return run_transcribe(args, load_speech(args.speech, args.gallery))
        case "replay":
            from air_sketch.commands.replay import run_replay
            from bridge.search import open_search

            return run_replay(args, lambda: open_search(args.gallery, args.encoder))
        case "doctor":
            from air_sketch.commands.doctor import drawing_checks, run_doctor
            from bridge.health import ask_once, search_checks
            from retrieval.files import cache_folder

            checks = drawing_checks(args.sketches, cache_folder) | search_checks(args.gallery, args.encoder)
            if args.deep:
                from bridge.search import open_search

                checks["query"] = lambda: ask_once(lambda: open_search(args.gallery, args.encoder))
            return run_doctor(checks, as_json=args.json)
    from air_sketch.commands.draw import run_draw
    from bridge.search import load_search
    from bridge.speech import load_speech_aside

    return run_draw(args, load_search(args.gallery, args.encoder), load_speech_aside(args.speech, args.gallery))
