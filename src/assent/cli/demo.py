"""`assent demo`: the story of a yes, a no and a silence, told on a real platform."""

from pathlib import Path
from typing import Annotated

import typer

from assent.cli.exits import NO, YES
from assent.cli.session import settings_of

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    ctx: typer.Context,
    music: Annotated[
        Path | None,
        typer.Option(
            "--music",
            metavar="DIR",
            help="Tell it on the recordings in this folder, not composed ones.",
        ),
    ] = None,
) -> None:
    """Tell what Assent does, on a platform of its own that stays to be looked at.

    Composes a few short tracks and plays all through: imports, a program, a yes, a training set, a
    yes taken back. Exits with 1 if the platform answers otherwise than it must.
    """
    from rich.console import Console

    from assent.demo.show import shown_on
    from assent.demo.story import fresh_folder, tell

    said = isinstance(ctx.find_root().obj, Path)
    folder = settings_of(ctx).data if said else fresh_folder()
    outcome = tell(folder, music=music, say=shown_on(Console()))
    raise typer.Exit(YES if outcome.holds else NO)
