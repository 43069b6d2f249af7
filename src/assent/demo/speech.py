"""Somebody who speaks in no language: pulses of a throat, shaped by the formants of vowels.

Syllables come in phrases with a falling melody, pauses and breath, so that a listener, and a
program, takes it for speech. No person's voice is in it. The same generator gives the same words.

Source: D. Klatt, "Software for a cascade/parallel formant synthesizer" (1980), the parallel part;
vowel formants after G. Peterson, H. Barney (1952), means of women.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

from assent.demo.instruments import SR, Mono

__all__ = ["speech"]

_VOWELS_HZ = (
    (310.0, 2790.0, 3310.0),  # beet
    (610.0, 2330.0, 2990.0),  # bet
    (850.0, 1220.0, 2810.0),  # father
    (590.0, 920.0, 2710.0),  # bought
    (370.0, 950.0, 2670.0),  # boot
    (760.0, 1400.0, 2780.0),  # but
)
_LEVELS = (1.0, 0.45, 0.2)
_WIDTHS_HZ = (80.0, 110.0, 170.0)
_FRAME = SR // 100
_THROAT_HZ = 195.0
_STRESSED = 0.35
"""How many of the syllables bear a stress."""


class _Syllable(NamedTuple):
    """One syllable.

    Args:
        vowel_hz: Its three formants [Hz].
        melody: Its pitch, by that of the throat.
        length_s: How long it sounds [seconds].
        pause_s: How long it is quiet before [seconds].
        onset: Which consonant it begins with: none, a hiss or a stop.
    """

    vowel_hz: tuple[float, ...]
    melody: float
    length_s: float
    pause_s: float
    onset: str


def speech(length_s: float, rng: np.random.Generator) -> Mono:
    """Return speech without words [shape=(n,), float64].

    Args:
        length_s: How long; the last syllable that fits ends it [seconds].
        rng: What decides the syllables.
    """
    spoken = np.zeros(int(length_s * SR))
    at = 0
    before_hz: tuple[float, ...] = _VOWELS_HZ[0]
    for syllable in _syllables(rng):
        at += int(syllable.pause_s * SR)
        sound = _sound(syllable, before_hz, rng)
        if at + len(sound) > len(spoken):
            break
        spoken[at : at + len(sound)] += sound
        at += len(sound)
        before_hz = syllable.vowel_hz
    return np.asarray(spoken / max(float(np.abs(spoken).max()), 1e-9))


def _syllables(rng: np.random.Generator) -> Iterator[_Syllable]:
    """Give phrases of syllables for ever: each falls, and slows down at its end."""
    pause_s = 0.1
    while True:
        count = int(rng.integers(5, 11))
        for number in range(count):
            is_last, is_stressed = number == count - 1, bool(rng.random() < _STRESSED)
            yield _Syllable(
                vowel_hz=_VOWELS_HZ[int(rng.integers(len(_VOWELS_HZ)))],
                melody=1.12 - 0.3 * number / count + 0.12 * is_stressed,
                length_s=float(rng.uniform(0.12, 0.17)) + 0.04 * is_stressed + 0.12 * is_last,
                pause_s=pause_s,
                onset=("", "hiss", "stop", "stop")[int(rng.integers(4))],
            )
            pause_s = 0.0
        pause_s = float(rng.uniform(0.28, 0.55))


def _sound(syllable: _Syllable, before_hz: tuple[float, ...], rng: np.random.Generator) -> Mono:
    frames = int(syllable.length_s * SR) // _FRAME
    count = frames * _FRAME
    along = np.linspace(0, 1, count)
    pitch_hz = _THROAT_HZ * syllable.melody * (1.03 - 0.08 * along)
    pitch_hz = pitch_hz * (1 + 0.01 * np.sin(2 * np.pi * 5.2 * along * syllable.length_s))
    turns = np.floor(np.cumsum(pitch_hz) / SR)
    pulses = np.diff(turns, prepend=0.0)
    source = lfilter([1.0], [1, -0.94], pulses) - 0.06 + 0.015 * rng.standard_normal(count)
    voiced = _formants(source, before_hz, syllable.vowel_hz, frames)
    voiced *= np.minimum(1, np.minimum(along * 9, (1 - along) * 6))
    return np.concatenate([_onset(syllable.onset, rng), voiced / max(np.abs(voiced).max(), 1e-9)])


def _formants(
    source: Mono, from_hz: tuple[float, ...], to_hz: tuple[float, ...], frames: int
) -> Mono:
    """Return a source as it leaves a mouth that moves from one vowel to the next."""
    shaped = np.zeros(len(source))
    # the mouth is there after the first third of the syllable
    moved = np.minimum(1, np.arange(frames) / max(1, frames / 3))
    for start_hz, end_hz, level, width_hz in zip(from_hz, to_hz, _LEVELS, _WIDTHS_HZ, strict=True):
        state = np.zeros(2)
        radius = np.exp(-np.pi * width_hz / SR)
        for frame, share in enumerate(moved):
            around = 2 * np.pi * (start_hz + (end_hz - start_hz) * share) / SR
            poles = [1, -2 * radius * np.cos(around), radius**2]
            here = slice(frame * _FRAME, (frame + 1) * _FRAME)
            out, state = lfilter([level * (1 - radius)], poles, source[here], zi=state)
            shaped[here] += out
    return shaped


def _onset(kind: str, rng: np.random.Generator) -> Mono:
    """Return what comes before the vowel."""
    if kind == "hiss":
        hiss = sosfilt(
            butter(2, [3500, 9000], "bandpass", fs=SR, output="sos"),
            rng.standard_normal(int(0.07 * SR)),
        )
        return np.asarray(0.12 * hiss * np.hanning(len(hiss)))
    if kind == "stop":
        burst = rng.standard_normal(int(0.012 * SR)) * np.linspace(0.12, 0, int(0.012 * SR))
        return np.concatenate([np.zeros(int(0.035 * SR)), burst])
    return np.zeros(0)
