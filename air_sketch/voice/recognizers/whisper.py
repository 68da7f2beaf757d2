"""Whisper (Radford et al., ICML 2023) through transformers, for those who have its weights or reach the hub."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from air_sketch.values.datatypes import Float32Array, Transcript
from air_sketch.values.errors import SpeechError, first_line
from air_sketch.voice.sound.levels import SPEECH_RATE_HZ

LEAST_CONFIDENCE = 0.3
"""Geometric mean of the words' probabilities. Whisper's own floor, a mean log probability of -1, is 0.37; captions
are shorter and odder than the speech it was set on."""

MOST_TOKENS = 64


class WhisperRecognizer:
    """Recognises with any Whisper in the Hugging Face layout."""

    def __init__(self, name: str, normalize: Callable[[str], str] = str.lower) -> None:
        """Load it.

        Args:
            name: a folder, or a name on the hub such as ``openai/whisper-base.en``.
            normalize: brings words into the captions' spelling.
        Raises:
            SpeechError: if it cannot be loaded.
        """
        try:
            import torch
            from transformers import AutoModelForSpeechSeq2Seq, AutoProcessor
        except ImportError as error:
            raise SpeechError(
                f"--speech {name} cannot start ({first_line(error)})", "Install requirements.txt."
            ) from None
        try:
            # nothing of theirs runs: no code beside the weights, and no pickled weights
            self._processor: Any = AutoProcessor.from_pretrained(name, trust_remote_code=False)
            self._model: Any = AutoModelForSpeechSeq2Seq.from_pretrained(
                name, trust_remote_code=False, use_safetensors=True
            ).eval()
        except Exception as error:  # the hub, the file system and the weights each raise their own types
            raise _why_not(name, error) from None
        self._torch = torch
        self._normalize = normalize
        self._english_only = not getattr(self._model.generation_config, "is_multilingual", False)

    def transcribe(self, speech: Float32Array) -> Transcript:
        """Recognise one caption (see ``SpeechRecognizer``)."""
        try:
            words, confidence = self._generate(speech)
        except Exception as error:  # whatever a named model can raise becomes one line
            raise SpeechError(f"the speech model failed: {first_line(error)}", "Leave --speech out.") from None
        text = self._normalize(re.sub(r"[^\w\s'&-]", " ", words).strip())
        return Transcript(text if confidence >= LEAST_CONFIDENCE else "", confidence)

    def _generate(self, samples: Float32Array) -> tuple[str, float]:
        inputs = self._processor(samples, sampling_rate=SPEECH_RATE_HZ, return_tensors="pt", return_attention_mask=True)
        language: dict[str, str] = {} if self._english_only else {"language": "en", "task": "transcribe"}
        with self._torch.inference_mode():
            made = self._model.generate(
                inputs.input_features,
                attention_mask=inputs.get("attention_mask"),
                max_new_tokens=min(MOST_TOKENS, int(self._model.config.max_target_positions) // 2),
                num_beams=1,
                do_sample=False,
                return_dict_in_generate=True,
                output_scores=True,
                **language,
            )
            scores = self._model.compute_transition_scores(made.sequences, made.scores, normalize_logits=True)
        chances = [float(score) for score in scores[0] if math.isfinite(float(score))]
        confidence = math.exp(sum(chances) / len(chances)) if chances else 0.0
        return self._processor.batch_decode(made.sequences, skip_special_tokens=True)[0], confidence


def _why_not(name: str, error: Exception) -> SpeechError:
    wanted = "expected a folder with a Whisper, or its name on the hub"
    if Path(name).is_dir():
        return SpeechError(
            f"--speech {name} cannot be read: {wanted}, got: {first_line(error)}", "Save it there again."
        )
    return SpeechError(
        f"--speech {name} cannot be had: {wanted} (and a connection)", "Leave --speech out to work offline."
    )
