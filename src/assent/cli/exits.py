"""Which exit code an error ends the program with: one table, for every class of error.

0 yes, or done; 1 no; 2 what was handed in cannot be used; 3 it names something that does not exist;
4 the world did not cooperate, or a bug; 130 stopped by Ctrl-C.

Source: design, section 14.
"""

from collections.abc import Mapping

from assent import errors

__all__ = [
    "CODES",
    "COULD_NOT",
    "INTERRUPTED",
    "NO",
    "UNKNOWN",
    "USAGE",
    "YES",
    "code_for",
]

YES, NO, USAGE, UNKNOWN, COULD_NOT = range(5)
INTERRUPTED = 130

CODES: Mapping[type[errors.AssentError], int] = {
    errors.AssentError: COULD_NOT,
    errors.Refused: NO,
    errors.NotPermitted: NO,
    errors.NotAllowed: NO,
    errors.NotProved: NO,
    errors.TokenRefused: NO,
    errors.BadInput: USAGE,
    errors.BadAudio: USAGE,
    errors.BadProof: USAGE,
    errors.BadTable: USAGE,
    errors.BadText: USAGE,
    errors.BadStatement: USAGE,
    errors.Unknown: UNKNOWN,
    errors.CouldNot: COULD_NOT,
    errors.Busy: COULD_NOT,
    errors.StorageFailed: COULD_NOT,
    errors.KeyFailed: COULD_NOT,
    errors.Tampered: COULD_NOT,
    errors.Stale: COULD_NOT,
}


def code_for(error: errors.AssentError) -> int:
    """Return the exit code of an error; one of a class without a row has its parent's."""
    return next(CODES[kind] for kind in type(error).__mro__ if kind in CODES)
