"""How long a question about ten seconds takes, on indexes of up to 2,000 hours.

The index is bootstrapped from real landmarks (`bootstrap`); the music it was drawn from lies beside
it, as it is. Asked are ten seconds of that, and ten seconds of music that is in none: those take
every pass. Taking the fingerprint is part of it; decoding is not.
"""

import json
import resource
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from assent.bench.attacks import SR, Samples
from assent.bench.bootstrap import bootstrap
from assent.bench.row import Row
from assent.clock import monotonic_s
from assent.demo.compose import tracks, write
from assent.errors import BadInput
from assent.identity.archive import files_of
from assent.identity.design import DESIGN
from assent.identity.fingerprint import Fingerprint, Fingerprinter, fingerprint
from assent.identity.index import Index
from assent.identity.landmarks import landmarks
from assent.identity.match import match
from assent.sound.decode import decode

__all__ = ["rows"]

CORPUS = Path("../shared/corpus/music")
"""What is drawn from if no other music is given and this is there; else what the demo composes."""
_HOURS, _FEW_HOURS = (20.0, 200.0, 2_000.0), (0.5, 1.0)
_STRANGERS = 5
"""Every so many'th recording is in no index."""
_ASKED_S, _MOST_ASKED = 10.0, 24
_GOAL_MS = 100.0
_FIRST = 1 << 30
"""The number of the first real recording: behind all that are drawn."""


def rows(quick: bool = False, music: Path | None = None) -> list[Row]:  # noqa: FBT001, FBT002  # the one switch all benches have
    """Measure.

    Args:
        quick: Indexes of an hour at most.
        music: What is drawn from, and asked about.
    """
    with TemporaryDirectory(prefix="assent-bench-") as name:
        folder = Path(name)
        paths = _paths(folder, music)[: 5 if quick else None]
        taken = [(path, fingerprint(path)) for path in _readable(paths)]
        known = [one for at, one in enumerate(taken) if at % _STRANGERS]
        strangers = taken[::_STRANGERS]
        asked = {
            "what is in it": [_cut(path) for path, _ in known[:_MOST_ASKED]],
            "a stranger": [_cut(path) for path, _ in strangers[:_MOST_ASKED]],
        }
        made: list[Row] = []
        for hours in _FEW_HOURS if quick else _HOURS:
            index = _index(folder / f"{hours:g}", [one for _, one in known], hours)
            for whom, samples in asked.items():
                made.append(_asked(index, hours, whom, samples))
        made.append(_memory())
        return made


def _paths(folder: Path, music: Path | None) -> list[Path]:
    if music is None and not CORPUS.is_dir():
        composed = folder / "composed"
        composed.mkdir()
        return [write(track, composed) for track in tracks()]
    return [path for path in files_of(music or CORPUS) if path.suffix != ".csv"]


def _readable(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        try:
            next(iter(decode(path)))
        except (BadInput, StopIteration):
            continue
        yield path


def _cut(path: Path) -> Samples:
    samples = np.concatenate([block.mean(axis=0) for block in decode(path, sr=SR)])
    start = max((len(samples) - int(_ASKED_S * SR)) // 2, 0)
    return samples[start : start + int(_ASKED_S * SR)]


def _index(folder: Path, known: list[Fingerprint], hours: float) -> Index:
    folder.mkdir()
    made = [landmarks(one.kept(), DESIGN.fan, DESIGN) for one in known]
    seconds = sum(one.duration_s for one in known)
    real = np.concatenate(made)
    bootstrap(folder / "drawn", real, hours, len(real) / seconds, DESIGN)
    manifest = {"design": DESIGN.name, "segments": ["drawn"]}
    (folder / "index.json").write_text(json.dumps(manifest))
    index = Index(folder)
    index.add([(_FIRST + at, one.kept()) for at, one in enumerate(known)])
    return index


class _Lengths(dict[int, float]):
    """All recordings are as long as any."""

    def __missing__(self, number: int) -> float:
        return 200.0

    def get(
        self, number: int, default: object = None
    ) -> float:  # dict's own does not ask for what is missing
        return 200.0


def _asked(index: Index, hours: float, whom: str, samples: list[Samples]) -> Row:
    took_s = []
    for again in range(2):  # what is mapped is touched for the first time once
        for heard in samples:
            since = monotonic_s()
            taken = Fingerprinter(SR)
            taken.add(heard[None])
            match(taken.result(), index, lengths_s=_Lengths(), hours=hours)
            if again:
                took_s.append(monotonic_s() - since)
    slow = float(np.quantile(took_s, 0.9)) * 1e3
    return Row(
        what=f"10 s of {whom}, {hours:,g} hours (nine of ten under {slow:.0f} ms)",
        unit="ms",
        ours=float(np.mean(took_s)) * 1e3,
        goal=_GOAL_MS,
        higher_is_better=False,
    )


def _memory() -> Row:
    """Return how much memory was used at most: pages of the mapped files count, and can be lost."""
    return Row(
        what="memory at most, mapped pages of the index among it",
        unit="GB",
        ours=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9,
    )
