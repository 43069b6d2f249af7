"""Looking at the samples themselves: is an alignment one recording, or two that sound alike?

Landmarks cannot tell a recording from the same notes played anew on the same samples. Samples can.
Of a copy, whatever was laid over it, enough of the phase is left that pieces of it go together with
the original's, and all at lags on one straight line. Of two renderings pieces go together, too, but
each at a lag of its own, for no two are in time to the sample. That needs a copy whose pitch and
tempo changed together, as by playing it faster, or not at all; a time stretch leaves no phases.

Source: phase transform: Knapp and Carter, "The generalized correlation method for estimation of
time delay", IEEE TASSP 24(4), 1976. The line and its limits: docs/identity.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from math import log2

import numpy as np
import numpy.typing as npt
import scipy.fft
import soxr

from assent.identity.design import DESIGN
from assent.identity.match import Match
from assent.identity.spectrum import Floats, Spectrum

__all__ = ["UNSEEN", "Finding", "Proof", "looked_at", "prove", "prove_span"]

_SR = DESIGN.sr
_LONGEST_S = 600.0
_PIECE = 4_096
"""Half a second: short enough that a ratio that is off by a little does not smear the phases."""
_MOST_PIECES = 48
_LAG = 1_024
"""An alignment may be off by so many samples: 128 ms."""
_PEAK = 16
_SILENT = 1e-4
_LOW_HZ, _HIGH_HZ = 200.0, 3_400.0
_SHARP = 6.5
"""A piece goes together if its peak is so many standard deviations above what is around it."""
_ENOUGH = 0.15
"""With fewer of the pieces going together nobody can say."""
_ONE_LINE, _MANY_LINES = 0.85, 0.7
"""Of those that go together, at least so many are on one line in a copy, at most so many in two
renderings."""
_GROUP, _MOST_GROUPS, _FEWEST_GROUPS = 5, 12, 3
_CURVES = 0.4
"""If so many groups have lags on a smooth curve it is a copy that was played unevenly: two
renderings have one of nine at most."""
_NEAR = 2.0
"""How far from the line a lag may be [samples]."""
_STEEPEST = 0.004
"""A line is at most so steep: so much a ratio of tempi may be off."""
_AS_SPED_UP = 0.15
"""How far pitch may be from what a change of speed gives [semitones]."""
_FEWEST = 6
"""Fewer pieces tell nothing."""


class Finding(Enum):
    """What the samples say."""

    SAME = "the samples agree"
    ALIKE = "same notes on the same samples"
    OPEN = "the samples cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What came of it.

    Args:
        finding: What the samples say.
        together: Of the pieces looked at, how many go together [0 to 1]; None where none could be.
        on_line: Of those, how many at lags on one line [0 to 1]; likewise.
        on_curve: Of groups of five pieces next to each other that go together, how many have lags
            on one smooth curve [0 to 1]; None where there are too few.
        likeness: Correlation of both spectra over the span, band by band [-1 to 1].
        by_chance: The same with the span moved elsewhere, to compare with.
    """

    finding: Finding
    together: float | None
    on_line: float | None
    on_curve: float | None
    likeness: float
    by_chance: float


UNSEEN = Proof(
    finding=Finding.OPEN,
    together=None,
    on_line=None,
    on_curve=None,
    likeness=0.0,
    by_chance=0.0,
)
"""What is said where the samples cannot be looked at."""


def looked_at(match: Match) -> Match:
    """Return the alignment with the middle ten minutes, if it is longer: they are proof enough."""
    spare = (match.end_s - match.start_s - _LONGEST_S) / 2
    if spare <= 0:
        return match
    return replace(
        match,
        start_s=match.start_s + spare,
        end_s=match.end_s - spare,
        original_start_s=match.original_start_s + spare * match.tempo,
        original_end_s=match.original_end_s - spare * match.tempo,
    )


def prove(asked: Floats, original: Floats, match: Match) -> Proof:
    """Look at the samples of an alignment.

    Args:
        asked: All samples of what was asked for, one channel at the design's rate [shape=(n,)].
        original: The same of the recording it was found in.
        match: The alignment.
    """
    span = asked[int(match.start_s * _SR) : int(match.end_s * _SR)]
    low = int(match.original_start_s * _SR)
    return prove_span(span, original[low : int(match.original_end_s * _SR)], match)


def prove_span(span: Floats, theirs: Floats, match: Match) -> Proof:
    """Look at the samples of an alignment.

    Args:
        span: Those of what was asked for, one channel at the design's rate [shape=(n,)].
        theirs: Those of the recording it was found in [shape=(m,)].
        match: The alignment.
    """
    mine = span if match.tempo == 1.0 else soxr.resample(span, _SR, _SR * match.tempo)
    likeness, by_chance = _likeness(mine, theirs, match)
    sped_up = abs(match.semitones - 12 * log2(match.tempo)) <= _AS_SPED_UP
    together, on_line = _together(mine, theirs) if sped_up else (None, None)
    on_curve = _on_curve(mine, theirs) if sped_up else None
    return Proof(
        finding=_finding(together, on_line, on_curve),
        together=together,
        on_line=on_line,
        on_curve=on_curve,
        likeness=likeness,
        by_chance=by_chance,
    )


