"""Moonshine (Jeffries et al., arXiv:2410.15608, 2024): a small encoder-decoder that was trained on real speech.

Its Python package carries the English "tiny" weights (27 million, 8 bit); they are run here with ONNX Runtime, because
the package's own interface gives one text, and not how likely others are.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from air_sketch.values.datatypes import Float32Array, Int64Array
from air_sketch.values.errors import SpeechError, first_line
from air_sketch.voice.sound.levels import SPEECH_RATE_HZ
from air_sketch.voice.words.word_pieces import BEGIN, END, MOST_PIECES, WordPieces

EXPECTED_WEIGHT = 0.6
"""The decoder is a language model of everyday English, too, in which no brand and few garments are likely. What it
expects of a silent second is taken off by this share: internal language model estimation (Meng et al., SLT 2021)."""

SHORTEST = SPEECH_RATE_HZ // 4
"""Samples; shorter sounds, which hold no word, are less than the encoder's filters need."""

_LAYERS, _HEADS, _HEAD_SIZE = 6, 8, 36
_SAMPLES_A_FRAME = 384
"""The decoder's mask is for samples, though it hears the encoder's frames."""

_THREADS = 2

INSTALL = "pip install moonshine-voice==0.1.0"
"""Later versions download their weights; requirements.txt leaves macOS out, where only version 15 and later can."""


class Moonshine:
    """The loaded weights."""

    def __init__(self, folder: Path) -> None:
        """Load them.

        Args:
            folder: from ``find_model``.
        Raises:
            SpeechError: if they cannot be loaded.
        """
        try:
            import onnxruntime
        except ImportError as error:
            raise SpeechError(f"onnxruntime cannot start ({first_line(error)})", "Install requirements.txt.") from None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = _THREADS
        options.log_severity_level = 4
        # Threads that wait in a loop would take the cores that draw meanwhile.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")

        def session(name: str) -> Any:
            return onnxruntime.InferenceSession(str(folder / name), options, providers=["CPUExecutionProvider"])

        try:
            self.pieces = WordPieces((folder / "tokenizer.bin").read_bytes())
            self._encoder = session("encoder_model.ort")
            self._decoder = session("decoder_model_merged.ort")
            self._silence = self._encoded(np.zeros(SPEECH_RATE_HZ, dtype=np.float32))
            self.hear(np.zeros(SPEECH_RATE_HZ, dtype=np.float32)).write_down()  # weights of another kind fail here
        except Exception as error:  # ONNX Runtime has no common base of its errors
            raise SpeechError(f"moonshine-voice cannot start ({first_line(error)})", "Install it again.") from None

    def hear(self, samples: Float32Array) -> Hearing:
        """Listen to a sound, float32 (N,) at ``SPEECH_RATE_HZ``."""
        samples = np.pad(samples, (0, max(0, SHORTEST - len(samples))))
        heard, silence = (_Decoding(self._decoder, sound) for sound in (self._encoded(samples), self._silence))
        return Hearing(self.pieces, heard, silence)

    def _encoded(self, samples: Float32Array) -> Float32Array:
        heard = {"input_values": samples[None], "attention_mask": np.ones((1, len(samples)), dtype=np.int64)}
        return self._encoder.run(None, heard)[0]


def find_model() -> Path:
    """Return the folder of the weights that come with the package ``moonshine-voice``.

    Raises:
        SpeechError: if the package or its weights are missing.
    """
    found = importlib.util.find_spec("moonshine_voice")  # found, not imported: it would load libraries of its own
    folders = list(found.submodule_search_locations or ()) if found is not None else []
    for folder in folders:
        weights = Path(folder) / "assets" / "tiny-en"
        if (weights / "decoder_model_merged.ort").is_file():
            return weights
    what = "carries no weights" if folders else "is not installed"
    raise SpeechError(
        f"moonshine-voice {what}", f"Run: {INSTALL} (on macOS from version 15 on), or name a Whisper with --speech"
    )


