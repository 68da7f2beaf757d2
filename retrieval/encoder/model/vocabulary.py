"""Train the small encoder's own byte-pair vocabulary, in the form of CLIP's tokenizer."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tokenizers import pre_tokenizers, trainers
from transformers import CLIPTokenizer

START, END = "<|startoftext|>", "<|endoftext|>"
START_ID, END_ID = 0, 1
END_OF_WORD = "</w>"


def train_tokenizer(texts: Iterable[str], size: int, max_tokens: int) -> CLIPTokenizer:
    """Learn byte-pair merges from captions, at most ``size`` entries; padding is by the end token, as in CLIP.

    Every byte is in the vocabulary, so any language can be typed and no caption is unknown. The same texts give
    the same vocabulary in every process: the trainer would number the letters that end words as it meets them in
    a hash table, and break ties by those numbers, so they are numbered beforehand.
    """
    blank = CLIPTokenizer(vocab={START: START_ID, END: END_ID}, merges=[])
    backend = blank.backend_tokenizer
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    endings = [letter + END_OF_WORD for letter in letters]
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[START, END, *endings],  # special to the trainer only: fixed numbers from 0
        initial_alphabet=letters,
        end_of_word_suffix=END_OF_WORD,
        show_progress=False,
        min_frequency=2,
    )
    backend.train_from_iterator(texts, trainer)
    model = json.loads(backend.to_str())["model"]
    merges = [tuple(pair) for pair in model["merges"]]
    return CLIPTokenizer(vocab=model["vocab"], merges=merges, model_max_length=max_tokens)
