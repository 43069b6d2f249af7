"""What a segment or an index says, whatever its tracks are called in it."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from assent.identity.design import DESIGN
from assent.identity.index import Index
from assent.identity.landmarks import BUCKETS
from assent.identity.segment import Segment, segment_of
from tests.identity.music import made_up

__all__ = ["GONE", "Said", "index_of", "said", "said_at_once", "said_in"]

Said = list[tuple[int, int, int, int]]
"""Recording, first frame of its track, bucket and the rest of each posting, in order."""

GONE = 2**32 - 1
_TRACK_BITS = 0xFFFFF << 36


def said(*segments: Segment) -> Said:
    rows: Said = []
    for one in segments:
        buckets = np.repeat(np.arange(BUCKETS), one.starts[1:] - one.starts[:-1]).tolist()
        for bucket, value in zip(buckets, one.values.tolist(), strict=True):
            recording, first = one.tracks[(value & _TRACK_BITS) >> 36].tolist()
            assert recording != GONE
            rows.append((recording, first, bucket, value & ~_TRACK_BITS))
    return sorted(rows)


def index_of(folder: Path, numbers: Iterable[int] = ()) -> Index:
    """An index of these recordings, each added by itself."""
    index = Index(folder)
    for number in numbers:
        index.add([(number, made_up(number, 2.0))])
    return index


def said_in(index: Index) -> Said:
    return said(*index._segments)


def said_at_once(numbers: Iterable[int]) -> Said:
    """What a segment of these recordings says that was built at once."""
    return said(segment_of([(number, made_up(number, 2.0)) for number in numbers], DESIGN))
