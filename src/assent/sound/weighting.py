"""The K-weighting of BS.1770: how loud each frequency and each loudspeaker counts.

Two second-order sections (a shelf for the head, a high-pass for the ear's low end) derived for
any sample rate, and one weight per channel. Pure: arrays and numbers only.

Source: ITU-R BS.1770-4, Annex 1, tables 1 to 4. The standard prints the coefficients for 48 kHz
only; the analogue prototype behind them is that of B. De Man, "Evaluation of implementations of
the EBU R128 loudness measurement", AES 145 (2018), and gives the printed numbers back.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["channel_weights", "k_weighting"]

_SHELF_HZ, _SHELF_Q, _SHELF_DB = 1681.974450955533, 0.7071752369554196, 3.999843853973347
_SHELF_BEND = 0.4996667741545416  # the exponent of the gain at the shelf's middle
_HIGHPASS_HZ, _HIGHPASS_Q = 38.13547087602444, 0.5003270373238773

_SURROUND = 1.41  # as printed; it stands for +1.5 dB
_LFE = {"LFE", "LFE2"}
_SIDES = {"SL", "SR", "WL", "WR"}  # 60° to 120° from the front
_BACKS = {"BL", "BR"}  # beside the listener in 5.1, behind in 7.1

# what a recording that names no channels most likely means by so many [FFmpeg's names]
_USUAL = {
    4: ("FL", "FR", "BL", "BR"),
    5: ("FL", "FR", "FC", "BL", "BR"),
    6: ("FL", "FR", "FC", "LFE", "BL", "BR"),
    7: ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    8: ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}


def k_weighting(sr: int) -> npt.NDArray[np.float64]:
    """Return the two filter sections for a sample rate, as scipy's `sosfilt` takes them.

    Args:
        sr: Sample rate, above 3.4 kHz [Hz].

    Returns:
        Sections [shape=(2, 6), float64].
    """
    k = math.tan(math.pi * _SHELF_HZ / sr)
    top = 10 ** (_SHELF_DB / 20)
    bend = top**_SHELF_BEND
    norm = 1 + k / _SHELF_Q + k * k
    shelf = [
        (top + bend * k / _SHELF_Q + k * k) / norm,
        2 * (k * k - top) / norm,
        (top - bend * k / _SHELF_Q + k * k) / norm,
        1.0,
        2 * (k * k - 1) / norm,
        (1 - k / _SHELF_Q + k * k) / norm,
    ]
    k = math.tan(math.pi * _HIGHPASS_HZ / sr)
    norm = 1 + k / _HIGHPASS_Q + k * k
    # the numerator is not normalised: so the standard prints it
    highpass = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / norm, (1 - k / _HIGHPASS_Q + k * k) / norm]
    return np.array([shelf, highpass])


def channel_weights(channels: int, layout: Sequence[str] = ()) -> npt.NDArray[np.float64]:
    """Return how much the energy of each channel counts.

    The low-frequency channel counts nothing. Channels between 60° and 120° from the front at
    the listener's height count 1.41: the sides, and the backs where there are no sides (5.1 has
    its surrounds at 110° by either name). All others count 1: front, centre, height, and what
    stands behind the listener, as the backs of 7.1 do.

    Args:
        channels: How many channels there are.
        layout: FFmpeg's names of the channels; where it does not name them all, the usual
            arrangement of so many is taken (none is usual beyond eight: all count 1).

    Returns:
        Weights [shape=(channels,), float64].

    Source: ITU-R BS.1770-4, Annex 1, table 4.
    """
    named = len(layout) == channels
    placed = tuple(layout) if named else _USUAL.get(channels, ("FC",) * channels)
    beside = _SIDES if _SIDES & set(placed) else _BACKS
    return np.array([0.0 if n in _LFE else _SURROUND if n in beside else 1.0 for n in placed])
