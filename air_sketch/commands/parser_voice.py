"""The options of speech: those of the window, and the command ``transcribe``."""

from __future__ import annotations

import argparse
from typing import Any

from air_sketch.commands.parser_upkeep import NewCommand

DEFAULT_SPEECH = "offline"
"""Moonshine with the gallery's words; its weights come with its package."""


def add_speech_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--speech``."""
    parser.add_argument(
        "--speech",
        default=DEFAULT_SPEECH,
        metavar="NAME",
        help=f"folder or hub name of a Whisper such as openai/whisper-base.en (default {DEFAULT_SPEECH})",
    )


def add_microphone_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--microphone``."""
    parser.add_argument(
        "--microphone",
        metavar="NAME",
        help="number or name of the microphone, or a sound file that is heard in its place (default: the system's)",
    )


def add_transcribe(new_command: NewCommand, commands: Any) -> None:
    """Add ``transcribe`` to the parser."""
    parser = new_command(
        commands,
        "transcribe",
        "write down spoken captions from sound files, with the recogniser of the window",
        "python main.py transcribe caption.wav --json",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="sound files: WAV of any kind, FLAC, OGG, MP3")
    parser.add_argument(
        "--json",
        action="store_true",
        help="a JSON line each: file, text, confidence, seconds (from sound to words), audio_seconds",
    )
    parser.add_argument("--gallery", metavar="DIR", help="gallery whose words are expected (default: the demo gallery)")
    add_speech_option(parser)
