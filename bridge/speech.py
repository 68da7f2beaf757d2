"""The words of a gallery for the drawing half's speech recognisers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from air_sketch.commands.parser import DEFAULT_SPEECH
from air_sketch.values.errors import SearchError

if TYPE_CHECKING:
    from air_sketch.values.ports import RecognizerLoader, SpeechRecognizer


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
        name: ``offline``, which knows the gallery's words; or a Whisper's folder or hub name.
        gallery: as for the search.
    Raises:
        SpeechError: if it cannot be had.
        SearchError: if the gallery cannot be read.
    """
    from retrieval.words.captions import normalize_caption

    if name != DEFAULT_SPEECH:
        from air_sketch.voice.recognizers.whisper import WhisperRecognizer

        return WhisperRecognizer(name, normalize_caption)
    from air_sketch.voice.recognizers.offline import OfflineRecognizer
    from retrieval.search.gallery_captions import captions_of_gallery
    from retrieval.values.errors import RetrievalError

    try:
        captions = captions_of_gallery(gallery)
    except RetrievalError as error:
        raise SearchError(error.what, error.remedy) from None
    return OfflineRecognizer(captions, normalize_caption)
