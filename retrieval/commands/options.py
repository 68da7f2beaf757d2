"""What options of several commands share: how a command is added, kinds of numbers, and help texts."""

from __future__ import annotations

import argparse

Subparsers = argparse._SubParsersAction  # argparse gives its own class no public name

GALLERY_HELP = "folder of pictures or index folder; 'demo' is the gallery that the program draws itself"


def new_command(
    commands: Subparsers[argparse.ArgumentParser], name: str, *, summary: str, description: str, example: str
) -> argparse.ArgumentParser:
    """Add a command whose help ends in an example of its use."""
    return commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=f"example: python -m retrieval {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """``--json``, which every command has."""
    parser.add_argument("--json", action="store_true", help="machine-readable output")


def add_encoder_option(parser: argparse.ArgumentParser) -> None:
    """``--encoder``, for the commands that embed something."""
    parser.add_argument(
        "--encoder",
        metavar="NAME",
        help="encoder folder or hub name (default: the shipped one, or $AIR_SKETCH_ENCODER)",
    )


def share(text: str) -> float:
    """Parse a number from 0 to 1."""
    value = float(text)
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, got {text}")
    return value


def positive(text: str) -> int:
    """Parse a whole number of at least 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text}")
    return value


def natural(text: str) -> int:
    """Parse a whole number of at least 0."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 0, got {text}")
    return value
