"""`assent program …`: proposed by one person, approved by another, suspended, resumed, ended."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.cli import asks
from assent.cli.options import By, Json, ProgramId
from assent.cli.output import put, put_json, put_table
from assent.cli.session import opened, person
from assent.errors import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from assent.acts.house import House
    from assent.catalogue.events import Event

__all__ = ["register"]

_File = Annotated[Path, typer.Argument(metavar="FILE", help="The program, as TOML.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    nouns = typer.Typer(
        no_args_is_help=True,
        help="AI programs: who wants to use what for which purpose, and whether they may.",
    )
    nouns.command("propose", help="Propose a program; somebody else must approve it.")(_propose)
    nouns.command("approve", help="Approve a program that somebody else proposed.")(_approve)
    nouns.command("suspend", help="Stop a program at once.")(_suspend)
    nouns.command("resume", help="Let a suspended program go on.")(_resume)
    nouns.command("end", help="End a program for good.")(_end)
    nouns.command("list", help="List the programs.")(_list)
    nouns.command("show", help="Show a program: what it wants, and what it may use now.")(_show)
    asks.add(nouns)
    app.add_typer(nouns, name="program")


def _propose(ctx: typer.Context, file: _File, *, by: By = "", as_json: Json = False) -> None:
    from assent.acts.programs import propose
    from assent.cli.files import read_text_file
    from assent.cli.recorded import put_recorded

    toml = read_text_file(file)
    with opened(ctx) as house:
        event = propose(house, toml, person(house, by))
        words = f"{event.by} proposes the program {event.body['id']}; somebody else must approve it"
        put_recorded(event, words, as_json=as_json)


def _approve(ctx: typer.Context, program: ProgramId, *, by: By = "", as_json: Json = False) -> None:
    from assent.acts.programs import approve

    _change(ctx, program, by, approve, "approves", as_json=as_json)


def _suspend(ctx: typer.Context, program: ProgramId, *, by: By = "", as_json: Json = False) -> None:
    from assent.acts.programs import suspend

    _change(ctx, program, by, suspend, "suspends", as_json=as_json)


def _resume(ctx: typer.Context, program: ProgramId, *, by: By = "", as_json: Json = False) -> None:
    from assent.acts.programs import resume

    _change(ctx, program, by, resume, "resumes", as_json=as_json)


def _end(ctx: typer.Context, program: ProgramId, *, by: By = "", as_json: Json = False) -> None:
    from assent.acts.programs import end

    _change(ctx, program, by, end, "ends", as_json=as_json)


def _change(
    ctx: typer.Context,
    program: str,
    by: str,
    act: "Callable[[House, str, str], Event]",
    verb: str,
    *,
    as_json: bool,
) -> None:
    from assent.cli.output import say
    from assent.cli.recorded import put_recorded

    with opened(ctx, catch_up=True) as house:
        event = act(house, program, person(house, by))
        may_use = house.gate.snapshot.permitted(program)
        count, total = len(may_use.numbers), may_use.of
        put_recorded(
            event, f"{event.by} {verb} the program {program}", as_json=as_json, open=count, of=total
        )
        say(f"It may use {count} of {total} recordings now.")


def _list(ctx: typer.Context, *, as_json: Json = False) -> None:
    with opened(ctx, catch_up=True) as house:
        programs = [_fields(house, row) for row in _rows(house)]
    if as_json:
        for fields in programs:
            put_json(fields)
        return
    put_table(
        ("program", "state", "open", "owner", "uses"),
        (
            (it["program"], it["state"], it["open"], it["owner"], " ".join(it["uses"]))
            for it in programs
        ),
    )


def _show(ctx: typer.Context, program: ProgramId, *, as_json: Json = False) -> None:
    from assent.permission.uses import parse_use
    from assent.permission.wording import uses_in_words

    with opened(ctx, catch_up=True) as house:
        rows = _rows(house, program)
        if not rows:
            raise Unknown(f"there is no program {program!r}", program=program)
        it = _fields(house, rows[0])
    if as_json:
        put_json(it)
        return
    put(f"{it['program']}: {it['purpose']}")
    put(f"by {it['owner']}; to be reached at {it['contact']}")
    put("it asks for")
    for name in it["uses"]:
        put(f"  {uses_in_words(parse_use(name))}")
    put(f"in {', '.join(it['territories'])}, from {it['start'] or 'at once'}")
    put(
        f"until {it['end'] or 'it is ended'}; it keeps what it gets for {it['retention_days']} days"
    )
    if it["models"]:
        put(f"for the models {', '.join(it['models'])}")
    if it["contract"]:
        put(f"under the contract {it['contract']}")
    put(f"proposed by {it['proposed_by']} (event {it['proposed']}){_approval(it)}")
    put(f"{it['state']}; it may use {it['open']} of {it['of']} recordings now")
    put(f"{it['may_be_asked']} of {it['holders']} holders have said that programs may ask them")


def _approval(it: dict[str, Any]) -> str:
    if it["approved"] is None:
        return ""
    return f", approved by {it['approved_by']} (event {it['approved']})"


def _rows(house: "House", program: str | None = None) -> list[Any]:
    from sqlalchemy import select

    from assent.catalogue import tables

    query = select(tables.programs).order_by(tables.programs.c.proposed)
    if program is not None:
        query = query.where(tables.programs.c.id == program)
    with house.reading() as connection:
        return list(connection.execute(query))


def _fields(house: "House", row: Any) -> dict[str, Any]:  # a row of `programs`, and what is shown
    from sqlalchemy import func, select

    from assent.catalogue import tables
    from assent.catalogue.program_states import state_of
    from assent.catalogue.rows import program_of
    from assent.permission.uses import labels

    at = house.clock()
    may_use = house.gate.snapshot.permitted(row.id)
    with house.reading() as connection:
        accounts = tables.accounts.c
        holding = accounts.id.in_(select(tables.holdings.c.holder))
        count = select(func.count()).select_from(tables.accounts).where(holding)
        holders = connection.execute(count).scalar_one()
        asked = connection.execute(count.where(accounts.asks)).scalar_one()
    return {
        "program": row.id,
        "owner": row.owner,
        "actor": row.actor,
        "uses": list(labels(row.uses)),
        "purpose": row.purpose,
        "models": json.loads(row.models),
        "territories": row.territories.split(),
        "start": row.start,
        "end": row.end,
        "retention_days": row.retention_days,
        "contact": row.contact,
        "contract": row.contract,
        "proposed_by": row.proposed_by,
        "proposed": row.proposed,
        "approved_by": row.approved_by,
        "approved": row.approved,
        "suspended": row.suspended,
        "ended": row.ended,
        "state": state_of(row, at),
        "live": program_of(row).is_live(at),
        "open": len(may_use.numbers),
        "of": may_use.of,
        "may_be_asked": asked,
        "holders": holders,
    }
