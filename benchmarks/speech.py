"""How well spoken captions are understood; writes benchmarks/SPEECH.md.

    python benchmarks/speech.py                     # measure on the held-out captions and voices
    python benchmarks/speech.py --set tuning --show # the set that thresholds are chosen on, with every mistake

Needs espeak-ng. Word error rate and refusals go through the very functions of ``main.py transcribe``.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from air_sketch.commands.parser import DEFAULT_SPEECH
from air_sketch.commands.transcribe import transcribe_sound
from air_sketch.values.ports import SpeechRecognizer
from air_sketch.voice.sound.files import Sound
from benchmarks.other_sounds import RATE_HZ, other_sounds
from benchmarks.spoken_captions import SETS, SpokenSet, Voice, add_noise, speak, word_errors
from bridge.speech import load_speech
from retrieval.words.captions import normalize_caption

NOISES_DB = (None, 20.0, 10.0)
REPORT = Path(__file__).resolve().parent / "SPEECH.md"


@dataclass(frozen=True)
class Outcome:
    """One sentence, as one voice said it in one noise."""

    voice: str
    noise_db: float | None
    errors: int
    words: int
    refused: bool
    time_ratio: float


def measure(
    spoken: SpokenSet, recognizer: SpeechRecognizer, texts: tuple[str, ...], voices_each: int, *, show: bool
) -> list[Outcome]:
    """Let the voices say the texts and take down what is understood."""
    outcomes = []
    for number, text in enumerate(texts):
        said = normalize_caption(text)
        for voice in _turn(spoken.voices, number, voices_each):
            sound = speak(text, voice)
            for noise_db in NOISES_DB:
                line = transcribe_sound(text, add_noise(sound, noise_db, number), recognizer)
                errors, words = word_errors(said, line["text"])
                ratio = line["seconds"] / line["audio_seconds"]
                outcomes.append(Outcome(voice[0], noise_db, errors, words, not line["text"], ratio))
                if show and errors:
                    heard = line["text"] or "-"
                    print(f"{voice[0]:16} {_noise(noise_db):7} {said} | {heard} ({line['confidence']})", flush=True)
    return outcomes


def _turn(voices: tuple[Voice, ...], number: int, count: int) -> list[Voice]:
    """The voices that say the n-th text: neighbours in a ring that moves on by one."""
    return [voices[(number + step * len(voices) // count) % len(voices)] for step in range(count)]


def error_rate(outcomes: list[Outcome]) -> float:
    """Errors over words of all outcomes together."""
    return sum(o.errors for o in outcomes) / max(1, sum(o.words for o in outcomes))


def report(name: str, captions: list[Outcome], off_topic: list[Outcome], words_in_sounds: list[str]) -> str:
    """Set the figures in Markdown; ``words_in_sounds`` are the sounds of which words were made."""
    by_voice: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in captions:
        by_voice[outcome.voice].append(outcome)
    rows = [("all voices", captions), *by_voice.items()]
    head = " | ".join(_noise(noise) for noise in NOISES_DB)
    lines = [f"| word error rate, {name} | {head} |", "|---|" + "---|" * len(NOISES_DB)]
    for voice, outcomes in rows:
        rates = [error_rate([o for o in outcomes if o.noise_db == noise]) for noise in NOISES_DB]
        lines.append(f"| {voice} | " + " | ".join(f"{rate:.2f}" for rate in rates) + " |")
    lines += ["", f"| | {head} |", "|---|" + "---|" * len(NOISES_DB)]
    for what, outcomes in (("captions refused", captions), ("off-topic speech refused", off_topic)):
        cells = []
        for noise in NOISES_DB:
            chosen = [o for o in outcomes if o.noise_db == noise]
            cells.append(f"{sum(o.refused for o in chosen)} of {len(chosen)}")
        lines.append(f"| {what} | " + " | ".join(cells) + " |")
    quiet = len(list(other_sounds())) - len(words_in_sounds)
    lines += ["", f"Sounds that are no speech and gave no words: {quiet} of {quiet + len(words_in_sounds)}."]
    lines += [f"Words in: {', '.join(words_in_sounds)}."] if words_in_sounds else []
    ratio = statistics.median(o.time_ratio for o in captions)
    lines += ["", f"Median time from sound to words: {ratio:.2f} of the sound's length."]
    return "\n".join(lines)


def _noise(noise_db: float | None) -> str:
    return "clean" if noise_db is None else f"{noise_db:.0f} dB"


def main() -> int:
    """Measure, print, and write the report for the held-out set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", default="held-out", choices=list(SETS), help="captions and voices (default held-out)")
    parser.add_argument("--speech", default=DEFAULT_SPEECH, help="as for main.py")
    parser.add_argument("--gallery", help="as for main.py (default: the demo gallery)")
    parser.add_argument("--show", action="store_true", help="print every mistake")
    args = parser.parse_args()
    spoken = SETS[args.set]
    recognizer = load_speech(args.speech, args.gallery)()
    captions = measure(spoken, recognizer, spoken.captions, spoken.voices_each, show=args.show)
    off_topic = measure(spoken, recognizer, spoken.off_topic, len(spoken.voices), show=False)
    words_in_sounds = [
        name for name, samples in other_sounds() if transcribe_sound(name, Sound(samples, RATE_HZ), recognizer)["text"]
    ]
    text = report(args.set, captions, off_topic, words_in_sounds)
    print(text)
    if args.set == "held-out" and args.speech == DEFAULT_SPEECH and args.gallery is None:
        REPORT.write_text(_page(text), encoding="utf-8")
    return 0


def _page(figures: str) -> str:
    return (
        "# Spoken captions, measured\n\n"
        "One run of `python benchmarks/speech.py`: captions and voices of `HELD_OUT` in `spoken_captions.py`, said by\n"
        "espeak-ng, the default recogniser with the demo gallery's words. Weights and thresholds were chosen on\n"
        "`TUNING`, which has other captions and other voices or speeds. Refused captions count as all words missing,\n"
        "noise is white, speech to noise as given. The sounds that are no speech are those of `other_sounds.py`.\n"
        f"Machine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}.\n\n"
        f"{figures}\n\n"
        "Synthetic voices are neither harder nor easier than people in general, only different: take the figures as a\n"
        "check that the whole chain works, not as a promise for your voice and your room.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
