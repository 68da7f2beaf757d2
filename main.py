"""Air Sketch's command line: joins the drawing half and the retrieval half, and turns errors into exit codes."""

from __future__ import annotations

import logging
import os
import sys
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING

from air_sketch.commands.parser import build_parser, with_default_command
from air_sketch.commands.parser_voice import DEFAULT_SPEECH, SPHINX_ALONE
from air_sketch.values.errors import AirSketchError, SearchError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from air_sketch.commands.doctor.findings import Finding
    from air_sketch.values.datatypes import Progress, ResultCard, SearchRequest, UInt8Array
    from air_sketch.values.ports import RecognizerLoader, SearchLoader, SketchSearch, SpeechRecognizer
    from retrieval import Searcher
    from retrieval.commands.health import HealthFinding
    from retrieval.values.datatypes import CatalogItem, Hit

THUMBNAIL_SIDE_PX = 320
THUMBNAILS_KEPT = 200
DEEP_CHECK_TIMEOUT_S = 900.0
HIDDEN_COLUMNS = frozenset({"url", "split", "file_hi"})


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 done, 1 a known error said in one line, 2 wrong usage, 130 interrupted."""
    args = build_parser().parse_args(with_default_command(sys.argv[1:] if arguments is None else arguments))
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        return run_command(args)
    except AirSketchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def run_command(args: argparse.Namespace) -> int:
    """Carry out the parsed command."""
    if args.command == "recognize":
        from air_sketch.commands.recognize import run_recognize

        return run_recognize(args)
    if args.command == "calibrate":
        from air_sketch.commands.calibrate import run_calibrate

        return run_calibrate(args)
    if args.command == "doctor":
        from air_sketch.commands.doctor.doctor import drawing_checks, run_doctor

        checks = [*drawing_checks(args.sketches), *search_checks(args.gallery, args.encoder)]
        if not args.deep:
            return run_doctor(checks, as_json=args.json)
        deep = [*checks, ("query", lambda: ask_once(load_search(args.gallery, args.encoder)))]
        return run_doctor(deep, as_json=args.json, timeout_s=DEEP_CHECK_TIMEOUT_S)
    if args.command == "transcribe":
        from air_sketch.commands.transcribe import run_transcribe

        return run_transcribe(args, load_speech(args.speech, args.gallery))
    return run_with_search(args, load_search(args.gallery, args.encoder))


def run_with_search(args: argparse.Namespace, search_loader: SearchLoader) -> int:
    """Carry out a command that may ask the gallery: replay, or the window."""
    if args.command == "replay":
        from air_sketch.commands.replay import run_replay

        return run_replay(args, search_loader)
    from pathlib import Path

    from air_sketch.voice.listener import Listener
    from air_sketch.voice.microphone import microphone_opener
    from air_sketch.window.app import LiveOptions, run_live

    options = LiveOptions(
        source=args.source,
        calibration=args.calibration,
        record=None if args.record is None else Path(args.record),
        sketches=Path(args.sketches),
        camera_size_wh=args.camera_size,
        camera_fps=args.camera_fps,
        mirror=args.mirror,
    )
    listener = Listener(microphone_opener(args.microphone), load_speech_aside(args.speech, args.gallery))
    return run_live(options, search_loader, listener)


def load_search(gallery: str | None, encoder: str | None) -> SearchLoader:
    """Return what opens the gallery search when it is first needed; None draws the demo gallery."""

    def load(report: Callable[[Progress], None]) -> SketchSearch:
        from air_sketch.values.datatypes import Progress

        try:
            from retrieval import Searcher
            from retrieval.values.errors import RetrievalError
        except ImportError as error:
            raise SearchError(f"the search cannot start ({error}). Install requirements.txt.") from None

        def progress(message: str, fraction: float | None = None) -> None:
            report(Progress(message, fraction))

        try:
            return GallerySearch(Searcher.open(gallery, encoder, progress), gallery)
        except RetrievalError as error:
            raise SearchError(str(error)) from None

    return load


def load_speech(name: str, gallery: str | None) -> RecognizerLoader:
    """Return what builds the speech recogniser when it is first needed (see ``open_speech``)."""
    return partial(open_speech, name, gallery)


def load_speech_aside(name: str, gallery: str | None) -> RecognizerLoader:
    """The same, in a process of its own: drawing goes on while it works."""

    def load() -> SpeechRecognizer:
        from air_sketch.voice.process import RecognizerProcess

        return RecognizerProcess(load_speech(name, gallery))

    return load


def open_speech(name: str, gallery: str | None) -> SpeechRecognizer:
    """Build the speech recogniser.

    Args:
        name: ``offline`` or ``pocketsphinx``, which know the gallery's words; or a Whisper's folder or hub name.
        gallery: as for the search.
    Raises:
        SpeechError: if it cannot be had.
        SearchError: if the gallery cannot be read.
    """
    from retrieval.words.captions import normalize_caption

    if name not in {DEFAULT_SPEECH, SPHINX_ALONE}:
        from air_sketch.voice.recognizers.whisper import WhisperRecognizer

        return WhisperRecognizer(name, normalize_caption)
    from air_sketch.voice.recognizers.offline import offline_recognizer
    from retrieval.search.gallery_captions import captions_of_gallery
    from retrieval.values.errors import RetrievalError

    try:
        captions = captions_of_gallery(gallery)
    except RetrievalError as error:
        raise SearchError(str(error)) from None
    return offline_recognizer(captions, normalize_caption, sphinx_alone=name == SPHINX_ALONE)


def search_checks(gallery: str | None, encoder: str | None) -> list[tuple[str, Callable[[], list[Finding]]]]:
    """Return the doctor's checks of the retrieval half; none of them loads the encoder."""

    def told(check: Callable[[], list[HealthFinding]]) -> list[Finding]:
        from air_sketch.commands.doctor.findings import Finding, Health

        return [Finding(found.name, Health(found.health), found.detail, found.advice) for found in check()]

    from retrieval.commands import health

    return [
        ("encoder", lambda: told(lambda: health.check_encoder(encoder))),
        ("gallery", lambda: told(lambda: health.check_gallery(gallery))),
        ("gallery cache", lambda: told(health.check_cache)),
    ]


