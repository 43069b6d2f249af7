"""The one shape in which sound travels through this room.

A block is a float32 array [shape=(channels, n)] with full scale at ±1. Blocks follow each other
without gap or overlap; all but the last of a decoded recording hold `BLOCK_FRAMES` frames.
Knows nothing of files, codecs or rates.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["BLOCK_FRAMES", "Block"]

Block: TypeAlias = npt.NDArray[np.float32]

# 1.5 s at 44.1 kHz: long enough that a Python call per block costs nothing beside the arithmetic,
# short enough that the arrays derived from a stereo block stay in the processor's cache
BLOCK_FRAMES = 65_536
