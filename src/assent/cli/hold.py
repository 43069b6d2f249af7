"""`assent hold` and `release`: uses of a recording switched off by a dispute, and back on."""

from typing import Annotated

import typer

from assent.cli.open_uses import open_uses
from assent.cli.options import MOST, By, Json, RecordingName, UsePatterns
from assent.cli.output import say
from assent.cli.session import opened, person
from assent.errors import BadStatement

__all__ = ["register"]

_Cause = Annotated[str, typer.Option("--cause", metavar="WORDS", help="Why, in a few words.")]
_Number = Annotated[
    int, typer.Argument(metavar="EVENT", min=1, max=MOST, help="The event that placed the hold.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("hold", help="Switch uses of a recording off: a dispute, a court, moderation.")(
        _hold
    )
    app.command("release", help="Lift a hold.")(_release)


def _hold(
    ctx: typer.Context,
    recording: RecordingName,
    *,
    cause: _Cause,
    use: UsePatterns = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    from assent.acts.hold import hold
    from assent.cli.naming import find_recording
    from assent.cli.recorded import put_recorded
    from assent.permission.uses import parse_uses

    if not use:
        raise BadStatement("say which uses: --use ACTOR/ACTIVITY, or --use '*/*' for all")
    uses = parse_uses(use)
    with opened(ctx, catch_up=True) as house:
        with house.reading() as connection:
            found = find_recording(connection, recording)
        before = open_uses(house, found)
        event = hold(house, found, uses, cause, person(house, by))
        closed = before.without(open_uses(house, found))
        put_recorded(
            event,
            _in_words(len(event.body["uses"]), found, event.body["cause"]),
            as_json=as_json,
            closed=closed.uses,
            programs=closed.programs,
        )
        say(f"That closes for {found}: {closed.listed()}.")
        say(f"assent release {event.number} lifts it.")


def _release(ctx: typer.Context, hold: _Number, *, by: By = "", as_json: Json = False) -> None:
    from sqlalchemy import select

    from assent.acts.hold import release
    from assent.catalogue import tables
    from assent.cli.recorded import put_recorded

    with opened(ctx, catch_up=True) as house:
        with house.reading() as connection:
            query = select(tables.holds.c.recording).where(tables.holds.c.event == hold)
            recording = connection.execute(query).scalar_one_or_none()
        before = open_uses(house, recording)
        event = release(house, hold, person(house, by))
        found = str(event.body["recording"])
        opens = open_uses(house, found).without(before)
        put_recorded(
            event,
            f"the hold {hold} on {found} is lifted",
            as_json=as_json,
            opened=opens.uses,
            programs=opens.programs,
        )
        say(f"That opens for {found}: {opens.listed()}.")


def _in_words(uses: int, recording: str, cause: str) -> str:
    held = "1 use" if uses == 1 else f"{uses} uses"
    return f"{held} of {recording} {'is' if uses == 1 else 'are'} on hold: {cause}"
