"""`assent demo`: the story of a yes, a no and a silence, told on a real platform, and its site."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assent.cli.exits import NO, YES
from assent.cli.session import settings_of

if TYPE_CHECKING:
    from rich.console import Console

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
    *,
    serve: Annotated[
        bool | None,
        typer.Option(
            "--serve/--no-serve",
            help="Serve its site afterwards, until Ctrl-C; on a terminal, if not said.",
        ),
    ] = None,
) -> None:
    """Tell what Assent does, on a platform of its own that stays to be looked at.

    Composes a few short tracks and plays all through: imports, a program, a yes, a training set, a
    yes taken back. Then its people can sign in to its site. Exits with 1 if the platform answers
    otherwise than it must.
    """
    from rich.console import Console

    from assent.demo.show import shown_on
    from assent.demo.story import fresh_folder, tell

    said = isinstance(ctx.find_root().obj, Path)
    folder = settings_of(ctx).data if said else fresh_folder()
    console = Console()
    outcome = tell(folder, music=music, say=shown_on(console))
    if not outcome.holds:
        raise typer.Exit(NO)
    _open_site(folder, console, serve=console.is_terminal if serve is None else serve)
    raise typer.Exit(YES)


def _open_site(folder: Path, console: "Console", *, serve: bool) -> None:
    """Let the people of the story in, say how, and serve their site or say how that is done."""
    from shlex import join

    from assent.acts.house import House
    from assent.cli.serve import serve_site
    from assent.cli.session import logs_of
    from assent.demo.line import Kind, Line
    from assent.demo.show import shown_on
    from assent.demo.site import settle
    from assent.settings import Settings

    say = shown_on(console)
    house = House.open(Settings(data=folder))
    try:
        say(Line(kind=Kind.HEADING, text="The site"))
        logins = settle(house, say)
        logs_of(house).publish()
        say(Line(kind=Kind.PLAIN, text="These people can sign in. Their passwords are told once:"))
        for name, login in logins.items():
            role = login.member.role.value
            say(Line(kind=Kind.REASON, text=f"{name} ({role}): {login.password}"))
        if serve:
            serve_site(house)
        else:
            say(Line(kind=Kind.PLAIN, text="To open the site, at http://localhost:8642/:"))
            say(Line(kind=Kind.COMMAND, text=join(["assent", "--data", str(folder), "serve"])))
    finally:
        house.close()
