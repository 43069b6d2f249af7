"""From a codec's frames, in whatever sample format, to blocks of float32.

Full scale is ±1: integers are divided by two to the power of their width less one, so the values
of 8, 16 and 24 bits come through exactly. Touches no file; knows nothing of containers.

Invariants: samples that are not numbers are refused, never replaced, because a measurement or a
digest of invented samples would be a measurement of something else.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame

from assent.errors import BadAudio
from assent.sound.block import BLOCK_FRAMES, Block

__all__ = ["SampleFormat", "gathered", "sample_format"]


class SampleFormat(NamedTuple):
    """How a codec hands out its samples.

    Args:
        dtype: One sample.
        planar: Whether each channel has a plane of its own, or all share one, interleaved.
        zero: The value of silence.
        full_scale: The distance from silence to 1.0.
    """

    dtype: np.dtype[np.generic]
    planar: bool
    zero: int
    full_scale: int


_INTEGERS = {"u8": "u1", "s16": "i2", "s32": "i4", "s64": "i8"}
_FLOATS = {"flt": "f4", "dbl": "f8"}


def sample_format(name: str) -> SampleFormat:
    """Return what FFmpeg's name of a sample format stands for.

    Args:
        name: `u8 s16 s32 s64 flt dbl`, with a `p` behind it if planar.

    Source: FFmpeg, libavutil/samplefmt.h.
    """
    packed = name.removesuffix("p")
    if packed in _FLOATS:
        return SampleFormat(np.dtype(_FLOATS[packed]), packed != name, 0, 1)
    dtype = np.dtype(_INTEGERS[packed])
    half = 1 << (8 * dtype.itemsize - 1)
    return SampleFormat(dtype, packed != name, half if dtype.kind == "u" else 0, half)


def gathered(frames: Iterable[AudioFrame], *, sr: int, channels: int, name: str) -> Iterator[Block]:
    """Yield the frames' samples in blocks of `BLOCK_FRAMES`, the last one shorter.

    Args:
        frames: Decoded frames, in order.
        sr: The rate that every frame must have [Hz].
        channels: The number of channels that every frame must have.
        name: What to call the recording in an error.

    Raises:
        BadAudio: Rate or channels change on the way, or a sample is not a number.
    """
    held: _Held | None = None
    for frame in frames:
        _check_same(frame, sr, channels, name)
        if held is None or frame.format.name != held.format_name:
            if held is not None and held.filled:
                yield _checked(held.take(), name)
            held = _Held(frame.format.name, channels)
        start, count = 0, frame.samples
        while start < count:
            start += held.put(frame, start)
            if held.filled == BLOCK_FRAMES:
                yield _checked(held.take(), name)
    if held is not None and held.filled:
        yield _checked(held.take(), name)


def _check_same(frame: AudioFrame, sr: int, channels: int, name: str) -> None:
    if frame.layout.nb_channels != channels:
        raise BadAudio(f"{name} changes its number of channels on the way")
    if frame.sample_rate != sr:
        raise BadAudio(f"{name} changes its sample rate on the way")


def _checked(block: Block, name: str) -> Block:
    if not np.isfinite(block).all():
        raise BadAudio(f"{name} has samples that are not numbers")
    return block


class _Held:
    """Samples that wait, as the codec gave them, until they make a block."""

    def __init__(self, format_name: str, channels: int) -> None:
        self.format_name = format_name
        self.filled = 0
        self._format = sample_format(format_name)
        self._channels = channels
        planes, width = (channels, 1) if self._format.planar else (1, channels)
        self._shape = (planes, BLOCK_FRAMES * width)
        self._frame_bytes = self._format.dtype.itemsize * width
        self._renew()

    def _renew(self) -> None:
        self._samples: npt.NDArray[np.generic] = np.empty(self._shape, self._format.dtype)
        # copying bytes between buffers is the cheapest way out of a frame: it costs a seventh
        # of decoding Vorbis, where going through arrays costs half of it
        self._planes = [memoryview(plane).cast("B") for plane in self._samples]

    def put(self, frame: AudioFrame, start: int) -> int:
        """Copy what fits of a frame, from its sample `start`; return how many frames that was."""
        width = self._frame_bytes
        count = min(frame.samples - start, BLOCK_FRAMES - self.filled)
        here, there = self.filled * width, start * width
        size = count * width
        # not strict: of eight planes PyAV makes nine, the last of which must not be touched
        for held, plane in zip(self._planes, frame.planes, strict=False):
            held[here : here + size] = memoryview(plane)[there : there + size]
        self.filled += count
        return count

    def take(self) -> Block:
        """Return what is held as a new block, and hold nothing."""
        block = self._block(self.filled)
        self.filled = 0
        return block

    def _block(self, count: int) -> Block:
        form = self._format
        if form.planar and form.dtype == np.float32 and count == BLOCK_FRAMES:
            block = self._samples.view(np.float32)
            self._renew()  # the block is theirs now
            return block
        by_frame = self._samples.reshape(-1, self._channels).T
        native = (self._samples if form.planar else by_frame)[:, :count]
        block = np.empty((self._channels, count), np.float32)
        with np.errstate(over="ignore"):  # a double beyond float32 becomes infinite: refused below
            for row, samples in zip(block, native, strict=True):
                row[:] = samples
        if form.zero:
            block -= form.zero
        if form.full_scale != 1:
            block *= np.float32(1 / form.full_scale)
        return block
