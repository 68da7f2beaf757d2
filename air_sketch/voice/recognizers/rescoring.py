"""Two recognisers that make different mistakes, weighed against each other.

Each proposes captions, each says of the other's how well they fit the sound, and the sum decides: N-best rescoring
(Ostendorf et al., "Integration of diverse recognition methodologies through reevaluation of N-best sentence
hypotheses", HLT 1991). PocketSphinx knows how every word sounds, a brand's made-up name too; Moonshine hears better
in noise and with more accents, but has never met such names. Both are held to words of captions; what Moonshine hears
without that tells whether it was a caption at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from air_sketch.values.datatypes import Speech, Transcript
from air_sketch.values.errors import SpeechError, first_line
from air_sketch.voice.recognizers.moonshine import Hearing, Moonshine
from air_sketch.voice.recognizers.sphinx import Sphinx, SphinxRecognizer, Words
from air_sketch.voice.sound.levels import SPEECH_RATE_HZ, even_loudness
from air_sketch.voice.words.caption_search import CaptionSearch, piece_tree
from air_sketch.voice.words.language_model import LanguageModel
from air_sketch.voice.words.word_pieces import END

# Chosen on ``TUNING`` in benchmarks/spoken_captions.py, without noise and with it at 10 dB.
SEARCH_MODEL_WEIGHT = 0.5
SEARCH_WORD_BONUS = 2.0
BEAM = 10
MOST_FROM_MOONSHINE = 12
MOST_FROM_SPHINX = 8
MOST_ALIGNED = 4
"""Of the captions that Moonshine and the language model rank first; each costs PocketSphinx a pass over the sound."""

MODEL_WEIGHT = 0.6
SPHINX_WEIGHT = 30.0
WORD_BONUS = 4.0

LEAST_LOG_CHANCE = -6.0
"""Moonshine's doubt about one word counts no more than this: a name that it never met may still be right."""

NOT_ALIGNED_A_S = -0.5
"""PocketSphinx's score, a second, of a caption that it cannot fit to the sound; right ones get about -0.2."""

LONGEST_S = 20.0
"""Longer sounds are no captions, and Moonshine's memory grows with their square: PocketSphinx hears them alone."""

LEAST_CONFIDENCE = 0.5

# Logistic regression on the best captions of ``TUNING``: were they captions, or other talk?
TRUST = 20.0
SURPLUS_DOUBT = 2.45
LANGUAGE_DOUBT = 1.46
SPHINX_DOUBT = 27.9


@dataclass(frozen=True)
class Candidate:
    """A caption and how well it fits, before and after PocketSphinx was asked.

    Attributes:
        words: of the caption.
        heard: Moonshine's log chance, each word's at least ``LEAST_LOG_CHANCE``.
        language: the language model's log chance.
        sphinx: PocketSphinx's log score.
    """

    words: Words
    heard: float
    language: float
    sphinx: float = 0.0

    @property
    def score(self) -> float:
        """What the candidates are ranked by."""
        return self.heard + MODEL_WEIGHT * self.language + SPHINX_WEIGHT * self.sphinx + WORD_BONUS * len(self.words)


class RescoringRecognizer:
    """Recognises captions with PocketSphinx and Moonshine together."""

    def __init__(self, sphinx: Sphinx, moonshine: Moonshine, normalize: Callable[[str], str] = str.lower) -> None:
        """Args: sphinx, moonshine: the two; normalize: brings words into the captions' spelling."""
        self._sphinx = sphinx
        self._moonshine = moonshine
        self._normalize = normalize
        self._model = sphinx.vocabulary.caption_model
        self._search = _caption_search(moonshine, sphinx.vocabulary.caption_words, self._model)

    def transcribe(self, speech: Speech) -> Transcript:
        """Recognise one caption (see ``SpeechRecognizer``)."""
        seconds = len(speech.recorded) / SPEECH_RATE_HZ
        if seconds > LONGEST_S:
            return SphinxRecognizer(self._sphinx, self._normalize).transcribe(speech)
        try:
            best, free_log_chance = self._hear(speech)
        except Exception as error:  # ONNX Runtime and PocketSphinx each raise their own types
            raise SpeechError(f"the speech recogniser failed ({first_line(error)})", "V listens again.") from None
        if best is None:
            return Transcript("", 0.0)
        confidence = confidence_of(best, free_log_chance, seconds)
        understood = confidence >= LEAST_CONFIDENCE
        return Transcript(self._normalize(" ".join(best.words)) if understood else "", confidence)

    def _hear(self, speech: Speech) -> tuple[Candidate | None, float]:
        """Return the best caption, and the log chance of what Moonshine writes down when every word is allowed."""
        hearing = self._moonshine.hear(even_loudness(speech.recorded))
        candidates = self.candidates(speech, hearing)
        return max(candidates, key=lambda candidate: candidate.score, default=None), hearing.write_down()[1]

    def candidates(self, speech: Speech, hearing: Hearing) -> list[Candidate]:
        """Return the captions that both weigh, with their scores, in no particular order."""
        from_moonshine = self._search.find(hearing)[:MOST_FROM_MOONSHINE]
        chances = {found.words: found.log_chances for found in from_moonshine}
        others = [words for words in self._sphinx.captions(speech.cleaned, MOST_FROM_SPHINX) if words not in chances]
        chances |= dict(zip(others, hearing.log_chances(others), strict=True))
        found = [
            Candidate(words, sum(max(chance, LEAST_LOG_CHANCE) for chance in each), self._model.log_chance_of(words))
            for words, each in chances.items()
        ]
        likely = sorted(found, key=lambda candidate: -candidate.score)[:MOST_ALIGNED]
        return [self._with_sphinx(candidate, speech) for candidate in likely]

    def _with_sphinx(self, candidate: Candidate, speech: Speech) -> Candidate:
        fit = self._sphinx.agreement(speech.cleaned, candidate.words)
        missing = NOT_ALIGNED_A_S * len(speech.cleaned) / SPEECH_RATE_HZ
        return replace(candidate, sphinx=missing if fit is None else fit)


def confidence_of(best: Candidate, free_log_chance: float, seconds: float) -> float:
    """Say how sure it is that the best caption was said, 0..1.

    Args:
        best: of the candidates.
        free_log_chance: Moonshine's of what it writes down when every word is allowed. The better that fits than the
            caption, the less it was one.
        seconds: length of the sound, with which PocketSphinx's score grows.
    """
    per_word = 1.0 / (len(best.words) + 1)
    surplus = (free_log_chance - best.heard) * per_word
    doubt = SURPLUS_DOUBT * surplus - LANGUAGE_DOUBT * best.language * per_word - SPHINX_DOUBT * best.sphinx / seconds
    return 1.0 / (1.0 + math.exp(min(doubt - TRUST, 700.0)))


def _caption_search(moonshine: Moonshine, words: frozenset[str], model: LanguageModel) -> CaptionSearch:
    pieces, known = moonshine.pieces, sorted(words)
    small = [(word, pieces.of_word(word)) for word in known]
    capital = [(word, pieces.of_word(word.capitalize())) for word in known if word.capitalize() != word]
    return CaptionSearch(
        model=model,
        first_words=piece_tree([*small, *capital]),
        words=piece_tree(small),
        end=END,
        full_stop=pieces.full_stop,
        model_weight=SEARCH_MODEL_WEIGHT,
        word_bonus=SEARCH_WORD_BONUS,
        beam=BEAM,
    )
