"""PocketSphinx (Huggins-Daines et al., ICASSP 2006) with a grammar made of the gallery's own captions."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from air_sketch.datatypes import Float32Array, Transcript
from air_sketch.errors import SpeechError, first_line
from air_sketch.voice_sound import SPEECH_RATE_HZ, prepare
from air_sketch.voice_vocabulary import SpeechVocabulary, read_dictionaries, speech_vocabulary

LANGUAGE_WEIGHT = 6.5
WARPS = (1.0,)
PAUSE_S = 0.2
"""Near-silence put before and after, which the recogniser expects around speech."""

LEAST_CONFIDENCE = 0.5
MOST_EVERYDAY = 0.35
"""Share of everyday words at which the confidence is 0.5: spoken captions had up to 0.1, other talk from 0.5 on, nearly
always (a few sentences of ``TUNING`` in benchmarks/spoken_captions.py)."""

CERTAINTY = 10.0
LEAST_LIKELIHOOD = 1e-307
"""The smallest number that a float holds well; a likelihood below it has been rounded to nothing."""


@dataclass(frozen=True)
class Decoding:
    """What one decoding of a caption found.

    Attributes:
        words: as heard, everyday words included.
        score: log likelihood of the best path, in the decoder's own unit.
        everyday_share: share of the spoken time that everyday words take.
    """

    words: tuple[str, ...]
    score: float
    everyday_share: float


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
            self._decoders = _decoders(pocketsphinx, model, self.vocabulary)
        except (OSError, RuntimeError, ValueError) as error:
            raise SpeechError(f"pocketsphinx cannot start ({first_line(error)}). Install it again.") from None

    def transcribe(self, samples: Float32Array) -> Transcript:
        """Recognise one caption (see ``SpeechRecognizer``)."""
        best, confidence = self.listen(samples)
        words = [word for word in best.words if word in self.vocabulary.caption_words]
        understood = confidence >= LEAST_CONFIDENCE and bool(words)
        return Transcript(self._normalize(" ".join(words)) if understood else "", confidence)

    def listen(self, samples: Float32Array) -> tuple[Decoding, float]:
        """Return the best decoding and how sure it is, whether that is enough or not."""
        sound = _as_bytes(samples)
        decodings = [_decode(decoder, sound, self.vocabulary.caption_words) for decoder in self._decoders]
        best = max(decodings, key=lambda decoding: decoding.score)
        return best, confidence_of(best)


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


def confidence_of(best: Decoding) -> float:
    """Say how sure it is that a caption was said, 0..1.

    The search always finds something. Everyday words that no caption holds compete with the captions' own; the more
    of the spoken time they take, the less it was a caption.
    """
    if not best.words:
        return 0.0
    return 1.0 / (1.0 + math.exp(CERTAINTY * (best.everyday_share - MOST_EVERYDAY)))


def _as_bytes(samples: Float32Array) -> bytes:
    pause = np.zeros(round(PAUSE_S * SPEECH_RATE_HZ), dtype=np.float32)
    sound = prepare(np.concatenate([pause, samples, pause]))
    return (sound * 32767.0).astype("<i2").tobytes()


def _decode(decoder: Any, sound: bytes, caption_words: frozenset[str]) -> Decoding:
    decoder.start_utt()
    decoder.process_raw(sound, no_search=False, full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    if hypothesis is None:
        return Decoding((), -math.inf, 0.0)
    words, frames, everyday_frames = [], 0, 0
    for segment in decoder.seg():
        word = segment.word.partition("(")[0]
        if word.startswith(("<", "[", "++")) or word == "SIL":
            continue
        length = segment.end_frame - segment.start_frame + 1
        words.append(word)
        frames += length
        everyday_frames += length * (word not in caption_words)
    return Decoding(tuple(words), _log(hypothesis.score), everyday_frames / max(1, frames))


def _log(likelihood: float) -> float:
    return math.log(max(likelihood, LEAST_LIKELIHOOD))


def _how_common(pocketsphinx: Any, model: Path) -> Callable[[str], float]:
    logmath = pocketsphinx.LogMath()
    ngrams = pocketsphinx.NGramModel(pocketsphinx.Config(), logmath, str(model / "en-us.lm.bin"))
    return lambda word: float(logmath.exp(ngrams.prob([word])))


def _decoders(pocketsphinx: Any, model: Path, vocabulary: SpeechVocabulary) -> list[Any]:
    """One decoder for each length of the vocal tract; they read their files at once, which then go."""
    with tempfile.TemporaryDirectory(prefix="air-sketch-speech-") as folder:
        dictionary, grammar = Path(folder) / "captions.dict", Path(folder) / "captions.lm"
        dictionary.write_text(vocabulary.dictionary_text, encoding="utf-8")
        grammar.write_text(vocabulary.model_text, encoding="utf-8")
        return [
            pocketsphinx.Decoder(
                hmm=str(model / "en-us"),
                dict=str(dictionary),
                lm=str(grammar),
                lw=LANGUAGE_WEIGHT,
                loglevel="FATAL",
                **_warping(warp),
            )
            for warp in WARPS
        ]


def _warping(warp: float) -> dict[str, str]:
    return {} if warp == 1.0 else {"warp_type": "inverse_linear", "warp_params": str(warp)}
