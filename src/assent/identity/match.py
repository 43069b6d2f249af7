"""Matches: which recordings of an index something is made of, where, and changed how.

    every twenty seconds, overlapping    a quick pass, with the landmarks that the index would hold
    where that is not sure               a strict one with many more; then a wide one
    neighbours that agree                one alignment

Landmarks are looked up ten seconds at a time, and what was found serves both windows they are in.

A recording under another, a medley, a part: each alignment stands for itself. What is found is
evidence, with a chance of being one by accident; it is no verdict on whose the recording is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from math import ceil

import numpy as np

from assent.identity.chance import STATED, Pass, chance
from assent.identity.fingerprint import Fingerprint
from assent.identity.index import Index, Place
from assent.identity.landmarks import Landmarks, landmarks
from assent.identity.peaks import Peaks
from assent.identity.scan import Hits, joined, within
from assent.identity.state import LEAST_S

__all__ = ["Kind", "Looks", "Match", "match"]

_BLOCK_S = 10.0
_BLOCKS = 2
"""A window is so many blocks, and the next begins one later."""
_MOST_S = 9e6
"""As many postings, for each second, are in the buckets that the wide pass looks at: a copy leaves
landmarks enough in those that are not crowded, and in a small index all are looked at."""
_WHOLE = 0.7
"""How much of the shorter of both an alignment covers if both are one recording."""
_TONES, _MONOTONOUS = 6, 0.95
"""Where so many bands have so large a share of the peaks, there are only tones."""
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
        repeated: At how many votes, of these, the same span lies at another time of the same
            recording, too [0 to 1]: near 1, what agrees is a loop.
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
    repeated: float


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
    lengths_s: Mapping[int, float],
    hours: float | None = None,
    most_chance: float = STATED,
) -> list[Match]:
    """Return what something is made of, the surest first.

    Args:
        asked: Its fingerprint.
        index: Where to look.
        lengths_s: How long the recordings of the index are, by number [seconds]; what has no
            length there is not found.
        hours: How much they are together [hours], if that is known.
        most_chance: What could be an accident more often than this is left out.
    """
    looks = Looks(asked, index, sum(lengths_s.values()) / 3600 if hours is None else hours)
    runs: list[_Run] = []
    for window in looks.windows():
        for place, by_accident in looks.found(window):
            if by_accident <= most_chance:
                _join(runs, place, by_accident)
    made = [
        _match(run, asked, length_s, _repeated(run, runs))
        for run in _apart(runs)
        if _is_varied(asked, run)
        if (length_s := lengths_s.get(run.place.recording)) is not None
    ]
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


class Looks:
    """What is found of one thing, block by block and window by window.

    Args:
        asked: Its fingerprint.
        index: Where it is looked for.
        hours: How much is in there.
    """

    def __init__(self, asked: Fingerprint, index: Index, hours: float) -> None:
        self._asked, self._index, self._hours = asked, index, hours
        self._frames = _BLOCK_S * asked.design.frames_per_s
        self._kept = asked.kept()
        self._quick = lru_cache(_BLOCKS)(self._quickly)
        self._full = lru_cache(_BLOCKS)(self._fully)

    def windows(self) -> Iterator[range]:
        """Yield the blocks of each window."""
        if self._asked.duration_s >= LEAST_S:
            blocks = ceil(self._asked.frames / self._frames)
            for first in range(max(blocks - _BLOCKS, 0) + 1):
                yield range(first, min(first + _BLOCKS, blocks))

    def found(self, window: range) -> list[tuple[Place, float]]:
        """Return the places of one window, with the chance of each."""
        found: list[tuple[Place, float]] = []
        for look in Pass:
            hits = self._hits(window, look)
            found += [
                (self._moved(place, window), self._chance(place.votes, window, look))
                for place in self._index.places(hits)
            ]
            if any(by_accident < look.enough for _, by_accident in found):
                break
        return found

    def _hits(self, window: range, look: Pass) -> list[Hits]:
        blocks = [(self._quick if look is Pass.QUICK else self._full)(block) for block in window]
        later = [at * self._frames for at in range(len(blocks))]
        together = [joined(some, later) for some in zip(*blocks, strict=True)]
        if look is Pass.STRICT:
            return [within(hits, look.window) for hits in together]
        return together

    def _quickly(self, block: int) -> list[Hits]:
        made = self._landmarks(self._kept, block, self._asked.design.quick_fan)
        return self._index.look(made, (Pass.QUICK.window, Pass.QUICK.window), 0)

    def _fully(self, block: int) -> list[Hits]:
        made = self._landmarks(self._asked.peaks, block, self._asked.design.asked_fan)
        windows = Pass.STRICT.window, Pass.WIDE.window
        return self._index.look(made, windows, _MOST_S * _BLOCK_S)

    def _landmarks(self, peaks: Peaks, block: int, fan: int) -> Landmarks:
        """Return the landmarks that begin in a block, in frames of the block."""
        design, start = self._asked.design, block * self._frames
        end = start + self._frames
        low, high = np.searchsorted(peaks["frame"], [start, end + design.farthest])
        some = peaks[low:high].copy()
        some["frame"] -= start
        made = landmarks(some, fan, design)
        return made[made[:, 7] < self._frames]

    def _chance(self, votes: int, window: range, look: Pass) -> float:
        end = min(window.stop * self._frames, self._asked.frames)
        seconds = (end - window.start * self._frames) / self._asked.design.frames_per_s
        return chance(votes, self._hours, seconds, look)

    def _moved(self, place: Place, window: range) -> Place:
        """Return a place as the whole has it, not a window that begins at a frame."""
        start = window.start * self._frames
        return place._replace(
            offset=place.offset - place.ratio * start,
            start=place.start + start,
            end=place.end + start,
        )


def _is_varied(asked: Fingerprint, run: _Run) -> bool:
    """Say whether more than one or two tones sound where a run lies: those are nobody's."""
    low, high = np.searchsorted(asked.peaks["frame"], [run.start, run.end + 1])
    bands = np.round(asked.peaks["band"][low:high]).astype(np.int64)
    counts = np.sort(np.bincount(bands))[::-1]
    return bool(counts[:_TONES].sum() < _MONOTONOUS * counts.sum())


def _repeated(run: _Run, runs: list[_Run]) -> float:
    """Return how well the time of a run fits elsewhere in its recording, at the same speed."""
    elsewhere = [
        other.votes
        for other in runs
        if other is not run
        and run.covers(other)
        and abs(other.place.ratio / run.place.ratio - 1) < _BESIDE_RATIO
        and abs(other.place.shift - run.place.shift) < _BESIDE_BANDS
    ]
    return min(max(elsewhere, default=0) / run.votes, 1.0)


def _match(run: _Run, asked: Fingerprint, length_s: float, repeated: float) -> Match:
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
        repeated=repeated,
    )
    covers = (end_s - start_s) / max(asked.duration_s, 1e-9)
    covered = (made.original_end_s - made.original_start_s) / max(length_s, 1e-9)
    return replace(made, kind=Kind.SAME) if min(covers, covered) >= _WHOLE else made
