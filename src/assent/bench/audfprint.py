"""audfprint as a peer: its own analyser, table and matcher, from a folder that it was put in.

It is not part of the project and nothing of it is copied here. Settings are those of its command
line: a density of 20, four shifts of a query, a window of two frames, at least five hashes.

Source: Ellis, audfprint, 2014, https://github.com/dpwe/audfprint (MIT).
"""

import gzip
import io
import sys
from contextlib import redirect_stdout
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import soxr

from assent.bench.attacks import SR, Samples
from assent.sound.decode import decode

__all__ = ["Audfprint"]

_SR = 11_025
_SHIFTS = 4
Hashes = npt.NDArray[np.int64]


class _Parts(NamedTuple):
    """What it is made of; it has no types [modules and objects of its own]."""

    analysing: Any
    analyser: Any
    matcher: Any
    table: Any


class Audfprint:
    """Fingerprints by number.

    Args:
        folder: Where its files are; None if nobody said.
        known: The hashes of each recording, a row of time and hash each [shape=(n, 2)].
    """

    name = "audfprint"

    def __init__(self, folder: Path | None, known: dict[int, Hashes] | None = None) -> None:
        self._folder = folder
        self._known: dict[int, Hashes] = known or {}

    def __reduce__(self) -> tuple[object, ...]:
        # its modules cannot be sent to another process; they are imported there again
        return Audfprint, (self._folder, self._known)

    @property
    def missing(self) -> str | None:
        """Why it is not asked; None if it is."""
        if self._folder is None:
            return "no --audfprint was given"
        try:
            self._parts  # noqa: B018  # whether it can be imported is all that is asked
        except ImportError as error:
            return f"it cannot be imported from {self._folder}: {error}"
        return None

    @property
    def size_bytes(self) -> int:
        """How large the entries of its table are, four bytes each, compressed as it does."""
        table = self._filled().table
        held = io.BytesIO()
        with gzip.GzipFile(fileobj=held, mode="wb", compresslevel=6) as file:
            for row, count in zip(table.table, table.counts, strict=True):
                if count:
                    file.write(row[:count].tobytes())
        return len(held.getvalue())

    def add(self, number: int, path: Path) -> None:
        """Take a file in."""
        samples = np.concatenate([block.mean(axis=0) for block in decode(path, sr=_SR)])
        self._known[number] = self._hashes(samples, 1)

    def best(self, heard: Samples) -> tuple[int, float] | None:
        """Return which file has the most hashes in common at one offset, and how many."""
        parts = self._filled()
        hashes = self._hashes(soxr.resample(heard, SR, _SR, quality="HQ"), _SHIFTS)
        if not len(hashes):
            return None
        with redirect_stdout(io.StringIO()):
            found = parts.matcher.match_hashes(parts.table, hashes)
        if not len(found):
            return None
        return int(parts.table.names[found[0][0]]), float(found[0][1])

    @cached_property
    def _parts(self) -> _Parts:
        sys.path.insert(0, str(self._folder))
        try:
            analysing, matching, tables = (
                import_module(name)
                for name in ("audfprint_analyze", "audfprint_match", "hash_table")
            )
        finally:
            sys.path.remove(str(self._folder))
        matcher = matching.Matcher()
        matcher.window = 2
        return _Parts(analysing, analysing.Analyzer(density=20.0), matcher, tables.HashTable())

    def _filled(self) -> _Parts:
        parts = self._parts
        for number, hashes in self._known.items():
            if str(number) not in parts.table.names:
                parts.table.store(str(number), hashes)
        return parts

    def _hashes(self, samples: Samples, shifts: int) -> Hashes:
        """Return the hashes of samples, each once, of several beginnings within a frame."""
        parts, found = self._parts, []
        with redirect_stdout(io.StringIO()):  # it says on stdout that something is silent
            for shift in range(shifts):
                start = shift * parts.analyser.n_hop // shifts
                peaks = parts.analyser.find_peaks(samples[start:], _SR)
                found.append(
                    parts.analysing.landmarks2hashes(parts.analyser.peaks2landmarks(peaks))
                )
        return np.unique(np.concatenate(found).astype(np.int64), axis=0)
