"""Take steady noise (a fan, a street, hiss) out of speech before it is recognised.

The log-spectral amplitude estimator of Ephraim and Malah ("Speech enhancement using a minimum mean-square error
log-spectral amplitude estimator", IEEE Trans. ASSP 1985) with its decision-directed signal-to-noise ratio. The noise
is what the quietest part of the recording holds: the moments before and after the words.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from air_sketch.values.datatypes import Float32Array

FRAME = 512
"""Samples of a spectrum, 32 ms; a quarter of it lies between two spectra."""

STEP = FRAME // 4
QUIETEST = 6
"""The quietest sixth of the spectra is taken for noise: a caption has about that much pause around it."""

SMOOTHING = 0.96
"""How much the estimated signal-to-noise ratio leans on the spectrum before; less leaves musical tones."""

LEAST_GAIN = 0.1
"""Noise is lowered by 20 dB at most: what is cut out wholly sounds like no recording the recogniser has learnt from."""

LEAST_RATIO = 0.003
MOST_RATIO = 1e3
SHORTEST = FRAME * 4

Spectra = npt.NDArray[np.float64]


def reduce_noise(samples: Float32Array) -> Float32Array:
    """Lower steady noise.

    Args:
        samples: float32 (N,), 16,000 a second, speech with a little of the room before and after it.
    Returns:
        float32 (N,); sounds of less than an eighth of a second come back as they are.
    """
    if len(samples) < SHORTEST:
        return samples
    squared_window = np.hanning(FRAME + 1)[:FRAME]
    window = np.sqrt(squared_window)
    padded = np.pad(samples.astype(np.float64), (FRAME, FRAME + -len(samples) % STEP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::STEP] * window
    spectra = np.fft.rfft(frames, axis=1)
    power: Spectra = np.square(np.abs(spectra))
    kept = np.fft.irfft(spectra * _gains(power, _noise(power)), FRAME, axis=1) * window
    total, weight = np.zeros(len(padded)), np.zeros(len(padded))
    for number, frame in enumerate(kept):
        place = slice(number * STEP, number * STEP + FRAME)
        total[place] += frame
        weight[place] += squared_window
    cleaned = total / np.maximum(weight, 1e-6)
    return cleaned[FRAME : FRAME + len(samples)].astype(np.float32)


def _noise(power: Spectra) -> Spectra:
    """Mean power of the quietest spectra, float (bins,), smoothed over neighbours."""
    whole = power[FRAME // STEP : -(FRAME // STEP)]  # the padding at both ends is no room
    quietest = np.argsort(whole.sum(axis=1))[: max(5, len(whole) // QUIETEST)]
    mean = np.pad(whole[quietest].mean(axis=0), 4, mode="edge")
    smooth: Spectra = np.convolve(mean, np.full(9, 1.0 / 9.0), "valid") + 1e-12
    return smooth


def _gains(power: Spectra, noise: Spectra) -> Spectra:
    """Gain of every bin of every spectrum, ``LEAST_GAIN``..1."""
    gains = np.empty_like(power)
    speech_before = np.full(power.shape[1], LEAST_RATIO)
    for number, spectrum in enumerate(power):
        ratio = np.minimum(spectrum / noise, MOST_RATIO)
        smooth = SMOOTHING * speech_before + (1.0 - SMOOTHING) * np.maximum(ratio - 1.0, 0.0)
        speech = np.maximum(smooth, LEAST_RATIO)
        wiener = speech / (1.0 + speech)
        gain = np.clip(wiener * np.exp(0.5 * exponential_integral(wiener * ratio)), LEAST_GAIN, 1.0)
        gains[number] = gain
        speech_before = gain**2 * ratio
    return gains


def exponential_integral(x: Spectra) -> Spectra:
    """E1 of positive numbers, to 1e-4 of its value (Abramowitz and Stegun 5.1.53 and 5.1.56)."""
    small, large = np.clip(x, 1e-10, 1.0), np.maximum(x, 1.0)
    near_zero = np.polyval((0.00107857, -0.00976004, 0.05519968, -0.24991055, 0.99999193, -np.euler_gamma), small)
    far = (large**2 + 2.334733 * large + 0.250621) / (large**2 + 3.330657 * large + 1.681534)
    value: Spectra = np.where(x <= 1.0, near_zero - np.log(small), np.exp(-large) / large * far)
    return value
