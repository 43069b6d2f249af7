"""Editing a recording: what it is called, how others may use it, and what helped to make it.

Whoever brought a recording or holds rights in it may edit it; one that was delivered under an
agreement, only whom the agreement is with. Who holds rights is for whoever brought it to say; a
holder who is here is not taken out by somebody else, for their no would go with them.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from assent.acts.accounts import Account
from assent.acts.holders import Share, share_bodies
from assent.acts.house import Act, House
from assent.catalogue import tables
from assent.catalogue.events import Body, Event
from assent.catalogue.names import folded
from assent.catalogue.titles import MOST_CHARACTERS, line_of
from assent.catalogue.watched import uploader_of
from assent.errors import BadInput, NotAllowed, Unknown
from assent.sound.isrc import normalised_isrc

__all__ = [
    "Edit",
    "Part",
    "Tool",
    "Voice",
    "all_of",
    "edit",
    "edit_holders",
    "is_bringer",
    "may_edit",
    "tool_bodies",
]

_MOST_TOOLS, _LONGEST_TOOL = 50, 100


class Part(StrEnum):
    """What an AI tool helped with; the parts that the field's disclosures tell apart."""

    VOCALS = "vocals"
    INSTRUMENTATION = "instrumentation"
    COMPOSITION = "composition"
    LYRICS = "lyrics"
    POST_PRODUCTION = "post-production"


class Voice(StrEnum):
    """Whether an AI tool imitates the voice of a real person."""

    NONE = "none"
    PERMITTED = "permitted"
    """It does, and the person's permission is on file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """An AI tool that helped.

    Args:
        part: With what.
        name: What it is called, with its version.
        voice: Whether it imitates the voice of a real person.
    """

    part: Part
    name: str
    voice: Voice = Voice.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is said of a recording from now on.

    Args:
        title: Its title.
        licence: Under which licence others may use it: an SPDX id; empty if nothing is said.
        isrc: Its ISRC; empty if it has none.
        made_with: Which AI tools helped; none if none did, None if nothing is said of it.
    """

    title: str
    licence: str = ""
    isrc: str = ""
    made_with: Sequence[Tool] | None = None

    def fields(self) -> dict[str, Any]:
        """Return it as the event says it.

        Raises:
            BadInput: There is no title, one that cannot be shown, no such ISRC, or a tool without
                a name; everything that is wrong is told at once.
        """
        reading: dict[str, Callable[[], Any]] = {
            "title": lambda: _title(self.title),
            "licence": lambda: _licence(self.licence),
            "isrc": lambda: _isrc(self.isrc),
            "made_with": lambda: None if self.made_with is None else tool_bodies(self.made_with),
        }
        fields: dict[str, Any] = {}
        wrong = []
        for name, read in reading.items():
            try:
                fields[name] = read()
            except BadInput as error:
                wrong.append(error)
        if wrong:
            raise all_of(wrong)
        return fields


def all_of(wrong: Sequence[BadInput]) -> BadInput:
    """Return everything that is wrong as one error, which names the first field."""
    return BadInput("; ".join(dict.fromkeys(it.text for it in wrong)), **wrong[0].facts)


def _title(said: str) -> str:
    title = line_of(said, "a title", field="title")
    if not title or len(title) > MOST_CHARACTERS:
        raise BadInput(f"a title has 1 to {MOST_CHARACTERS} characters", field="title")
    return title


def _isrc(said: str) -> str | None:
    isrc = normalised_isrc(said) if said.strip() else None
    if said.strip() and isrc is None:
        raise BadInput(f"{said.strip()!r} is no ISRC; one looks like GB-ABC-31-00001", field="isrc")
    return isrc


def _licence(said: str) -> str:
    licence = line_of(said, "a licence", field="licence")
    if len(licence) > _LONGEST_TOOL:
        raise BadInput("a licence is named by its SPDX id, like CC-BY-4.0", field="licence")
    return licence


def tool_bodies(made_with: Sequence[Tool]) -> list[Body]:
    """Return tools as an event says them.

    Raises:
        BadInput: One has no name, or one that cannot be shown, or there are too many.
    """
    if len(made_with) > _MOST_TOOLS:
        raise BadInput(f"name at most {_MOST_TOOLS} tools", field="made_with")
    return [
        {"role": tool.part.value, "tool": _tool(tool.name), "voice": tool.voice.value}
        for tool in made_with
    ]


def _tool(said: str) -> str:
    name = line_of(said, "a tool's name", field="made_with")
    if not name or len(name) > _LONGEST_TOOL:
        raise BadInput(f"a tool's name has 1 to {_LONGEST_TOOL} characters", field="made_with")
    return name


