"""Comments at a time: what people say of a moment in a recording.

Whoever wrote one may delete it. Whoever may edit the recording may hide what stands below it, and
show it again; so may a reviewer, whose act goes on record. What is hidden is shown to nobody.
"""

from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, update

from assent.acts.edit import may_edit
from assent.acts.house import House
from assent.catalogue import site_tables, tables
from assent.clock import format_instant
from assent.community.listing import PAGE, Page, cut
from assent.community.reach import reached
from assent.community.text import paragraphs
from assent.errors import BadInput, NotAllowed, Unknown

__all__ = [
    "MOST_CHARACTERS",
    "Comment",
    "comment",
    "comments",
    "count",
    "delete",
    "hidden",
    "hide",
    "hide_as_staff",
    "of_account",
    "show",
]

MOST_CHARACTERS = 2_000
_COMMENTS = site_tables.comments


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment.

    Args:
        id: Its id.
        recording: Below which recording.
        account: Who wrote it.
        by: How they are called.
        at_ms: At which moment of the recording [ms].
        words: What it says.
        at: When it was written, as text.
    """

    id: str
    recording: str
    account: str
    by: str
    at_ms: int
    words: str
    at: str


def comment(house: House, account: str, recording: str, at_ms: int, words: str) -> str:
    """Say something of a moment in a recording; return the comment's id.

    Raises:
        BadInput: It is empty or too long, or the recording has no such moment.
        Unknown: There is no such recording for them.
    """
    words = paragraphs(words, MOST_CHARACTERS, "a comment", least=1)
    at, name = format_instant(house.clock()), token_urlsafe(12)
    with house.writing() as connection:
        row = reached(connection, account, recording)
        length_ms = row.frames * 1_000 // row.sr
        if not 0 <= at_ms <= length_ms:
            raise BadInput(f"the recording ends after {length_ms / 1_000:.0f} s", at_ms=at_ms)
        connection.execute(
            _COMMENTS.insert().values(
                id=name, recording=recording, account=account, at_ms=at_ms, words=words, at=at
            )
        )
    return name


def comments(
    connection: Connection, recording: str, *, after: str = "", limit: int = 4 * PAGE
) -> Page[Comment]:
    """Return what is said of a recording, in the order of its moments.

    Args:
        connection: One that reads.
        recording: Which; that they may hear it is for the caller to know.
        after: What the page before ended with.
        limit: How many.
    """
    query = _query().where(_COMMENTS.c.recording == recording, _COMMENTS.c.hidden_by.is_(None))
    if after:
        at_ms = select(_COMMENTS.c.at_ms).where(_COMMENTS.c.id == after).scalar_subquery()
        same = and_(_COMMENTS.c.at_ms == at_ms, _COMMENTS.c.id > after)
        query = query.where(or_(_COMMENTS.c.at_ms > at_ms, same))
    query = query.order_by(_COMMENTS.c.at_ms, _COMMENTS.c.id).limit(limit + 1)
    found = [_comment(row) for row in connection.execute(query)]
    return cut(found, [one.id for one in found], limit)


def count(connection: Connection, recording: str) -> int:
    """Return how many comments stand below a recording."""
    query = select(func.count()).select_from(_COMMENTS)
    query = query.where(_COMMENTS.c.recording == recording, _COMMENTS.c.hidden_by.is_(None))
    return int(connection.execute(query).scalar_one())


def hidden(
    connection: Connection, account: str, recording: str, *, most: int = 100
) -> tuple[Comment, ...]:
    """Return what was hidden below a recording, for whoever may show it again; else nothing.

    Raises:
        Unknown: There is no such recording.
    """
    if not may_edit(connection, account, recording):
        return ()
    query = _query().where(_COMMENTS.c.recording == recording, _COMMENTS.c.hidden_by == account)
    rows = connection.execute(query.order_by(_COMMENTS.c.at_ms, _COMMENTS.c.id).limit(most))
    return tuple(_comment(row) for row in rows)


def of_account(connection: Connection, account: str) -> tuple[Comment, ...]:
    """Return all that somebody said, in the order in which they did; hidden ones as well."""
    query = _query().where(_COMMENTS.c.account == account)
    rows = connection.execute(query.order_by(_COMMENTS.c.at, _COMMENTS.c.id))
    return tuple(_comment(row) for row in rows)


def delete(house: House, account: str, name: str) -> str:
    """Delete one's own comment; return the recording that it stood below.

    Raises:
        Unknown: They wrote no such comment.
    """
    with house.writing() as connection:
        row = _row(connection, name)
        if row.account != account:
            raise Unknown("there is no such comment", comment=name)
        connection.execute(_COMMENTS.delete().where(_COMMENTS.c.id == name))
    return str(row.recording)


def hide(house: House, account: str, name: str) -> str:
    """Hide a comment below one's own recording; return the recording.

    Raises:
        NotAllowed: The recording is somebody else's.
        Unknown: There is no such comment.
    """
    return _set_hidden(house, account, name, account)


def show(house: House, account: str, name: str) -> str:
    """Show a comment again that one hid below one's own recording; return the recording.

    Raises:
        NotAllowed: The recording is somebody else's, or somebody else hid it.
        Unknown: There is no such comment.
    """
    return _set_hidden(house, account, name, None)


def hide_as_staff(house: House, account: str, name: str, cause: str, by: str) -> str:
    """Hide a comment as a reviewer, on record; return the recording that it stands below.

    Args:
        house: The platform.
        account: The reviewer's account; that they are one is for the caller to know.
        name: The comment's id.
        cause: Why.
        by: The reviewer's name.

    Raises:
        BadInput: No cause is given.
        Unknown: There is no such comment.
    """
    cause = paragraphs(cause, MOST_CHARACTERS, "a cause", least=1)
    with house.act(by) as act:
        row = _row(act.connection, name)
        _write_hidden(act.connection, name, account)
        act.record(
            "staff",
            {
                "act": "hide a comment",
                "account": row.account,
                "recording": row.recording,
                "what": name,
                "cause": cause,
            },
        )
    return str(row.recording)


def _set_hidden(house: House, account: str, name: str, hidden_by: str | None) -> str:
    with house.writing() as connection:
        row = _row(connection, name)
        if not may_edit(connection, account, row.recording):
            raise NotAllowed("whose recording it is may tidy up below it", comment=name)
        if row.hidden_by not in {None, account}:
            raise NotAllowed("a reviewer hid this comment", comment=name)
        _write_hidden(connection, name, hidden_by)
    return str(row.recording)


def _write_hidden(connection: Connection, name: str, hidden_by: str | None) -> None:
    changed = update(_COMMENTS).where(_COMMENTS.c.id == name).values(hidden_by=hidden_by)
    connection.execute(changed)


def _query() -> Any:  # a query of a comment and its author's name
    accounts = tables.accounts.c
    return select(_COMMENTS, accounts.name).join(
        tables.accounts, accounts.id == _COMMENTS.c.account
    )


def _comment(row: Any) -> Comment:  # a row of `_query`; rows carry no column types
    return Comment(
        id=row.id,
        recording=row.recording,
        account=row.account,
        by=row.name,
        at_ms=row.at_ms,
        words=row.words,
        at=row.at,
    )


def _row(connection: Connection, name: str) -> Any:  # a row of `comments`
    row = connection.execute(select(_COMMENTS).where(_COMMENTS.c.id == name)).first()
    if row is None:
        raise Unknown("there is no such comment", comment=name)
    return row
