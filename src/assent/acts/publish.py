"""Publishing terms, making agreements, accepting terms.

Terms that leave nothing more open than those in force, and promise no less notice of changes, are
in force at once: tightening needs no notice. All others are a draft first: every holder is told,
and they come in force no sooner than the text in force promises. Even then they open nothing: what
was open for a holder stays open only where the new text opens it too, and what is new in it waits
until that holder accepts.
"""

import re
from collections.abc import Collection
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import select

from assent.acts.accounts import Account, Role, find_account, known_account, open_account
from assent.acts.drafts import (
    Change,
    change,
    days_promised,
    find_draft,
    first_day,
    midnight,
    objection,
    pending,
    text_in_force,
)
from assent.acts.house import Act, House
from assent.acts.notices import tell
from assent.catalogue import tables
from assent.catalogue.events import Body, Event
from assent.clock import format_instant
from assent.errors import BadInput, BadText, NotAllowed, Unknown
from assent.permission.algebra import Masks
from assent.permission.uses import labels
from assent.terms.grid import uses_in
from assent.terms.notice import Channel, Timing
from assent.terms.shipped import source_of
from assent.terms.text import Text, parse_text

__all__ = [
    "DEFAULT_TERMS",
    "accept_terms",
    "check_day",
    "make_agreement",
    "parse_terms",
    "publish_default",
    "publish_due",
    "publish_terms",
    "put_in_force",
    "withdraw_draft",
]

DEFAULT_TERMS = source_of("assent-terms-1")
"""The terms that the product ships."""


def publish_terms(
    house: House,
    toml: str,
    by: str,
    *,
    in_force: date | None = None,
    channels: Collection[Channel] = (),
) -> Event:
    """Put terms in force, or where they take anything, draft them and tell all who hold rights.

    Args:
        house: The platform.
        toml: The terms.
        by: Who does it.
        in_force: From which day they shall be in force; at once, or the first day possible, if
            None and the text names none.
        channels: How holders are told beside the inbox, on the word of who does it.

    Returns:
        `terms.publish` where they are in force, `terms.draft` where they are a draft.

    Raises:
        BadInput: The day is past, or too early for the notice they need; or holders are not told by
            the channel that the text in force promises.
        BadText: They break a rule, or a text of that id was published before.
        NotAllowed: Another draft waits, and these could only be a second one.
    """
    text = parse_terms(toml)
    with house.act(by) as act:
        body = _new(act, text, toml)
        current = text_in_force(act.connection)
        day = check_day(text, toml, in_force, act.at)
        shift = change(current, text)
        waits = current is not None and shift.waits
        if not waits and (day is None or day == act.at.date()):
            event = act.record("terms.publish", body)
            tell(act, text.id, Timing.AFTER, channels)
            return event
        waiting = pending(act.connection)
        if waiting is not None:
            raise NotAllowed(
                f"the draft {waiting.id!r} waits for its day; withdraw it first", id=waiting.id
            )
        if current is not None and waits:
            _keep_channel(current, channels)
        days = days_promised(act.connection, act.at) if waits else 0
        against = current.id if current else None
        plan = {"against": against, **_plan(act.at, shift, days, day)}
        event = act.record("terms.draft", {**body, **plan})
        tell(act, text.id, Timing.BEFORE, channels)
        return event


def parse_terms(toml: str) -> Text:
    """Return the terms written in a TOML file.

    Raises:
        BadText: They break a rule, or are an agreement.
    """
    text = parse_text(toml)
    if text.party:
        raise BadText(
            "terms bind everybody; a text with a party is an agreement",
            id=text.id,
            line=_line_of(toml, "party"),
        )
    return text


def _line_of(toml: str, key: str) -> int:
    """Return on which line of a file a key of no table is, from 1; 1 where it is on none."""
    for number, line in enumerate(toml.splitlines(), 1):
        if line.lstrip().startswith("["):
            break
        if re.match(rf"\s*([\"']?){key}\1\s*=", line):
            return number
    return 1


def check_day(text: Text, toml: str, wanted: date | None, at: datetime) -> date | None:
    """Return from which day terms shall be in force, if anybody says so.

    Args:
        text: The terms.
        toml: Their file.
        wanted: The day that is asked for.
        at: The instant [aware datetime].

    Raises:
        BadInput: The day that is asked for is past, or is another than the text's own.
        BadText: The text's own day is past.
    """
    if text.effective is not None and text.effective < at.date():
        raise BadText(
            f"the text says that it takes effect on {text.effective}, which is past",
            line=_line_of(toml, "effective"),
        )
    if wanted is not None and wanted < at.date():
        raise BadInput(f"{wanted} is past; nothing can be in force from then on")
    if wanted is not None and text.effective is not None and wanted != text.effective:
        raise BadInput(f"the text itself says that it takes effect on {text.effective}")
    return wanted or text.effective


def _plan(at: datetime, shift: Change, days: int, day: date | None) -> dict[str, object]:
    """Return what a draft says beside the text: what it takes, and from when.

    Raises:
        BadInput: The day is too early.
    """
    earliest = first_day(at, days)
    if day is not None and day < earliest:
        takes = "widens what AI may do" if shift.opened else "promises less notice of changes"
        raise BadInput(
            f"it {takes}, and that needs {days} days' notice: it can be in force from"
            f" {earliest}, not {day}",
            earliest=earliest,
        )
    return {
        "widens": list(labels(uses_in(shift.opened))),
        "widens_cells": shift.opened.bit_count(),
        "less_notice": list(shift.less_notice),
        "days": days,
        "in_force": format_instant(midnight(day or earliest)),
    }


