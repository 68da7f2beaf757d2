"""PocketSphinx (Huggins-Daines et al., ICASSP 2006) with a grammar made of the gallery's own captions."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from air_sketch.values.datatypes import Float32Array, Speech, Transcript
from air_sketch.values.errors import SpeechError, first_line
from air_sketch.voice.sound.levels import SPEECH_RATE_HZ, prepare
from air_sketch.voice.words.language_model import LanguageModel
from air_sketch.voice.words.vocabulary import read_dictionaries, speech_vocabulary

CAPTION_SEARCH = {"lw": 5.5, "beam": 1e-70, "wbeam": 1e-45, "pbeam": 1e-70, "lpbeam": 1e-50, "lponlybeam": 1e-40}
"""Beams wider than PocketSphinx's own: captions are short, and a word given up early never comes back."""

ALIGNMENT = {**CAPTION_SEARCH, "ds": 2}
"""To fit given words to a sound every other frame is enough; the search itself gets worse so."""

TALK_SEARCH = {"lw": 6.5}

LEAST_CONFIDENCE = 0.5
MOST_EVERYDAY = 0.48
"""Share of everyday words at which the confidence is 0.5. Of ``TUNING`` in benchmarks/spoken_captions.py, spoken
without noise, it refuses one caption in twenty and five of six other sentences."""

CERTAINTY = 10.0

MOST_PATHS = 200
"""Of the search's ways through a sound; many are the same words with other pauses."""

Words = tuple[str, ...]


@dataclass(frozen=True)
class Segment:
    """One word of a decoding.

    Attributes:
        word: as the dictionary spells it.
        frames: its length in hundredths of a second.
    """

    word: str
    frames: int


class Sphinx:
    """PocketSphinx with the captions' words; it hears ``Speech.cleaned``."""

    def __init__(self, captions: Sequence[str]) -> None:
        """Learn the captions' words.

        Args:
            captions: examples of what will be said.
        Raises:
            SpeechError: if PocketSphinx is missing or broken.
        """
        self._model = find_model()
        import pocketsphinx

        try:
            dictionary = read_dictionaries(self._model / "cmudict-en-us.dict")
            self.vocabulary = speech_vocabulary(captions, dictionary, _how_common(pocketsphinx, self._model))
            self._captions = self._decoder(CAPTION_SEARCH, self.vocabulary.caption_model)
            self._alignment = self._decoder(ALIGNMENT)
        except (OSError, RuntimeError, ValueError) as error:
            raise SpeechError(f"pocketsphinx cannot start ({first_line(error)})", "Install it again.") from None

    def captions(self, samples: Float32Array, most: int) -> list[Words]:
        """Return the captions that fit a sound, at most so many, the best first; it always finds some in speech."""
        found = [tuple(segment.word for segment in _decode(self._captions, samples))]
        if found == [()]:
            return []
        for number, path in enumerate(self._captions.nbest()):
            if number == MOST_PATHS or len(found) == most:
                break
            words = _words_only(path.hypstr.split())
            if words and words not in found:
                found.append(words)
        return found[:most]

    def agreement(self, samples: Float32Array, words: Words) -> float | None:
        """Say how well a sound fits a caption: PocketSphinx's log score, below 0; None if it cannot be fitted."""
        self._alignment.set_align_text(" ".join(words))
        fitted = tuple(segment.word for segment in _decode(self._alignment, samples))
        path = self._alignment.hyp()
        return math.log(path.score) if fitted == words and path.score > 0.0 else None

    def talk(self, samples: Float32Array) -> list[Segment]:
        """Return the words of a sound where everyday words compete with those of captions."""
        return _decode(self._talk, samples)

    @cached_property
    def _talk(self) -> Any:
        return self._decoder(TALK_SEARCH, self.vocabulary.talk_model)

    def _decoder(self, settings: dict[str, float], model: LanguageModel | None = None) -> Any:
        """Build a decoder; it reads its files at once, which then go."""
        import pocketsphinx

        with tempfile.TemporaryDirectory(prefix="air-sketch-speech-") as folder:
            dictionary, grammar = Path(folder) / "words.dict", Path(folder) / "captions.lm"
            dictionary.write_text(self.vocabulary.dictionary_text, encoding="utf-8")
            files = {"hmm": str(self._model / "en-us"), "dict": str(dictionary)}
            if model is not None:
                grammar.write_text(model.arpa_text(), encoding="utf-8")
                files["lm"] = str(grammar)
            return pocketsphinx.Decoder(**files, loglevel="FATAL", **settings)


