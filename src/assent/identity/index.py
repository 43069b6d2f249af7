"""The index: which landmarks are where in which recordings, in segments searched as one.

New recordings come in small segments; segments of about one size are merged, by whoever calls
`merge`, beside all else that goes on; so there are never many. Removing a recording rewrites the
segments that it is in: none of its landmarks is left.

    index.json      which segments there are, and by which design
    <name>/         a segment, under a name drawn by lot

`index.json` is replaced last, so whoever dies leaves the index as it was, and at most a segment
that nobody names, which the next change sweeps away. One process changes it at a time.
"""

import json
import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from assent.disk import make_folder, replace_file, storage
from assent.errors import BadInput, Tampered
from assent.identity.design import DESIGN, Design
from assent.identity.landmarks import MOST_POSTINGS, MOST_TRACKS, Landmarks
from assent.identity.peaks import Peaks
from assent.identity.scan import Hits, Window, crowds, joined, scan
from assent.identity.segment import GONE, Segment, merged, segment_of
from assent.identity.votes import lines

__all__ = ["Index", "Place"]

_MANIFEST = "index.json"
_OF_A_SIZE = 4
"""As many segments of about one size are merged into one."""
_SIZES = 8
"""Sizes are told apart by this factor."""


def _are_many(segments: Collection[Segment]) -> bool:
    """Say whether segments of a size are merged: they are many, and one can hold all of it."""
    return (
        len(segments) >= _OF_A_SIZE
        and sum(len(one.tracks) for one in segments) <= MOST_TRACKS
        and sum(len(one.values) for one in segments) <= MOST_POSTINGS
    )


class Place(NamedTuple):
    """Where something may be in a recording of the index.

    Args:
        recording: The recording's number.
        votes: How many frames of what was asked for agree.
        ratio: The original's time over the copy's.
        offset: The frame of the recording at which the copy's frame 0 would be.
        shift: How much higher the copy is [bands].
        start: The first frame of what was asked for that agrees.
        end: The last.
    """

    recording: int
    votes: int
    ratio: float
    offset: float
    shift: float
    start: float
    end: float


