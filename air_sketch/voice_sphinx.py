"""PocketSphinx (Huggins-Daines et al., ICASSP 2006) with a grammar made of the gallery's own captions."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from air_sketch.datatypes import Float32Array, Transcript
from air_sketch.errors import SpeechError, first_line
from air_sketch.voice_sound import prepare
from air_sketch.voice_vocabulary import SpeechVocabulary, read_dictionaries, speech_vocabulary

CAPTION_SEARCH = {"lw": 5.5, "beam": 1e-70, "wbeam": 1e-45, "pbeam": 1e-70, "lpbeam": 1e-50, "lponlybeam": 1e-40}
"""Beams wider than PocketSphinx's own: captions are short, and a word given up early never comes back."""

TALK_SEARCH = {"lw": 6.5}

LEAST_CONFIDENCE = 0.5
MOST_EVERYDAY = 0.48
"""Share of everyday words at which the confidence is 0.5. Of ``TUNING`` in benchmarks/spoken_captions.py, spoken
without noise, it refuses one caption in twenty and five of six other sentences."""

CERTAINTY = 10.0


@dataclass(frozen=True)
class Segment:
    """One word of a decoding.

    Attributes:
        word: as the dictionary spells it.
        frames: its length in hundredths of a second.
    """

    word: str
    frames: int


class SphinxRecognizer:
    """Recognises captions offline."""

    def __init__(self, captions: Sequence[str], normalize: Callable[[str], str] = str.lower) -> None:
        """Learn the captions' words.

        Args:
            captions: examples of what will be said.
            normalize: brings words into the captions' spelling.
        Raises:
            SpeechError: if PocketSphinx is missing or broken.
        """
        self._normalize = normalize
        model = find_model()
        import pocketsphinx

        try:
            dictionary = read_dictionaries(model / "cmudict-en-us.dict")
            self.vocabulary = speech_vocabulary(captions, dictionary, _how_common(pocketsphinx, model))
            self._captions, self._talk = _decoders(pocketsphinx, model, self.vocabulary)
        except (OSError, RuntimeError, ValueError) as error:
            raise SpeechError(f"pocketsphinx cannot start ({first_line(error)}). Install it again.") from None

    def transcribe(self, samples: Float32Array) -> Transcript:
        """Recognise one caption (see ``SpeechRecognizer``).

        It is decoded twice: as a caption whatever was said, and as talk that may be a caption or not, which tells
        how far to believe the first.
        """
        sound = _as_bytes(samples)
        words = [segment.word for segment in _decode(self._captions, sound)]
        confidence = confidence_of(_decode(self._talk, sound), self.vocabulary.caption_words) if words else 0.0
        understood = confidence >= LEAST_CONFIDENCE
        return Transcript(self._normalize(" ".join(words)) if understood else "", confidence)


def find_model() -> Path:
    """Return the folder of the US English model that comes with PocketSphinx.

    Raises:
        SpeechError: if PocketSphinx or its model is missing.
    """
    try:
        import pocketsphinx
    except ImportError:
        raise SpeechError("pocketsphinx is not installed. Run: pip install pocketsphinx; T types the words.") from None
    model = Path(pocketsphinx.get_model_path("en-us"))
    if not (model / "cmudict-en-us.dict").is_file():
        raise SpeechError(
            "pocketsphinx has no model. Run: pip install --force-reinstall pocketsphinx; T types the words."
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


def _as_bytes(samples: Float32Array) -> bytes:
    return (prepare(samples) * 32767.0).astype("<i2").tobytes()


def _decode(decoder: Any, sound: bytes) -> list[Segment]:
    decoder.start_utt()
    decoder.process_raw(sound, no_search=False, full_utt=True)
    decoder.end_utt()
    if decoder.hyp() is None:
        return []
    segments = (Segment(s.word.partition("(")[0], s.end_frame - s.start_frame + 1) for s in decoder.seg())
    return [s for s in segments if not s.word.startswith(("<", "[", "++")) and s.word != "SIL"]


def _how_common(pocketsphinx: Any, model: Path) -> Callable[[str], float]:
    logmath = pocketsphinx.LogMath()
    ngrams = pocketsphinx.NGramModel(pocketsphinx.Config(), logmath, str(model / "en-us.lm.bin"))
    return lambda word: float(logmath.exp(ngrams.prob([word])))


def _decoders(pocketsphinx: Any, model: Path, vocabulary: SpeechVocabulary) -> tuple[Any, Any]:
    """Return the decoders of captions and of talk; they read their files at once, which then go."""
    with tempfile.TemporaryDirectory(prefix="air-sketch-speech-") as folder:
        dictionary = Path(folder) / "words.dict"
        dictionary.write_text(vocabulary.dictionary_text, encoding="utf-8")

        def decoder(name: str, text: str, **settings: float) -> Any:
            grammar = Path(folder) / f"{name}.lm"
            grammar.write_text(text, encoding="utf-8")
            files = {"hmm": str(model / "en-us"), "dict": str(dictionary), "lm": str(grammar)}
            return pocketsphinx.Decoder(**files, loglevel="FATAL", **settings)

        captions = decoder("captions", vocabulary.caption_model_text, **CAPTION_SEARCH)
        return captions, decoder("talk", vocabulary.talk_model_text, **TALK_SEARCH)
