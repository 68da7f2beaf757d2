"""Spoken captions for tuning and measuring: what is said, by which of espeak-ng's voices, in how much noise.

Thresholds and word lists were chosen on ``TUNING``; ``HELD_OUT`` has other captions, other off-topic sentences and
other voices or speeds, and was only measured.
"""

from __future__ import annotations

import io
import subprocess
from dataclasses import dataclass

import numpy as np

from air_sketch.values.datatypes import Float32Array
from air_sketch.voice.sound.files import Sound, decode_sound

Voice = tuple[str, int]  # espeak-ng's name, words a minute


@dataclass(frozen=True)
class SpokenSet:
    """What is said, and by whom; each caption by ``voices_each`` of the voices in turn."""

    voices: tuple[Voice, ...]
    captions: tuple[str, ...]
    off_topic: tuple[str, ...]
    voices_each: int


TUNING = SpokenSet(
    voices=(
        ("en-us", 160), ("en-gb", 150), ("en-us+f3", 165), ("en-gb-x-rp+m3", 155), ("en-us+m2", 140),
        ("en-gb-scotland", 150),
    ),
    captions=(
        "quillmere green backpack", "white ladies top", "navy blue denim jeans for women", "unisex brown watch",
        "sports shoes", "ladies grey hat", "cream cap with a round logo", "black rubber flip flops",
        "unisex yellow blazer", "men's sunglasses", "mistralle men brown leather lace-up boots",
        "halden row white umbrella", "yellow printed sweatshirt", "a teal striped blouse", "a silver handbag with lace",
        "tallowick men maroon wool trousers", "turquoise blue leather flats", "cotton socks with white stripes",
        "pink top", "cream tote", "black formal shoes", "zephyrin beige overcoat", "green t-shirt", "a silver ring",
        "a grey tie", "purple wool polka dot skirt", "mens casual shoes", "women teal sports sandals",
        "kettle and wren women red striped cotton t-shirt", "blue sweater with silver buttons", "ankle boots",
        "adidas black track pants", "a gold necklace with pearls", "short denim skirt", "a floral summer dress",
        "brown suede jacket with a zip",
    ),
    off_topic=(
        "what time is it", "the weather is nice this morning", "i will call you back later", "can you hear me",
        "turn off the lights please", "where did you put my keys", "my brother lives in another city",
        "we should go to the cinema tonight", "he said that he would not come", "please open the door",
        "one two three four five six", "i think we need more milk and bread",
    ),
    voices_each=2,
)  # fmt: skip

HELD_OUT = SpokenSet(
    voices=(
        ("en-us", 150), ("en-gb", 165), ("en-us+f1", 155), ("en-gb+m7", 150), ("en-us-nyc", 155),
        ("en-gb-x-gbclan", 150),
    ),
    captions=(
        "a long red dress", "men grey t-shirt", "black leather handbag with gold chain", "nike running shoes",
        "a white cotton shirt", "women navy blue skirt", "green canvas backpack", "a yellow raincoat",
        "brown leather belt with silver buckle", "pink ballet flats", "a striped blue sweater", "black high heels",
        "girls purple floral dress", "a beige trench coat", "men brown formal shoes", "checked red shirt",
        "a silver watch with leather strap", "blue skinny jeans", "an olive bomber jacket", "orange silk scarf",
        "women black boots with high heels", "polka dot umbrella", "a small black clutch", "unisex white sneakers",
        "gold hoop earrings", "larkhollow maroon wool coat", "ostrava lane grey backpack", "puma black t-shirt",
        "a knitted hat", "boys blue denim shorts", "cream satin blouse with buttons", "dark green cargo trousers",
        "pellaway women tan sandals", "white sleeveless top", "a black suit jacket", "red sports shoes for men",
        "lavender cotton pyjamas", "a grey hoodie with pockets", "leather wallet", "blue and white striped tie",
        "round sunglasses with gold frame", "vantisse purple handbag", "short black leather skirt",
        "a turquoise necklace with beads", "men's swimming shorts", "ladies winter gloves", "teal chiffon midi dress",
        "brown suede ankle boots",
    ),
    off_topic=(
        "hello how are you today", "did you see the game last night", "the train leaves at half past nine",
        "she is driving to work", "play some music", "what do you want for dinner", "thank you very much",
        "this is a test of the microphone", "could you send me that email again", "my computer is very slow",
    ),
    voices_each=2,
)  # fmt: skip

SETS = {"tuning": TUNING, "held-out": HELD_OUT}


def speak(text: str, voice: Voice) -> Sound:
    """Let espeak-ng say a text.

    Raises:
        FileNotFoundError: if it is not installed.
        subprocess.CalledProcessError: if it does not know the voice.
    """
    command = ["espeak-ng", "-v", voice[0], "-s", str(voice[1]), "--stdout", text]
    return decode_sound(io.BytesIO(subprocess.run(command, capture_output=True, check=True).stdout), text)


def add_noise(sound: Sound, ratio_db: float | None, seed: int) -> Sound:
    """Add white noise, and a quarter of a second of it before and after; None for none.

    Args:
        sound: speech.
        ratio_db: speech to noise; the speech's power is that of its louder windows, without the pauses.
        seed: the same seed gives the same noise.
    """
    pause = np.zeros(sound.rate_hz // 4, dtype=np.float32)
    samples = np.concatenate([pause, sound.samples, pause])
    if ratio_db is None:
        return Sound(samples, sound.rate_hz)
    power = float(np.mean(np.square(_spoken(sound.samples), dtype=np.float64)))
    noise = np.random.default_rng(seed).normal(0.0, np.sqrt(power / 10.0 ** (ratio_db / 10.0)), len(samples))
    return Sound((samples + noise).astype(np.float32), sound.rate_hz)


def _spoken(samples: Float32Array) -> Float32Array:
    loud = samples[np.abs(samples) > 0.01]
    return loud if len(loud) else samples


def word_errors(said: str, heard: str) -> tuple[int, int]:
    """Count the words to change, add and remove (Levenshtein), and the words said."""
    wanted, found = said.split(), heard.split()
    row = list(range(len(found) + 1))
    for number, word in enumerate(wanted, 1):
        above, row = row, [number]
        for place, other in enumerate(found):
            row.append(min(above[place] + (word != other), above[place + 1] + 1, row[place] + 1))
    return row[-1], len(wanted)
