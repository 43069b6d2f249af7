"""`assent may` and `assent explain`: may a recording be used, and exactly why or why not."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import typer

from assent.cli.exits import NO, YES
from assent.cli.naming import find_recording
from assent.cli.options import At, ForProgram, Json, RecordingName, UsePatterns
from assent.cli.output import put, put_json
from assent.cli.session import opened
from assent.errors import BadInput, Unknown

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from assent.acts.house import House
    from assent.permission.decide import Decision
    from assent.permission.facts import Facts, Holder, Standing
    from assent.permission.reasons import Reason

__all__ = ["register"]


class _Question(NamedTuple):
    """What is asked: about a recording, for a program or for uses, now or after an event."""

    recording: str
    program: str | None
    uses: list[str] | None
    at: int | None


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(may)
    app.command()(explain)


def may(
    ctx: typer.Context,
    recording: RecordingName,
    program: ForProgram = None,
    use: UsePatterns = None,
    at: At = None,
    *,
    json: Json = False,
) -> None:
    """Say whether a program may use a recording, or whether uses of it are open to all.

    Prints the answer and every reason: all that stands in the way of a no, all that carries a yes.
    Exits with 0 for yes and 1 for no.
    """
    question = _Question(recording, program, use, at)
    with opened(ctx) as house:
        _catch_up(house, at)
        if program is not None and at is None:
            _checked(question)
            with house.reading() as connection:
                found = find_recording(connection, recording)
            decision = house.gate.explain(program, found)
        else:
            decision, _ = _answered(house, question)
    if json:
        put_json(_fields(decision))
    else:
        _put(decision)
    raise typer.Exit(YES if decision.allowed else NO)


def explain(
    ctx: typer.Context,
    recording: RecordingName,
    program: ForProgram = None,
    use: UsePatterns = None,
    at: At = None,
    *,
    json: Json = False,
) -> None:
    """Answer as `may` does, and show all that the answer stands on.

    That is the recording's word, and of every holder the texts and statements that count. Exits
    with 0 for yes and 1 for no.
    """
    with opened(ctx) as house:
        _catch_up(house, at)
        decision, facts = _answered(house, _Question(recording, program, use, at))
    if json:
        put_json({**_fields(decision), "facts": _facts_fields(facts)})
    else:
        _put(decision)
        _put_facts(decision, facts)
    raise typer.Exit(YES if decision.allowed else NO)


def _catch_up(house: "House", at: int | None) -> None:
    """Put terms in force whose day has come, before it is asked what holds now."""
    from assent.acts.publish import publish_due

    if at is None:
        publish_due(house)


def _checked(question: _Question) -> None:
    if (question.program is None) == (not question.uses):
        raise BadInput("ask for a program or for uses: --program P, or --use ACTOR/ACTIVITY")


def _answered(house: "House", question: _Question) -> "tuple[Decision, Facts]":
    """Decide from the catalogue, as it is or as it was."""
    from assent.acts.rebuild import as_of
    from assent.catalogue.events import head, read

    _checked(question)
    with ExitStack() as stack:
        connection = stack.enter_context(house.reading())
        if question.at is None:
            return _decided(connection, question, house.clock(), head(connection))
        event = read(connection, question.at)
        if event is None:
            raise Unknown(f"there is no event {question.at}", event=question.at)
        past = stack.enter_context(as_of(house, event.number))
        return _decided(past, question, event.at, event.number)


def _decided(
    connection: "Connection", question: _Question, at: datetime, head: int
) -> "tuple[Decision, Facts]":
    from assent.catalogue.facts import FactReader
    from assent.catalogue.rows import read_program
    from assent.permission.decide import decide
    from assent.permission.uses import parse_uses

    recording = find_recording(connection, question.recording)
    program = read_program(connection, question.program) if question.program else None
    if question.program is not None and program is None:
        raise Unknown(f"there is no program {question.program!r}", program=question.program)
    asked = program or parse_uses(question.uses or [])
    # a past catalogue holds no events, so it does not know its own head
    facts = replace(FactReader(connection).facts(recording, program, at), head=head)
    return decide(facts, asked, at), facts


def _put(decision: "Decision") -> None:
    from assent.permission.wording import explain as in_words
    from assent.permission.wording import headline

    put(headline(decision))
    for sentence in in_words(decision):
        put(f"  {sentence}")


def _put_facts(decision: "Decision", facts: "Facts") -> None:
    from assent.clock import format_instant
    from assent.permission.decide import word_of
    from assent.permission.uses import labels

    put(f"as of event {decision.head}, {format_instant(decision.at)}")
    put(f"asked: {', '.join(labels(decision.uses))}")
    put(f"missing: {', '.join(labels(decision.missing)) or 'nothing'}")
    put(f"word: {word_of(facts):#018x}, {', '.join(labels(word_of(facts))) or 'nothing is open'}")
    known: Facts | None = facts
    while known is not None:
        for holder in known.holders:
            put(f"holder of {known.recording}: {holder.name} ({holder.id})")
            for line in _standing_lines(holder, decision.uses):
                put(f"  {line}")
        for place in sorted(known.unclaimed):
            put(f"held by nobody: {known.recording} in {place}")
        known = known.original
        if known is not None:
            put(f"a copy of {known.recording}")


def _standing_lines(holder: "Holder", uses: int) -> list[str]:
    from assent.permission.uses import labels

    texts = {standing.role: standing for standing in (holder.first, holder.second)}
    lines = [
        f"{role.value}: {standing.text or 'no text'}{_event(standing.event)}"
        for role, standing in texts.items()
    ]
    for verb, pieces in (("yes", holder.said.granting), ("no", holder.said.refusing)):
        lines += [
            f"said {verb}: {', '.join(labels(piece.uses & uses))}{_event(piece.event)}"
            for piece in pieces
            if piece.uses & uses
        ]
    return lines


def _event(number: int | None) -> str:
    return "" if number is None else f" (event {number})"


def _fields(decision: "Decision") -> dict[str, object]:
    from assent.clock import format_instant
    from assent.permission.uses import labels

    return {
        "allowed": decision.allowed,
        "recording": decision.recording,
        "program": decision.program,
        "uses": list(labels(decision.uses)),
        "missing": list(labels(decision.missing)),
        "reasons": [_reason_fields(reason) for reason in decision.reasons],
        "at": format_instant(decision.at),
        "head": decision.head,
    }


def _reason_fields(reason: "Reason") -> dict[str, object]:
    from assent.permission.uses import labels
    from assent.permission.wording import sentence

    return {
        "kind": reason.kind.value,
        "uses": list(labels(reason.uses)),
        "events": list(reason.events),
        "recording": reason.recording,
        "holder": reason.holder,
        "name": reason.name,
        "role": reason.role.value if reason.role else None,
        "detail": reason.detail,
        "text": sentence(reason),
    }


def _facts_fields(facts: "Facts") -> dict[str, object]:
    from assent.permission.decide import word_of
    from assent.permission.uses import labels

    return {
        "recording": facts.recording,
        "word": f"{word_of(facts):#018x}",
        "open": list(labels(word_of(facts))),
        "holders": [_holder_fields(holder) for holder in facts.holders],
        "unclaimed": sorted(facts.unclaimed),
        "holds": [
            {"event": hold.event, "uses": list(labels(hold.uses)), "cause": hold.cause}
            for hold in facts.holds
        ],
        "original": _facts_fields(facts.original) if facts.original else None,
    }


def _holder_fields(holder: "Holder") -> dict[str, object]:
    from assent.permission.uses import labels

    return {
        "id": holder.id,
        "name": holder.name,
        "texts": [_text_fields(standing) for standing in (holder.first, holder.second)],
        "granted": [
            {"event": piece.event, "uses": list(labels(piece.uses))}
            for piece in holder.said.granting
        ],
        "refused": [
            {"event": piece.event, "uses": list(labels(piece.uses))}
            for piece in holder.said.refusing
        ],
    }


def _text_fields(standing: "Standing") -> dict[str, object]:
    return {"role": standing.role.value, "text": standing.text or None, "event": standing.event}
