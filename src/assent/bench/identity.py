"""How well a recording is known again, whatever was done to it, and how fast.

Of the music four fifths are indexed and a fifth never; queries are cut from both and attacked
(`attacks`). A query counts if its own recording is found first, at the stated threshold; and again
at the threshold at which no query of the strangers finds anything. The peer answers the same
queries at its own threshold of that kind.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from assent.bench.attacks import ATTACKS, SR, Samples, attacked
from assent.bench.chromaprint import Chromaprint
from assent.bench.row import Row
from assent.clock import monotonic_s
from assent.demo.compose import tracks, write
from assent.errors import BadInput
from assent.identity.archive import Filed, files_of, indexed
from assent.identity.fingerprint import Fingerprinter
from assent.identity.index import Index
from assent.identity.match import Match, match
from assent.sound.decode import decode

__all__ = ["rows"]

CORPUS = Path("../shared/corpus/music")
"""What is measured on if it is there; else what the demo composes."""

_THRESHOLD = 1e-4
_STRANGERS = 5
"""Every so many'th recording is never indexed."""
_LENGTHS_S = (10, 5, 20)
_QUICK = ("MP3 64 kbps", "noise 5 dB", "speed +6 %")
_EVERY_NEGATIVE = 2
_SPARE_S = 6.0
"""Cut so much longer, for what makes it shorter [seconds]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Query:
    """A query: what was asked, and how long ours and the peer's answers are sure of what."""

    attack: str
    length_s: int
    truth: int | None
    found: tuple[Match, ...]
    took_s: float
    theirs: tuple[int, float] | None

    def is_right(self, chance: float) -> bool:
        return bool(self.found) and (
            self.found[0].recording == self.truth and self.found[0].chance <= chance
        )


def rows(quick: bool = False) -> list[Row]:  # noqa: FBT001, FBT002  # the one switch all benches have
    """Measure.

    Args:
        quick: A handful of attacks on a few recordings, of 10 s.
    """
    with TemporaryDirectory(prefix="assent-bench-") as folder:
        paths = _paths(Path(folder), quick=quick)
        index, peer = Index(Path(folder) / "index"), Chromaprint()
        known = [path for at, path in enumerate(paths) if at % _STRANGERS]
        strangers = paths[::_STRANGERS]
        _warm(index)
        since = monotonic_s()
        filed = [one for one in indexed(known, index) if one.error is None]
        indexed_s = monotonic_s() - since
        index.refresh()
        for one in filed:
            peer.add(one.number, one.path)
        asked = list(_asked(filed, strangers, index, peer, quick=quick))
    return [*_recall(asked), *_speeds(asked, filed, index, indexed_s)]


def _paths(folder: Path, *, quick: bool) -> list[Path]:
    if not CORPUS.is_dir():
        made = folder / "composed"
        made.mkdir()
        return [write(track, made) for track in tracks()[: 6 if quick else None]]
    paths = [path for path in files_of(CORPUS) if path.suffix != ".csv"]
    return paths[:6] if quick else paths


def _warm(index: Index) -> None:
    """Compile what is compiled when it is first called, which is not to be measured."""
    taken = Fingerprinter(SR)
    taken.add(np.random.default_rng(0).standard_normal((1, 12 * SR)).astype(np.float32))
    noise = taken.result()
    index.add([(0, noise.kept())])
    match(noise, index, lengths_s={0: 12.0})
    index.remove([0])


def _asked(
    filed: Sequence[Filed],
    strangers: Sequence[Path],
    index: Index,
    peer: Chromaprint,
    *,
    quick: bool,
) -> Iterator[_Query]:
    lengths_s = {one.number: one.duration_s for one in filed}
    attacks = _QUICK if quick else tuple(ATTACKS)
    cuts = [(one.number, one.path) for one in filed]
    draw = np.random.default_rng(2)
    for number, path in [*cuts, *((None, path) for path in strangers)]:
        try:
            samples = _samples(path)
        except BadInput:
            continue
        for length_s in _LENGTHS_S[:1] if quick or number is None else _LENGTHS_S:
            for at, attack in enumerate(attacks):
                # of each recording some attacks, of each attack some recordings
                every = 2 if length_s == _LENGTHS_S[0] else 6
                if number is not None and not quick and at % every != number % every:
                    continue
                repeats = 1 if number is not None or quick else _EVERY_NEGATIVE
                for _ in range(repeats):
                    piece = _cut(samples, length_s, draw)
                    heard = attacked(attack, piece, int(draw.integers(1 << 30)))[: length_s * SR]
                    yield _query(heard, attack, length_s, number, index, lengths_s, peer)


