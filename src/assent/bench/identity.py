"""How well a recording is known again, whatever was done to it, how fast, and what never is.

Pieces of recordings that are indexed and of strangers, which are not, are attacked (`attacks`) and
asked about (`queries`). One counts if its own recording is found first: at the stated threshold,
and at the one at which no stranger finds anything (`recall`). Peers answer the same questions at a
threshold of that kind. Then what must not be confused (`confusions`), size, and speed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from assent.bench.attacks import ATTACKS, SR
from assent.bench.audfprint import Audfprint
from assent.bench.chromaprint import Chromaprint
from assent.bench.confusions import remake_rows, score_rows, sound_rows
from assent.bench.olaf import Olaf
from assent.bench.queries import Answer, Desk, Lengths, Task, ask, asked, plan
from assent.bench.recall import recall_rows, stranger_rows
from assent.bench.rival import Rival
from assent.bench.row import Row
from assent.clock import monotonic_s
from assent.demo.compose import tracks, write
from assent.errors import BadInput
from assent.identity.archive import Filed, files_of, indexed
from assent.identity.index import Index
from assent.sound.decode import probe

__all__ = ["music_and_strangers", "rows"]

CORPUS = Path("../shared/corpus/music")
"""What is measured on if nothing is said and it is there; else what the demo composes."""

_STRANGERS = 5
"""Every so many'th recording is never indexed, where no strangers are given."""
_LENGTHS = (Lengths(10, 40, 1_000), Lengths(5, 4, 100), Lengths(20, 4, 100), Lengths(0, 2, 12))
_QUICK_LENGTHS = (Lengths(10, 2, 3),)
_QUICK = ("MP3 64 kbps", "noise 5 dB", "speed +6 %")
_QUICK_SOUNDS = 1
_HEARD_S = 10
"""Speeds are said of pieces of this length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """How taking the music in went.

    Args:
        seconds: How much there is [seconds].
        ours_s: How long it took us [seconds].
        theirs_s: And each peer, by name.
    """

    seconds: float
    ours_s: float
    theirs_s: dict[str, float]


def rows(  # what may be given, each an option of the command
    quick: bool = False,  # noqa: FBT001, FBT002  # the one switch all benches have
    music: Path | None = None,
    strangers: Path | None = None,
    scores: Path | None = None,
    audfprint: Path | None = None,
    olaf: Path | None = None,
) -> list[Row]:
    """Measure.

    Args:
        quick: A handful of attacks on a few recordings, of 10 s.
        music: What is known; the corpus if it is left out.
        strangers: What is never indexed; a fifth of the music if it is left out.
        scores: Scores, sound fonts and recordings of the scores.
        audfprint: The folder of the peer of that name.
        olaf: The program of the peer of that name.

    Raises:
        BadInput: There is no music to be known, or none that is strange.
    """
    with TemporaryDirectory(prefix="assent-bench-") as name:
        folder = Path(name)
        known, others = music_and_strangers(folder, music, strangers, quick=quick)
        index = Index(folder / "index")
        warm(folder / "warm")
        since = monotonic_s()
        filed = [one for one in indexed(known, index) if one.error is None]
        ours_s = monotonic_s() - since
        index.refresh()
        peers: list[Rival] = [Chromaprint(), Audfprint(audfprint), Olaf(olaf, folder / "olaf")]
        there = [peer for peer in peers if peer.missing is None]
        taken = _Taken(
            seconds=sum(one.duration_s for one in filed),
            ours_s=ours_s,
            theirs_s={peer.name: _take_in(peer, filed) for peer in there},
        )
        desk = Desk(
            folder=folder / "index",
            lengths_s={one.number: one.duration_s for one in filed},
            paths={one.number: one.path for one in filed},
            peers=tuple(there),
        )
        answers = list(ask(desk, _tasks(filed, others, quick=quick)))
        return [
            *stranger_rows(answers),
            *recall_rows(answers),
            *remake_rows(filed, desk, folder / "remakes"),
            *sound_rows(desk, index, folder / "sounds", most=_QUICK_SOUNDS if quick else None),
            *score_rows(scores, folder / "scores"),
            *_sizes(taken, index, folder / "index", there),
            *_speeds(taken, answers),
            *(_missing_row(peer) for peer in peers if peer.missing),
        ]


def _missing_row(peer: Rival) -> Row:
    what = f"{peer.name} was not asked: {peer.missing}"
    return Row(what=what, unit="recall at no false match", ours=None, peer_name=peer.name)


def music_and_strangers(
    folder: Path, music: Path | None, strangers: Path | None, *, quick: bool
) -> tuple[list[Path], list[Path]]:
    """Return what is known and what is not.

    Args:
        folder: Where what the demo composes goes, if there is nothing else.
        music: What is known; the corpus if it is left out.
        strangers: What is not; every fifth of the music if it is left out.
        quick: A few of each.

    Raises:
        BadInput: There is no music to be known, or none that is strange.
    """
    if music is None and not CORPUS.is_dir():
        made = folder / "composed"
        made.mkdir()
        paths = [write(track, made) for track in tracks()[: 6 if quick else None]]
    else:
        paths = _audio(music or CORPUS, 6 if quick else None)
    others = None if strangers is None else _audio(strangers, 2 if quick else None)
    known = paths if others is not None else [p for at, p in enumerate(paths) if at % _STRANGERS]
    others = paths[::_STRANGERS] if others is None else others
    if not known or not others:
        raise BadInput("there is not enough music there to be known, or to be strange")
    return known, others


def _audio(folder: Path, most: int | None) -> list[Path]:
    """Return the files of a folder that are audio."""
    found: list[Path] = []
    for path in files_of(folder):
        if most is not None and len(found) == most:
            break
        try:
            probe(path)
        except BadInput:
            continue  # a list, a licence: not measured
        found.append(path)
    return found


def warm(folder: Path) -> None:
    """Compile what is compiled when it is first called, which is not to be measured.

    Args:
        folder: For an index that nobody needs.
    """
    folder.mkdir()
    index = Index(folder / "index")
    path = write(tracks()[0], folder)
    list(indexed([path], index))
    index.refresh()
    noise = np.random.default_rng(0).standard_normal(12 * SR).astype(np.float32)
    asked(noise, index, {0: 12.0})


def _take_in(peer: Rival, filed: Sequence[Filed]) -> float:
    """Have a peer take recordings in; return how long that took [seconds]."""
    since = monotonic_s()
    for one in filed:
        peer.add(one.number, one.path)
    return monotonic_s() - since


def _tasks(filed: Sequence[Filed], others: Sequence[Path], *, quick: bool) -> list[Task]:
    return plan(
        [(one.number, one.path, one.duration_s) for one in filed],
        [(path, probe(path).duration_s or 0.0) for path in others],
        _QUICK if quick else tuple(ATTACKS),
        _QUICK_LENGTHS if quick else _LENGTHS,
    )


def _sizes(taken: _Taken, index: Index, folder: Path, peers: Sequence[Rival]) -> Iterator[Row]:
    """Yield how large the index is: what grows with the music, and what every segment has."""
    hours = taken.seconds / 3600
    files = [path for path in folder.rglob("*") if path.is_file()]
    tables = sum(path.stat().st_size for path in files if path.name.startswith("starts."))
    grows = sum(path.stat().st_size for path in files) - tables
    beside: list[Rival | None] = [*peers] or [None]
    for peer in beside:
        yield Row(
            what=f"the index of {hours:.1f} hours, all its files but the tables of buckets",
            unit="MB an hour",
            ours=grows / 1e6 / hours,
            peer=None if peer is None else peer.size_bytes / 1e6 / hours,
            peer_name=None if peer is None else peer.name,
            goal=3,
            higher_is_better=False,
        )
    yield Row(
        what="its tables of buckets, one a segment, of one size", unit="MB", ours=tables / 1e6
    )
    yield Row(what="its landmarks", unit="an hour", ours=index.postings / hours)


def _speeds(taken: _Taken, answers: Sequence[Answer]) -> Iterator[Row]:
    for name, theirs_s in taken.theirs_s.items() or [(None, None)]:
        yield Row(
            what="indexing, decoding included",
            unit="times real time a core",
            ours=taken.seconds / taken.ours_s,
            peer=None if theirs_s is None else taken.seconds / theirs_s,
            peer_name=name,
        )
    on = f"on {taken.seconds / 3600:.1f} hours"
    for of, of_whom in (("recordings that are there", False), ("strangers", True)):
        some = [
            one
            for one in answers
            if one.cut.length_s == _HEARD_S and (one.truth is None) is of_whom
        ]
        if not some:
            continue
        heard_s, took_s = sum(one.heard_s for one in some), sum(one.took_s for one in some)
        what = f"pieces of {_HEARD_S} s, of {of}, {on}"
        yield Row(what=what, unit="ms", ours=took_s / len(some) * 1e3, higher_is_better=False)
        for name in some[0].they_took_s or (None,):
            theirs = None if name is None else sum(one.they_took_s[name] for one in some)
            yield Row(
                what=what,
                unit="times real time a core",
                ours=heard_s / took_s,
                peer=None if theirs is None else heard_s / theirs,
                peer_name=name,
            )
