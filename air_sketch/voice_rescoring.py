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
from dataclasses import dataclass

from air_sketch.datatypes import Speech, Transcript
from air_sketch.voice_caption_search import CaptionSearch, piece_tree
from air_sketch.voice_language_model import LanguageModel
from air_sketch.voice_moonshine import Hearing, Moonshine
from air_sketch.voice_sound import even_loudness
from air_sketch.voice_sphinx import Sphinx, Words
from air_sketch.voice_word_pieces import END

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

NOT_ALIGNED = -1.0
"""PocketSphinx's score of a caption that it cannot fit to the sound; others lie between -0.1 and -0.8."""

LEAST_CONFIDENCE = 0.5

# Logistic regression on the best captions of ``TUNING``: were they captions, or other talk?
TRUST = 18.9
SURPLUS_DOUBT = 2.5
LANGUAGE_DOUBT = 1.5
SPHINX_DOUBT = 10.7


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
        hearing = self._moonshine.hear(even_loudness(speech.recorded))
        candidates = self.candidates(speech, hearing)
        if not candidates:
            return Transcript("", 0.0)
        best = max(candidates, key=lambda candidate: candidate.score)
        confidence = confidence_of(best, hearing.write_down()[1])
        understood = confidence >= LEAST_CONFIDENCE
        return Transcript(self._normalize(" ".join(best.words)) if understood else "", confidence)

    def candidates(self, speech: Speech, hearing: Hearing) -> list[Candidate]:
        """Return the captions that both weigh, with their scores, in no particular order."""
        from_moonshine = self._search.find(hearing)[:MOST_FROM_MOONSHINE]
        chances = {found.words: found.log_chances for found in reversed(from_moonshine)}
        others = [words for words in self._sphinx.captions(speech.cleaned, MOST_FROM_SPHINX) if words not in chances]
        chances |= dict(zip(others, hearing.log_chances(others), strict=True))
        found = [
            Candidate(words, sum(max(chance, LEAST_LOG_CHANCE) for chance in each), self._model.log_chance_of(words))
            for words, each in chances.items()
        ]
        likely = sorted(found, key=lambda candidate: -candidate.score)[:MOST_ALIGNED]
        return [self._with_sphinx(candidate, speech) for candidate in likely]

    def _with_sphinx(self, candidate: Candidate, speech: Speech) -> Candidate:
        agreement = self._sphinx.agreement(speech.cleaned, candidate.words)
        return Candidate(
            candidate.words, candidate.heard, candidate.language, NOT_ALIGNED if agreement is None else agreement
        )


def confidence_of(best: Candidate, free_log_chance: float) -> float:
    """Say how sure it is that the best caption was said, 0..1.

    Args:
        best: of the candidates.
        free_log_chance: Moonshine's of what it writes down when every word is allowed. The better that fits than the
            caption, the less it was one.
    """
    per_word = 1.0 / (len(best.words) + 1)
    surplus = (free_log_chance - best.heard) * per_word
    doubt = SURPLUS_DOUBT * surplus - LANGUAGE_DOUBT * best.language * per_word - SPHINX_DOUBT * best.sphinx
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
