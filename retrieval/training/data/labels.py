"""Kinds and colours of training rows as numbers, and captions as tokens: what the losses count with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import CLIPTokenizer

from retrieval.encoder.model.vocabulary import train_tokenizer
from retrieval.values.errors import TrainingError
from retrieval.words.captions import normalize_caption

TOKENIZER_FOLDER = "tokenizer"  # in the run folder

Row = dict[str, Any]


class LabelNumbers:
    """Numbers the kinds and colours of a run.

    Attributes:
        kinds: catalogue kind -> number.
        colours: catalogue colour -> number.
        groups: catalogue kind -> group of kinds (footwear, ...), where the rows tell.

    Args:
        rows: of the training pairs.
        device: of the results.
    """

    def __init__(self, rows: Sequence[Row], device: torch.device) -> None:
        self.kinds = _numbering(row.get("articleType", "") for row in rows)
        self.colours = _numbering(row.get("baseColour", "") for row in rows)
        self.groups = {row["articleType"]: row["masterCategory"] for row in rows if row.get("masterCategory")}
        self._device = device

    def of(self, kinds: Sequence[str], colours: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the numbers of N kinds and of N colours, int64 (N,) each; -1 for one that is unknown."""
        return (
            torch.tensor([self.kinds.get(kind, -1) for kind in kinds], device=self._device),
            torch.tensor([self.colours.get(colour, -1) for colour in colours], device=self._device),
        )


def vocabulary_of_run(run: Path) -> Any:
    """Read the vocabulary of a run that has begun: its numbers are what the saved weights know words by.

    Returns:
        A tokenizer; None when no run has begun there.
    Raises:
        TrainingError: if it is missing or damaged.
    """
    if not (run / "state.pt").is_file():
        return None
    try:
        return CLIPTokenizer.from_pretrained(run / TOKENIZER_FOLDER)
    except Exception as error:  # transformers raises many types here
        raise TrainingError(
            f"Training state {run / 'state.pt'} has no vocabulary beside it ({run / TOKENIZER_FOLDER}), so the "
            f"run cannot go on. Name another folder with --out, or delete {run}."
        ) from error


def learn_vocabulary(rows: Sequence[Row], size: int, max_tokens: int) -> CLIPTokenizer:
    """Learn a vocabulary from titles, kinds and colours (see ``train_tokenizer``)."""
    titles = [normalize_caption(row["title"]) for row in rows]
    labels = [row.get(column, "").lower() for row in rows for column in ("articleType", "baseColour")]
    return train_tokenizer(titles + labels, size, max_tokens)


def _numbering(values: Iterable[str]) -> dict[str, int]:
    names = sorted(set(values) - {"", "NA"})
    return {name: number for number, name in enumerate(names)}
