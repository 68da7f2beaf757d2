"""A hundred sounds that are no speech: 25 kinds at four loudnesses, made of formulas and seeded noise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from air_sketch.values.datatypes import Float32Array

RATE_HZ = 16_000
SECONDS = 4.0
LOUDNESSES = (0.01, 0.05, 0.2, 0.8)
"""Peaks, full scale is 1."""

Wave = npt.NDArray[np.float64]
T: Wave = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ


def other_sounds() -> Iterator[tuple[str, Float32Array]]:
    """Yield name and sound, float32 at ``RATE_HZ``; the same ones every time."""
    for name, wave in _kinds(np.random.default_rng(5)).items():
        centred = wave - wave.mean()
        for loud in LOUDNESSES:
            yield f"{name} {loud:g}", (loud * centred / np.abs(centred).max()).astype(np.float32)


def _kinds(rng: np.random.Generator) -> dict[str, Wave]:
    white = rng.normal(0, 1, len(T))
    pulse = _pulses(rng)
    return {
        "white noise": white,
        "pink noise": _coloured(white, -0.5),
        "brown noise": _coloured(white, -1.0),
        "blue noise": _coloured(white, 0.5),
        "violet noise": _coloured(white, 1.0),
        "mains hum 50 Hz": _tones(50, (1, 0.5, 0.6, 0.2, 0.4)),
        "mains hum 60 Hz": _tones(60, (1, 0.2, 0.7, 0.1, 0.3)),
        "fridge": _tones(100, (1, 0.3, 0.2)) + 0.3 * _coloured(white, -0.8),
        "pure tone 440 Hz": _tones(440, (1,)),
        "whistle 2 kHz": np.sin(2 * np.pi * 2000 * T + 3 * np.sin(2 * np.pi * 6 * T)),
        "melody of sines": _melody((262, 330, 392, 523, 392, 330, 262, 196), (1,)),
        "melody of strings": _melody((196, 220, 247, 294, 247, 220, 196, 147), (1, 0.6, 0.4, 0.3, 0.2)),
        "chords": sum((_melody((f, f * 1.5, f, f * 1.33), (1, 0.3)) for f in (196, 247, 294)), np.zeros_like(T)),
        "siren": np.sin(2 * np.pi * (800 * T - 300 / (2 * np.pi * 0.4) * np.cos(2 * np.pi * 0.4 * T))),
        "telephone": _tones(440, (1, 0.3, 0.2)) * (np.sin(2 * np.pi * 20 * T) > 0) * (T % 3 < 1),
        "alarm clock": _tones(2048, (1, 0, 0.3)) * (T % 0.25 < 0.12) * (T % 1 < 0.9),
        "vacuum cleaner": _tones(220, (1, 0.5, 0.4, 0.3)) + 2 * _coloured(white, -0.4),
        "fan": _coloured(white, -0.8) * (1 + 0.3 * np.sin(2 * np.pi * 11 * T)),
        "wind": _coloured(white, -1.0) * (1.2 + np.sin(2 * np.pi * 0.6 * T)) ** 2,
        "breath": _coloured(white, -0.3) * np.clip(np.sin(2 * np.pi * 0.45 * T), 0, 1) ** 2,
        "kettle": np.sin(2 * np.pi * (2400 * T + 40 * T**2)) + 0.5 * _coloured(white, 0.3),
        "washing machine": _tones(48, (1, 0.7, 0.5)) * (1.3 + np.sin(2 * np.pi * 1.7 * T))
        + 0.4 * _coloured(white, -0.6),
        "knocks and typing": np.convolve(pulse, np.exp(-np.arange(1600) / 200) * rng.normal(0, 1, 1600))[: len(T)],
        "dripping": np.convolve(pulse, np.exp(-np.arange(2400) / 400) * np.sin(np.arange(2400) * 0.5))[: len(T)],
        "engine": _coloured(np.sign(np.sin(2 * np.pi * (28 * T + 4 * T**2))) + 0.3 * white, -0.7),
    }


def _coloured(wave: Wave, power: float) -> Wave:
    """Weigh a spectrum by frequency to a power, and bring it to one loudness."""
    spectrum = np.fft.rfft(wave)
    frequencies = np.maximum(np.arange(len(spectrum)), 20.0)
    changed: Wave = np.fft.irfft(spectrum * frequencies**power, len(wave))
    return changed / changed.std()


def _tones(hz: float, strengths: tuple[float, ...]) -> Wave:
    """A tone and its overtones."""
    return sum((s * np.sin(2 * np.pi * hz * (k + 1) * T) for k, s in enumerate(strengths)), np.zeros_like(T))


def _melody(notes_hz: tuple[float, ...], strengths: tuple[float, ...]) -> Wave:
    """One note after the other, each fading."""
    place = np.minimum((T / SECONDS * len(notes_hz)).astype(int), len(notes_hz) - 1)
    since_s = T - place * SECONDS / len(notes_hz)
    phase = 2 * np.pi * np.array(notes_hz)[place] * since_s
    return np.exp(-2 * since_s) * sum((s * np.sin((k + 1) * phase) for k, s in enumerate(strengths)), np.zeros_like(T))


def _pulses(rng: np.random.Generator) -> Wave:
    """Single strokes at irregular times."""
    found = np.zeros_like(T)
    found[rng.integers(0, len(T) - 4000, 14)] = rng.uniform(0.4, 1.0, 14)
    return found
