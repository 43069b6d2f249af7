"""What an index is asked: pieces of recordings, attacked; and what it and its peers answer.

Two processes ask, each with the index mapped and the peers sent to it. Which pieces, under which
attacks, is fixed beforehand (`plan`), by seeds; so whoever runs it asks the same.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soxr

from assent.bench.attacks import MIXED, SR, Samples, attacked
from assent.bench.rival import Rival
from assent.clock import monotonic_s
from assent.errors import BadInput
from assent.identity.chance import STATED
from assent.identity.design import DESIGN
from assent.identity.fingerprint import Fingerprint, Fingerprinter, samples_of
from assent.identity.index import Index
from assent.identity.match import Match, match
from assent.identity.proof import prove
from assent.identity.sighting import Sighting
from assent.sound.decode import decode

__all__ = [
    "LOOSE",
    "Answer",
    "Cut",
    "Desk",
    "Lengths",
    "Task",
    "ask",
    "asked",
    "long_enough",
    "plan",
    "sightings",
]

_PROCESSES = 2
LOOSE = 0.1
"""What is likelier an accident than this is not looked at, at whatever threshold."""
_SPARE_S = 0.5
_STRETCH = 1.45
"""A piece is cut so much longer, for what makes it shorter."""
_SOFT = 1e-3
"""-60 dB: what is softer is silence, and not asked about."""
_TRIES = 8
_MOST_PROVED = 4
"""So many matches of a piece are looked at, the surest: what repeats itself has many."""
_OF_PEERS_S = (10, 5)
"""Peers are asked about pieces of these lengths."""


class Cut(NamedTuple):
    """A piece of a recording and what is done to it.

    Args:
        attack: What is done.
        length_s: How long it is afterwards [seconds]; 0 for the whole recording.
        seed: Draws where it begins, and what the attack leaves to chance.
    """

    attack: str
    length_s: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """All that is asked about one recording.

    Args:
        path: Where it is.
        truth: Its number in the index; None for a stranger.
        beside: Another recording, of strangers, to mix it with.
        cuts: The pieces.
    """

    path: Path
    truth: int | None
    beside: Path
    cuts: tuple[Cut, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one piece.

    Args:
        cut: The piece.
        truth: As in its task.
        found: What we found, the surest first.
        sightings: Of a stranger's, those at the stated threshold, looked at closely.
        heard_s: How much was heard [seconds].
        took_s: How long our answer took, from samples to matches [seconds].
        theirs: Of each peer by name, what it found and how like; None if nothing.
        they_took_s: And how long that took [seconds].
    """

    cut: Cut
    truth: int | None
    found: tuple[Match, ...]
    sightings: tuple[Sighting, ...]
    heard_s: float
    took_s: float
    theirs: dict[str, tuple[int, float] | None]
    they_took_s: dict[str, float]

    @property
    def is_claimed(self) -> bool:
        """Whether anything in it would be claimed to be a copy."""
        return any(one.is_claimed for one in self.sightings)

    def is_right(self, chance: float) -> bool:
        """Say whether its recording is found first, as surely as that."""
        return bool(self.found) and (
            self.found[0].recording == self.truth and self.found[0].chance <= chance
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where questions are answered.

    Args:
        folder: The index.
        lengths_s: How long its recordings are, by number [seconds].
        paths: Where they are.
        peers: Who else is asked.
    """

    folder: Path
    lengths_s: dict[int, float]
    paths: dict[int, Path]
    peers: tuple[Rival, ...] = ()


class Lengths(NamedTuple):
    """How often each attack is asked about, of pieces of a length.

    Args:
        length_s: Which [seconds]; 0 for whole recordings.
        of_known: So many pieces of recordings of the index under each attack.
        of_strangers: So many pieces of strangers, under all of them together.
    """

    length_s: int
    of_known: int
    of_strangers: int


def long_enough(length_s: int) -> float:
    """Return how long a recording must be for a piece of it [seconds]."""
    return length_s * _STRETCH + _SPARE_S if length_s else 0.0


def plan(
    known: Sequence[tuple[int, Path, float]],
    strangers: Sequence[tuple[Path, float]],
    attacks: Sequence[str],
    lengths: Sequence[Lengths],
) -> list[Task]:
    """Return what is asked: each attack about other recordings, all recordings about as often.

    Args:
        known: Of each recording of the index its number, where it is, and its length [seconds].
        strangers: Of each that is not where it is, and its length; at least one.
        attacks: By name.
        lengths: How often.
    """
    cuts: dict[tuple[Path, int | None], list[Cut]] = {}
    for length_s, of_known, of_strangers in lengths:
        least_s = long_enough(length_s)
        mine = [(path, number) for number, path, has_s in known if has_s >= least_s]
        theirs = [path for path, has_s in strangers if has_s >= least_s]
        for at in range(of_strangers if theirs else 0):
            which_attack = attacks[(at + at // len(theirs)) % len(attacks)]  # another each time
            cut = Cut(which_attack, length_s, at * 1_000 + 500 + length_s)
            cuts.setdefault((theirs[at % len(theirs)], None), []).append(cut)
        for at in range(of_known * len(attacks) if mine else 0):
            which = mine[at % len(mine)]
            cuts.setdefault(which, []).append(
                Cut(attacks[at // of_known], length_s, at * 1_000 + length_s)
            )
    beside = [path for path, _ in strangers]
    return [
        Task(path=path, truth=truth, beside=_other(beside, path, at), cuts=tuple(some))
        for at, ((path, truth), some) in enumerate(cuts.items())
    ]


def _other(paths: Sequence[Path], path: Path, at: int) -> Path:
    """Return one of the paths that is another one, if there is."""
    first = paths[at % len(paths)]
    return paths[(at + 1) % len(paths)] if first == path else first


def ask(desk: Desk, tasks: Sequence[Task]) -> Iterator[Answer]:
    """Yield the answers, asked for in two processes; a recording that cannot be read has none."""
    with ProcessPoolExecutor(
        _PROCESSES, get_context("spawn"), initializer=_begin, initargs=(desk,)
    ) as others:
        for answers in others.map(_answered, tasks):
            yield from answers


_HELD: list[tuple[Desk, Index]] = []
"""In a process that asks, what it asks of; nothing elsewhere."""


def _begin(desk: Desk) -> None:
    _HELD[:] = [(desk, Index(desk.folder))]
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(12 * SR).astype(np.float32)
    asked(noise, _HELD[0][1], desk.lengths_s)  # compiles what is compiled at the first call


def _answered(task: Task) -> list[Answer]:
    desk, index = _HELD[0]
    try:
        mixed, left = _channels(task.path)
        beside = _channels(task.beside)[0] if _is_mixed(task) else mixed
    except BadInput:
        return []
    return [_answer(cut, task.truth, (mixed, left, beside), desk, index) for cut in task.cuts]


def _is_mixed(task: Task) -> bool:
    """Say whether any attack of a task needs another track, which takes time to decode."""
    return any(cut.attack.startswith(MIXED) for cut in task.cuts)


@lru_cache(4)
def _channels(path: Path) -> tuple[Samples, Samples]:
    """Return both channels of a file downmixed, and the left one alone [shape=(n,) each]."""
    blocks = [*decode(path, sr=SR)]
    return (
        np.concatenate([block.mean(axis=0) for block in blocks]),
        np.concatenate([block[0] for block in blocks]),
    )


def _answer(
    cut: Cut,
    truth: int | None,
    channels: tuple[Samples, Samples, Samples],
    desk: Desk,
    index: Index,
) -> Answer:
    mixed, left, beside = channels
    draw = np.random.default_rng(cut.seed)
    low, high = _piece(mixed, cut.length_s, draw)
    heard = attacked(
        cut.attack,
        mixed[low:high],
        cut.seed,
        left=left[low:high],
        beside=np.resize(beside[len(beside) // 3 :], high - low),
    )
    if cut.length_s:
        heard = heard[: cut.length_s * SR]
    since = monotonic_s()
    found = asked(heard, index, desk.lengths_s)
    took_s = monotonic_s() - since
    theirs, they_took_s = {}, {}
    for peer in desk.peers if cut.length_s in _OF_PEERS_S else ():
        since = monotonic_s()
        theirs[peer.name] = peer.best(heard)
        they_took_s[peer.name] = monotonic_s() - since
    return Answer(
        cut=cut,
        truth=truth,
        found=found,
        sightings=sightings(heard, found, index, desk) if truth is None else (),
        heard_s=len(heard) / SR,
        took_s=took_s,
        theirs=theirs,
        they_took_s=they_took_s,
    )


def _piece(samples: Samples, length_s: int, draw: np.random.Generator) -> tuple[int, int]:
    """Return where a piece begins and ends that is not silent, if there is one."""
    if not length_s:
        return 0, len(samples)
    length = int(long_enough(length_s) * SR)
    start = 0
    for _ in range(_TRIES):
        start = int(draw.integers(max(len(samples) - length, 1)))
        if float(np.sqrt(np.mean(samples[start : start + length] ** 2))) > _SOFT:
            break
    return start, min(start + length, len(samples))


def asked(heard: Samples, index: Index, lengths_s: dict[int, float]) -> tuple[Match, ...]:
    """Return all that samples may well be made of, the surest first."""
    return tuple(match(_taken(heard), index, lengths_s=lengths_s, most_chance=LOOSE))


def _taken(heard: Samples) -> Fingerprint:
    taken = Fingerprinter(SR)
    taken.add(heard[None])
    return taken.result()


def sightings(
    heard: Samples, found: Sequence[Match], index: Index, desk: Desk
) -> tuple[Sighting, ...]:
    """Return what is found at the stated threshold, with what the samples say; at most a few.

    Args:
        heard: What was asked about.
        found: What may be in it; if that is no more than an accident, it is not looked at.
        index: Where it is looked for.
        desk: What is in there.
    """
    if not found or found[0].chance > STATED:
        return ()
    low = soxr.resample(heard, SR, DESIGN.sr, quality="HQ")
    sure = match(_taken(heard), index, lengths_s=desk.lengths_s, most_chance=STATED)
    return tuple(
        Sighting(match=one, proof=prove(low, samples_of(desk.paths[one.recording]), one))
        for one in sure[:_MOST_PROVED]
    )
