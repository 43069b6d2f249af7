"""Chromaprint: the fingerprint that AcoustID and ISCC are made of, taken by Chromaprint itself.

The program `fpcalc` if there is one, else libchromaprint through the module of `pyacoustid`.
Nothing is sent anywhere, and neither opens a file: samples are decoded here, so that no name or
playlist is taken for an order, and handed over. `fpcalc` makes of them what it makes of the file;
libchromaprint mixes and resamples in its own way, so that one bit in 20,000 is another.

Source: Chromaprint 1.5, `fpcalc`; AcoustID, web service, "Lookup by fingerprint".
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from types import ModuleType
from typing import IO, Protocol

import numpy as np
import numpy.typing as npt

from assent.errors import CouldNot
from assent.sound.block import Block
from assent.sound.decode import opened
from assent.sound.source import Source

__all__ = ["ACOUSTID_S", "Chromaprint", "Feed", "Maker", "Making", "chromaprint", "makers"]

ACOUSTID_S = 120
"""AcoustID knows recordings by so much of their beginning [seconds]."""
_FULL_SCALE = 32_768
_FAILED = "fpcalc, the program of Chromaprint, failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chromaprint:
    """What Chromaprint makes of a recording.

    Args:
        acoustid: The fingerprint of its first 120 s, compressed, in base64 for addresses; empty if
            the recording is too short for one (about 3 s).
        words: That of all of it [32 bits, signed].
        duration_s: How long it is [seconds].
    """

    acoustid: str
    words: tuple[int, ...]
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What kind of samples Chromaprint gets.

    Args:
        sr: Their rate [Hz].
        channels: How many channels.
        whole: Whether they are numbers of 16 bits, as far as is known; else floats.
    """

    sr: int
    channels: int
    whole: bool

    def bytes_of(self, block: Block) -> bytes:
        """Return samples as Chromaprint takes them, channel beside channel."""
        return _numbers_of(block).tobytes() if self.whole else block.T.astype("<f4").tobytes()


class Making(Protocol):
    """A fingerprint in the making."""

    def feed(self, block: Block) -> None:
        """Take the next samples [shape=(channels, n), float32].

        Raises:
            CouldNot: It takes no more.
        """
        ...

    def finish(self) -> str:
        """Return it; nothing can be fed after. It is empty if there was too little for one."""
        ...


class Maker(Protocol):
    """What makes them."""

    def making(self, feed: "Feed", *, raw: bool) -> AbstractContextManager[Making]:
        """Begin one.

        Args:
            feed: What it will be fed.
            raw: Whether it is to be signed numbers parted by commas, or compressed.
        """
        ...


def makers() -> Iterator[Maker]:
    """Yield what makes fingerprints here, the better first."""
    program = shutil.which("fpcalc")
    if program is not None:
        yield _Program(program)
    library = _library()
    if library is not None:
        yield _Library(library)


def chromaprint(source: Source, maker: Maker) -> Chromaprint:
    """Return what Chromaprint makes of a file.

    Args:
        source: A path, or a readable and seekable binary stream.
        maker: What makes it.

    Raises:
        BadAudio: It is empty, not audio, cut off, damaged, or has samples that are not numbers.
        Unknown: There is no such file.
        StorageFailed: It cannot be read.
        CouldNot: Chromaprint failed.
    """
    with opened(source) as recording:
        blocks = recording.blocks()
        first = next(blocks)  # there is one: a recording without sound is refused
        sr = recording.probe.sr
        feed = Feed(sr=sr, channels=len(first), whole=_are_whole(first))
        frames = 0
        with maker.making(feed, raw=False) as beginning, maker.making(feed, raw=True) as all_of_it:
            for block in chain((first,), blocks):
                left = ACOUSTID_S * sr - frames
                if left > 0:
                    beginning.feed(block[:, :left])
                all_of_it.feed(block)
                frames += block.shape[1]
            acoustid, words = beginning.finish(), all_of_it.finish()
    return Chromaprint(acoustid=acoustid, words=_numbers(words), duration_s=frames / sr)


def _are_whole(block: Block) -> bool:
    scaled = block * np.float32(_FULL_SCALE)
    return bool((np.rint(scaled) == scaled).all() and (np.abs(scaled) <= _FULL_SCALE).all())


def _numbers_of(block: Block) -> npt.NDArray[np.int16]:
    # rounded as FFmpeg does
    scaled = np.clip(np.rint(block.T * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1)
    return scaled.astype("<i2")


def _numbers(words: str) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in words.split(",")) if words else ()
    except ValueError as error:
        raise CouldNot("what Chromaprint made is no fingerprint") from error


class _Program:
    """The program `fpcalc`."""

    def __init__(self, program: str) -> None:
        self._program = program

    @contextmanager
    def making(self, feed: Feed, *, raw: bool) -> Iterator["_Piped"]:
        order = [self._program, "-plain", "-length", "0", *(("-raw", "-signed") if raw else ())]
        # in the kind of samples that the file has: it brings them to 11,025 Hz before it rounds
        order += ["-format", "s16le" if feed.whole else "f32le"]
        order += ["-rate", str(feed.sr), "-channels", str(feed.channels), "-"]
        with subprocess.Popen(  # noqa: S603  # a program of the system; what it is told is ours
            order, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            if process.stdin is None:
                raise AssertionError
            try:
                yield _Piped(process, process.stdin, feed)
            finally:
                process.kill()  # whatever went wrong, nobody waits for it; at its end it is gone
                with suppress(BrokenPipeError):  # of what it did not read
                    process.stdin.close()


class _Piped:
    """One run of `fpcalc`, which prints nothing before it has heard all."""

    def __init__(self, process: "subprocess.Popen[bytes]", stdin: IO[bytes], feed: Feed) -> None:
        self._process, self._stdin, self._feed = process, stdin, feed

    def feed(self, block: Block) -> None:
        try:
            self._stdin.write(self._feed.bytes_of(block))
            self._stdin.flush()
        except BrokenPipeError as error:
            raise CouldNot(_FAILED) from error

    def finish(self) -> str:
        printed, told = self._process.communicate()
        # its exit code does not tell: at the end of any file it is not 0
        if not printed and b"Empty fingerprint" not in told:
            raise CouldNot(_FAILED)
        return printed.decode("ascii", "replace").strip()


class _Library:
    """The module `chromaprint` of `pyacoustid`, over libchromaprint."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    @contextmanager
    def making(self, feed: Feed, *, raw: bool) -> Iterator["_Called"]:
        yield _Called(self._module, feed, raw=raw)


class _Called:
    def __init__(self, module: ModuleType, feed: Feed, *, raw: bool) -> None:
        self._module, self._raw = module, raw
        self._taken = module.Fingerprinter()
        with self._failing():
            self._taken.start(feed.sr, feed.channels)

    def feed(self, block: Block) -> None:
        with self._failing():
            self._taken.feed(_numbers_of(block).tobytes())

    def finish(self) -> str:
        with self._failing():
            text: bytes = self._taken.finish()
            words, _algorithm = self._module.decode_fingerprint(text)
        if not words:
            return ""
        if not self._raw:
            return text.decode("ascii")
        return ",".join(str(word) for word in np.array(words, np.uint32).view(np.int32).tolist())

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except self._module.FingerprintError as error:
            raise CouldNot("libchromaprint failed") from error


def _library() -> ModuleType | None:
    """Return the module over libchromaprint, if both are there."""
    try:
        import chromaprint as module
    except (ImportError, OSError):
        return None
    # there is another package of that name, which colours what a terminal shows
    return module if hasattr(module, "decode_fingerprint") else None
