"""Processes that grant and publish until they are done, killed, or failed by their disk.

A line is sent for each act only after the act has returned: what was sent was acknowledged. What
is signed is written down first, in a file beside the platform.
"""

import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.say import About, grant
from assent.log.note import Signature, Signer
from assent.settings import Settings
from tests.houses import RIVAL

__all__ = ["ARTIST", "append_once", "append_until_killed"]

ARTIST = "Wren"
_AT_ONCE = 3
"""Events of one append: with the platform that tests begin with, they fill a tile and go on."""


def _keeping_what_is_signed(folder: Path) -> Callable[[Signer, bytes], Signature]:
    handle = os.open(folder / "signed", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sign = Signer.sign

    def kept(signer: Signer, text: bytes) -> Signature:
        os.write(handle, text)
        return sign(signer, text)

    return kept


def _append(house: House, logs: Logs, said: Connection) -> None:
    for _ in range(_AT_ONCE):
        event = grant(house, About(holder=ARTIST), RIVAL, all_programs=True)
        said.send(("statement", event.number))
    for name, done in logs.publish().items():
        said.send((name, done.checkpoint.size))


def append_once(folder: Path, ends: Connection) -> None:
    """Wait to be told, then grant and publish once."""
    Signer.sign = _keeping_what_is_signed(folder)  # type: ignore[assignment,method-assign]  # here only
    house = House.open(Settings(data=folder / "data"))
    logs = Logs(house)
    with house.reading():
        pass  # the connection is there before anything counts
    ends.send(("ready", os.getpid()))
    ends.recv()
    _append(house, logs, ends)


def append_until_killed(folder: Path, ends: Connection) -> None:
    """Grant and publish, over and over."""
    Signer.sign = _keeping_what_is_signed(folder)  # type: ignore[assignment,method-assign]  # here only
    house = House.open(Settings(data=folder / "data"))
    logs = Logs(house)
    ends.send(("ready", os.getpid()))
    while True:
        _append(house, logs, ends)
