"""`assent erase`: somebody leaves, and what they said and brought is gone."""

from typing import Annotated

import typer

from assent.cli.exits import NO
from assent.cli.options import By, Json
from assent.cli.output import say, some
from assent.cli.session import logs_of, opened, person

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(erase)


def erase(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose account.")],
    by: By = "",
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask; there is no way back either way.")
    ] = False,
    json: Json = False,
) -> None:
    """Erase a person: account, statements, recordings. Proofs of everybody else stay valid.

    Others' recordings in which they hold rights are held from then on. There is no way back: the
    keys of their audio are deleted.
    """
    from assent.acts.erase import person as meant
    from assent.cli.recorded import counted, put_recorded
    from assent.training.forget import forget

    with opened(ctx, catch_up=True) as house:
        who = meant(house, name)
        say(f"This erases {who.name} with {counted(len(who.recordings))}, for good.")
        if not yes and not _is_sure():
            say("Nothing was erased.")
            raise typer.Exit(NO)
        erased = forget(house, logs_of(house), name, person(house, by))
    put_recorded(
        erased.event,
        f"{erased.events} events and {counted(erased.recordings)} are gone",
        as_json=json,
        recordings=erased.recordings,
        held=list(erased.held),
    )
    if erased.held:
        say(f"held from now on, for nobody can say yes in their place: {some(erased.held)}")
    say("Backups of the database still have them; let those age out as you promise.")


def _is_sure() -> bool:
    """Ask; whoever cannot be asked, for nobody is at the terminal, is not sure."""
    try:
        return typer.confirm("Go on?", err=True)
    except typer.Abort:
        return False
