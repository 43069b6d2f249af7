"""`assent holders …`: who holds rights in a recording, so whose yes it needs."""

from typing import TYPE_CHECKING, Any

import typer

from assent.cli.options import By, Holders, Json, RecordingName
from assent.cli.output import put_json, put_table, say
from assent.cli.session import opened, person

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["register"]

_PPM_PER_CENT = 10_000


def register(app: typer.Typer) -> None:
    """Add the commands."""
    nouns = typer.Typer(no_args_is_help=True, help="Who holds rights in a recording.")
    nouns.command("show", help="Show who holds rights in a recording.")(_show)
    nouns.command("set", help="Say who holds rights in a recording, in place of before.")(_set)
    app.add_typer(nouns, name="holders")


def _show(ctx: typer.Context, recording: RecordingName, *, as_json: Json = False) -> None:
    from assent.cli.naming import find_recording

    with opened(ctx) as house, house.reading() as connection:
        found = find_recording(connection, recording)
        holders, unclaimed = _holders(connection, found), _unclaimed(connection, found)
    if as_json:
        put_json({"recording": found, "holders": holders, "unclaimed": unclaimed})
        return
    put_table(
        ("holder", "share", "role", "territories"),
        (
            (it["name"], _per_cent(it["share_ppm"]), it["role"], " ".join(it["territories"]))
            for it in holders
        ),
    )
    if unclaimed:
        say(f"Nobody is known to hold the rights for {' '.join(unclaimed)}.")


def _set(
    ctx: typer.Context,
    recording: RecordingName,
    *,
    holder: Holders = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    from assent.acts.holders import parse_share, set_holders
    from assent.cli.naming import find_recording
    from assent.cli.recorded import put_recorded

    shares = [parse_share(text) for text in holder or ()]
    with opened(ctx, catch_up=True) as house:
        with house.reading() as connection:
            found = find_recording(connection, recording)
        event = set_holders(house, found, shares, person(house, by))
        with house.reading() as connection:
            names = [it["name"] for it in _holders(connection, found)]
            unclaimed = _unclaimed(connection, found)
        put_recorded(
            event,
            f"{found} is held by {', '.join(names)}",
            as_json=as_json,
            names=names,
            unclaimed=unclaimed,
        )
        say(f"Every use of {found} that needs a yes now needs that of {' and of '.join(names)}.")
        if unclaimed:
            say(f"Nobody is known to hold the rights for {' '.join(unclaimed)}; so it is closed.")


def _holders(connection: "Connection", recording: str) -> list[dict[str, Any]]:
    from sqlalchemy import select

    from assent.catalogue import tables

    held, accounts = tables.holdings.c, tables.accounts.c
    query = (
        select(held.holder, accounts.name, held.share_ppm, held.role, held.territories)
        .join(tables.accounts, accounts.id == held.holder)
        .where(held.recording == recording)
        .order_by(held.share_ppm.desc(), accounts.name)
    )
    return [
        {
            "holder": row.holder,
            "name": row.name,
            "share_ppm": row.share_ppm,
            "role": row.role,
            "territories": row.territories.split(),
        }
        for row in connection.execute(query)
    ]


def _unclaimed(connection: "Connection", recording: str) -> list[str]:
    """Return where nobody holds rights, asked for the world."""
    from assent.permission.territories import WORLD, missing

    held = [frozenset(it["territories"]) for it in _holders(connection, recording)]
    return sorted(missing(held, WORLD))


def _per_cent(share_ppm: int) -> str:
    return f"{share_ppm / _PPM_PER_CENT:g}%"
