"""``replay``: a video or a recording without camera or window; results on stdout, everything else on stderr."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from air_sketch.values.datatypes import Progress, ResultCard, SearchRequest

if TYPE_CHECKING:
    from air_sketch.drawing.replay import ReplayResult
    from air_sketch.values.ports import SearchLoader

logger = logging.getLogger(__name__)


def run_replay(args: argparse.Namespace, search_loader: SearchLoader) -> int:
    """Carry out ``replay``.

    Args:
        args: as parsed by ``parser``.
        search_loader: opens the gallery search; called only when there is a caption.
    Raises:
        AirSketchError: anything that the user can mend.
    """
    from air_sketch.drawing.keeping.calibrations import load_calibration
    from air_sketch.drawing.replay import replay_source
    from air_sketch.hands.tracker import MediaPipeHandTracker

    settings = load_calibration(args.calibration)
    result = replay_source(Path(args.source), settings, MediaPipeHandTracker, args.mirror)
    _save(result, args.save, args.svg)
    hits: list[ResultCard] = []
    if args.caption is not None:
        hits = _search(result, args.caption, args.k, search_loader)
    if args.json:
        print(json.dumps(replay_to_json(result, hits)))
    else:
        print(_summary(args.source, result))
        for hit in hits:
            print(f"{hit.rank:3d}. {hit.score:.3f}  {hit.title}  {hit.url or hit.image_path or ''}".rstrip())
    return 0


def replay_to_json(result: ReplayResult, hits: list[ResultCard]) -> dict[str, Any]:
    """Return the replay contract's document."""
    from air_sketch.drawing.keeping.saving import stroke_to_json

    return {
        "frames": len(result.tips),
        "frames_with_hand": sum(tip is not None for tip in result.tips),
        "canvas_wh": list(result.canvas_wh),
        "strokes": [stroke_to_json(stroke) for stroke in result.strokes],
        "events": [{"t_s": event.t_s, "kind": event.kind, **event.details} for event in result.events],
        "tips": [None if tip is None else [round(tip[0], 6), *(round(v, 3) for v in tip[1:])] for tip in result.tips],
        "hits": [hit.record for hit in hits],
    }


def _save(result: ReplayResult, png: str | None, svg: str | None) -> None:
    from air_sketch.drawing.ink.rendering import render_paper
    from air_sketch.drawing.keeping.saving import svg_text, write_png
    from air_sketch.files import write_atomically

    if png is not None:
        write_png(render_paper(result.strokes, result.canvas_wh), Path(png))
        logger.info("saved %s", png)
    if svg is not None:
        write_atomically(Path(svg), svg_text(result.strokes, result.canvas_wh).encode())
        logger.info("saved %s", svg)


def _search(result: ReplayResult, caption: str, k: int, search_loader: SearchLoader) -> list[ResultCard]:
    """Ask the gallery with the drawing (when there is one) and the caption."""
    from air_sketch.drawing.ink.rendering import render_paper
    from air_sketch.values.errors import SearchError

    if not caption.strip() and not result.strokes:
        raise SearchError("nothing to search for: the drawing and the caption are empty.")
    search = search_loader(ProgressLines())
    picture = render_paper(result.strokes, result.canvas_wh) if result.strokes else None
    return search.search(SearchRequest(picture, caption.strip(), k, fold=False))


class ProgressLines:
    """Print progress on stderr, one line for each new message and each further tenth of it."""

    def __init__(self) -> None:
        """Start with nothing said."""
        self._said: tuple[str, int] | None = None

    def __call__(self, progress: Progress) -> None:
        """Take one report."""
        tenths = -1 if progress.fraction is None else int(progress.fraction * 10.0 + 1e-9)
        if (progress.message, tenths) == self._said:
            return
        self._said = (progress.message, tenths)
        share = "" if progress.fraction is None else f" {progress.fraction:.0%}"
        print(f"{progress.message}{share}", file=sys.stderr)


def _summary(source: str, result: ReplayResult) -> str:
    return (
        f"{source}: {len(result.tips)} frames, {sum(tip is not None for tip in result.tips)} with a hand, "
        f"{len(result.strokes)} stroke{'' if len(result.strokes) == 1 else 's'}"
    )
