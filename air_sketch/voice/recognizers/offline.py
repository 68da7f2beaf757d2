"""The offline recogniser: Moonshine, kept to the words of the gallery's captions and to an order they are likely in.

A beam search weighs what Moonshine hears against how likely a caption is. How well all that fits, and what Moonshine
hears when every word is allowed, tells whether it was a caption at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from air_sketch.values.datatypes import Float32Array, Transcript
from air_sketch.values.errors import SpeechError, first_line
from air_sketch.voice.recognizers.moonshine import Moonshine, find_model
from air_sketch.voice.sound.levels import SPEECH_RATE_HZ
from air_sketch.voice.words.caption_search import CaptionSearch, FoundCaption, piece_tree
from air_sketch.voice.words.language_model import LanguageModel, count_grams, language_model
from air_sketch.voice.words.word_pieces import END

# Chosen on ``TUNING`` in benchmarks/spoken_captions.py, without noise and with it at 10 dB.
MODEL_WEIGHT = 0.6
WORD_BONUS = -2.0
BEAM = 40

LONGEST_S = 20.0
"""Longer sounds are no captions, and Moonshine's memory grows with their square."""

LEAST_CONFIDENCE = 0.6

# Logistic regression on the best captions of ``TUNING``: were they captions, or other talk?
TRUST = 3.2
EVIDENCE = 1.24
LANGUAGE = 1.08
FREE = 1.82


class OfflineRecognizer:
    """Recognises captions with Moonshine."""

    def __init__(
        self, captions: Sequence[str], normalize: Callable[[str], str] = str.lower, moonshine: Moonshine | None = None
    ) -> None:
        """Learn words and word order.

        Args:
            captions: examples of what will be said, in spoken form.
            normalize: brings words into the captions' spelling.
            moonshine: the loaded weights; None loads those of the installed package.
        Raises:
            SpeechError: if there are none.
        """
        self._moonshine = moonshine or Moonshine(find_model())
        self._normalize = normalize
        spoken = [caption.split() for caption in captions]
        self._model = language_model(count_grams(spoken))
        self._search = _caption_search(self._moonshine, {word for words in spoken for word in words}, self._model)

    def transcribe(self, speech: Float32Array) -> Transcript:
        """Recognise one caption (see ``SpeechRecognizer``)."""
        if len(speech) / SPEECH_RATE_HZ > LONGEST_S:
            return Transcript("", 0.0)
        try:
            hearing = self._moonshine.hear(speech)
            best = next(iter(self._search.find(hearing)), None)
            free_log_chance = hearing.write_down()[1] if best is not None else 0.0
        except Exception as error:  # ONNX Runtime has no common base of its errors
            raise SpeechError(f"the speech recogniser failed ({first_line(error)})", "V listens again.") from None
        if best is None:
            return Transcript("", 0.0)
        confidence = confidence_of(best, self._model.log_chance_of(best.words), free_log_chance)
        understood = confidence >= LEAST_CONFIDENCE
        return Transcript(self._normalize(" ".join(best.words)) if understood else "", confidence)


def confidence_of(best: FoundCaption, language: float, free_log_chance: float) -> float:
    """Say how sure it is that the best caption was said, 0..1.

    Args:
        best: what the search found.
        language: the language model's log chance of it.
        free_log_chance: Moonshine's of what it writes down when every word is allowed. The better that fits, the less
            it was a caption.
    """
    per_word = 1.0 / (len(best.words) + 1)
    trust = EVIDENCE * sum(best.log_chances) + LANGUAGE * language - FREE * free_log_chance
    return 1.0 / (1.0 + math.exp(min(-TRUST - trust * per_word, 700.0)))


def spellings(word: str) -> set[str]:
    """Return how Moonshine may write a word: with a capital, in pieces, with an apostrophe or without."""
    parts = word.split("-")
    found = {word, "".join(parts), " ".join(parts), "-".join([parts[0].upper(), *parts[1:]])}
    if word.endswith("'s"):
        found |= {word[:-2] + "s", word[:-2] + "s'"}
    found |= {spelling.replace("grey", "gray") for spelling in found}
    return found | {spelling.capitalize() for spelling in found}


def _caption_search(moonshine: Moonshine, words: set[str], model: LanguageModel) -> CaptionSearch:
    pieces = moonshine.pieces

    def spelt(text: str) -> tuple[int, ...]:
        return tuple(number for part in text.split() for number in pieces.of_word(part))

    tree = piece_tree((word, spelt(way)) for word in sorted(words) for way in sorted(spellings(word)))
    return CaptionSearch(
        model=model,
        words=tree,
        end=END,
        full_stop=pieces.full_stop,
        model_weight=MODEL_WEIGHT,
        word_bonus=WORD_BONUS,
        beam=BEAM,
    )
