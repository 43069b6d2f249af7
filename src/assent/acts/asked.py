"""What programs ask, what waits for somebody's answer, and what was answered. Changes nothing."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Select, exists, select

from assent.catalogue import tables
from assent.catalogue.names import folded
from assent.catalogue.rows import program_of
from assent.clock import format_instant, parse_instant
from assent.errors import Unknown
from assent.permission.programs import Program

__all__ = [
    "Answer",
    "Asked",
    "Says",
    "answers_of",
    "find_request",
    "inbox",
    "inbox_count",
    "requests_of",
]


class Says(Enum):
    """What somebody answers."""

    YES = "yes"
    NO = "no"
    NEVER = "never"
    """A no, and nothing from this owner again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a program asks, and whether it still does.

    Args:
        event: The request's number.
        program: Which program asks.
        owner: Whose program that is.
        words: What it says to those it asks.
        pays: What it offers for a yes, in words; empty for nothing.
        until: When a yes would end [aware datetime]; None for the program's own end.
        at: When it asked [aware datetime].
        withdrawn: Number of the event that took it back; None while it stands.
    """

    event: int
    program: Program
    owner: str
    words: str
    pays: str
    until: datetime | None
    at: datetime
    withdrawn: int | None

    def stands(self, at: datetime) -> bool:
        """Say whether it was neither taken back nor has run out."""
        return self.withdrawn is None and (self.until is None or at < self.until)

    def is_open(self, at: datetime) -> bool:
        """Say whether a yes could be given at an instant."""
        return self.stands(at) and self.program.is_live(at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody answered a request.

    Args:
        asked: The request.
        says: The newest answer.
        event: Number of its event.
        at: When [aware datetime].
    """

    asked: Asked
    says: Says
    event: int
    at: datetime


def find_request(connection: Connection, request: int) -> Asked:
    """Return a request.

    Raises:
        Unknown: There is none of that number.
    """
    query = _requests().where(tables.requests.c.event == request)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Unknown(f"there is no request {request}", request=request)
    return _request(row)


def requests_of(connection: Connection, program: str) -> tuple[Asked, ...]:
    """Return all that a program has asked, the newest first; what was taken back as well."""
    query = _requests().where(tables.requests.c.program == program)
    rows = connection.execute(query.order_by(tables.requests.c.event.desc()))
    return tuple(_request(row) for row in rows)


def inbox(connection: Connection, account: str, at: datetime) -> tuple[Asked, ...]:
    """Return what somebody is asked and has not answered, the newest first.

    Nothing for those whom programs may not ask, and for those who hold nothing.

    Args:
        connection: Where the catalogue is read.
        account: The account's id.
        at: The instant [aware datetime].
    """
    if not _may_be_asked(connection, account):
        return ()
    unanswered = _unanswered(_requests(), account, at).order_by(tables.requests.c.event.desc())
    muted = _muted(connection, account)
    found = [one for one in map(_request, connection.execute(unanswered)) if one.is_open(at)]
    return tuple(one for one in found if folded(one.owner) not in muted)


def inbox_count(connection: Connection, account: str, at: datetime) -> int:
    """Return how many requests wait for somebody's answer."""
    return len(inbox(connection, account, at))


def answers_of(connection: Connection, account: str) -> tuple[Answer, ...]:
    """Return what somebody has answered, the newest first."""
    answers, requests = tables.request_answers.c, tables.requests.c
    columns = (answers.says, answers.event.label("answer"), answers.at.label("answered"))
    query = (
        _requests()
        .add_columns(*columns)
        .join(tables.request_answers, answers.request == requests.event)
        .where(answers.account == account)
        .order_by(answers.event.desc())
    )
    return tuple(
        Answer(
            asked=_request(row),
            says=Says(row.says),
            event=row.answer,
            at=parse_instant(row.answered),
        )
        for row in connection.execute(query)
    )


def _may_be_asked(connection: Connection, account: str) -> bool:
    accounts, holdings = tables.accounts.c, tables.holdings.c
    query = select(accounts.id).where(
        accounts.id == account, accounts.asks, exists().where(holdings.holder == accounts.id)
    )
    return connection.execute(query).first() is not None


def _muted(connection: Connection, account: str) -> set[str]:
    """Return the owners of whom somebody wants to hear no more, folded as names are compared."""
    answers, requests, programs = tables.request_answers.c, tables.requests.c, tables.programs.c
    query = (
        select(programs.owner)
        .distinct()
        .join(tables.requests, requests.program == programs.id)
        .join(tables.request_answers, answers.request == requests.event)
        .where(answers.account == account, answers.says == Says.NEVER.value)
    )
    return {folded(owner) for owner in connection.execute(query).scalars()}


def _unanswered(query: Select[Any], account: str, at: datetime) -> Select[Any]:
    answers, requests = tables.request_answers.c, tables.requests.c
    answered = exists().where(answers.request == requests.event, answers.account == account)
    stands = requests.until.is_(None) | (requests.until > format_instant(at))
    return query.where(requests.withdrawn.is_(None), stands, ~answered)


def _requests() -> Select[Any]:  # the columns' types do not matter here
    requests, programs = tables.requests.c, tables.programs
    fields = ("words", "pays", "until", "at", "withdrawn")
    return select(
        programs,
        requests.event.label("request"),
        *(requests[name].label(f"request_{name}") for name in fields),
    ).join(tables.requests, requests.program == programs.c.id)


def _request(row: Any) -> Asked:  # a row of `_requests`
    return Asked(
        event=row.request,
        program=program_of(row),
        owner=row.owner,
        words=row.request_words,
        pays=row.request_pays,
        until=parse_instant(row.request_until) if row.request_until else None,
        at=parse_instant(row.request_at),
        withdrawn=row.request_withdrawn,
    )
