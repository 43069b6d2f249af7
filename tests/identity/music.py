"""Peaks made up, recordings composed in code, and what is asked of both."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from hypothesis import settings
from hypothesis import strategies as st

from assent.bench.attacks import SR
from assent.demo.compose import Track, tracks
from assent.identity.design import DESIGN
from assent.identity.fingerprint import Fingerprint, Fingerprinter
from assent.identity.peaks import PEAK, Peaks
from assent.sound.block import Block

__all__ = [
    "blocks_of",
    "heard",
    "made_up",
    "mono",
    "patient",
    "peaks_at",
    "pieces",
    "plain",
    "seeds",
    "streamed",
    "thorough",
]

# what is compiled is compiled once, and the machine does other things: no test here is about speed
patient = settings(deadline=None, max_examples=25)
thorough = settings(deadline=None, max_examples=10)  # where each example takes two million buckets
seeds = st.integers(0, 2**32 - 100)


def plain(function: object) -> Callable[..., Any]:
    """The Python that a compiled function was made of."""
    return cast("Callable[..., Any]", getattr(function, "py_func"))  # noqa: B009  # numba's, untyped


def peaks_at(frames: npt.ArrayLike, bands: npt.ArrayLike) -> Peaks:
    """Peaks at these places, all of them dominant."""
    made = np.zeros(np.size(np.asarray(frames)), PEAK)
    made["frame"], made["band"], made["dominant"] = frames, bands, True
    return made[np.lexsort((made["band"], made["frame"]))]


def made_up(seed: int, seconds: float = 4.0, per_s: float = 25.0, first: float = 0.0) -> Peaks:
    """Peaks strewn about as densely as music has them."""
    rng = np.random.default_rng(seed)
    many = round(seconds * per_s)
    frames = first + 1 + rng.uniform(0, seconds * DESIGN.frames_per_s, many)
    made = peaks_at(frames, rng.uniform(1, DESIGN.bands - 2, many))
    made["level"] = rng.uniform(-10, 10, many)
    return made


@cache
def pieces() -> tuple[Track, ...]:
    """Nine pieces of nearly 40 seconds."""
    return tracks(40.0)


@cache
def mono(number: int) -> npt.NDArray[np.float32]:
    """A composed piece at 44.1 kHz in one channel [shape=(n,)]."""
    piece = pieces()[number]
    assert piece.sr == SR
    sound = np.concatenate(piece.blocks, axis=1).mean(axis=0, dtype=np.float32)
    sound.flags.writeable = False
    return np.asarray(sound, np.float32)


def blocks_of(sound: Block, sizes: Sequence[int]) -> Iterable[Block]:
    """The same sound in pieces of these sizes, again and again to its end."""
    at, turn = 0, 0
    while at < sound.shape[1]:
        size = sizes[turn % len(sizes)]
        yield sound[:, at : at + size]
        at, turn = at + size, turn + 1


def streamed(blocks: Iterable[Block], sr: int = SR) -> Fingerprint:
    taken = Fingerprinter(sr)
    for block in blocks:
        taken.add(block)
    return taken.result()


def heard(samples: Block, sr: int = SR) -> Fingerprint:
    """The fingerprint of samples [shape=(n,) or (channels, n)]."""
    return streamed(blocks_of(np.atleast_2d(samples), [65_536]), sr)
