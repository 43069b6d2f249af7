"""How long a question about ten seconds takes, on indexes of up to 2,000 hours.

The index is bootstrapped from real landmarks (`bootstrap`); the music it was drawn from lies beside
it, as it is. Asked are ten seconds of that, and ten seconds of music that is in none: those take
every pass. Taking the fingerprint is part of it; decoding is not.
"""

import json
import resource
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from assent.bench.attacks import SR, Samples
from assent.bench.bootstrap import bootstrap
from assent.bench.identity import music_and_strangers
from assent.bench.row import Row
from assent.clock import monotonic_s
from assent.identity.design import DESIGN
from assent.identity.fingerprint import Fingerprint, Fingerprinter, fingerprint
from assent.identity.index import Index
from assent.identity.landmarks import landmarks
from assent.identity.match import match
from assent.sound.decode import decode

__all__ = ["rows"]

_HOURS, _FEW_HOURS = (20.0, 200.0, 2_000.0), (0.5, 1.0)
_RECORDING_S = 200.0
"""All recordings are taken to be so long: it matters to what is said of a match, not to speed."""
_ASKED_S, _MOST_ASKED = 10.0, 24
_GOAL_MS = 100.0
_FIRST = 1 << 30
"""The number of the first real recording: behind all that are drawn."""


def rows(quick: bool = False, music: Path | None = None) -> list[Row]:  # noqa: FBT001, FBT002  # the one switch all benches have
    """Measure.

    Args:
        quick: Indexes of an hour at most.
        music: What is drawn from, and asked about; every fifth of it is in no index.

    Raises:
        BadInput: There is not enough of it.
    """
    with TemporaryDirectory(prefix="assent-bench-") as name:
        folder = Path(name)
        known, strangers = music_and_strangers(folder, music, None, quick=quick)
        taken = [fingerprint(path) for path in known]
        asked = {
            "what is in it": [_cut(path) for path in known[:_MOST_ASKED]],
            "a stranger": [_cut(path) for path in strangers[:_MOST_ASKED]],
        }
        made: list[Row] = []
        for hours in _FEW_HOURS if quick else _HOURS:
            index = _index(folder / f"{hours:g}", taken, hours)
            for whom, samples in asked.items():
                made.append(_asked(index, hours, whom, samples))
        made.append(_memory())
        return made


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


def _asked(index: Index, hours: float, whom: str, samples: list[Samples]) -> Row:
    took_s, lengths_s = [], dict.fromkeys(index.recordings, _RECORDING_S)
    for again in range(2):  # what is mapped is touched for the first time once
        for heard in samples:
            since = monotonic_s()
            taken = Fingerprinter(SR)
            taken.add(heard[None])
            match(taken.result(), index, lengths_s=lengths_s, hours=hours)
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
