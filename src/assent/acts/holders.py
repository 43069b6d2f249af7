"""Who holds rights in a recording: shares, roles, territories.

NAME=SHARE%[,ROLE[,TERRITORY TERRITORY …]]      for example   Ada Quill=60%,composer,world
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from sqlalchemy import select

from assent.acts.accounts import Role, known_account, open_account
from assent.acts.house import Act, House
from assent.catalogue import tables
from assent.catalogue.events import Body, Event
from assent.errors import BadInput, NotAllowed, Unknown
from assent.permission.territories import (
    WORLD,
    Territories,
    format_territories,
    parse_territories,
)

__all__ = ["Share", "parse_share", "set_holders", "share_bodies"]

_WHOLE_PPM = 1_000_000
_PPM_PER_CENT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What somebody holds of a recording.

    Args:
        name: The account's or the artist's name.
        share_ppm: How much, in millionths.
        role: As what: composer, performer, producer, …
        territories: Where.
    """

    name: str
    share_ppm: int = _WHOLE_PPM
    role: str = "owner"
    territories: Territories = WORLD


def parse_share(text: str) -> Share:
    """Return the share written as above.

    Raises:
        BadInput: It is not written so.
    """
    name, equals, rest = text.rpartition("=")
    fields = [field.strip() for field in rest.split(",")]
    if not equals or not name.strip() or len(fields) > 3:  # noqa: PLR2004  # the fields named above
        raise BadInput(f"{text!r} is no holder; write NAME=SHARE%,ROLE,TERRITORIES")
    role = fields[1] if len(fields) > 1 and fields[1] else "owner"
    places = fields[2].split() if len(fields) > 2 else list(WORLD)  # noqa: PLR2004  # as above
    return Share(
        name=name.strip(),
        share_ppm=_share_ppm(fields[0]),
        role=role,
        territories=parse_territories(places),
    )


def _share_ppm(text: str) -> int:
    try:
        ppm = Decimal(text.removesuffix("%").strip()) * _PPM_PER_CENT
    except InvalidOperation:
        raise BadInput(f"{text!r} is no share; write 60%") from None
    if not ppm.is_finite() or not 0 < ppm <= _WHOLE_PPM or ppm != int(ppm):
        raise BadInput(f"{text!r} is no share; it is more than 0% and at most 100%")
    return int(ppm)


def share_bodies(act: Act, shares: Sequence[Share]) -> list[Body]:
    """Return shares as an event says them; opens accounts for those who have none.

    Raises:
        BadInput: Somebody is named twice, or the shares of some place come to more than all.
    """
    bodies: dict[str, Body] = {}
    for share in shares:
        known = known_account(act.connection, share.name)
        account = known or open_account(act, share.name, Role.ARTIST, accepts=False)
        if account.id in bodies:
            raise BadInput(f"{account.name} is named twice among the holders", name=account.name)
        bodies[account.id] = {
            "holder": account.id,
            "share_ppm": share.share_ppm,
            "role": share.role,
            "territories": format_territories(share.territories),
        }
    for place in frozenset[str]().union(*(share.territories for share in shares)):
        held = sum(s.share_ppm for s in shares if s.territories == WORLD or place in s.territories)
        if held > _WHOLE_PPM:
            raise BadInput(f"the shares come to more than 100% in {place}", place=place)
    return list(bodies.values())


def set_holders(house: House, recording: str, shares: Sequence[Share], by: str) -> Event:
    """Say who holds rights in a recording, in place of what was said before.

    Raises:
        BadInput: Nobody is named, or somebody twice, or the shares come to more than all.
        NotAllowed: The recording was delivered under an agreement, which says who holds it.
        Unknown: There is no such recording.
    """
    if not shares:
        raise BadInput("name at least one holder")
    with house.act(by) as act:
        recordings = tables.recordings.c
        query = select(recordings.id, recordings.agreement).where(recordings.id == recording)
        found = act.connection.execute(query).one_or_none()
        if found is None:
            raise Unknown(f"there is no recording {recording!r}", recording=recording)
        if found.agreement is not None:
            raise NotAllowed(f"{recording} stands under the agreement {found.agreement!r}")
        body = {"recording": recording, "holders": share_bodies(act, shares)}
        return act.record("holding", body)
