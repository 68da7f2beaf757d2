"""What options of several commands share: how a command is added, kinds of numbers, and help texts."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

Subparsers = argparse._SubParsersAction  # argparse gives its own class no public name


def new_command(
    commands: Subparsers[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], int] | None,
    *,
    description: str,
    example: str,
) -> argparse.ArgumentParser:
    """Add a command, with ``--json``, whose help ends in an example of its use; without ``run``, it has parts."""
    parser = commands.add_parser(
        name,
        help=description.partition(".")[0],
        description=description.replace("%%", "%"),  # argparse formats the help, but not this
        epilog=f"example: python -m retrieval {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if run is not None:
        parser.add_argument("--json", action="store_true", help="machine-readable output")
        parser.set_defaults(run=run)
    return parser


def add_encoder_option(parser: argparse.ArgumentParser) -> None:
    """``--encoder``, for the commands that embed something."""
    parser.add_argument(
        "--encoder",
        metavar="NAME",
        help="encoder folder or hub name (default: the shipped one, or $AIR_SKETCH_ENCODER)",
    )


def add_follow_links_option(parser: argparse.ArgumentParser) -> None:
    """``--follow-links``, for the commands that read pictures."""
    parser.add_argument(
        "--follow-links",
        action="store_true",
        help="also take pictures outside the folder, to which links and the manifest lead; for galleries of your own",
    )


def number_from(least: float, most: float = float("inf"), kind: type = int) -> Callable[[str], Any]:
    """Make a parser of numbers within bounds."""

    def number(text: str) -> Any:
        value = kind(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"expected a number of {least:g} to {most:g}, got {text}")
        return value

    return number
