"""Instruments made of arithmetic: a plucked string, bells, an organ, a bass, drums.

Each gives the sound of one note [shape=(n,), float64], near full scale; loudness, place and room
are the mixdown's. What sounds random comes from the generator that is passed in, so the same seed
gives the same sound. Knows nothing of pieces or files.

Source: K. Karplus, A. Strong, "Digital Synthesis of Plucked-String and Drum Timbres" (1983), in
its frequency-domain form; J. Chowning, "The Synthesis of Complex Audio Spectra by Means of
Frequency Modulation" (1973).
"""

from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, lfilter, sosfilt

__all__ = ["SR", "Mono", "bass", "bell", "hat", "hertz", "kick", "organ", "pluck", "snare"]

Mono: TypeAlias = npt.NDArray[np.float64]

SR = 44_100
"""Sample rate of all that is composed here [Hz]."""
_A4_HZ, _A4_PITCH = 440.0, 69
_MOST_OVERTONES = 24
_DECAY = np.log(1000.0)  # over the time that something rings, it falls by 60 dB


def hertz(pitch: float) -> float:
    """Return the frequency of a pitch counted in semitones; 69 is the A of 440 Hz.

    >>> hertz(57)
    220.0
    """
    return float(_A4_HZ * 2 ** ((pitch - _A4_PITCH) / 12))


def pluck(
    hz: float, length_s: float, rng: np.random.Generator, *, bright: float = 0.5, ring_s: float = 3
) -> Mono:
    """Return a plucked string: a burst of noise that runs round a loop and loses its edges.

    Args:
        hz: Frequency [Hz].
        length_s: How long it is held; then it is damped [seconds].
        rng: Where the burst comes from.
        bright: How much of the burst's treble is kept, 0 to 1.
        ring_s: How long it would ring by itself [seconds].
    """
    period = max(2, round(SR / hz - 0.5))
    sounding_hz = SR / (period + 0.5)  # averaging two neighbours delays by half a sample
    count = int(length_s * SR)
    rounds = int(count * hz / sounding_hz / period) + 3
    burst = np.fft.rfft(lfilter([bright], [1, bright - 1], rng.uniform(-1, 1, period)))
    burst[0] = 0
    turn = np.exp(-2j * np.pi * np.arange(len(burst)) / period)
    keep = np.exp(-_DECAY * period / (SR * ring_s))
    each_round = (keep * (1 + turn) / 2) ** np.arange(rounds)[:, None]
    string = np.fft.irfft(burst * each_round, period, axis=1).ravel()
    # the loop holds whole samples; reading it a little faster or slower puts it in tune
    tuned = np.interp(np.arange(count) * (hz / sounding_hz), np.arange(len(string)), string)
    return _levelled(_held(tuned, 0.001, 0.05))


def bell(hz: float, length_s: float, *, ratio: float = 3.5, index: float = 4.0) -> Mono:
    """Return a tone whose frequency is modulated by another: bells, or an electric piano.

    Args:
        hz: Frequency [Hz].
        length_s: Its length [seconds].
        ratio: Frequency of the modulator by that of the tone; a whole number sounds harmonic.
        index: How strongly it modulates at first.
    """
    at = _instants(length_s)
    edge = index * np.exp(-at * 5 / length_s)
    shimmer = np.sin(2 * np.pi * hz * ratio * at)
    tone = np.sin(2 * np.pi * hz * at + edge * shimmer) * np.exp(-at * _DECAY / (1.4 * length_s))
    return _held(np.asarray(tone), 0.003, 0.05)


def organ(hz: float, length_s: float, *, attack_s: float = 0.08, air: float = 0.5) -> Mono:
    """Return a held tone of a few overtones, two pipes a hair apart.

    Args:
        hz: Frequency [Hz].
        length_s: Its length [seconds].
        attack_s: How long it takes to speak [seconds].
        air: How much of the upper pipes there is, 0 to 1.
    """
    at = _instants(length_s)
    tone = np.zeros(len(at))
    for cents in (-3.0, 3.0):
        first = np.exp(2j * np.pi * hz * 2 ** (cents / 1200) * at)
        # powers of the first are its overtones, and quicker than sines of their own
        second, third = first * first, first * first * first
        tone += first.imag + 0.5 * second.real + 0.3 * air * third.imag
        tone += 0.35 * air * (second * second).real + 0.1 * (third * third).imag
    return _levelled(_held(tone, attack_s, 0.15))


def bass(hz: float, length_s: float, *, cutoff_hz: float = 900.0, sweep: float = 3.0) -> Mono:
    """Return a saw-tooth under a low-pass filter that closes as the note goes on.

    Args:
        hz: Frequency [Hz].
        length_s: Its length [seconds].
        cutoff_hz: Where the filter ends up [Hz].
        sweep: How many octaves above that it begins.
    """
    at = _instants(length_s)
    cutoff = cutoff_hz * 2 ** (sweep * np.exp(-at * 9))
    damping = (hz / cutoff) ** 4
    around = np.exp(2j * np.pi * hz * at)
    overtone, tone = around.copy(), np.zeros(len(at))
    for number in range(1, _MOST_OVERTONES + 1):
        tone += overtone.imag / (number + number**5 * damping)
        overtone *= around
    return _levelled(_held(tone, 0.004, 0.03))


def kick() -> Mono:
    """Return a bass drum: a sine that falls."""
    at = _instants(0.32)
    around = 2 * np.pi * np.cumsum(46 + 140 * np.exp(-at * 38)) / SR
    return _held(np.sin(around) * np.exp(-at * 11), 0.001, 0.05)


def snare(rng: np.random.Generator) -> Mono:
    """Return a snare drum: a skin and a rattle."""
    at = _instants(0.22)
    rattle = sosfilt(_band(1200, 9000), rng.standard_normal(len(at))) * np.exp(-at * 22)
    skin = np.sin(2 * np.pi * 185 * at) * np.exp(-at * 30)
    return _levelled(_held(0.5 * rattle + 0.6 * skin, 0.0005, 0.03))


def hat(rng: np.random.Generator, *, length_s: float = 0.06) -> Mono:
    """Return a cymbal: noise without a bottom."""
    at = _instants(length_s)
    hiss = sosfilt(_band(6500, 16_000), rng.standard_normal(len(at)))
    return _levelled(_held(hiss * np.exp(-at * 4 / length_s), 0.0005, 0.01))


def _instants(length_s: float) -> Mono:
    return np.arange(int(length_s * SR)) / SR


@cache
def _band(low_hz: float, high_hz: float) -> Mono:
    return np.asarray(butter(2, [low_hz, high_hz], "bandpass", fs=SR, output="sos"))


def _held(sound: Mono, attack_s: float, release_s: float) -> Mono:
    """Return a sound that begins and ends without a click."""
    rise = min(int(attack_s * SR) + 1, len(sound))
    fall = min(int(release_s * SR) + 1, len(sound))
    shaped = sound.copy()
    shaped[:rise] *= np.linspace(0, 1, rise)
    shaped[len(sound) - fall :] *= np.linspace(1, 0, fall)
    return shaped


def _levelled(sound: Mono) -> Mono:
    return np.asarray(sound / max(float(np.abs(sound).max()), 1e-9))
