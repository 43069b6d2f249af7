"""One segment of an index: postings that never change, in files that are mapped, not read.

    starts.u32    where the postings of each bucket begin, and how many tracks there are
                  [shape=(BUCKETS + 2,)]
    postings.u64  see `landmarks`, by bucket, each by rising value
    tracks.u32    of each track, the recording's number and its first frame    [shape=(n, 2)]

A segment is written aside and gets its name at the end, so one that has a name is whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from assent.disk import make_folder, replace_file, sync_folder
from assent.errors import Tampered
from assent.identity.design import Design
from assent.identity.landmarks import (
    BUCKETS,
    MOST_FRAMES,
    MOST_TRACKS,
    Postings,
    landmarks,
    postings,
)
from assent.identity.peaks import Peaks

__all__ = ["GONE", "Segment", "Track", "merged", "segment_of"]

GONE = (1 << 32) - 1
"""Stands for the recording of a track of which nothing is left."""


class Track(NamedTuple):
    """A recording, or 70 minutes of it, in a segment.

    Args:
        recording: The recording's number.
        first_frame: Where in it the track begins [frames].
    """

    recording: int
    first_frame: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Segment:
    """Postings of some recordings.

    Args:
        starts: Where the postings of each bucket begin [shape=(BUCKETS + 1,)].
        values: The postings [shape=(n,)].
        tracks: Of each track the recording's number and first frame [shape=(m, 2)].
    """

    starts: npt.NDArray[np.uint32]
    values: npt.NDArray[np.uint64]
    tracks: npt.NDArray[np.uint32]

    @classmethod
    def load(cls, folder: Path) -> "Segment":
        """Map a segment that was saved.

        Raises:
            Tampered: It is not whole.
        """
        try:
            starts = np.memmap(folder / "starts.u32", np.uint32, "r")
            whole, count = starts[BUCKETS:].tolist() if len(starts) == BUCKETS + 2 else (-1, -1)
            values = (
                np.memmap(folder / "postings.u64", np.uint64, "r")
                if whole
                else np.empty(0, np.uint64)
            )
            tracks = np.fromfile(folder / "tracks.u32", np.uint32).reshape(-1, 2)
        except (OSError, ValueError) as error:
            raise Tampered(f"the segment {folder.name} of the index cannot be read") from error
        if (whole, count) != (len(values), len(tracks)):
            raise Tampered(f"the segment {folder.name} of the index is not whole")
        return cls(starts=starts[: BUCKETS + 1], values=values, tracks=tracks)

    @property
    def size_bytes(self) -> int:
        """How large its files are."""
        count_bytes = 4
        return self.starts.nbytes + count_bytes + self.values.nbytes + self.tracks.nbytes

    def save(self, folder: Path) -> None:
        """Write the segment to a folder, to last."""
        make_folder(folder)
        starts = np.append(self.starts, np.uint32(len(self.tracks)))
        replace_file(folder / "starts.u32", starts.tobytes())
        replace_file(folder / "postings.u64", self.values.tobytes())
        replace_file(folder / "tracks.u32", self.tracks.tobytes())
        sync_folder(folder)

    def without(self, recordings: Iterable[int]) -> "Segment":
        """Return the segment without some recordings: nothing of them is left in it."""
        gone = np.isin(self.tracks[:, 0], np.fromiter(recordings, np.uint32))
        kept = ~gone[_tracks_of(self.values)]
        counts = np.add.reduceat(np.append(kept, False), np.minimum(self.starts[:-1], len(kept)))
        counts[self.starts[:-1] == self.starts[1:]] = 0
        tracks = self.tracks.copy()
        tracks[gone] = GONE
        return Segment(starts=_starts(counts), values=self.values[kept], tracks=tracks)


def _tracks_of(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    return ((values >> np.uint64(36)) & np.uint64(MOST_TRACKS - 1)).astype(np.int64)


def _starts(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    starts = np.zeros(BUCKETS + 1, np.uint32)
    np.cumsum(counts, out=starts[1:])
    return starts


def segment_of(fingerprints: Sequence[tuple[int, Peaks]], design: Design) -> Segment:
    """Return a segment of recordings.

    Args:
        fingerprints: Of each recording its number and the peaks that the index keeps.
        design: How they were found.
    """
    tracks: list[Track] = []
    made: list[Postings] = []
    for recording, peaks in fingerprints:
        every = landmarks(peaks, design.fan, design)
        of = every[:, 7].astype(np.int64) // MOST_FRAMES
        for part in np.unique(of) if len(every) else ():
            first = int(part) * MOST_FRAMES
            made.append(postings(every[of == part], len(tracks), first, design))
            tracks.append(Track(recording, first))
    buckets = np.concatenate([one.buckets for one in made] or [np.empty(0, np.uint32)])
    values = np.concatenate([one.values for one in made] or [np.empty(0, np.uint64)])
    return _sorted(buckets, values, tracks)


def _sorted(
    buckets: npt.NDArray[np.uint32], values: npt.NDArray[np.uint64], tracks: Sequence[Track]
) -> Segment:
    order = np.lexsort((values, buckets))
    return Segment(
        starts=_starts(np.bincount(buckets, minlength=BUCKETS)),
        values=values[order],
        tracks=np.array(tracks, np.uint32).reshape(-1, 2),
    )


def merged(segments: Sequence[Segment]) -> Segment:
    """Return one segment of several, without the tracks that are gone."""
    tracks: list[npt.NDArray[np.uint32]] = []
    buckets, values = [], []
    count = 0
    for one in segments:
        there = one.tracks[:, 0] != GONE
        number = np.cumsum(there) - 1 + count
        tracks.append(one.tracks[there])
        count += int(there.sum())
        cleared = one.values & ~(np.uint64(MOST_TRACKS - 1) << np.uint64(36))
        values.append(cleared | (number[_tracks_of(one.values)].astype(np.uint64) << np.uint64(36)))
        counts = one.starts[1:].astype(np.int64) - one.starts[:-1]
        buckets.append(np.repeat(np.arange(BUCKETS, dtype=np.uint32), counts))
    made = _sorted(np.concatenate(buckets), np.concatenate(values), ())
    return Segment(starts=made.starts, values=made.values, tracks=np.concatenate(tracks))