def _samples(path: Path) -> Samples:
    return np.concatenate([block.mean(axis=0) for block in decode(path, sr=SR)])


def _cut(samples: Samples, length_s: float, draw: np.random.Generator) -> Samples:
    """Return a piece that is not silent, if there is one."""
    length = int((length_s * 1.3 + _SPARE_S) * SR)
    piece = samples
    for _ in range(8):
        start = int(draw.integers(max(len(samples) - length, 1)))
        piece = samples[start : start + length]
        if float(np.sqrt(np.mean(piece**2))) > 1e-3:  # noqa: PLR2004  # -60 dB: softer is silence
            break
    return piece


def _query(  # noqa: PLR0913, PLR0917  # what a query is
    heard: Samples,
    attack: str,
    length_s: int,
    truth: int | None,
    index: Index,
    lengths_s: dict[int, float],
    peer: Chromaprint,
) -> _Query:
    since = monotonic_s()
    taken = Fingerprinter(SR)
    taken.add(heard[None])
    found = tuple(match(taken.result(), index, lengths_s=lengths_s, most_chance=1.0))
    return _Query(
        attack=attack,
        length_s=length_s,
        truth=truth,
        found=found,
        took_s=monotonic_s() - since,
        theirs=peer.best(heard) if length_s == _LENGTHS_S[0] else None,
    )


def _recall(asked: Sequence[_Query]) -> Iterator[Row]:
    strangers = [one for one in asked if one.truth is None]
    sure = min((one.found[0].chance for one in strangers if one.found), default=1.0)
    false = sum(bool(one.found) and one.found[0].chance <= _THRESHOLD for one in strangers)
    theirs = max((one.theirs[1] for one in strangers if one.theirs), default=0.0)
    yield Row(
        what=f"of {len(strangers):,} queries of strangers, taken for nobody's copy",
        unit="queries",
        ours=float(len(strangers) - false),
        goal=len(strangers),
    )
    yield Row(what="the least chance that any of them was given", unit="chance", ours=sure)
    for attack in dict.fromkeys(one.attack for one in asked):
        for length_s in _LENGTHS_S:
            some = [
                one
                for one in asked
                if one.truth is not None and (one.attack, one.length_s) == (attack, length_s)
            ]
            if some:
                yield _recall_row(some, sure, theirs)


def _recall_row(some: Sequence[_Query], sure: float, theirs: float) -> Row:
    first = some[0]
    stated = sum(one.is_right(_THRESHOLD) for one in some) / len(some)
    peers = [one for one in some if one.theirs is not None]
    right = sum(
        one.theirs is not None and one.theirs[0] == one.truth and one.theirs[1] > theirs
        for one in peers
    )
    return Row(
        what=f"{first.attack}, {first.length_s} s, {len(some)} queries"
        f" (at the stated threshold {stated:.0%})",
        unit="recall at no false match",
        ours=sum(one.is_right(min(sure * 0.999, 1.0)) for one in some) / len(some),
        peer=right / len(peers) if peers else None,
        peer_name="Chromaprint, exhaustive" if peers else None,
    )


def _speeds(
    asked: Sequence[_Query], filed: Sequence[Filed], index: Index, indexed_s: float
) -> Iterator[Row]:
    seconds = sum(one.duration_s for one in filed)
    values = index.postings * 8
    yield Row(
        what="indexing, decoding included", unit="times real time a core", ours=seconds / indexed_s
    )
    yield Row(
        what="index, postings",
        unit="MB an hour",
        ours=values / 1e6 / (seconds / 3600),
        goal=3,
        higher_is_better=False,
    )
    for length_s in _LENGTHS_S:
        took = [one.took_s for one in asked if one.length_s == length_s]
        if took:
            yield Row(
                what=f"a query of {length_s} s on {seconds / 3600:.1f} hours",
                unit="ms",
                ours=sum(took) / len(took) * 1e3,
            )
