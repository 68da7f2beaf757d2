"""``transcribe``: the window's recogniser on sound files."""

from __future__ import annotations

import argparse
import json
import logging
import time
from pathlib import Path
from typing import Any

from air_sketch.values.errors import SpeechError, printable
from air_sketch.values.ports import RecognizerLoader, SpeechRecognizer
from air_sketch.voice.sound.files import Sound, read_sound
from air_sketch.voice.speech import speech_in

logger = logging.getLogger(__name__)


def run_transcribe(args: argparse.Namespace, load_recognizer: RecognizerLoader) -> int:
    """Carry out ``transcribe``; 1 when none of the files could be read.

    Raises:
        SpeechError: if the recogniser cannot be had.
    """
    recognizer: SpeechRecognizer | None = None
    sounds = 0
    for file in args.files:
        try:
            sound = read_sound(Path(file))
        except SpeechError as error:
            logger.error("%s", error)
            line = _line(file) | {"error": str(error)}
        else:
            sounds += 1
            recognizer = recognizer or load_recognizer()
            try:
                line = transcribe_sound(file, sound, recognizer)
            except SpeechError as error:
                logger.error("%s: %s", file, error)
                line = _line(file) | {"error": str(error)}
        if args.json:
            print(json.dumps(line), flush=True)  # ASCII: names may hold bytes that are no letters
        elif "audio_seconds" in line:
            words = line["text"] or line["error"]
            told = f"{file}: {words} (confidence {line['confidence']:.2f}, {line['seconds']:.2f} s)"
            print(printable(told), flush=True)
    return 0 if sounds else 1


def transcribe_sound(file: str, sound: Sound, recognizer: SpeechRecognizer) -> dict[str, Any]:
    """Recognise one sound; return its line."""
    start_s = time.perf_counter()
    speech = speech_in(sound.samples, sound.rate_hz)
    line = _line(file)
    if speech is None:
        line["error"] = "nothing said"
    else:
        transcript = recognizer.transcribe(speech)
        line |= {"text": transcript.text, "confidence": round(transcript.confidence, 3)}
        if not transcript.text:
            line["error"] = "not understood"
    line["seconds"] = round(time.perf_counter() - start_s, 3)
    return line | {"audio_seconds": round(sound.duration_s, 3)}


def _line(file: str) -> dict[str, Any]:
    return {"file": file, "text": "", "confidence": 0.0, "seconds": 0.0}
