"""How often so many landmarks would agree by accident.

The most votes that recordings get which are in no index follow a Gumbel law, whose tail falls by a
factor with every vote; with the index it moves up by the logarithm of its size. The constants are
fitted (`bench.chance`) on windows of half of 19 packages of music that is not in the index, and
held against the other half; what came of it is in docs/identity.md. Measured, the law moves up by
less than that with the index (0.2, 0.5 and 0.3 votes for a factor of e, from 0.25 to 1.9 hours), so
in a larger one a match is taken for likelier an accident than it is. What is no accident, a pattern
that both repeat, has more votes than the law gives it; the samples have to tell (`proof`).

Source: Gumbel, "Statistics of Extremes", 1958.
"""

import math
from enum import Enum

from assent.identity.scan import Window

__all__ = ["HOURS", "SECONDS", "STATED", "Pass", "chance"]

STATED = 1e-4
"""How often what the landmarks say of a window may be an accident, if nobody looks closer."""
HOURS = 1.9
SECONDS = 10.0
"""Size of the index and length of the windows that they were fitted on."""


class Pass(Enum):
    """A way to look for copies: the narrower, the less is found by accident, and the faster.

    Each is what it admits; votes at which one in e windows of a stranger has that many, and by how
    many more it is e times rarer; and how sure it must be for no other to be taken.
    """

    QUICK = (Window(1.1, 0.96, 1.04), 0.4, 0.9, 1e-6)
    STRICT = (Window(1.1, 0.96, 1.04), 1.6, 0.95, 1e-6)
    WIDE = (Window(13.0, 0.76, 1.32), 4.2, 1.4, 1.0)

    def __init__(self, window: Window, usual: float, scale: float, enough: float) -> None:
        self.window = window
        self.usual = usual
        self.scale = scale
        self.enough = enough


def chance(votes: int, hours: float, seconds: float, look: Pass) -> float:
    """Return how often so many votes would come by accident, of one window [0 to 1].

    Args:
        votes: How many.
        hours: How much is in the index [hours].
        seconds: How long the window is [seconds].
        look: In which pass.
    """
    tries = max(hours / HOURS, 1e-3) * max(seconds / SECONDS, 0.1)
    rate = tries * math.exp((look.usual - votes) / look.scale)
    return -math.expm1(-rate)
