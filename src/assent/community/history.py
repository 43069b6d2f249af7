"""What somebody heard, where they keep a history; nobody else is shown it."""

from dataclasses import dataclass
from datetime import datetime

import pyarrow.compute as pc

from assent.acts.house import House
from assent.catalogue.play_parts import days, parts, plays_folder, read
from assent.community.listing import Listed, listed
from assent.community.reach import reachable

__all__ = ["DAYS", "Heard", "heard"]

DAYS = 14
"""How many days with plays are looked through; further back a list would be slow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A recording that somebody heard.

    Args:
        recording: Which.
        at: When they last began to hear it [aware datetime].
    """

    recording: Listed
    at: datetime


def heard(house: House, account: str, *, most: int = 50) -> tuple[Heard, ...]:
    """Return what somebody heard and may still hear, the last heard first.

    Args:
        house: The platform.
        account: Whose plays; only those are known that were kept with their name.
        most: How many recordings at most.

    Raises:
        StorageFailed: The files of plays cannot be read.
    """
    last: dict[str, datetime] = {}
    folder = plays_folder(house.settings.data)
    if not folder.is_dir():
        return ()
    for day in sorted(days(folder), reverse=True)[:DAYS]:
        table = read(parts(folder, day))
        theirs = table.filter(pc.equal(table["account"], account))
        for recording, at in zip(
            theirs["recording"].to_pylist(), theirs["at"].to_pylist(), strict=True
        ):
            last[recording] = max(at, last.get(recording, at))
        if len(last) >= most:
            break
    latest = sorted(last, key=lambda one: last[one], reverse=True)[:most]
    with house.reading() as connection:
        found = listed(connection, latest, reachable(account))
    return tuple(Heard(recording=found[one], at=last[one]) for one in latest if one in found)
