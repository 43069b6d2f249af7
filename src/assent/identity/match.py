"""Matches: which recordings of an index something is made of, where, and changed how.

    every twenty seconds, overlapping    landmarks, a quick pass
    where that is not sure               a strict pass with many more; then a wide one
    neighbours that agree                one alignment

A recording under another, a medley, a part: each alignment stands for itself. What is found is
evidence, with a chance of being one by accident; it is no verdict on whose the recording is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from assent.identity.chance import Pass, chance
from assent.identity.fingerprint import Fingerprint
from assent.identity.index import Index, Place
from assent.identity.landmarks import landmarks
from assent.identity.peaks import Peaks

__all__ = ["Kind", "Match", "match"]

_WINDOW_S, _STEP_S = 20.0, 10.0
_LEAST_S = 2.0
"""What is shorter tells nothing."""
_WHOLE = 0.7
"""How much of the shorter of both an alignment covers if both are one recording."""
_GAP_FRAMES = 640.0
_WITHIN = 0.5
_BESIDE_FRAMES = 12.0
_BESIDE_BANDS = 1.5
_BESIDE_RATIO = 0.015


class Kind(Enum):
    """What a match says."""

    SAME = "same recording"
    PART = "contains part of"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One alignment.

    Args:
        recording: The recording's number in the index.
        kind: What it says.
        start_s: From where in what was asked for [seconds].
        end_s: To where.
        original_start_s: From where in the recording.
        original_end_s: To where.
        tempo: How much faster it is than the recording; 1 if it is not.
        semitones: How much higher it is.
        votes: How many frames agree, in all windows together.
        chance: How often so many would agree by accident, of all that are asked about.
    """

    recording: int
    kind: Kind
    start_s: float
    end_s: float
    original_start_s: float
    original_end_s: float
    tempo: float
    semitones: float
    votes: int
    chance: float


@dataclass(slots=True)
class _Run:
    """Windows one after the other that lie on one line.

    Args:
        place: The place of the window with the most votes.
        start: Where it begins in what was asked for [frames].
        end: Where it ends.
        votes: In all windows.
        chance: The least of any window.
    """

    place: Place
    start: float
    end: float
    votes: int
    chance: float

    def goes_on(self, place: Place) -> bool:
        """Say whether a place is on the same line, not long after."""
        mine = self.place
        middle = (place.start + self.end) / 2
        return (
            place.recording == mine.recording
            and place.start <= self.end + _GAP_FRAMES
            and abs(place.ratio / mine.ratio - 1) < _BESIDE_RATIO
            and abs(place.shift - mine.shift) < _BESIDE_BANDS
            and abs((place.ratio - mine.ratio) * middle + place.offset - mine.offset)
            < _BESIDE_FRAMES
        )

    def take(self, place: Place, by_accident: float) -> None:
        """Go on by a window."""
        self.start, self.end = min(self.start, place.start), max(self.end, place.end)
        self.votes += place.votes
        self.chance = min(self.chance, by_accident)
        if place.votes > self.place.votes:
            self.place = place

    def covers(self, other: "_Run") -> bool:
        """Say whether most of another run of the same recording is in this one's time."""
        common = min(self.end, other.end) - max(self.start, other.start)
        same = self.place.recording == other.place.recording
        return same and common > _WITHIN * (other.end - other.start)


def match(
    asked: Fingerprint,
    index: Index,
    *,
    lengths_s: dict[int, float],
    most_chance: float = 1e-4,
) -> list[Match]:
    """Return what something is made of, the surest first.

    Args:
        asked: Its fingerprint.
        index: Where to look.
        lengths_s: How long the recordings of the index are, by number [seconds].
        most_chance: What could be an accident more often than this is left out.
    """
    hours = sum(lengths_s.values()) / 3600
    runs: list[_Run] = []
    for start, end in _windows(asked):
        for place, by_accident in _found(asked, index, start, end, hours):
            if by_accident <= most_chance:
                _join(runs, place, by_accident)
    made = [_match(run, asked, lengths_s[run.place.recording]) for run in _apart(runs)]
    return sorted(made, key=lambda one: (one.chance, -one.votes))


def _join(runs: list[_Run], place: Place, by_accident: float) -> None:
    for run in runs:
        if run.goes_on(place):
            run.take(place, by_accident)
            return
    runs.append(_Run(place, place.start, place.end, place.votes, by_accident))


def _apart(runs: list[_Run]) -> list[_Run]:
    """Return the runs with the most votes: what repeats itself fits itself in many ways."""
    kept: list[_Run] = []
    for run in sorted(runs, key=lambda run: -run.votes):
        if not any(other.covers(run) for other in kept):
            kept.append(run)
    return kept


def _windows(asked: Fingerprint) -> Iterator[tuple[float, float]]:
    """Yield the windows that are looked at [frames]."""
    per_s = asked.design.frames_per_s
    if asked.duration_s < _LEAST_S:
        return
    start, last = 0.0, max(asked.frames - _WINDOW_S * per_s, 0.0)
    while True:
        yield start, min(start + _WINDOW_S * per_s, asked.frames)
        if start >= last:
            return
        start = min(start + _STEP_S * per_s, last)


def _found(
    asked: Fingerprint, index: Index, start: float, end: float, hours: float
) -> Iterable[tuple[Place, float]]:
    """Return the places of one window, with the chance of each."""
    some = _between(asked.peaks, start, end)
    seconds = (end - start) / asked.design.frames_per_s
    found: list[tuple[Place, float]] = []
    for look in Pass:
        made = landmarks(some, getattr(asked.design, look.fan), asked.design)
        found += [
            (_moved(place, start), chance(place.votes, hours, seconds, look))
            for place in index.places(made, look.window)
        ]
        if any(by_accident < look.enough for _, by_accident in found):
            break
    return found


def _between(peaks: Peaks, start: float, end: float) -> Peaks:
    low, high = np.searchsorted(peaks["frame"], [start, end])
    some = peaks[low:high].copy()
    some["frame"] -= start
    return some


def _moved(place: Place, start: float) -> Place:
    """Return a place as the whole has it, not a window that begins at a frame."""
    return place._replace(
        offset=place.offset - place.ratio * start,
        start=place.start + start,
        end=place.end + start,
    )


def _match(run: _Run, asked: Fingerprint, length_s: float) -> Match:
    place, per_s = run.place, asked.design.frames_per_s
    low, high = ((place.ratio * at + place.offset) / per_s for at in (run.start, run.end))
    start_s, end_s = run.start / per_s, run.end / per_s
    made = Match(
        recording=place.recording,
        kind=Kind.PART,
        start_s=start_s,
        end_s=end_s,
        original_start_s=max(low, 0.0),
        original_end_s=min(high, length_s),
        tempo=place.ratio,
        semitones=place.shift * 12 / asked.design.bands_per_octave,
        votes=run.votes,
        chance=run.chance,
    )
    covers = (end_s - start_s) / max(asked.duration_s, 1e-9)
    covered = (made.original_end_s - made.original_start_s) / max(length_s, 1e-9)
    return replace(made, kind=Kind.SAME) if min(covers, covered) >= _WHOLE else made
