"""Puts the offline recogniser together from what is installed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from air_sketch.values.errors import SpeechError
from air_sketch.values.ports import SpeechRecognizer
from air_sketch.voice.recognizers import moonshine
from air_sketch.voice.recognizers.rescoring import RescoringRecognizer
from air_sketch.voice.recognizers.sphinx import Sphinx, SphinxRecognizer

LOG = logging.getLogger(__name__)


def offline_recognizer(
    captions: Sequence[str], normalize: Callable[[str], str], *, sphinx_alone: bool = False
) -> SpeechRecognizer:
    """Build it: PocketSphinx and Moonshine, or PocketSphinx alone where Moonshine is not to be had.

    Args:
        captions: examples of what will be said.
        normalize: brings words into the captions' spelling.
        sphinx_alone: do not look for Moonshine.
    Raises:
        SpeechError: if PocketSphinx is missing or broken.
    """
    sphinx = Sphinx(captions)
    if not sphinx_alone:
        try:
            return RescoringRecognizer(sphinx, moonshine.Moonshine(moonshine.find_model()), normalize)
        except SpeechError as error:
            LOG.warning("speech: %s; until then PocketSphinx listens alone and mishears more", str(error).rstrip("."))
    return SphinxRecognizer(sphinx, normalize)
