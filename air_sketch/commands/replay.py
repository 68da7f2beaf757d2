"""``replay``: a video or a recording without camera or window; results on stdout, everything else on stderr."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from air_sketch.drawing.ink.rendering import render_paper
from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.drawing.keeping.saving import stroke_to_json, svg_text, write_png
from air_sketch.drawing.replay import ReplayResult, replay_source
from air_sketch.files import write_atomically
from air_sketch.values.datatypes import ResultCard, SearchRequest
from air_sketch.values.errors import SearchError, counted, printable
from air_sketch.values.ports import SketchSearch

logger = logging.getLogger(__name__)


def run_replay(args: argparse.Namespace, open_search: Callable[[], SketchSearch]) -> int:
    """Carry out ``replay``, or raise an AirSketchError; the search is opened only when there is a caption."""
    result = replay_source(Path(args.source), load_calibration(args.calibration), args.mirror)
    if args.save is not None:
        write_png(render_paper(result.strokes, result.canvas_wh), Path(args.save))
        logger.info("saved %s", args.save)
    if args.svg is not None:
        write_atomically(Path(args.svg), svg_text(result.strokes, result.canvas_wh).encode())
        logger.info("saved %s", args.svg)
    hits = [] if args.caption is None else _search(result, args.caption.strip(), args.k, open_search)
    if args.json:
        print(json.dumps(replay_to_json(result, hits)))
    else:
        frames = f"{counted(len(result.tips), 'frame')}, {sum(tip is not None for tip in result.tips)} with a hand"
        print(printable(f"{args.source}: {frames}, {counted(len(result.strokes), 'stroke')}"))
        for hit in hits:
            line = f"{hit.rank:3d}. {hit.shown_score:.3f}  {hit.title}  {hit.url or hit.image_path or ''}"
            print(printable(line.rstrip()))
    return 0


def replay_to_json(result: ReplayResult, hits: list[ResultCard]) -> dict[str, Any]:
    """Return the replay contract's document."""
    return {
        "frames": len(result.tips),
        "frames_with_hand": sum(tip is not None for tip in result.tips),
        "canvas_wh": list(result.canvas_wh),
        "strokes": [stroke_to_json(stroke) for stroke in result.strokes],
        "events": [{"t_s": event.t_s, "kind": event.kind, **event.details} for event in result.events],
        "tips": [None if tip is None else [round(tip[0], 6), *(round(v, 3) for v in tip[1:])] for tip in result.tips],
        "hits": [hit.record for hit in hits],
    }


def _search(result: ReplayResult, caption: str, k: int, open_search: Callable[[], SketchSearch]) -> list[ResultCard]:
    """Ask the gallery with the drawing (when there is one) and the caption."""
    if not caption and not result.strokes:
        raise SearchError("nothing to search for: the drawing and the caption are empty.")
    picture = render_paper(result.strokes, result.canvas_wh) if result.strokes else None
    return list(open_search().search(SearchRequest(picture, caption, k, fold=False)).cards)
