"""`assent statements`: what holders have said, by the numbers that receipts are asked for with."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.cli.options import ForProgram, Json
from assent.cli.output import put_json, put_table
from assent.cli.session import opened

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["register"]

_VERBS = ("grants", "refuses", "withdraws", "lifts")

Holder = Annotated[
    str | None, typer.Option("--artist", metavar="NAME", help="Only what this holder has said.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(statements)


def statements(
    ctx: typer.Context, artist: Holder = None, program: ForProgram = None, *, json: Json = False
) -> None:
    """List what holders have said, the earliest first; nothing is ever overwritten."""
    with opened(ctx) as house, house.reading() as connection:
        said = [_fields(row) for row in _rows(connection, artist, program)]
    if json:
        for fields in said:
            put_json(fields)
        return
    put_table(
        ("event", "at", "holder", "says", "recording", "program", "until"),
        (
            (
                fields["event"],
                fields["at"],
                fields["name"],
                _in_words(fields),
                fields["recording"],
                fields["program"],
                fields["until"],
            )
            for fields in said
        ),
    )


def _rows(connection: "Connection", artist: str | None, program: str | None) -> list[Any]:
    from sqlalchemy import select

    from assent.acts.accounts import find_account
    from assent.catalogue import tables

    said, accounts = tables.statements, tables.accounts.c
    query = select(said, accounts.name).outerjoin(tables.accounts, accounts.id == said.c.holder)
    if artist is not None:
        query = query.where(said.c.holder == find_account(connection, artist).id)
    if program is not None:
        query = query.where(said.c.program == program)
    return list(connection.execute(query.order_by(said.c.event)).all())


def _fields(row: Any) -> dict[str, Any]:  # a row of `statements` and the holder's name
    from assent.permission.uses import labels

    return {
        "event": row.event,
        "at": row.at,
        "holder": row.holder,
        "name": row.name,
        "recording": row.recording,
        "program": row.program,
        **{verb: list(labels(getattr(row, verb))) for verb in _VERBS},
        "all_programs": row.all_programs,
        "since": row.since,
        "until": row.until,
        "preset": row.preset,
        "notice": row.notice,
    }


def _in_words(fields: dict[str, Any]) -> str:
    if fields["preset"]:
        return f"chooses {fields['preset']}"
    return "; ".join(f"{verb} {', '.join(fields[verb])}" for verb in _VERBS if fields[verb])
