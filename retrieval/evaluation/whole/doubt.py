"""Does the search know when it does not know: how sure it is of what it finds, and of what it cannot find?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from retrieval.evaluation.gallery import Gallery, Subject
from retrieval.evaluation.metrics import calibration_error, estimate
from retrieval.evaluation.report import Row, Section
from retrieval.sketches.people_drawings import WORD_KINDS, PersonDrawing
from retrieval.sketches.scribbles import scribbles
from retrieval.values.confidence import DOUBTED_BELOW, RIGHT_HITS
from retrieval.values.datatypes import BoolArray, LineDrawing

Sure = Callable[["LineDrawing | None", str], "tuple[Sequence[int], float | None]"]
"""The whole search: the numbers of the first page's items, and how sure it is; None when it cannot tell."""

OpenSure = Callable[[Gallery], Sure]

COLUMNS = ("doubted", "mean sure", "held", "calibration error")
SCRIBBLES, SCRIBBLE_SEED = 5, 1_000
"""Of each kind; other ones than any fit draws."""

STRANGE_WORDS = (
    "xylophone", "carburetor", "lighthouse", "accordion", "hippopotamus", "broccoli", "submarine", "toothbrush",
    "volcano", "trombone", "algebra", "refrigerator",
)  # fmt: skip
"""Words that a gallery of garments hardly has."""

NOTE = (
    f"sure: the calibrated chance that the first page holds what was meant; doubted: the share below {DOUBTED_BELOW}. "
    "Held: the very item is there (XDoG drawings, titles), or at least "
    f"{RIGHT_HITS} items of the kind that was drawn. The encoder's fit may have seen these drawings: --other with "
    "drawings of its own says more."
)


def doubt_section(
    sure: Sure,
    gallery: Gallery,
    subjects: Sequence[Subject],
    people: Sequence[PersonDrawing],
    other: Sequence[PersonDrawing],
) -> Section | None:
    """Measure how sure the search is; None when it cannot tell, or there is nothing to draw."""
    kinds, rows = gallery.kinds, dict[str, Row]()

    def measure(name: str, queries: Iterable[tuple[LineDrawing | None, str, BoolArray, int]]) -> None:
        answered = [(*sure(drawing, caption), wanted, needed) for drawing, caption, wanted, needed in queries]
        told = [(p, wanted[list(hits)].sum() >= needed) for hits, p, wanted, needed in answered if p is not None]
        if told:
            chances, held = (np.array(column, np.float64) for column in zip(*told, strict=True))
            rows[name] = {
                "doubted": estimate(chances < DOUBTED_BELOW),
                "mean sure": estimate(chances),
                "held": estimate(held),
                "calibration error": calibration_error(chances, held, np.ones(len(held))),
            }

    def only(number: int) -> BoolArray:
        return np.asarray(np.arange(len(kinds)) == number)

    nothing = np.zeros(len(kinds), bool)
    of_word = {word: np.isin(kinds, list(names)) for word, names in WORD_KINDS.items()}
    drawn = [drawing for drawing in people if of_word[drawing.word].sum() >= RIGHT_HITS]
    measure("drawings by people", ((one.lines(), "", of_word[one.word], RIGHT_HITS) for one in drawn))
    measure("drawings by people + word", ((one.lines(), one.word, of_word[one.word], RIGHT_HITS) for one in drawn))
    measure("drawings of items", ((subject.drawing, "", only(subject.number), 1) for subject in subjects))
    measure("titles", ((None, subject.item.title, only(subject.number), 1) for subject in subjects))
    measure("other things", ((drawing.lines(), "", nothing, 1) for drawing in other))
    marks = (drawing for several in scribbles(SCRIBBLES, SCRIBBLE_SEED).values() for drawing in several)
    measure("scribbles", ((drawing, "", nothing, 1) for drawing in marks))
    measure("strange words", ((None, word, nothing, 1) for word in STRANGE_WORDS))
    return Section("Doubt", COLUMNS, rows, NOTE) if len(rows) > 1 else None