def may_edit(connection: Connection, account: str, recording: str) -> bool:
    """Say whether an account may edit a recording.

    Raises:
        Unknown: There is no such recording.
    """
    if is_bringer(connection, account, recording):
        return True
    holdings, recordings = tables.holdings.c, tables.recordings.c
    held = (
        select(holdings.holder)
        .join(tables.recordings, recordings.id == holdings.recording)
        .where(
            holdings.recording == recording,
            holdings.holder == account,
            recordings.agreement.is_(None),
        )
    )
    return connection.execute(held).first() is not None


def is_bringer(connection: Connection, account: str, recording: str) -> bool:
    """Say whether an account brought a recording; under an agreement, whom that is with did.

    Raises:
        Unknown: There is no such recording.
    """
    known = select(tables.recordings.c.id).where(tables.recordings.c.id == recording)
    if connection.execute(known).first() is None:
        raise Unknown(f"there is no recording {recording!r}", recording=recording)
    return uploader_of(connection, recording) == account


def edit(
    house: House,
    recording: str,
    said: Edit,
    by: Account,
    along: Callable[[Act], None] | None = None,
) -> Event | None:
    """Say of a recording what counts from now on; what was said before stays on record.

    Args:
        house: The platform.
        recording: Which.
        said: What.
        by: Whose act it is.
        along: What else is written with it, or not at all.

    Returns:
        The event; None if nothing of it is new.

    Raises:
        BadInput: It cannot be said so.
        NotAllowed: They neither brought it nor hold rights in it.
        Unknown: There is no such recording.
    """
    fields = said.fields()
    with house.act(by.name) as act:
        if not may_edit(act.connection, by.id, recording):
            raise NotAllowed(f"{by.name} holds no rights in {recording}", recording=recording)
        event = None
        if fields != _as_it_is(act.connection, recording):
            event = act.record("recording.edit", {"recording": recording, **fields})
        if along is not None:
            along(act)
        return event


def _as_it_is(connection: Connection, recording: str) -> Body:
    recordings, disclosures = tables.recordings, tables.disclosures
    query = (
        select(recordings.c.title, recordings.c.licence, recordings.c.isrc, disclosures.c.made_with)
        .outerjoin(disclosures, disclosures.c.recording == recordings.c.id)
        .where(recordings.c.id == recording)
    )
    row = connection.execute(query).one()
    made_with = None if row.made_with is None else json.loads(row.made_with)
    return {"title": row.title, "licence": row.licence, "isrc": row.isrc, "made_with": made_with}


def edit_holders(
    house: House, recording: str, shares: Sequence[Share], by: Account
) -> Event | None:
    """Say who holds rights in a recording, as whoever brought it.

    Args:
        house: The platform.
        recording: Which.
        shares: Who holds what.
        by: Whose act it is.

    Returns:
        The event; None if nothing of it is new.

    Raises:
        BadInput: Nobody is named, or somebody twice, or the shares come to more than all.
        NotAllowed: They did not bring it, it stands under an agreement, or a holder who is here
            would be taken out by somebody else.
        Unknown: There is no such recording.
    """
    if not shares:
        raise BadInput("name at least one holder", field="holders")
    with house.act(by.name) as act:
        if not is_bringer(act.connection, by.id, recording):
            raise NotAllowed("who holds rights is for whoever brought it to say")
        query = select(tables.recordings.c.agreement).where(tables.recordings.c.id == recording)
        agreement = act.connection.execute(query).scalar_one()
        if agreement is not None:
            raise NotAllowed(f"{recording} stands under the agreement {agreement!r}")
        before = _holdings(act.connection, recording)
        bodies = share_bodies(act, shares)
        _refuse_silencing(act.connection, before.keys() - {it["holder"] for it in bodies}, by)
        if {it["holder"]: dict(it) for it in bodies} == before:
            return None
        return act.record("holding", {"recording": recording, "holders": bodies})


def _holdings(connection: Connection, recording: str) -> Mapping[str, Body]:
    holdings = tables.holdings.c
    query = select(holdings.holder, holdings.share_ppm, holdings.role, holdings.territories)
    rows = connection.execute(query.where(holdings.recording == recording)).mappings()
    return {row["holder"]: dict(row) for row in rows}


def _refuse_silencing(connection: Connection, left_out: set[str], by: Account) -> None:
    """Refuse to take out somebody who is here: what they refused would be open without them."""
    accounts = tables.accounts.c
    query = select(accounts.name).where(
        accounts.id.in_(left_out - {by.id}), accounts.accepted.is_not(None)
    )
    here = sorted(connection.execute(query).scalars(), key=folded)
    if here:
        raise NotAllowed(
            f"{', '.join(here)} holds rights in it and is here; nobody else takes them out",
            field="holders",
        )