class Hearing:
    """What Moonshine makes of one sound; a ``PieceScores`` for the search."""

    def __init__(self, pieces: WordPieces, heard: _Decoding, silence: _Decoding) -> None:
        self._pieces = pieces
        self._heard = heard
        self._silence = silence

    def begin(self) -> Float32Array:
        """Scores of the first piece (see ``PieceScores``)."""
        return _evidence(self._heard.begin(), self._silence.begin())

    def extend(self, parents: Sequence[int], pieces: Sequence[int]) -> Float32Array:
        """Scores of the next piece (see ``PieceScores``)."""
        rows, added = np.asarray(parents, dtype=np.int64), np.asarray(pieces, dtype=np.int64)
        return _evidence(self._heard.extend(rows, added), self._silence.extend(rows, added))

    def write_down(self) -> tuple[str, float]:
        """Return what was said, whatever it is, and its log chance (greedy search)."""
        decoding = self._heard
        row, said, total = decoding.begin()[0], list[int](), 0.0
        while len(said) < MOST_PIECES:
            piece = int(row.argmax())
            total += float(row[piece])
            if piece == END:
                break
            said.append(piece)
            row = decoding.extend(np.zeros(1, dtype=np.int64), np.array([piece]))[0]
        return self._pieces.text(said), total


def _evidence(heard: Float32Array, expected: Float32Array) -> Float32Array:
    """What speaks for each piece: its log chance, less what it would have if nothing were heard."""
    return heard - np.float32(EXPECTED_WEIGHT) * expected


class _Decoding:
    """The decoder at work on one encoded sound, with what it keeps from step to step."""

    def __init__(self, decoder: Any, encoded: Float32Array) -> None:
        self._decoder = decoder
        self._encoded = encoded
        self._heard: dict[str, Float32Array] = {}  # of the sound: the same for every row
        self._said: dict[str, Float32Array] = {}  # of the pieces so far: a row each

    def begin(self) -> Float32Array:
        logits, kept = self._run(np.array([[BEGIN]]), self._empty(1), cached=False)
        self._heard = {name: value for name, value in kept.items() if ".encoder." in name}
        self._said = {name: value for name, value in kept.items() if ".decoder." in name}
        return log_softmax(logits[:, -1])

    def extend(self, parents: Int64Array, pieces: Int64Array) -> Float32Array:
        count = len(parents)
        if len(next(iter(self._heard.values()))) < count:
            self._heard = {name: np.repeat(value[:1], count, axis=0) for name, value in self._heard.items()}
        past = {name: value[:count] for name, value in self._heard.items()}
        past |= {name: value[parents] for name, value in self._said.items()}
        logits, self._said = self._run(pieces[:, None], past, cached=True)
        return log_softmax(logits[:, -1])

    def _run(
        self, inputs: Int64Array, past: dict[str, Float32Array], *, cached: bool
    ) -> tuple[Float32Array, dict[str, Float32Array]]:
        count, length = len(inputs), self._encoded.shape[1]
        feed = past | {
            "input_ids": inputs,
            "encoder_hidden_states": np.repeat(self._encoded, count, axis=0),
            "encoder_attention_mask": np.ones((count, length * _SAMPLES_A_FRAME), dtype=np.int64),
            "use_cache_branch": np.array([cached]),
        }
        kept = [name for name in _cache_names() if not (cached and ".encoder." in name)]
        logits, *values = self._decoder.run(
            ["logits", *(name.replace("past_key_values", "present") for name in kept)], feed
        )
        return logits, dict(zip(kept, values, strict=True))

    def _empty(self, count: int) -> dict[str, Float32Array]:
        lengths = {"decoder": 0, "encoder": self._encoded.shape[1]}
        return {
            name: np.zeros((count, _HEADS, lengths[name.split(".")[2]], _HEAD_SIZE), dtype=np.float32)
            for name in _cache_names()
        }


def _cache_names() -> list[str]:
    return [
        f"past_key_values.{layer}.{side}.{part}"
        for layer in range(_LAYERS)
        for side in ("decoder", "encoder")
        for part in ("key", "value")
    ]


def log_softmax(logits: Float32Array) -> Float32Array:
    """Natural logarithm of the softmax over the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
