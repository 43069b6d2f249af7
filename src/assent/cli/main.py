"""The command `assent`: what it offers, and the one place where errors become exit codes."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from assent import __version__
from assent.cli import (
    agreement,
    archive,
    bench,
    books,
    claim,
    codes,
    copies,
    copy,
    demo,
    erase,
    hold,
    holders,
    identify,
    listings,
    log,
    may,
    member,
    permitted,
    program,
    said,
    serve,
    statements,
    take_in,
    terms,
    train_set,
    uses,
    verify,
)
from assent.cli.exits import COULD_NOT, INTERRUPTED, USAGE, YES, code_for
from assent.cli.output import carry_any_name, finish, put, say
from assent.errors import AssentError
from assent.settings import Settings

__all__ = ["app", "main", "run"]

app = typer.Typer(
    name="assent",
    help="No AI touches a creator's audio without a permission that is seen, proved and undone.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
# in the order in which --help shows them: as one would use them
for noun in (
    demo,
    serve,
    member,
    take_in,
    listings,
    may,
    permitted,
    statements,
    said,
    program,
    terms,
    agreement,
    holders,
    hold,
    copy,
    copies,
    claim,
    identify,
    codes,
    train_set,
    verify,
    log,
    archive,
    erase,
    uses,
    books,
    bench,
):
    noun.register(app)


def _show_version(*, wanted: bool) -> None:
    if wanted:
        put(__version__)
        raise typer.Exit


@app.callback()
def _options(
    ctx: typer.Context,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="The folder of the platform; ASSENT_DATA, or ./assent-data, if not said.",
        ),
    ] = None,
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            help="Print the version.",
            callback=lambda wanted: _show_version(wanted=wanted),
        ),
    ] = False,
) -> None:
    ctx.obj = data


def main() -> None:
    """Run the command line and leave with its exit code."""
    carry_any_name()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; return its exit code.

    Whatever goes wrong is one sentence on stderr. A bug is told as one, and with ASSENT_TRACEBACK
    set it shows where it struck.
    """
    try:
        code = app(arguments, prog_name="assent", standalone_mode=False)
        finish()
    except KeyboardInterrupt:
        code = INTERRUPTED  # struck while the last words were written
    except AssentError as error:
        say(f"assent: {error.text}")
        return code_for(error)
    except typer.TyperException as error:  # what is wrong with options and arguments
        _say_usage(error)
        return USAGE
    except Exception as unforeseen:  # nothing is above: a bug, too, ends in one sentence and a code
        if Settings.read().traceback:
            raise
        _say_unforeseen(unforeseen)
        return COULD_NOT
    # typer gives the code of a raised Exit back when it does not end the process itself; it makes
    # Ctrl-C one, too
    if code == INTERRUPTED:
        say("assent: stopped; what was done before is kept")
    return code if isinstance(code, int) else YES


def _say_usage(error: typer.TyperException) -> None:
    text, context = error.format_message(), getattr(error, "ctx", None)
    if context is not None and text == context.get_help():
        for line in text.splitlines():  # no command was named: these are all that there are
            say(line)
    elif getattr(error, "option_name", None) == "--data":
        say("assent: --data stands before the command: assent --data DIR COMMAND …")
    else:
        say(f"assent: {text[:1].lower()}{text[1:].rstrip('.')}")


def _say_unforeseen(error: Exception) -> None:
    if isinstance(error, OSError):  # the world, met where nobody looked out for it
        where = f": {error.filename}" if error.filename else ""
        say(f"assent: the system says: {error.strerror or error}{where}")
    else:
        say(
            f"assent: a bug in Assent: {type(error).__name__}: {error};"
            " ASSENT_TRACEBACK=1 shows where"
        )