def _finding(together: float | None, on_line: float | None, on_curve: float | None) -> Finding:
    if together is None:
        return Finding.OPEN
    if on_curve is not None and on_curve >= _CURVES:
        return Finding.SAME
    if on_line is None or together < _ENOUGH:
        return Finding.OPEN
    if on_line >= _ONE_LINE:
        return Finding.SAME
    return Finding.ALIKE if on_line <= _MANY_LINES else Finding.OPEN


def _on_curve(mine: Floats, theirs: Floats) -> float | None:
    """Return how many groups of pieces next to each other have lags on a smooth curve."""
    length = min(len(mine), len(theirs))
    count = min(length // (_GROUP * _PIECE), _MOST_GROUPS)
    met = smooth = 0
    for start in np.linspace(0, length - _GROUP * _PIECE, count).astype(int) if count else ():
        end = start + _GROUP * _PIECE
        found = np.array([*_lags(mine[start:end], theirs[start:end])]).reshape(-1, 3)
        if len(found) == _GROUP and found[:, 2].min() >= _SHARP:
            at = np.arange(_GROUP) - _GROUP // 2
            off = found[:, 1] - np.polyval(np.polyfit(at, found[:, 1], 2), at)
            met += 1
            smooth += bool(np.abs(off).max() <= _NEAR)
    return smooth / met if met >= _FEWEST_GROUPS else None


def _together(mine: Floats, theirs: Floats) -> tuple[float | None, float | None]:
    """Return how many pieces go together, and how many of those at lags on one line."""
    found = np.array([*_lags(mine, theirs)]).reshape(-1, 3)
    sharp = found[found[:, 2] >= _SHARP]
    if len(found) < _FEWEST:
        return None, None
    if len(sharp) < _FEWEST:
        return len(sharp) / len(found), None
    return len(sharp) / len(found), _on_one_line(sharp[:, 0], sharp[:, 1]) / len(sharp)


def _on_one_line(starts: npt.NDArray[np.float64], lags: npt.NDArray[np.float64]) -> int:
    """Return how many lags are near the line through two of them that is near most."""
    most = 0
    for first in range(len(starts)):
        steep = (lags[first + 1 :] - lags[first]) / (starts[first + 1 :] - starts[first])
        steep = steep[np.abs(steep) <= _STEEPEST]
        off = lags - lags[first] - steep[:, None] * (starts - starts[first])
        near = (np.abs(off) <= _NEAR).sum(axis=1)
        most = max(most, int(near.max(initial=0)))
    return most


def _lags(mine: Floats, theirs: Floats) -> Iterator[tuple[float, float, float]]:
    """Yield of each piece its start and best lag [samples], and how sharp that is [deviations]."""
    length = min(len(mine), len(theirs))
    count = min(length // _PIECE, _MOST_PIECES)
    bins = scipy.fft.rfftfreq(2 * _PIECE, 1 / _SR)
    heard = (bins >= _LOW_HZ) & (bins <= _HIGH_HZ)
    window = np.hanning(_PIECE).astype(np.float32)
    for start in np.linspace(0, length - _PIECE, count).astype(int) if count else ():
        left, right = (side[start : start + _PIECE] * window for side in (mine, theirs))
        if min(float(np.abs(left).max()), float(np.abs(right).max())) < _SILENT:
            continue
        cross = scipy.fft.rfft(left, 2 * _PIECE) * np.conj(scipy.fft.rfft(right, 2 * _PIECE))
        phase = np.where(heard, cross / np.maximum(np.abs(cross), 1e-12), 0)
        lags = scipy.fft.irfft(phase)
        near = np.concatenate((lags[-_LAG:], lags[:_LAG]))
        best = int(np.argmax(np.abs(near)))
        around = np.delete(near, slice(max(best - _PEAK, 0), best + _PEAK + 1))
        yield float(start), float(best - _LAG), float(abs(near[best]) / max(around.std(), 1e-12))


def _likeness(mine: Floats, theirs: Floats, match: Match) -> tuple[float, float]:
    """Return how alike both spectra are, and how alike with one moved by half."""
    ours, others = (_levels(side) for side in (mine, theirs))
    if abs(match.semitones - 12 * log2(match.tempo)) > _AS_SPED_UP:
        # resampled to the original's tempo, what was stretched has another pitch yet
        shift = round((match.semitones - 12 * log2(match.tempo)) * DESIGN.bands_per_octave / 12)
        bands = DESIGN.bands
        ours = ours[:, max(shift, 0) : bands + min(shift, 0)]
        others = others[:, max(-shift, 0) : bands + min(-shift, 0)]
    frames = min(len(ours), len(others))
    if frames < _FEWEST:
        return 0.0, 0.0
    ours, others = ours[:frames], others[:frames]
    return _correlation(ours, others), _correlation(ours, np.roll(others, frames // 2, axis=0))


def _levels(samples: Floats) -> npt.NDArray[np.float64]:
    powers = Spectrum(DESIGN).add(np.ascontiguousarray(samples, np.float32))
    return np.log(powers.astype(np.float64) + 1e-6)


def _correlation(ours: npt.NDArray[np.float64], others: npt.NDArray[np.float64]) -> float:
    left, right = ours - ours.mean(axis=0), others - others.mean(axis=0)
    both = np.sqrt((left**2).sum() * (right**2).sum())
    return float((left * right).sum() / both) if both else 0.0
