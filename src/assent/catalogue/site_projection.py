"""From the site's events to tables: edits, requests of programs, acts of staff; no word changes."""

import json
from typing import Any

from sqlalchemy import Connection, select, update

from assent.catalogue import tables
from assent.catalogue.events import Event
from assent.clock import format_instant

__all__ = [
    "answer_request",
    "disclose",
    "edit_recording",
    "send_request",
    "staff_act",
    "withdraw_request",
]


def disclose(connection: Connection, recording: str, made_with: object, event: Event) -> None:
    """Write which AI tools helped with a recording; the newest word counts, None says nothing."""
    disclosures = tables.disclosures
    connection.execute(disclosures.delete().where(disclosures.c.recording == recording))
    if made_with is None:
        return
    connection.execute(
        disclosures.insert().values(
            recording=recording, made_with=_json(made_with), event=event.number
        )
    )


def edit_recording(connection: Connection, event: Event) -> None:
    """Write what a recording is called from now on, and what helped with it."""
    body, recordings = event.body, tables.recordings
    query = select(recordings.c.id).where(recordings.c.id == body["recording"])
    if connection.execute(query).first() is None:
        return  # the recording is erased
    connection.execute(
        update(recordings)
        .where(recordings.c.id == body["recording"])
        .values(title=body["title"], licence=body["licence"], isrc=body["isrc"])
    )
    disclose(connection, body["recording"], body["made_with"], event)


def send_request(connection: Connection, event: Event) -> None:
    """Write what a program asks of all who may be asked."""
    fields: dict[str, Any] = {
        name: event.body[name] for name in ("program", "words", "pays", "until")
    }
    connection.execute(
        tables.requests.insert().values(event=event.number, at=format_instant(event.at), **fields)
    )


def withdraw_request(connection: Connection, event: Event) -> None:
    """Write that a program asks no more."""
    requests = tables.requests
    connection.execute(
        update(requests)
        .where(requests.c.event == event.body["request"])
        .values(withdrawn=event.number)
    )


def answer_request(connection: Connection, event: Event) -> None:
    """Write what somebody answered; the newest answer counts."""
    body, answers = event.body, tables.request_answers
    place = answers.c.request == body["request"], answers.c.account == body["account"]
    connection.execute(answers.delete().where(*place))
    connection.execute(
        answers.insert().values(
            request=body["request"],
            account=body["account"],
            says=body["says"],
            event=event.number,
            at=format_instant(event.at),
        )
    )


def staff_act(connection: Connection, event: Event) -> None:
    """Write what somebody of the staff did that no other event tells."""
    body = event.body
    connection.execute(
        tables.staff_acts.insert().values(
            event=event.number,
            by=event.by,
            act=body["act"],
            about=body["account"] or body["recording"] or body["what"],
            cause=body["cause"],
            at=format_instant(event.at),
        )
    )


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
