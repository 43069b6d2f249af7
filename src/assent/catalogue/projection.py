"""From events to tables: what each kind of event changes, and nothing else changes them.

An act appends an event and projects it in one transaction; `rebuild` projects all of them again.
Both run this code, so the tables cannot tell how they came to be.

It is one table of one room, told whole: `KINDS` at its end, and before it a short function for each
kind, in the order in which things come to be. That is all its length.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select, update

from assent.catalogue import tables
from assent.catalogue.events import Event, append, replay
from assent.catalogue.names import folded
from assent.catalogue.site_projection import (
    answer_request,
    disclose,
    edit_recording,
    send_request,
    staff_act,
    withdraw_request,
)
from assent.catalogue.words import all_recordings, due, mend, recordings_of
from assent.clock import format_instant
from assent.permission.uses import parse_uses

__all__ = ["COUNTED", "KINDS", "next_number", "project", "rebuild", "record"]

Body = Mapping[str, Any]


def record(
    connection: Connection, kind: str, at: datetime, by: str, body: Mapping[str, Any]
) -> Event:
    """Append an event and write the tables that follow from it."""
    event = append(connection, kind, at, by, body)
    project(connection, event)
    return event


def project(connection: Connection, event: Event) -> None:
    """Write the tables that follow from one event, given those of all before it."""
    if event.kind in COUNTED:
        _count(connection, event.kind)  # of an erased event this is all that is left
    if not event.erased:
        KINDS[event.kind](connection, event)


COUNTED = ("account", "artist", "recording", "training-set")
"""The kinds of events that give something its number, and so its id; none is given twice."""


def next_number(connection: Connection, kind: str) -> int:
    """Return the number that the next event of a counted kind will give, from 0."""
    counters = tables.counters.c
    query = select(counters.last).where(counters.kind == kind)
    return connection.execute(query).scalar_one_or_none() or 0


def _count(connection: Connection, kind: str) -> None:
    counters = tables.counters
    given = next_number(connection, kind)
    if given:
        more = update(counters).where(counters.c.kind == kind).values(last=given + 1)
        connection.execute(more)
    else:
        connection.execute(counters.insert().values(kind=kind, last=1))


def rebuild(connection: Connection, source: Connection, until: int | None = None) -> None:
    """Empty the tables and make them again from the events of a source, up to `until`.

    Args:
        connection: Where the tables are; may be another database than the events.
        source: Where the events are.
        until: The last event that counts; all if None.
    """
    for table in reversed(tables.PROJECTIONS):
        connection.execute(table.delete())
    for event in replay(source, until):
        project(connection, event)


def _uses(names: list[str]) -> int:
    return parse_uses(names) if names else 0


def _account(connection: Connection, event: Event) -> None:
    body = event.body
    connection.execute(
        tables.accounts.insert().values(
            id=body["id"],
            name=body["name"],
            folded=folded(body["name"]),
            role=body["role"],
            asks=False,
            event=event.number,
        )
    )


def _artist(connection: Connection, event: Event) -> None:
    name = folded(event.body["name"])
    connection.execute(
        tables.artists.insert().values(folded=name, event=event.number, **event.body)
    )


def _next_text(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(tables.texts)).scalar_one()) + 1


def _text(connection: Connection, event: Event, kind: str) -> None:
    body = event.body
    connection.execute(
        tables.texts.insert().values(
            id=body["id"],
            number=_next_text(connection),
            kind=kind,
            title=body["title"],
            party=body.get("party"),
            granted=_uses(body["granted"]),
            opt_out=_uses(body["opt_out"]),
            opt_in=_uses(body["opt_in"]),
            source=body["source"],
            digest=body["digest"],
            current=kind == "terms",
            event=event.number,
        )
    )


def _publish_terms(connection: Connection, event: Event) -> None:
    connection.execute(update(tables.texts).values(current=False))
    _text(connection, event, "terms")
    _end_draft(connection, event, "published")
    mend(connection, all_recordings(connection), event)


def _draft(connection: Connection, event: Event) -> None:
    body = event.body
    connection.execute(
        tables.drafts.insert().values(
            granted=_uses(body["granted"]),
            opt_out=_uses(body["opt_out"]),
            opt_in=_uses(body["opt_in"]),
            at=format_instant(event.at),
            state="draft",
            event=event.number,
            **{field: body[field] for field in _DRAFTED},
        )
    )


_DRAFTED = ("id", "title", "source", "digest", "against", "days", "in_force")


def _end_draft(connection: Connection, event: Event, state: str) -> None:
    drafts = tables.drafts
    connection.execute(
        update(drafts)
        .where(drafts.c.id == event.body["id"])
        .values(state=state, ended=event.number)
    )


def _withdraw_draft(connection: Connection, event: Event) -> None:
    _end_draft(connection, event, "withdrawn")


def _notice(connection: Connection, event: Event) -> None:
    fields = ("text", "timing", "channel", "chance", "told")
    connection.execute(
        tables.notices.insert().values(
            event=event.number,
            at=format_instant(event.at),
            **{field: event.body[field] for field in fields},
        )
    )
    rows = [
        {"notice": event.number, "account": told["holder"]}
        for told in event.body["holders"]
        if not isinstance(told, str)  # the hash that is left of an erased one
    ]
    if rows:
        connection.execute(tables.told.insert(), rows)


def _accept_terms(connection: Connection, event: Event) -> None:
    accounts = tables.accounts
    connection.execute(
        update(accounts)
        .where(accounts.c.id == event.body["account"])
        .values(accepted=event.body["text"], accepted_event=event.number)
    )
    mend(connection, recordings_of(connection, event.body["account"]), event)


def _agreement(connection: Connection, event: Event) -> None:
    _text(connection, event, "agreement")
    recordings = tables.recordings.c
    # some may have been delivered before it; an unknown text opens nothing, a known one may
    waiting = select(recordings.number).where(recordings.agreement == event.body["id"])
    mend(connection, connection.execute(waiting).scalars(), event)


_MEASURED = (
    "digest",
    "audio_digest",
    "blob",
    "size_bytes",
    "container",
    "codec",
    "sr",
    "channels",
    "frames",
    "loudness_lufs",
    "true_peak_dbtp",
    "waveform",
)


def _recording(connection: Connection, event: Event) -> None:
    body = event.body
    connection.execute(
        tables.recordings.insert().values(
            number=next_number(connection, "recording") - 1,  # counted by now
            id=body["id"],
            artist=body["artist"],
            title=body["title"],
            isrc=body["isrc"],
            licence=body["licence"],
            origin=body["origin"],
            tags=json.dumps(body["tags"], sort_keys=True, ensure_ascii=False),
            agreement=body["agreement"],
            original=None,
            held=0,
            word=0,
            word_event=event.number,
            event=event.number,
            **{field: body[field] for field in _MEASURED},
        )
    )
    # a field that recordings of earlier versions do not have; an empty list says that none helped
    if body.get("made_with") is not None:
        disclose(connection, body["id"], body["made_with"], event)
    _write_holdings(connection, body["id"], body["holders"], event)


def _holding(connection: Connection, event: Event) -> None:
    recording = event.body["recording"]
    connection.execute(tables.holdings.delete().where(tables.holdings.c.recording == recording))
    _write_holdings(connection, recording, event.body["holders"], event)


def _write_holdings(
    connection: Connection, recording: str, holders: list[dict[str, Any] | str], event: Event
) -> None:
    rows = [
        {
            "recording": recording,
            "granted": 0,
            "refused": 0,
            "event": event.number,
            **{name: value for name, value in held.items() if name != "salt"},
        }
        for held in holders
        if not isinstance(held, str)  # the hash that is left of an erased one
    ]
    if rows:
        connection.execute(tables.holdings.insert(), rows)
    mend(connection, _number(connection, recording), event)


def _number(connection: Connection, recording: str) -> list[int]:
    recordings = tables.recordings.c
    query = select(recordings.number).where(recordings.id == recording)
    return list(connection.execute(query).scalars())


_VERBS = ("grants", "refuses", "withdraws", "lifts")


def _statement(connection: Connection, event: Event) -> None:
    body = event.body
    connection.execute(
        tables.statements.insert().values(
            event=event.number,
            holder=body["holder"],
            recording=body["recording"],
            program=body["program"],
            all_programs=body["all_programs"],
            since=body["since"],
            until=body["until"],
            preset=body["preset"],
            notice=body["notice"],
            at=format_instant(event.at),
            **{verb: _uses(body[verb]) for verb in _VERBS},
        )
    )
    if body["asks"] is not None:
        accounts = tables.accounts
        connection.execute(
            update(accounts).where(accounts.c.id == body["holder"]).values(asks=body["asks"])
        )
    mend(connection, recordings_of(connection, body["holder"], body["recording"]), event)


def _expire(connection: Connection, event: Event) -> None:
    mend(connection, due(connection, event.at), event)


_PROPOSED = (
    "id",
    "owner",
    "actor",
    "purpose",
    "territories",
    "start",
    "end",
    "retention_days",
    "contact",
    "contract",
)


def _propose(connection: Connection, event: Event) -> None:
    body = event.body
    connection.execute(
        tables.programs.insert().values(
            uses=_uses(body["uses"]),
            models=json.dumps(body["models"], ensure_ascii=False),
            proposed_by=event.by,
            proposed=event.number,
            event=event.number,
            **{field: body[field] for field in _PROPOSED},
        )
    )
    holdings, said = tables.holdings.c, tables.statements.c
    apart = (
        select(tables.recordings.c.number)
        .join(tables.holdings, holdings.recording == tables.recordings.c.id)
        .distinct()
    )
    # a holder may have named it before it was there
    named = holdings.holder.in_(select(said.holder).where(said.program == body["id"]))
    elsewhere = holdings.territories != "world"
    reached = named if body["territories"] == "world" else or_(named, elsewhere)
    mend(connection, connection.execute(apart.where(reached)).scalars(), event)


def _program(**values: Callable[[Event], object]) -> Callable[[Connection, Event], None]:
    """Return what writes some columns of the program that an event is about."""

    def write(connection: Connection, event: Event) -> None:
        programs = tables.programs
        connection.execute(
            update(programs)
            .where(programs.c.id == event.body["id"])
            .values(event=event.number, **{name: of(event) for name, of in values.items()})
        )

    return write


def _hold(connection: Connection, event: Event) -> None:
    body = event.body
    connection.execute(
        tables.holds.insert().values(
            event=event.number,
            recording=body["recording"],
            uses=_uses(body["uses"]),
            cause=body["cause"],
        )
    )
    _mend_held(connection, body["recording"], event)


def _lift_hold(connection: Connection, event: Event) -> None:
    holds = tables.holds
    connection.execute(
        update(holds).where(holds.c.event == event.body["hold"]).values(lifted=event.number)
    )
    _mend_held(connection, event.body["recording"], event)


def _mend_held(connection: Connection, recording: str, event: Event) -> None:
    holds, recordings = tables.holds, tables.recordings
    query = select(holds.c.uses).where(holds.c.recording == recording, holds.c.lifted.is_(None))
    held = 0
    for uses in connection.execute(query).scalars():
        held |= uses
    connection.execute(update(recordings).where(recordings.c.id == recording).values(held=held))
    mend(connection, _number(connection, recording), event)


def _copy(connection: Connection, event: Event) -> None:
    recordings = tables.recordings
    connection.execute(
        update(recordings)
        .where(recordings.c.id == event.body["recording"])
        .values(original=event.body["original"])
    )
    mend(connection, _number(connection, event.body["recording"]), event)


def _suspect(connection: Connection, event: Event) -> None:
    body, copies = event.body, tables.copies
    pair = copies.c.recording == body["recording"], copies.c.original == body["original"]
    connection.execute(copies.delete().where(*pair))  # a case that was rejected begins anew
    connection.execute(
        copies.insert().values(
            recording=body["recording"],
            original=body["original"],
            state="suspected",
            found=body["found"],
            evidence=_json(body["evidence"]),
            suspected=event.number,
            at=format_instant(event.at),
        )
    )


def _decide(connection: Connection, event: Event) -> None:
    body, copies, claims = event.body, tables.copies, tables.claims
    connection.execute(
        update(copies)
        .where(copies.c.recording == body["recording"], copies.c.original == body["original"])
        .values(state=body["state"], decided=event.number, decided_by=event.by, cause=body["cause"])
    )
    connection.execute(
        update(claims)
        .where(
            claims.c.recording == body["recording"],
            claims.c.original == body["original"],
            claims.c.closed.is_(None),
        )
        .values(closed=event.number)
    )


_CLAIMED = ("recording", "original", "account", "says", "words", "answer_by")


def _claim(connection: Connection, event: Event) -> None:
    body = event.body
    connection.execute(
        tables.claims.insert().values(
            event=event.number,
            files=_json(body["files"]),
            **{field: body[field] for field in _CLAIMED},
        )
    )


def _answer(connection: Connection, event: Event) -> None:
    body, claims = event.body, tables.claims.c
    query = select(claims.event).where(claims.event == body["claim"])
    if connection.execute(query).first() is None:
        return  # the claim is erased: nothing is left that this would answer
    connection.execute(
        tables.answers.insert().values(
            event=event.number,
            claim=body["claim"],
            account=body["account"],
            agrees=body["agrees"],
            words=body["words"],
            files=_json(body["files"]),
        )
    )


def _clear(connection: Connection, event: Event) -> None:
    clearings, account = tables.clearings, event.body["account"]
    connection.execute(clearings.delete().where(clearings.c.account == account))
    connection.execute(clearings.insert().values(account=account, event=event.number))


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _training_set(connection: Connection, event: Event) -> None:
    connection.execute(tables.training_sets.insert().values(event=event.number, **event.body))


def _use(connection: Connection, event: Event) -> None:
    body = event.body
    rows = [
        {
            "event": event.number,
            "recording": counted[0],
            "program": body["program"],
            "hour": body["hour"],
            "count": counted[1],
        }
        for counted in body["counts"]
        if not isinstance(counted, str)  # the hash that is left of an erased one
    ]
    if rows:
        connection.execute(tables.uses.insert(), rows)


def _nothing(_connection: Connection, _event: Event) -> None:
    """Write no table: what happened is for the log."""


def _journals(connection: Connection, event: Event) -> None:
    rows = [{"name": name, "event": event.number} for name in event.body["names"]]
    connection.execute(tables.journals.insert(), rows)


KINDS: Mapping[str, Callable[[Connection, Event], None]] = {
    "account": _account,
    "artist": _artist,
    "terms.draft": _draft,
    "terms.notice": _notice,
    "terms.withdraw": _withdraw_draft,
    "terms.publish": _publish_terms,
    "terms.accept": _accept_terms,
    "agreement": _agreement,
    "recording": _recording,
    "recording.edit": edit_recording,
    "holding": _holding,
    "statement": _statement,
    "statement.expire": _expire,
    "program.propose": _propose,
    "program.approve": _program(
        approved=lambda event: event.number, approved_by=lambda event: event.by
    ),
    "program.suspend": _program(suspended=lambda event: event.number),
    "program.resume": _program(suspended=lambda _: None),
    "program.end": _program(ended=lambda event: event.number),
    "request": send_request,
    "request.withdraw": withdraw_request,
    "request.answer": answer_request,
    "hold": _hold,
    "hold.lift": _lift_hold,
    "copy": _copy,
    "copy.suspect": _suspect,
    "copy.decide": _decide,
    "claim": _claim,
    "claim.answer": _answer,
    "copies.clear": _clear,
    "training-set": _training_set,
    "use": _use,
    "use.journals": _journals,
    "staff": staff_act,
    "erasure": _nothing,
    "index.root": _nothing,
    "key.rotate": _nothing,
    "key.retire": _nothing,
}
"""Every kind of event, and what follows from it."""
