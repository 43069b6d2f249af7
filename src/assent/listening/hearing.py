"""Who may hear a recording, and why; listening is no AI use, so no word is asked.

A recording is public unless its page says otherwise or a case of a copy waits for a person. What is
not public its own people hear, whoever holds a private link to it, and those of the staff who have
a case to decide. Whether it may be found in a list is `catalogue/public`; how a link to audio is
signed is `links`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import Connection, or_, select

from assent.acts.accounts import Role
from assent.catalogue import site_tables, tables
from assent.catalogue.public import is_public
from assent.catalogue.watched import uploader_of
from assent.clock import format_instant
from assent.errors import Unknown

__all__ = ["Ground", "Hearing", "Listener", "is_theirs", "may_hear", "still"]

_CASES = frozenset({Role.REVIEWER, Role.OPERATOR})
"""Who decides cases; auditors read what was decided."""


class Listener(Protocol):
    """Somebody who is signed in."""

    @property
    def account(self) -> str:
        """The id of the account."""

    @property
    def role(self) -> Role:
        """What it may do."""


class Ground(StrEnum):
    """Why somebody may hear a recording, or that they may not."""

    PUBLIC = "public"
    THEIRS = "theirs"
    LINK = "link"
    STAFF = "staff"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Whether somebody may hear a recording.

    Args:
        recording: Which.
        ground: Why, or that they may not.
        who: On whose ground: an account, or a private link; empty for everybody's.
        clause: The reason, in one clause.
    """

    recording: str
    ground: Ground
    who: str = ""
    clause: str

    def __bool__(self) -> bool:
        """Refuse: whoever asks means `allowed`.

        Raises:
            TypeError: Always.
        """
        raise TypeError("a hearing is no yes or no; ask for .allowed")

    @property
    def allowed(self) -> bool:
        """Whether they may hear it."""
        return self.ground is not Ground.NO

    @property
    def is_public(self) -> bool:
        """Whether everybody may hear it."""
        return self.ground is Ground.PUBLIC

    def require(self) -> "Hearing":
        """Return this, if they may.

        Raises:
            Unknown: They may not; that there is such a recording is not for strangers.
        """
        if not self.allowed:
            raise _unknown(self.recording)
        return self


def may_hear(
    connection: Connection,
    recording: str,
    member: Listener | None,
    private_link: str | None = None,
    *,
    at: datetime,
) -> Hearing:
    """Say whether somebody may hear a recording, and why.

    Args:
        connection: A connection that reads.
        recording: Which.
        member: Who asks; None for a stranger.
        private_link: The private link that they came by, if any.
        at: When [aware datetime].

    Raises:
        Unknown: There is no such recording, or it was erased.
    """
    query = select(is_public().label("public")).where(tables.recordings.c.id == recording)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise _unknown(recording)
    ground, who = Ground.NO, ""
    if member is not None and is_theirs(connection, recording, member.account):
        ground, who = Ground.THEIRS, member.account
    elif row.public:
        ground = Ground.PUBLIC
    elif private_link and _opens(connection, recording, private_link, at):
        ground, who = Ground.LINK, private_link
    elif member is not None and member.role in _CASES and _has_case(connection, recording):
        ground, who = Ground.STAFF, member.account
    return Hearing(recording=recording, ground=ground, who=who, clause=_CLAUSES[ground])


_CLAUSES = {
    Ground.PUBLIC: "it is public",
    Ground.THEIRS: "it is theirs",
    Ground.LINK: "whoever it belongs to has handed out this link",
    Ground.STAFF: "there is a case of a copy to decide",
    Ground.NO: "it is not public, and whoever it belongs to has not shared it here",
}


def still(
    connection: Connection, recording: str, ground: Ground, who: str, at: datetime
) -> Hearing:
    """Say whether a ground on which a recording was to be heard still holds.

    Args:
        connection: A connection that reads.
        recording: Which.
        ground: Why it might be heard.
        who: On whose ground, as in `Hearing`.
        at: When [aware datetime].
    """
    holds = False
    match ground:
        case Ground.PUBLIC:
            query = select(tables.recordings.c.id).where(
                tables.recordings.c.id == recording, is_public()
            )
            holds = connection.execute(query).first() is not None
        case Ground.THEIRS:
            holds = is_theirs(connection, recording, who)
        case Ground.LINK:
            holds = _opens(connection, recording, who, at)
        case Ground.STAFF:
            holds = _decides(connection, who) and _has_case(connection, recording)
        case Ground.NO:
            pass
    ground, who = (ground, who) if holds else (Ground.NO, "")
    return Hearing(recording=recording, ground=ground, who=who, clause=_CLAUSES[ground])


def _decides(connection: Connection, account: str) -> bool:
    members = site_tables.members.c
    query = select(members.role).where(members.account == account, members.shut.is_(None))
    return connection.execute(query).scalar_one_or_none() in {role.value for role in _CASES}


def is_theirs(connection: Connection, recording: str, account: str) -> bool:
    """Say whether an account holds rights in a recording, or brought it."""
    holdings = tables.holdings.c
    held = select(holdings.holder).where(
        holdings.recording == recording, holdings.holder == account
    )
    if connection.execute(held).first() is not None:
        return True
    return uploader_of(connection, recording) == account


def _opens(connection: Connection, recording: str, link: str, at: datetime) -> bool:
    """Say whether a private link is one to this recording, and has not ended."""
    links = site_tables.private_links.c
    good = or_(links.until.is_(None), links.until > format_instant(at))
    query = select(links.id).where(links.id == link, links.recording == recording, good)
    return connection.execute(query).first() is not None


def _has_case(connection: Connection, recording: str) -> bool:
    """Say whether a case or a claim names a recording, as either of the two."""
    for table in (tables.copies, tables.claims):
        named = or_(table.c.recording == recording, table.c.original == recording)
        if connection.execute(select(table.c.recording).where(named)).first() is not None:
            return True
    return False


def _unknown(recording: str) -> Unknown:
    return Unknown(f"there is no recording {recording!r}", recording=recording)