def ask_once(search_loader: SearchLoader) -> list[Finding]:
    """Load the encoder, ask the gallery one question, and tell how that went."""
    import time

    from air_sketch.commands.doctor.findings import Finding, Health
    from air_sketch.commands.replay import ProgressLines
    from air_sketch.values.datatypes import SearchRequest

    try:
        search = search_loader(ProgressLines())
        start_s = time.perf_counter()
        cards = search.search(SearchRequest(None, "red dress", 1))
    except SearchError as error:
        return [Finding("query", Health.FAIL, str(error))]
    took_ms = (time.perf_counter() - start_s) * 1000.0
    first = f"first hit {cards[0].title!r}" if cards else "no hit"
    return [Finding("query", Health.OK, f"{search.description}: 'red dress' answered in {took_ms:.0f} ms, {first}")]


class GallerySearch:
    """The seam: the drawing half's ``SketchSearch`` on top of the retrieval half's ``Searcher``."""

    def __init__(self, searcher: Searcher, gallery: str | None) -> None:
        """Take an open searcher."""
        self._searcher = searcher
        self._name = gallery or "demo gallery"
        self._thumbnails: OrderedDict[str, UInt8Array | None] = OrderedDict()

    @property
    def description(self) -> str:
        """One short line for the status bar."""
        return f"{self._name}, {len(self._searcher):,} items"

    def search(self, request: SearchRequest) -> list[ResultCard]:
        """Find one page of the best items."""
        from retrieval.values.errors import RetrievalError

        try:
            hits = self._searcher.search(
                sketch=request.picture_rgb,
                caption=request.caption,
                k=request.k,
                sketch_weight=request.sketch_weight,
                where=request.where,
                like=request.like,
                offset=request.page * request.k,
                fold=request.fold,
            )
        except RetrievalError as error:
            raise SearchError(str(error)) from None
        return [self._card(hit) for hit in hits]

    def _card(self, hit: Hit) -> ResultCard:
        from pathlib import Path

        from air_sketch.values.datatypes import ResultCard

        path = Path(hit.item.image)
        details = {key: value for key, value in hit.item.fields.items() if value and key not in HIDDEN_COLUMNS}
        return ResultCard(
            rank=hit.rank,
            score=hit.score,
            title=hit.item.title,
            image_path=path if path.is_file() else None,
            thumbnail_rgb=self._thumbnail(hit.item),
            url=hit.item.url,
            details=details,
            id=hit.item.id,
            sketch_score=hit.sketch_score,
            words_score=hit.words_score,
            like_score=hit.like_score,
            alike=len(hit.alike),
        )

    def _thumbnail(self, item: CatalogItem) -> UInt8Array | None:
        """Decode a picture, or remember it: live hits show many of them again."""
        from retrieval.values.errors import CatalogError

        if item.id not in self._thumbnails:
            try:
                self._thumbnails[item.id] = self._searcher.picture(item, THUMBNAIL_SIDE_PX)
            except CatalogError:  # gone since it was indexed; the card still tells what it was
                self._thumbnails[item.id] = None
            if len(self._thumbnails) > THUMBNAILS_KEPT:
                self._thumbnails.popitem(last=False)
        return self._thumbnails[item.id]


if __name__ == "__main__":
    sys.exit(main())
