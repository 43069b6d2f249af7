"""`assent uses`: every use that the gate let through, as creators may see it."""

from typing import Annotated, Any

import typer

from assent.cli.listings import of_whom
from assent.cli.naming import find_recording
from assent.cli.options import ArtistName, ForProgram, Json
from assent.cli.output import put_json, put_table
from assent.cli.session import opened

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(uses)


def uses(
    ctx: typer.Context,
    recording: Annotated[
        str | None,
        typer.Argument(metavar="[RECORDING]", help="One recording: its id or exact title."),
    ] = None,
    artist: ArtistName = None,
    program: ForProgram = None,
    *,
    json: Json = False,
) -> None:
    """List who opened which recording, in which hour and how often; first counts what is new."""
    with opened(ctx, catch_up=True) as house, house.reading() as connection:
        rows = _rows(connection, recording, artist, program)
    if json:
        for row in rows:
            put_json(row._asdict())
    else:
        head = ("hour", "program", "recording", "title", "count", "event")
        put_table(head, rows)


def _rows(
    connection: Any, recording: str | None, artist: str | None, program: str | None
) -> list[Any]:  # rows carry no column types
    from sqlalchemy import select

    from assent.catalogue import tables
    from assent.catalogue.rows import read_program
    from assent.errors import Unknown

    use, recordings = tables.uses.c, tables.recordings.c
    query = (
        select(use.hour, use.program, use.recording, recordings.title, use.count, use.event)
        .join(tables.recordings, recordings.id == use.recording)
        .order_by(use.hour, use.program, recordings.number, use.event)
    )
    if recording is not None:
        query = query.where(use.recording == find_recording(connection, recording))
    if artist is not None:
        query = query.where(of_whom(connection, artist))
    if program is not None:
        if read_program(connection, program) is None:
            raise Unknown(f"there is no program {program!r}", program=program)
        query = query.where(use.program == program)
    return list(connection.execute(query).all())
