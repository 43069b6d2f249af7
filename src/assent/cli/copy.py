"""`assent copy`: a recording is a copy of another, or is none; a copy never gets more."""

from typing import Annotated

import typer

from assent.cli.options import By, Json, RecordingName
from assent.cli.output import say, some
from assent.cli.session import opened, person
from assent.errors import BadInput

__all__ = ["register"]

_Of = Annotated[str | None, typer.Option("--of", metavar="RECORDING", help="What it is a copy of.")]
_None = Annotated[bool, typer.Option("--none", help="It is no copy.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("copy", help="Say what a recording is a copy of, or that it is none.")(_copy)


def _copy(
    ctx: typer.Context,
    recording: RecordingName,
    *,
    of: _Of = None,
    none: _None = False,
    by: By = "",
    as_json: Json = False,
) -> None:
    from assent.acts.copies import declare_copy
    from assent.catalogue.cases import sources
    from assent.cli.naming import find_recording
    from assent.cli.recorded import put_recorded

    if (of is None) != none:
        raise BadInput("say --of RECORDING, or --none if it is no copy")
    with opened(ctx, catch_up=True) as house:
        with house.reading() as connection:
            found = find_recording(connection, recording)
            original = None if of is None else find_recording(connection, of)
        event = declare_copy(house, found, original, person(house, by))
        words = f"{found} is a copy of {original}" if original else f"{found} is no copy"
        put_recorded(event, words, as_json=as_json)
        if original:
            say(f"Nothing opens for {found} that is closed for {original}.")
            with house.reading() as connection:
                others = [it for it in sources(connection, found) if it != original]
            if others:
                say(f"{found} is closed altogether: it is also made of {some(others)}.")
