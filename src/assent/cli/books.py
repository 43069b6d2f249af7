"""`assent rebuild` and `assent doctor`: the tables follow from the events; that can be checked."""

import typer

from assent.cli.exits import NO, YES
from assent.cli.options import Json
from assent.cli.output import put, put_json, say
from assent.cli.session import opened

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(rebuild)
    app.command()(doctor)


def rebuild(ctx: typer.Context) -> None:
    """Make all tables anew from the events."""
    from assent.acts.rebuild import rebuild as rebuild_tables

    with opened(ctx) as house:
        rebuild_tables(house)
    say("all tables were made anew from the events")


def doctor(ctx: typer.Context, *, json: Json = False) -> None:
    """Check that the tables are what the events say and that all audio is there.

    First sweeps away what interrupted imports left in the vault, and brings an erasure to its end
    that was cut short. Exits with 1 if anything is wrong, and lists it.
    """
    from assent.acts.rebuild import findings
    from assent.identity.repair import mend

    with opened(ctx) as house:
        # what is left of the erased in the index of fingerprints goes, too: it is made anew
        found = [*findings(house), *mend(house)]
    if json:
        put_json({"well": not found, "findings": found})
    else:
        for finding in found:
            put(finding)
        if not found:
            put("all is well: the tables are what the events say, and all audio is there")
    raise typer.Exit(NO if found else YES)