def _keep_channel(current: Text, channels: Collection[Channel]) -> None:
    """Hold the operator to the channel that the text in force promises.

    Raises:
        BadInput: Holders are not told by it.
    """
    promised = current.notice.channel
    if promised not in {Channel.NONE, Channel.INBOX, *channels}:
        raise BadInput(
            f"{current.id!r} promises notice by {promised.value}; say that channel, too, once it is"
            " given",
            channel=promised.value,
        )


def put_in_force(house: House, name: str, by: str) -> Event:
    """Put a draft in force, whose day has come.

    Raises:
        NotAllowed: Its day has not come, more would open than holders were told, or it is no draft
            any more.
        Unknown: There is no draft of that id.
    """
    with house.act(by) as act:
        return _put_in_force(act, _waiting(act, name))


def publish_due(house: House) -> Event | None:
    """Put the draft in force whose day has come; None where there is none, or it may not be."""
    with house.reading() as connection:
        draft = pending(connection)
        if draft is None or objection(connection, draft, house.clock()):
            return None
    with house.act("clock") as act:
        draft = pending(act.connection)
        if draft is None or objection(act.connection, draft, act.at):
            return None
        return _put_in_force(act, draft.id)


def _waiting(act: Act, name: str) -> str:
    """Return the id of a draft that waits."""
    draft = find_draft(act.connection, name)
    if draft is not None and draft.state == "withdrawn":
        raise NotAllowed(f"the draft {name!r} was withdrawn", id=name)
    texts = tables.texts.c
    query = select(texts.kind, texts.current).where(texts.id == name)
    row = act.connection.execute(query).one_or_none()
    if row is not None and row.kind == "agreement":
        raise BadText(f"{name!r} is an agreement, and binds only whom it is with", id=name)
    if row is not None:
        when = "are in force already" if row.current else "were in force, and others replaced them"
        raise NotAllowed(f"the terms {name!r} {when}", id=name)
    if draft is None:
        raise Unknown(f"there is no draft {name!r}", id=name)
    return draft.id


def _put_in_force(act: Act, name: str) -> Event:
    drafts = tables.drafts.c
    fields = ("id", "title", "granted", "opt_out", "opt_in", "source", "digest")
    query = select(*drafts[fields]).where(drafts.id == name)
    row = act.connection.execute(query).mappings().one()
    draft = find_draft(act.connection, name)
    why_not = objection(act.connection, draft, act.at) if draft else ""
    if why_not:
        raise NotAllowed(why_not, id=name)
    body = {**row, **{mask: list(labels(row[mask])) for mask in Masks._fields}}
    event = act.record("terms.publish", body)
    tell(act, name, Timing.AFTER)  # whoever came since the notice
    return event


def withdraw_draft(house: House, name: str, by: str) -> Event:
    """Take a draft back; everything stays as it is.

    Raises:
        NotAllowed: It is no draft any more.
        Unknown: There is no draft of that id.
    """
    with house.act(by) as act:
        return act.record("terms.withdraw", {"id": _waiting(act, name)})


def publish_default(house: House) -> Event | None:
    """Put the default terms in force where there are none; None where there are."""
    with house.act("house") as act:
        if act.connection.execute(select(tables.texts.c.id).limit(1)).first() is not None:
            return None
        return act.record("terms.publish", _new(act, parse_text(DEFAULT_TERMS), DEFAULT_TERMS))


def make_agreement(house: House, toml: str, by: str) -> tuple[Event, Account]:
    """Record a licence agreement with a label, and open the label's account if it has none.

    Raises:
        BadText: It breaks a rule, names no party, or one of that id was made before.
    """
    text = parse_text(toml)
    if not text.party:
        raise BadText("an agreement needs party, whom it is with", id=text.id)
    with house.act(by) as act:
        label = known_account(act.connection, text.party)
        if label is None:
            label = open_account(act, text.party, Role.LABEL)
        return act.record("agreement", {**_new(act, text, toml), "party": label.id}), label


def accept_terms(house: House, name: str, text: str | None, by: str) -> Event:
    """Record that a holder accepts terms.

    Args:
        house: The platform.
        name: Who accepts: an account's or an artist's name.
        text: Which terms; those in force if None.
        by: Who does it.

    Raises:
        NotAllowed: They are a draft, and not in force yet.
        Unknown: There is nobody of that name, or there are no such terms.
    """
    with house.act(by) as act:
        account = find_account(act.connection, name)
        texts = tables.texts.c
        query = select(texts.id).where(texts.kind == "terms")
        query = query.where(texts.current) if text is None else query.where(texts.id == text)
        found = act.connection.execute(query).scalar_one_or_none()
        if found is None and text and find_draft(act.connection, text) is not None:
            raise NotAllowed(f"the terms {text!r} were never in force; nobody can accept a draft")
        if found is None:
            raise Unknown(f"there are no terms {text!r}" if text else "no terms are in force")
        return act.record("terms.accept", {"account": account.id, "text": found})


def _new(act: Act, text: Text, toml: str) -> Body:
    """Return what an event says of a text that must be new."""
    taken = select(tables.texts.c.id).where(tables.texts.c.id == text.id)
    if act.connection.execute(taken).first() is not None:
        raise _taken(text, toml, "published")
    if find_draft(act.connection, text.id) is not None:
        raise _taken(text, toml, "drafted")
    return {
        "id": text.id,
        "title": text.title,
        "granted": list(labels(text.masks.granted)),
        "opt_out": list(labels(text.masks.opt_out)),
        "opt_in": list(labels(text.masks.opt_in)),
        "source": toml,
        "digest": sha256(toml.encode()).hexdigest(),
    }


def _taken(text: Text, toml: str, how: str) -> BadText:
    return BadText(
        f"a text {text.id!r} was {how} before; give the new one its own id",
        id=text.id,
        line=_line_of(toml, "id"),
    )
