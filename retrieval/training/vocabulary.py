"""How a run turns captions into tokens, and where it keeps what it learnt for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import CLIPTokenizer

from retrieval.encoder.model.vocabulary import train_tokenizer
from retrieval.training.run_state import STATE_FILE
from retrieval.values.errors import TrainingError
from retrieval.words.captions import normalize_caption

TOKENIZER_FOLDER = "tokenizer"  # in the run folder


@dataclass(frozen=True)
class Vocabulary:
    """Turns captions into tokens.

    Attributes:
        tokenizer: of ``transformers``.
        max_tokens: longest caption.
    """

    tokenizer: Any
    max_tokens: int

    def __len__(self) -> int:
        return len(self.tokenizer)

    def tokens(self, captions: list[str], device: torch.device) -> dict[str, torch.Tensor]:
        """Tokenise captions: ``input_ids`` and ``attention_mask``, int64 (N, T) each."""
        tokens = self.tokenizer(
            captions, padding=True, truncation=True, max_length=self.max_tokens, return_tensors="pt"
        )
        return {key: tokens[key].to(device) for key in ("input_ids", "attention_mask")}

    def save(self, run: Path) -> None:
        """Keep it in the run folder, for ``vocabulary_of_run``."""
        self.tokenizer.save_pretrained(run / TOKENIZER_FOLDER)


def vocabulary_of_run(run: Path, max_tokens: int) -> Vocabulary | None:
    """Read the vocabulary of a run that has begun: its numbers are what the saved weights know words by.

    Returns:
        None when no run has begun there.
    Raises:
        TrainingError: if it is missing or damaged.
    """
    if not (run / STATE_FILE).is_file():
        return None
    try:
        return Vocabulary(CLIPTokenizer.from_pretrained(run / TOKENIZER_FOLDER), max_tokens)
    except Exception as error:  # transformers raises many types here
        raise TrainingError(
            f"Training state {run / STATE_FILE} has no vocabulary beside it ({run / TOKENIZER_FOLDER}), so the "
            f"run cannot go on. Name another folder with --out, or delete {run}."
        ) from error


def learn_vocabulary(rows: Sequence[dict[str, Any]], size: int, max_tokens: int) -> Vocabulary:
    """Learn a vocabulary from titles, kinds and colours (see ``train_tokenizer``)."""
    titles = [normalize_caption(row["title"]) for row in rows]
    labels = [row.get(column, "").lower() for row in rows for column in ("articleType", "baseColour")]
    return Vocabulary(train_tokenizer(titles + labels, size, max_tokens), max_tokens)
