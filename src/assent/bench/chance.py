"""Do strangers get as many votes as `identity.chance` says, and how does that grow with the index?

Windows of recordings that are in no index are asked about in every pass. The law is fitted on half
of the strangers' folders (packages, artists) and held against the other half: what is tuned on
somebody's music is not checked on it, unless there is but one folder. The index has four sizes.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from math import log
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from assent.bench.gumbel import fitted
from assent.bench.identity import music_and_strangers
from assent.bench.interval import exact
from assent.bench.row import Row
from assent.errors import BadInput
from assent.identity.chance import HOURS, SECONDS, STATED, Pass, chance
from assent.identity.design import DESIGN
from assent.identity.fingerprint import Fingerprint, fingerprint
from assent.identity.index import Index
from assent.identity.match import Looks

__all__ = ["rows"]

_PARTS = (8, 4, 2, 1)
"""An eighth of the music is indexed, a quarter, half, all."""
_LENGTHS_S = (10, 20)
_WINDOWS = 3
_LEAST_PEAKS_PER_S = 10
"""What has fewer is silence, or nearly."""
_FEWEST = 20
"""Fewer windows show no law."""


class _Size(NamedTuple):
    """An index of some of the music.

    Args:
        folder: Where it is.
        hours: How much is in it [hours].
    """

    folder: Path
    hours: float


class _Got(NamedTuple):
    """What a window of a stranger got.

    Args:
        whose: The folder that the stranger is in.
        hours: How much was in the index [hours].
        length_s: How long the window is [seconds].
        look: In which pass.
        votes: The most votes.
    """

    whose: str
    hours: float
    length_s: int
    look: Pass
    votes: int


def rows(
    quick: bool = False,  # noqa: FBT001, FBT002  # the one switch all benches have
    music: Path | None = None,
    strangers: Path | None = None,
) -> list[Row]:
    """Measure.

    Args:
        quick: A few recordings, in an index of one size.
        music: What is indexed; the corpus if it is left out.
        strangers: What never is; a fifth of the music if it is left out.

    Raises:
        BadInput: There is no music to be known, or none that is strange.
    """
    with TemporaryDirectory(prefix="assent-bench-") as name:
        known, others = music_and_strangers(Path(name), music, strangers, quick=quick)
        sizes = _sizes(known, Path(name), (1,) if quick else _PARTS)
        with ProcessPoolExecutor(
            2, get_context("spawn"), initializer=_begin, initargs=(sizes,)
        ) as asking:
            got = [one for some in asking.map(_asked, others) for one in some]
    return [*_laws(got), *_checks(got, sizes[-1].hours), *_growth(got)]


def _sizes(known: Sequence[Path], folder: Path, parts: Sequence[int]) -> list[_Size]:
    """Index some of the music, in a fixed order by lot, and more of it, and all of it."""
    taken = []
    for path in known:
        try:
            taken.append(fingerprint(path))
        except BadInput:
            continue
    order = np.random.default_rng(5).permutation(len(taken)).tolist()
    made = []
    for part in parts:
        some = order[: max(len(order) // part, 1)]
        index = Index(folder / f"part-{part}")
        index.add([(at, taken[at].kept()) for at in some])
        hours = sum(taken[at].duration_s for at in some) / 3600
        made.append(_Size(folder / f"part-{part}", hours))
    return made


_HELD: list[tuple[_Size, Index]] = []
"""In a process that asks, what it asks of; nothing elsewhere."""


def _begin(sizes: Sequence[_Size]) -> None:
    _HELD[:] = [(size, Index(size.folder)) for size in sizes]


def _asked(path: Path) -> list[_Got]:
    """Return what windows of a stranger get; none of one that cannot be read."""
    try:
        taken = fingerprint(path)
    except BadInput:
        return []
    got: list[_Got] = []
    for length_s in _LENGTHS_S:
        length = length_s * DESIGN.frames_per_s
        for start in np.linspace(0, max(taken.frames - length, 0), _WINDOWS + 2)[1:-1]:
            some = _between(taken, start, length)
            if len(some.peaks) >= _LEAST_PEAKS_PER_S * length_s:
                got += _votes(some, path.parent.name, length_s)
    return got


def _between(taken: Fingerprint, start: float, length: float) -> Fingerprint:
    """Return the fingerprint of a part, from a frame on, so many frames long."""
    low, high = np.searchsorted(taken.peaks["frame"], [start, start + length])
    peaks = taken.peaks[low:high].copy()
    peaks["frame"] -= start
    return Fingerprint(design=taken.design, peaks=peaks, frames=int(length))


def _votes(some: Fingerprint, whose: str, length_s: int) -> Iterator[_Got]:
    for size, index in _HELD:
        looks = Looks(some, index, size.hours)
        for window in looks.windows():
            for look in Pass:
                places = index.places(looks._hits(window, look))  # noqa: SLF001  # likewise
                yield _Got(whose, size.hours, length_s, look, places[0].votes if places else 0)


def _halves(got: Sequence[_Got]) -> tuple[list[_Got], list[_Got]]:
    """Return the windows of every second folder, and of the others; of one folder, all twice."""
    names = sorted({one.whose for one in got})
    first, second = set(names[::2]), set(names[1::2] or names)
    return [one for one in got if one.whose in first], [one for one in got if one.whose in second]


def _laws(got: Sequence[_Got]) -> Iterator[Row]:
    """Yield the law of each pass, fitted on one half, beside the one in force."""
    half, _ = _halves(got)
    hours = max((one.hours for one in got), default=0)
    for look in Pass:
        for length_s in _LENGTHS_S:
            votes = [one.votes for one in half if one[1:4] == (hours, length_s, look)]
            if len(votes) < _FEWEST or len(set(votes)) == 1:
                continue
            usual, scale = fitted(votes)
            in_force = look.usual + look.scale * log(hours / HOURS * length_s / SECONDS)
            name = f"{look.name.lower()} pass, {len(votes)} windows of {length_s} s"
            for what, ours, peer in (
                ("usual votes", usual, in_force),
                ("e times rarer by", scale, look.scale),
            ):
                yield Row(
                    what=f"{name} on {hours:.1f} hours: {what}",
                    unit="votes",
                    ours=ours,
                    peer=peer,
                    peer_name="the constants in force",
                )


def _checks(got: Sequence[_Got], hours: float) -> Iterator[Row]:
    """Yield how many windows of the other half are taken for somebody's, beside what is stated."""
    _, half = _halves(got)
    for length_s in _LENGTHS_S:
        windows = [one for one in half if one[1:3] == (hours, length_s)]
        of = len(windows) // len(Pass)
        if not of:
            continue
        for stated in (1e-2, 1e-3, STATED):
            false = sum(chance(one.votes, hours, length_s, one.look) <= stated for one in windows)
            low, high = exact(min(false, of), of)
            yield Row(
                what=f"of {of} windows of {length_s} s of the other half, found to be somebody's:"
                f" {false} at {stated:g}, stated {of * stated * len(Pass):.2f} (95 %: {low:.4f} to"
                f" {high:.4f})",
                unit="windows found to be nobody's",
                ours=float(of - false),
            )


def _growth(got: Sequence[_Got]) -> Iterator[Row]:
    """Yield how many votes more there are in an index e times as large."""
    for look in Pass:
        some = [one for one in got if one.look is look and one.length_s == _LENGTHS_S[0]]
        sizes = sorted({one.hours for one in some})
        if len(sizes) > 1:
            means = [np.mean([one.votes for one in some if one.hours == size]) for size in sizes]
            yield Row(
                what=f"{look.name.lower()} pass: more votes in an index e times as large,"
                f" {sizes[0]:.1f} to {sizes[-1]:.1f} hours",
                unit="votes",
                ours=float(np.polyfit(np.log(sizes), means, 1)[0]),
                peer=look.scale,
                peer_name="the constants in force",
            )
