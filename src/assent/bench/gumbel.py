"""The law of the most votes that a stranger gets, fitted to what strangers got.

    P(at least v votes) = 1 - exp(-tries * exp((usual - v) / scale))

Votes are whole numbers, and few are decided by what a line needs at all, not by chance; so what is
under the median counts as no more than that.

Source: Gumbel, "Statistics of Extremes", 1958; censored likelihood: Cohen, Technometrics 1, 1959.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

__all__ = ["fitted"]

_SMALL = 1e-300
_NARROWEST, _WIDEST = 0.2, 10.0


def fitted(votes: Sequence[int]) -> tuple[float, float]:
    """Return the votes at which one in e has that many, and by how many more it is e times rarer.

    Args:
        votes: The most votes of each window, at least two different numbers of them.
    """
    got = np.asarray(votes, np.float64)
    least = max(float(np.ceil(np.median(got))), 1.0)
    high, low = got[got >= least], int((got < least).sum())

    def unlikely(law: npt.NDArray[np.float64]) -> float:
        usual, scale = law
        if not _NARROWEST < scale < _WIDEST:
            return float("inf")
        each = _at_most(high, usual, scale) - _at_most(high - 1, usual, scale)
        under = _at_most(np.array([least - 1]), usual, scale)
        return float(-np.log(each + _SMALL).sum() - low * np.log(under + _SMALL).sum())

    usual, scale = minimize(unlikely, (least, 1.0), method="Nelder-Mead").x
    return float(usual), float(scale)


def _at_most(votes: npt.NDArray[np.float64], usual: float, scale: float) -> npt.NDArray[np.float64]:
    return np.asarray(np.exp(-np.exp((usual - votes - 1) / scale)))
