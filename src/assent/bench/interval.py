"""How sure a share is: intervals of 95 %.

Source: Wilson, "Probable inference", JASA 22, 1927; Clopper and Pearson, "The use of confidence or
fiducial limits", Biometrika 26, 1934.
"""

from math import sqrt

from scipy.stats import beta

__all__ = ["exact", "wilson"]

_DEVIATIONS = 1.959964
_OUTSIDE = 0.05


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the interval of a share by its score [0 to 1 each].

    Args:
        hits: How many of them it was.
        of: Of how many, at least one.

    >>> [round(end, 3) for end in wilson(38, 40)]
    [0.835, 0.986]
    """
    share, wide = hits / of, _DEVIATIONS**2 / of
    middle = (share + wide / 2) / (1 + wide)
    half = sqrt(wide * (share * (1 - share) + wide / 4)) / (1 + wide)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def exact(hits: int, of: int) -> tuple[float, float]:
    """Return the interval of a share by the binomial law itself [0 to 1 each].

    With no hit at all it ends near 3.7 over `of`, two-sided.

    Args:
        hits: How many of them it was.
        of: Of how many, at least one.

    >>> [round(end, 5) for end in exact(0, 1000)]
    [0.0, 0.00368]
    """
    low = float(beta.ppf(_OUTSIDE / 2, hits, of - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - _OUTSIDE / 2, hits + 1, of - hits)) if hits < of else 1.0
    return low, high
