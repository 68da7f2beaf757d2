"""The retrieval half's command line: parse, run, turn errors into exit codes. Imports nothing heavy to show help."""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys

from retrieval.commands.confidence import add_confidence
from retrieval.commands.dataset import add_dataset
from retrieval.commands.evaluate import add_evaluate
from retrieval.commands.index import add_index
from retrieval.commands.search import add_search
from retrieval.commands.train import add_train
from retrieval.files import follow_links, isolate_children
from retrieval.values.errors import RetrievalError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 done, 1 a known error said in one line, 2 wrong usage, 130 interrupted."""
    isolate_children()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a console may lack the letters of a title
    args = build_parser().parse_args(arguments)
    if getattr(args, "follow_links", False):
        follow_links()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        return int(args.run(args))
    except KeyboardInterrupt:
        print("stopped; finished work is kept", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (RetrievalError, OSError) as error:  # OSError: such as a full disk
        print(f"error: {error}", file=sys.stderr)
        return 1


def build_parser() -> argparse.ArgumentParser:
    """All commands and their options; each command's module adds its own."""
    parser = argparse.ArgumentParser(
        prog="python -m retrieval",
        description="Find gallery pictures by a drawing, by words, or by both.",
        epilog='example: python -m retrieval search --gallery demo --caption "red dress"',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add_command in (add_search, add_index, add_dataset, add_train, add_evaluate, add_confidence):
        add_command(commands)
    return parser
