"""What somebody is about to do, put aside while they look at what it would do; an hour at most."""

from datetime import timedelta
from secrets import token_urlsafe
from typing import TypeVar

from pydantic import BaseModel

from assent.errors import Unknown
from assent.signin import challenges
from assent.web.visit import Visit

__all__ = ["drop_aside", "find_aside", "keep_aside", "put_aside"]

_GOOD_FOR = timedelta(hours=1)
_Said = TypeVar("_Said", bound=BaseModel)


def put_aside(visit: Visit, kind: str, said: BaseModel) -> str:
    """Put something aside; return what it is found by.

    Args:
        visit: Who does it: nobody else finds it.
        kind: What it is.
        said: What is kept.
    """
    key = token_urlsafe(16)
    keep_aside(visit, kind, key, said)
    return key


def keep_aside(visit: Visit, kind: str, key: str, said: BaseModel) -> None:
    """Put something aside under a key, in place of what was there."""
    value = {"account": visit.me.account, "said": said.model_dump_json()}
    challenges.put(visit.site.house, kind, key, value, _GOOD_FOR)


def find_aside(visit: Visit, kind: str, key: str, model: type[_Said]) -> _Said:
    """Return what was put aside.

    Args:
        visit: Who asks.
        kind: What it is.
        key: What it is found by.
        model: As what it is read.

    Raises:
        Unknown: There is none of theirs, or an hour has gone by.
    """
    with visit.site.house.reading() as connection:
        kept = challenges.peek(connection, kind, key, visit.at)
    if kept is None or kept["account"] != visit.me.account:
        raise Unknown("that was an hour ago, or is not yours; begin again")
    return model.model_validate_json(kept["said"])


def drop_aside(visit: Visit, kind: str, key: str) -> None:
    """Forget what was put aside, for it was done: nobody does it twice by going back."""
    challenges.take(visit.site.house, kind, key)
