"""Whether a recording can be known again at all, by what its fingerprint holds.

"Nothing is known of it" must not be said of what nothing could ever be known of. Says nothing of
what is in any index.
"""

from enum import Enum
from typing import assert_never

import numpy as np

from assent.identity.fingerprint import Fingerprint
from assent.identity.landmarks import landmarks

__all__ = ["LEAST_FRAMES", "LEAST_S", "State", "state_of"]

LEAST_S = 2.0
"""What is shorter is not looked for (`match`) [seconds]."""
LEAST_FRAMES = 9
"""Strangers agree in up to 8 frames by accident (ADR 8): fewer than 9 can never tell anything."""


class State(Enum):
    """What there is to know a recording again by."""

    TOO_SHORT = "too short"
    SILENT = "silent"
    FEATURELESS = "featureless"
    FINE = "fine"

    @property
    def text(self) -> str:
        """What it means, in one clause for a person."""
        match self:
            case State.TOO_SHORT:
                return f"it is too short to be known again: less than {LEAST_S:.0f} seconds"
            case State.SILENT:
                return (
                    "there is nothing in it to know it again by: it is silent, one steady tone,"
                    " or all below 180 Hz or above 4 kHz"
                )
            case State.FEATURELESS:
                return "there is too little in it to know it again by: a few single sounds"
            case State.FINE:
                return "it can be known again"
            case _:
                assert_never(self)


def state_of(taken: Fingerprint) -> State:
    """Return whether a recording can be known again.

    `SILENT` is what has no peak: pure silence, but also a tone that neither begins nor ends, a
    constant, and what lies outside the bands that are listened to; a fingerprint cannot tell
    these apart. `FEATURELESS` is what has peaks, but landmarks in fewer than `LEAST_FRAMES`
    frames. White noise is `FINE`: the same noise is known again.

    Args:
        taken: Its fingerprint.
    """
    if taken.duration_s < LEAST_S:
        return State.TOO_SHORT
    if len(taken.peaks) == 0:
        return State.SILENT
    made = landmarks(taken.peaks, taken.design.asked_fan, taken.design)
    if len(np.unique(made[:, 7])) < LEAST_FRAMES:
        return State.FEATURELESS
    return State.FINE
