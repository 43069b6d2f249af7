"""A stream of blocks at one sample rate, as a stream of blocks at another.

The conversion is soxr's at its high quality (20 bits), linear phase, with state carried from
block to block: the cuts between blocks leave no trace. Knows nothing of files.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import soxr

from assent.sound.block import Block

__all__ = ["resample"]


def resample(blocks: Iterable[Block], from_sr: int, to_sr: int) -> Iterator[Block]:
    """Yield the same sound at another sample rate.

    Args:
        blocks: Blocks [shape=(channels, n), float32], all with the same channels.
        from_sr: The rate that they have [Hz].
        to_sr: The rate wanted [Hz].

    Yields:
        Blocks [shape=(channels, m), float32]; the m add up to the n times `to_sr / from_sr`.
    """
    if from_sr == to_sr:
        yield from blocks
        return
    stream: soxr.ResampleStream | None = None
    channels = 0
    for block in blocks:
        if stream is None:
            channels = block.shape[0]
            stream = soxr.ResampleStream(from_sr, to_sr, channels, dtype="float32", quality="HQ")
        made = stream.resample_chunk(np.ascontiguousarray(block.T))
        if len(made):
            yield np.ascontiguousarray(made.T)
    if stream is not None:
        made = stream.resample_chunk(np.empty((0, channels), np.float32), last=True)
        if len(made):
            yield np.ascontiguousarray(made.T)