class Index:
    """An index in a folder.

    Args:
        folder: Where; made with the first recording.
        design: How its fingerprints are taken.
    """

    def __init__(self, folder: Path, design: Design = DESIGN) -> None:
        self._folder = folder
        self._design = design
        self._names: tuple[str, ...] = ()
        self._segments: list[Segment] = []
        self._recent: Segment | None = None
        self.refresh()

    def refresh(self) -> bool:
        """Look which segments there are now; say whether they are others than before.

        Raises:
            BadInput: It is of another design.
            Tampered: It cannot be read as what was written.
        """
        while True:
            design, names = self._said()
            if design != self._design.name:
                raise BadInput(f"the index is of the design {design!r}, not {self._design.name!r}")
            known = dict(zip(self._names, self._segments, strict=True))
            try:
                self._segments = [
                    known.get(name) or Segment.load(self._folder / name) for name in names
                ]
            except Tampered:
                if self._said()[1] != names:
                    continue  # changed meanwhile, and swept: what it says now is there
                raise
            is_new, self._names = names != self._names, names
            return is_new

    def _said(self) -> tuple[str, tuple[str, ...]]:
        """Return the design and the segments that the manifest names."""
        path = self._folder / _MANIFEST
        with storage("read the index", path):
            try:
                said = json.loads(path.read_bytes())
                design, names = said["design"], tuple(said["segments"])
                if not all(isinstance(name, str) for name in names):
                    raise TypeError(names)
            except FileNotFoundError:
                return self._design.name, ()
            except (ValueError, KeyError, TypeError) as error:
                raise Tampered("the index of fingerprints cannot be read") from error
        return design, names

    @property
    def postings(self) -> int:
        """How many landmarks are in it."""
        return sum(len(one.values) for one in self._searched())

    @property
    def recordings(self) -> set[int]:
        """Which recordings are in it."""
        there = [one.tracks[:, 0] for one in self._segments]
        return set(np.unique(np.concatenate(there)).tolist()) - {GONE} if there else set()

    def remember(self, fingerprints: Sequence[tuple[int, Peaks]]) -> None:
        """Search these, too, from now on, in memory alone; and no others of that kind.

        Args:
            fingerprints: Of each its number, and the peaks that the index keeps; what is in it
                already is left out, for votes would count twice.
        """
        new = [one for one in fingerprints if not self._has(one[0])]
        self._recent = segment_of(new, self._design) if new else None

    def _has(self, recording: int) -> bool:
        return any(bool((one.tracks[:, 0] == recording).any()) for one in self._segments)

    def _searched(self) -> list[Segment]:
        return [*self._segments, *([self._recent] if self._recent is not None else [])]

    @property
    def size_bytes(self) -> int:
        """How large its files are."""
        return sum(one.size_bytes for one in self._segments)

    def add(self, fingerprints: Sequence[tuple[int, Peaks]]) -> None:
        """Take recordings in, but for those that are there already.

        Args:
            fingerprints: Of each its number, and the peaks that the index keeps.

        Raises:
            StorageFailed: The disk refuses; the index is as it was.
        """
        with self._changing():
            there = self.recordings
            new = [one for one in fingerprints if one[0] not in there]
            self._replace({}, [segment_of(new, self._design)])

    def remove(self, recordings: Collection[int]) -> None:
        """Forget recordings: nothing of them is left in any file.

        Raises:
            StorageFailed: The disk refuses; the index is as it was.
        """
        with self._changing():
            gone = set(recordings)
            hit = {
                at: one
                for at, one in enumerate(self._segments)
                if gone.intersection(one.tracks[:, 0].tolist())
            }
            if hit:
                self._replace(hit, [one.without(gone) for one in hit.values()])

    def merge(self) -> None:
        """Merge segments of about one size, where there are many.

        Others may search, add and remove meanwhile: what was merged counts only if all of it is
        still there at the end. So an erased recording does not come back by it.

        Raises:
            StorageFailed: The disk refuses; the index is as it was.
        """
        self.refresh()
        while many := self._many():
            made = merged(list(many.values()))
            with self._changing():
                if many.keys() <= set(self._names):
                    old = [at for at, name in enumerate(self._names) if name in many]
                    self._replace(old, [made])

    def _many(self) -> dict[str, Segment]:
        """Return segments that are to be merged into one, by name."""
        sizes: dict[int, dict[str, Segment]] = {}
        for name, one in zip(self._names, self._segments, strict=True):
            size = len(f"{len(one.values) // _SIZES:o}")
            sizes.setdefault(size, {})[name] = one
        return next((some for some in sizes.values() if _are_many(some.values())), {})

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with storage("change the index", self._folder):
            make_folder(self._folder)
            with (self._folder / "lock").open("w") as lock:
                flock(lock, LOCK_EX)
                self.refresh()
                yield

    def _replace(self, old: Collection[int], new: Sequence[Segment]) -> None:
        """Put segments in the place of others."""
        fresh = [token_hex(8) for _ in new]
        for name, segment in zip(fresh, new, strict=True):
            segment.save(self._folder / name)
        kept = [name for at, name in enumerate(self._names) if at not in old]
        said = {"design": self._design.name, "segments": [*kept, *fresh]}
        replace_file(self._folder / _MANIFEST, json.dumps(said).encode())  # the commit point
        self.refresh()
        for path in self._folder.iterdir():  # what no manifest names is noise by now
            if path.is_dir() and path.name not in self._names:
                shutil.rmtree(path)

    def look(self, asked: Landmarks, windows: tuple[Window, Window], most: float) -> list[Hits]:
        """Return what may be landmarks of something, by segment.

        Args:
            asked: Its landmarks.
            windows: How much a copy may differ: a narrow one, and a wide one.
            most: As many postings are in the buckets of the landmarks that are looked for in the
                wide window; those that are in more crowded ones are looked for in the narrow one.
                0 for none in the wide one.
        """
        far = np.full(len(asked), most > 0)
        if most and self.postings >= _LARGE:
            crowd = sum(
                (crowds(asked, one.starts, self._design) for one in self._searched()),
                np.zeros(len(asked), np.int64),
            )
            order = np.argsort(crowd, kind="stable")
            far[order[np.searchsorted(np.cumsum(crowd[order]), most, "right") :]] = False

        def job(work: tuple[Segment, npt.NDArray[np.int64]]) -> Hits:
            one, part = work
            return scan(asked[part], one.starts, one.values, windows, far[part], self._design)

        many = _WORKERS if self.postings >= _LARGE else 1
        parts = np.array_split(np.arange(len(asked)), many)
        work = [(one, part) for one in self._searched() for part in parts]
        found = list(_threads().map(job, work) if many > 1 else map(job, work))
        return [joined(found[low : low + many]) for low in range(0, len(found), many)]

    def places(self, hits: Sequence[Hits]) -> list[Place]:
        """Return where something may be, the most votes first.

        Args:
            hits: What may be landmarks of at most half a minute of it, by segment.
        """
        found = []
        for segment, some in zip(self._searched(), hits, strict=True):
            for line in lines(some):
                recording, first = segment.tracks[line.track].tolist()
                moved = line._replace(offset=line.offset + first)
                found.append(Place(recording, *moved[1:]))
        return sorted(found, key=lambda place: -place.votes)


_WORKERS = len(os.sched_getaffinity(0))
_LARGE = 1 << 24
"""In a smaller index no bucket is crowded, and all is found before threads have begun."""


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_WORKERS, "identity")
