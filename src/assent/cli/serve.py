"""`assent serve`: the platform that people use, until Ctrl-C."""

import signal
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from assent.cli.output import say
from assent.cli.session import logs_of, opened, settings_of

if TYPE_CHECKING:
    from assent.acts.house import House

__all__ = ["register", "serve_site"]

_PORT = 8642
_EVERY_S = 0.25
_INDEX_EVERY_S = 300.0
_THIS_MACHINE = {"", "0.0.0.0", "127.0.0.1", "::", "::1"}  # noqa: S104  # names of "everywhere", which no browser can go to


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(  # noqa: PLR0913  # as many as there are options
    ctx: typer.Context,
    host: Annotated[
        str, typer.Option("--host", metavar="HOST", help="Where to listen.")
    ] = "127.0.0.1",
    *,
    port: Annotated[
        int,
        typer.Option(
            "--port", metavar="PORT", min=0, max=65_535, help="At which port; 0 for a free one."
        ),
    ] = _PORT,
    url: Annotated[
        str,
        typer.Option("--url", metavar="URL", help="Its public address, if people use another one."),
    ] = "",
    workers: Annotated[
        int, typer.Option("--workers", metavar="N", min=1, max=64, help="How many processes serve.")
    ] = 1,
    every: Annotated[
        float,
        typer.Option(
            "--every", metavar="SECONDS", min=0.05, help="How often the log is published."
        ),
    ] = _EVERY_S,
    index_every: Annotated[
        float,
        typer.Option(
            "--index-every", metavar="SECONDS", min=1, help="How often to root the latest words."
        ),
    ] = _INDEX_EVERY_S,
) -> None:
    """Serve the platform to people, and publish what happens, until Ctrl-C.

    Makes a platform with the default terms where there is none.
    """
    from assent.acts.publish import publish_default

    with opened(ctx, create=True, catch_up=True) as house:
        house.gate.secret("forms")  # without the master key no page answers: it is said here
        publish_default(house)
        _say_who_looks_after_it(house, settings_of(ctx).data)
        serve_site(house, host, port, url, workers=workers, often=(every, index_every))


def serve_site(
    house: "House",
    host: str = "127.0.0.1",
    port: int = _PORT,
    url: str = "",
    *,
    workers: int = 1,
    often: tuple[float, float] = (_EVERY_S, _INDEX_EVERY_S),
) -> None:
    """Serve a platform until Ctrl-C; the log is published and the clock is kept meanwhile.

    Args:
        house: The platform.
        host: The address of this machine to listen at, or its name.
        port: Where; 0 for one that is free.
        url: Its public address; where it listens if empty.
        workers: How many processes answer. The log and the clock are this one's alone.
        often: How often the log is published, and the latest words get a root [seconds].

    Raises:
        BadInput: The public address is none, or the OpenID provider's settings are wrong.
        CouldNot: It cannot listen there.
    """
    from assent.cli.chores import Chores
    from assent.cli.publishing import Publishing
    from assent.cli.workers import Workers, serving
    from assent.signin.registration import Registration
    from assent.web.app import assembled
    from assent.web.serve import listen

    Registration.of(house.settings)  # what is wrong with it is said here, not on each page
    with listen(host, port) as listening:
        at = url or _address(host, listening.getsockname()[1])
        signal.signal(signal.SIGTERM, _as_ctrl_c)
        logs = logs_of(house)
        with (
            Publishing(house, logs, *often),
            Chores(house),
            Workers(house.settings, at, listening, workers - 1),
        ):
            assembled()  # takes a second or two, and nobody is to wait for it
            say(f"The platform is at {at}/; Ctrl-C ends it.")
            serving(house, logs, at, listening)


def _as_ctrl_c(_signal: int, _frame: FrameType | None) -> None:
    """End in order where the system asks for it, too."""
    raise KeyboardInterrupt


def _address(host: str, port: int) -> str:
    """Return where a browser on this machine finds it; passkeys need a name, so not by number.

    >>> _address("127.0.0.1", 8642), _address("::1", 80), _address("2001:db8::7", 80)
    ('http://localhost:8642', 'http://localhost:80', 'http://[2001:db8::7]:80')
    """
    if host in _THIS_MACHINE:
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _say_who_looks_after_it(house: "House", data: Path) -> None:
    """Say how the first operator is made, where there is none."""
    from sqlalchemy import select

    from assent.acts.accounts import Role
    from assent.catalogue.site_tables import members

    operators = select(members.c.account).where(members.c.role == Role.OPERATOR.value)
    with house.reading() as connection:
        if connection.execute(operators.limit(1)).first() is not None:
            return
    say(
        "Nobody looks after this platform yet; in another terminal, make the first operator:"
        f" assent --data {data} member add NAME --role operator"
    )
