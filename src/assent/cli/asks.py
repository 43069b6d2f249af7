"""`assent program ask …`: what a program asks all who may be asked, and who has answered what."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.cli.options import By, Json, ProgramId
from assent.cli.output import put_json, put_table
from assent.cli.session import opened, person

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from assent.acts.asked import Asked

__all__ = ["add"]

_Words = Annotated[
    str, typer.Option("--words", metavar="TEXT", help="What it says to those it asks.")
]
_Pays = Annotated[
    str, typer.Option("--pays", metavar="TEXT", help="What it offers for a yes, in words.")
]
_Until = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="DATE", help="When a yes would end; with the program if not said."
    ),
]
_OneProgram = Annotated[
    str | None, typer.Argument(metavar="[PROGRAM]", help="Only what this program asks.")
]


def add(nouns: typer.Typer) -> None:
    """Add the commands to those about programs."""
    nouns.command("ask", help="Ask all who let programs ask them; it opens nothing by itself.")(
        _ask
    )
    nouns.command("asks", help="List what programs ask, and how many answered what.")(_asks)
    nouns.command("unask", help="Take back what a program asks; answers that were given stand.")(
        _unask
    )


def _ask(  # noqa: PLR0913  # one for each option
    ctx: typer.Context,
    program: ProgramId,
    words: _Words,
    pays: _Pays = "",
    until: _Until = None,
    by: By = "",
    *,
    as_json: Json = False,
) -> None:
    from assent.acts.requests import ask
    from assent.cli.recorded import put_recorded
    from assent.clock import parse_instant

    limit = parse_instant(until) if until else None
    with opened(ctx) as house:
        event = ask(house, program, words, pays=pays, until=limit, by=person(house, by))
        put_recorded(event, f"the program {program} asks all who may be asked", as_json=as_json)


def _unask(ctx: typer.Context, program: ProgramId, *, by: By = "", as_json: Json = False) -> None:
    from assent.acts.asked import requests_of
    from assent.acts.requests import withdraw_request
    from assent.cli.recorded import put_recorded
    from assent.errors import Unknown

    with opened(ctx) as house:
        with house.reading() as connection:
            standing = [it for it in requests_of(connection, program) if it.withdrawn is None]
        if not standing:
            raise Unknown(f"the program {program!r} asks nothing", program=program)
        event = withdraw_request(house, standing[0].event, person(house, by))
        put_recorded(event, f"the program {program} asks no more", as_json=as_json)


def _asks(ctx: typer.Context, program: _OneProgram = None, *, as_json: Json = False) -> None:
    with opened(ctx) as house, house.reading() as connection:
        rows = [_fields(connection, it, house.clock()) for it in _asked(connection, program)]
    if as_json:
        for row in rows:
            put_json(row)
        return
    put_table(
        ("request", "program", "state", "until", "yes", "no", "never", "pays"),
        (
            (
                it["request"],
                it["program"],
                it["state"],
                it["until"],
                it["yes"],
                it["no"],
                it["never"],
                it["pays"],
            )
            for it in rows
        ),
    )


def _asked(connection: "Connection", program: str | None) -> "list[Asked]":
    from sqlalchemy import select

    from assent.acts.asked import requests_of
    from assent.catalogue import tables
    from assent.catalogue.rows import read_program
    from assent.errors import Unknown

    if program is not None and read_program(connection, program) is None:
        raise Unknown(f"there is no program {program!r}", program=program)
    asking = select(tables.requests.c.program).distinct().order_by(tables.requests.c.program)
    programs = [program] if program else list(connection.execute(asking).scalars())
    return [it for name in programs for it in requests_of(connection, name)]


def _fields(connection: "Connection", asked: "Asked", at: "datetime") -> dict[str, Any]:
    from sqlalchemy import func, select

    from assent.catalogue import tables
    from assent.clock import format_instant

    answers = tables.request_answers.c
    query = select(answers.says, func.count()).where(answers.request == asked.event)
    counts = {row[0]: row[1] for row in connection.execute(query.group_by(answers.says))}
    state = "withdrawn" if asked.withdrawn is not None else "open" if asked.is_open(at) else "over"
    return {
        "request": asked.event,
        "program": asked.program.id,
        "owner": asked.owner,
        "words": asked.words,
        "pays": asked.pays,
        "until": format_instant(asked.until) if asked.until else None,
        "at": format_instant(asked.at),
        "state": state,
        **{says: counts.get(says, 0) for says in ("yes", "no", "never")},
    }
