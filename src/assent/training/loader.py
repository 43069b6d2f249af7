"""The loader: the sound of a training set, out of the vault, asked for anew at every item.

    for sample in Loader(settings, "s0", sr=44_100, mono=True, seconds=10):
        train(sample.audio)

Nothing is kept: every recording is opened through the gate in every epoch, and asked for again
before every sample is handed over, so a recording that was taken back is not handed over any more
within a second, in any process. It is passed over and noted in `refused`.

Works in the worker processes of others, forked or spawned: each opens the platform for itself, and
what belongs to the parent is left alone. In PyTorch's `DataLoader` the workers share the items
out between them; a worker notes its refusals for itself.
"""

from collections.abc import Callable, Iterator
from os import getpid
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from assent.acts.house import House
from assent.errors import BadInput, NotPermitted, NotProved
from assent.settings import Settings
from assent.sound.block import Block
from assent.sound.decode import opened
from assent.sound.resample import resample
from assent.training.entry import Entry
from assent.training.listing import TrainingSet, find_set
from assent.training.set_file import read_set
from assent.training.torch_workers import Part, introduce, this_worker

__all__ = ["Loader", "Refusal", "Sample", "torch_dataset"]

OpenHouse: TypeAlias = Callable[[], House]

_INHERITED: list[object] = []
"""Platforms that a parent opened before it forked: kept, for closing them would break its locks."""


class Sample(NamedTuple):
    """Sound to train on.

    Args:
        recording: Which recording it is of.
        audio: The sound, full scale at ±1 [shape=(channels, n), float32].
        sr: Its sample rate [Hz].
        start: Where in the recording it begins [frames at `sr`].
    """

    recording: str
    audio: Block
    sr: int
    start: int


class Refusal(NamedTuple):
    """A recording that was passed over.

    Args:
        recording: Which.
        epoch: In which epoch.
        text: The gate's answer.
    """

    recording: str
    epoch: int
    text: str


