"""What stands in the braces of paths: one thing of each kind, all of them the owner's.

Keys are what stands between the braces, or, where that means different things on different pages,
the path and it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Select, select

from assent.acts.house import House
from assent.catalogue import tables
from assent.demo.cast import SAYS_NOTHING
from assent.demo.site_desk import ANSWERED, find_of, recordings_of
from assent.demo.site_people import Login

Find = Callable[[House, Mapping[str, Login]], str]


def _first(house: House, query: Select[Any]) -> str:
    with house.reading() as connection:
        return str(connection.execute(query.limit(1)).scalar_one())


def _recording(house: House, _logins: Mapping[str, Login]) -> str:
    return recordings_of(house, SAYS_NOTHING)[0]


def _artist(house: House, _logins: Mapping[str, Login]) -> str:
    artists = tables.artists.c
    return _first(house, select(artists.id).where(artists.name == SAYS_NOTHING))


def _account(house: House, _logins: Mapping[str, Login]) -> str:
    return find_of(house, SAYS_NOTHING).id


def _program(_house: House, _logins: Mapping[str, Login]) -> str:
    return ANSWERED


THINGS: Mapping[str, Find] = {
    "recording": _recording,
    "artist": _artist,
    "account": _account,
    "program": _program,
}
"""How each is found."""
