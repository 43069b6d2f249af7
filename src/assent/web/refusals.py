"""What is answered when something cannot be done: one table from errors to statuses of HTTP.

A page says why in one sentence and what can be done next; the API says the same as `Problem`.
"""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.datastructures import MutableHeaders

from assent import errors

__all__ = ["STATUSES", "NotSignedIn", "TooLarge", "TooMany", "status_of", "tell_when"]

_A_MOMENT_S = 10


class NotSignedIn(errors.Refused):
    """This is for people who are signed in."""


class TooMany(errors.Refused):
    """It was tried too often; `facts["wait_s"]` says how long to wait [seconds]."""


class TooLarge(errors.BadInput):
    """What was sent is larger than what is taken."""


STATUSES: Mapping[type[errors.AssentError], HTTPStatus] = {
    errors.AssentError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.Refused: HTTPStatus.FORBIDDEN,
    errors.NotPermitted: HTTPStatus.FORBIDDEN,
    errors.NotAllowed: HTTPStatus.FORBIDDEN,
    errors.NotProved: HTTPStatus.CONFLICT,
    errors.TokenRefused: HTTPStatus.UNAUTHORIZED,
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.BadAudio: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.BadProof: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.BadTable: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.BadText: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.BadStatement: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Unknown: HTTPStatus.NOT_FOUND,
    errors.CouldNot: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StorageFailed: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.KeyFailed: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.Tampered: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.Stale: HTTPStatus.SERVICE_UNAVAILABLE,
}


def tell_when(headers: MutableHeaders, error: errors.AssentError) -> None:
    """Say in an answer's headers when to try again, where waiting helps."""
    if isinstance(error, TooMany | errors.Busy):
        headers["retry-after"] = str(error.facts.get("wait_s", _A_MOMENT_S))


def status_of(error: errors.AssentError) -> int:
    """Return the status of an error; one of a class without a row has its parent's."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES).value
