"""Olaf as a peer: its C core as a program, with a database of its own.

It is not part of the project. Its core is made with `make compile_core` in its folder.

Source: Six, "Olaf: Overly Lightweight Acoustic Fingerprinting", ISMIR 2020,
https://github.com/JorenSix/Olaf (AGPL-3.0).
"""

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soxr

from assent.bench.attacks import SR, Samples
from assent.sound.decode import decode

__all__ = ["Olaf"]

_SR = 16_000


class Olaf:
    """Fingerprints by number.

    Args:
        program: Its core; None if nobody said.
        home: A folder for its database.
    """

    name = "Olaf"

    def __init__(self, program: Path | None, home: Path) -> None:
        self._program = program
        self._home = home
        (home / ".olaf" / "db").mkdir(parents=True, exist_ok=True)

    @property
    def missing(self) -> str | None:
        """Why it is not asked; None if it is."""
        if self._program is None:
            return "no --olaf was given"
        return None if self._program.is_file() else f"there is no program {self._program}"

    @property
    def size_bytes(self) -> int:
        """How large its database is."""
        return sum(path.stat().st_size for path in (self._home / ".olaf" / "db").iterdir())

    def add(self, number: int, path: Path) -> None:
        """Take a file in."""
        samples = np.concatenate([block.mean(axis=0) for block in decode(path, sr=_SR)])
        self._run("store", samples, str(number))

    def best(self, heard: Samples) -> tuple[int, float] | None:
        """Return which file has the most hashes in common at one offset, and how many."""
        said = self._run("query", soxr.resample(heard, SR, _SR, quality="HQ"), "heard")
        found = [_match(line) for line in said.splitlines()]
        return max((one for one in found if one), key=lambda one: one[1], default=None)

    def _run(self, what: str, samples: Samples, name: str) -> str:
        with tempfile.NamedTemporaryFile(prefix="assent-bench-", suffix=".raw") as raw:
            raw.write(samples.astype("<f4").tobytes())
            raw.flush()
            return subprocess.run(  # noqa: S603  # the program that the caller named, on our file
                [str(self._program), what, raw.name, name],
                capture_output=True,
                check=False,
                text=True,
                env={"HOME": str(self._home)},  # beside which it keeps its database
            ).stdout


def _match(line: str) -> tuple[int, float] | None:
    """Return what a line of its table says: votes, start, end, name, number, start, end.

    >>> _match("42, 0.10, 9.80, 7, 193, 20.10, 29.80")
    (7, 42.0)
    >>> _match("match count (#), q start (s) , q stop (s), ref path, ref ID, ref start, ref stop")
    """
    cells = [cell.strip() for cell in line.split(",")]
    try:
        votes, number = float(cells[0]), int(cells[3])
    except (ValueError, IndexError):
        return None
    return (number, votes) if votes > 0 else None