class Loader:
    """Gives the sound of a training set, as far as it is permitted at that moment.

    Args:
        platform: Where the platform is; or what opens it, and can be pickled for other processes.
        training_set: The set's id, or the folder it was built in.
        sr: The sample rate to convert to [Hz]; each recording's own if None.
        mono: Mix all channels into one.
        seconds: Cut into pieces of this length, and leave out what is shorter than one; whole
            recordings if None.
        seed: Shuffle by this number, otherwise in every epoch; in the set's order if None.
        shard: Which part of how many to give, where several machines share a set.
        strict: Raise at a recording that was taken back, instead of passing over it.

    Raises:
        BadInput: One of these cannot be meant, or the folder holds no set.
    """

    def __init__(  # noqa: PLR0913  # what to read, and how it is wanted
        self,
        platform: Settings | OpenHouse,
        training_set: str | Path,
        *,
        sr: int | None = None,
        mono: bool = False,
        seconds: float | None = None,
        seed: int | None = None,
        shard: tuple[int, int] = (0, 1),
        strict: bool = False,
    ) -> None:
        if not 0 <= shard[0] < shard[1]:
            raise BadInput(f"there is no part {shard[0]} of {shard[1]}; they count from 0")
        if (sr is not None and sr < 1) or (seconds is not None and not 0 < seconds < float("inf")):
            raise BadInput("a sample rate and a length are more than nothing")
        if seed is not None and seed < 0:
            raise BadInput("a seed is not negative")
        self._platform = platform
        self._set = training_set if isinstance(training_set, str) else read_set(training_set).id
        self._folder = None if isinstance(training_set, str) else training_set
        self._sr, self._mono, self._seconds = sr, mono, seconds
        self._seed, self._shard, self._strict = seed, Part(*shard), strict
        self.epoch = 0
        self.refused: list[Refusal] = []
        self._opened: _Opened | None = None
        introduce(type(self))

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch the next pass is; without it each pass is the one after the last."""
        self.epoch = epoch

    def __getstate__(self) -> dict[str, Any]:
        """Leave the open platform behind: another process opens its own."""
        return {**self.__dict__, "_opened": None, "refused": []}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Come to life in another process."""
        self.__dict__.update(state)
        introduce(type(self))

    def __iter__(self) -> Iterator[Sample]:
        """Give the samples of one epoch.

        Raises:
            Unknown: There is no such set.
            NotPermitted: A recording was taken back, and the loader is strict.
            NotProved: The folder's set is not the one on record.
            CouldNot: The catalogue or the vault cannot be read; then nothing is handed over.
        """
        source, epoch = self._source(), self.epoch
        for number in self._order(source.numbers, epoch):
            recording = f"r{number}"
            try:
                yield from self._samples(source.entry, recording)
            except NotPermitted as refusal:
                self.refused.append(Refusal(recording, epoch, refusal.text))
                if self._strict:
                    raise
        self.epoch = epoch + 1

    def close(self) -> None:
        """Let the platform go; the next pass opens it again."""
        if self._opened is not None and self._opened.pid == getpid():
            self._opened.house.close()
        self._opened = None

    def _source(self) -> "_Opened":
        if self._opened is not None and self._opened.pid != getpid():
            _INHERITED.append(self._opened)
            self._opened = None
        if self._opened is None:
            self._opened = _open(self._platform, self._set, self._folder)
        return self._opened

    def _order(self, numbers: npt.NDArray[np.int64], epoch: int) -> list[int]:
        worker = this_worker()
        part = Part(self._shard.number * worker.of + worker.number, self._shard.of * worker.of)
        if self._seed is not None:
            numbers = np.random.default_rng((self._seed, epoch)).permutation(numbers)
        mine: list[int] = numbers[part.number :: part.of].tolist()
        return mine

    def _samples(self, entry: Entry, recording: str) -> Iterator[Sample]:
        with entry.open(recording) as stream, opened(stream) as sound:
            sr = self._sr or sound.probe.sr
            blocks = resample(sound.blocks(), sound.probe.sr, sr)
            if self._mono:
                blocks = (block.mean(axis=0, keepdims=True) for block in blocks)
            if self._seconds is None:
                pieces = iter([np.concatenate(list(blocks), axis=1)])
            else:
                pieces = _pieces(blocks, max(1, round(self._seconds * sr)))
            start = 0
            for piece in pieces:
                # what is decoded may be a second old by now, so it is asked for once more
                entry.check(recording)
                yield Sample(recording, piece, sr, start)
                start += piece.shape[1]


def torch_dataset(loader: Loader) -> Loader:
    """Return the loader, known to PyTorch; needed only if it was made before PyTorch was loaded."""
    introduce(type(loader))
    return loader


class _Opened(NamedTuple):
    """A platform, as one process has opened it."""

    pid: int
    house: House
    entry: Entry
    numbers: npt.NDArray[np.int64]


def _open(platform: Settings | OpenHouse, training_set: str, folder: Path | None) -> _Opened:
    house = House.open(platform) if isinstance(platform, Settings) else platform()
    try:
        found = find_set(house, training_set)
        _check_same(found, folder)
    except BaseException:
        house.close()
        raise
    numbers = np.fromiter(found.members, np.int64, len(found.members))
    return _Opened(getpid(), house, Entry(house, found.program), numbers)


def _check_same(found: TrainingSet, folder: Path | None) -> None:
    """Raise unless a folder's set is the one on record."""
    if folder is not None and read_set(folder).manifest != found.manifest:
        raise NotProved(f"the set in {folder.name!r} is not the {found.id} on record")


def _pieces(blocks: Iterator[Block], length: int) -> Iterator[Block]:
    """Yield pieces of exactly `length` frames, leaving a shorter rest out."""
    waiting: list[Block] = []
    held = 0
    for block in blocks:
        waiting.append(block)
        held += block.shape[1]
        if held < length:
            continue
        joined = np.concatenate(waiting, axis=1)
        whole = held - held % length
        for start in range(0, whole, length):
            yield joined[:, start : start + length].copy()
        waiting, held = [joined[:, whole:]], held - whole
