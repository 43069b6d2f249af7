"""Fingerprints kept in the catalogue: the peaks from which the index can be made anew.

They are no events and follow from none: what was taken from a recording goes with its data key,
when it is erased. Kept is what the index keeps, 23 peaks a second, in about 0.3 MB an hour.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, func, select

from assent.catalogue import tables
from assent.errors import Tampered
from assent.identity.design import DESIGN, Design
from assent.identity.fingerprint import Fingerprint
from assent.identity.peaks import PEAK, Peaks

__all__ = ["Kept", "Lengths", "keep", "kept", "numbers", "pack", "tally", "unpack"]

_TABLE = tables.fingerprints
_FRAME, _BAND = 16, 256
"""A frame is kept to a sixteenth, a band to a 256th: far below what a landmark tells apart."""
_PAGE = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept:
    """A fingerprint as it is kept.

    Args:
        recording: The recording's number.
        frames: How long it is [frames].
        peaks: Its peaks [shape=(n,), dtype=PEAK].
    """

    recording: int
    frames: int
    peaks: Peaks


def pack(peaks: Peaks) -> bytes:
    """Return peaks as bytes: how many, steps between frames, bands; little-endian, deflated."""
    frames = np.round(peaks["frame"].astype(np.float64) * _FRAME).astype(np.int64)
    order = np.argsort(frames, kind="stable")  # found frame by frame, each lies beside its own
    steps = np.diff(frames[order], prepend=0).astype("<u4")
    bands = np.round(peaks["band"][order].astype(np.float64) * _BAND).astype("<u2")
    return zlib.compress(steps.tobytes() + bands.tobytes(), 6)


def unpack(data: bytes) -> Peaks:
    """Return the peaks of bytes.

    Raises:
        Tampered: They are not what was kept.
    """
    deflated = zlib.decompressobj()  # `decompress` does not mind what stands after the end
    try:
        plain = deflated.decompress(data)
    except zlib.error as error:
        raise Tampered("a kept fingerprint cannot be read") from error
    if not deflated.eof or deflated.unused_data:
        raise Tampered("a kept fingerprint cannot be read")
    count, rest = divmod(len(plain), 6)
    if rest:
        raise Tampered("a kept fingerprint is cut off")
    made = np.zeros(count, PEAK)
    made["frame"] = np.cumsum(np.frombuffer(plain, "<u4", count)) / _FRAME
    made["band"] = np.frombuffer(plain, "<u2", count, 4 * count) / _BAND
    made["dominant"] = True
    return made


def keep(connection: Connection, recording: int, taken: Fingerprint) -> Kept:
    """Keep a fingerprint; return it as it will be read."""
    data = pack(taken.kept())
    row = {"design": taken.design.name, "frames": taken.frames, "peaks": data}
    connection.execute(_TABLE.insert().values(recording=recording, **row))
    return Kept(recording=recording, frames=taken.frames, peaks=unpack(data))


def numbers(connection: Connection, after: int = -1, design: Design = DESIGN) -> list[int]:
    """Return the numbers of the recordings of which a fingerprint is kept, from one number on."""
    query = select(_TABLE.c.recording).where(
        _TABLE.c.design == design.name, _TABLE.c.recording > after
    )
    return list(connection.execute(query.order_by(_TABLE.c.recording)).scalars())


def tally(connection: Connection, design: Design = DESIGN) -> tuple[int, int]:
    """Return how many fingerprints are kept, and the sum of their recordings' numbers.

    Both are what they were before only if nothing was kept or erased since, or by a rare chance.
    """
    number = _TABLE.c.recording
    query = select(func.count(), func.coalesce(func.sum(number), 0))
    count, total = connection.execute(query.where(_TABLE.c.design == design.name)).one()
    return int(count), int(total)


def kept(
    connection: Connection, recordings: Sequence[int], design: Design = DESIGN
) -> Iterator[Kept]:
    """Yield the fingerprints of some recordings that are kept, by rising number."""
    wanted = sorted(recordings)
    for low in range(0, len(wanted), _PAGE):
        query = select(_TABLE).where(
            _TABLE.c.design == design.name, _TABLE.c.recording.in_(wanted[low : low + _PAGE])
        )
        for row in connection.execute(query.order_by(_TABLE.c.recording)).all():
            try:
                peaks = unpack(row.peaks)
            except Tampered as error:
                raise Tampered(
                    f"the fingerprint of r{row.recording} is damaged; assent doctor removes it"
                ) from error
            yield Kept(recording=row.recording, frames=row.frames, peaks=peaks)


class Lengths(Mapping[int, float]):
    """How long recordings are by number [seconds], read when asked for.

    Args:
        connection: Where they are read.
        design: Of which design the fingerprints are.
    """

    def __init__(self, connection: Connection, design: Design = DESIGN) -> None:
        self._connection, self._design = connection, design
        query = select(func.count(), func.coalesce(func.sum(_TABLE.c.frames), 0))
        count, frames = connection.execute(query.where(_TABLE.c.design == design.name)).one()
        self._count = int(count)
        self.hours = int(frames) / design.frames_per_s / 3600
        """How much there is together [hours]."""

    def __getitem__(self, recording: int) -> float:
        query = select(_TABLE.c.frames).where(
            _TABLE.c.recording == recording, _TABLE.c.design == self._design.name
        )
        frames = self._connection.execute(query).scalar_one_or_none()
        if frames is None:
            raise KeyError(recording)
        return int(frames) / self._design.frames_per_s

    def __iter__(self) -> Iterator[int]:
        return iter(numbers(self._connection, design=self._design))

    def __len__(self) -> int:
        return self._count