class SphinxRecognizer:
    """Recognises captions with PocketSphinx alone."""

    def __init__(self, sphinx: Sphinx, normalize: Callable[[str], str] = str.lower) -> None:
        """Args: sphinx: with the captions' words; normalize: brings words into the captions' spelling."""
        self._sphinx = sphinx
        self._normalize = normalize
        sphinx.talk(np.zeros(SPEECH_RATE_HZ // 10, dtype=np.float32))  # loads what the first caption would wait for

    def transcribe(self, speech: Speech) -> Transcript:
        """Recognise one caption (see ``SpeechRecognizer``).

        It is decoded twice: as a caption whatever was said, and as talk that may be a caption or not, which tells
        how far to believe the first.
        """
        try:
            found = self._sphinx.captions(speech.cleaned, 1)
            talk = self._sphinx.talk(speech.cleaned)
        except RuntimeError as error:
            raise SpeechError(f"pocketsphinx failed ({first_line(error)})", "V listens again.") from None
        if not found:
            return Transcript("", 0.0)
        confidence = confidence_of(talk, self._sphinx.vocabulary.caption_words)
        understood = confidence >= LEAST_CONFIDENCE
        return Transcript(self._normalize(" ".join(found[0])) if understood else "", confidence)


def find_model() -> Path:
    """Return the folder of the US English model that comes with PocketSphinx.

    Raises:
        SpeechError: if PocketSphinx or its model is missing.
    """
    try:
        import pocketsphinx
    except ImportError:
        raise SpeechError(
            "pocketsphinx is not installed", "Run: pip install pocketsphinx; T types the words."
        ) from None
    model = Path(pocketsphinx.get_model_path("en-us"))
    if not (model / "cmudict-en-us.dict").is_file():
        raise SpeechError(
            "pocketsphinx has no model", "Run: pip install --force-reinstall pocketsphinx; T types the words."
        )
    return model


def confidence_of(talk: Sequence[Segment], caption_words: Container[str]) -> float:
    """Say how sure it is that a caption was said, 0..1.

    The search always finds something. Everyday words that no caption holds compete with the captions' own; the more
    of the spoken time they take, the less it was a caption.

    Args:
        talk: words heard where everyday words were allowed.
        caption_words: all others are everyday words.
    """
    frames = sum(segment.frames for segment in talk)
    if frames == 0:
        return 0.0
    everyday = sum(segment.frames for segment in talk if segment.word not in caption_words)
    return 1.0 / (1.0 + math.exp(CERTAINTY * (everyday / frames - MOST_EVERYDAY)))


def _decode(decoder: Any, samples: Float32Array) -> list[Segment]:
    decoder.reinit_feat()  # what it learnt of the noise in sounds before is forgotten
    decoder.start_utt()
    decoder.process_raw((prepare(samples) * 32767.0).astype("<i2").tobytes(), no_search=False, full_utt=True)
    decoder.end_utt()
    if decoder.hyp() is None:
        return []
    segments = (Segment(_plain(s.word), s.end_frame - s.start_frame + 1) for s in decoder.seg())
    return [s for s in segments if _is_word(s.word)]


def _words_only(marked: Sequence[str]) -> Words:
    return tuple(_plain(word) for word in marked if _is_word(word))


def _plain(word: str) -> str:
    """Without the number of the pronunciation: "read(2)" is "read"."""
    return word.partition("(")[0]


def _is_word(word: str) -> bool:
    return not word.startswith(("<", "[", "++")) and word != "SIL"


def _how_common(pocketsphinx: Any, model: Path) -> Callable[[str], float]:
    """Return each word's probability in PocketSphinx's own model of everyday English."""
    logmath = pocketsphinx.LogMath()
    ngrams = pocketsphinx.NGramModel(pocketsphinx.Config(), logmath, str(model / "en-us.lm.bin"))
    return lambda word: float(logmath.exp(ngrams.prob([word])))
