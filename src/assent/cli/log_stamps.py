"""`assent log stamp` and `check-stamp`: when a checkpoint was there, by somebody else's clock."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assent.cli.files import read_small_file
from assent.cli.options import Json, LogName
from assent.cli.output import put, put_json, say
from assent.cli.session import opened, published_logs

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["register"]

_ROOTS = "Certificates of the authorities that are trusted (PEM)."


def register(group: typer.Typer) -> None:
    """Add the commands to those about the log."""
    group.command()(stamp)
    group.command("check-stamp")(check_stamp)


def stamp(
    ctx: typer.Context,
    tsa: Annotated[str, typer.Option("--tsa", metavar="URL", help="Whom to ask (RFC 3161).")],
    roots: Annotated[
        Path | None,
        typer.Option("--roots", metavar="PEM", help=f"{_ROOTS} Without, nothing is checked."),
    ] = None,
    log: LogName = "consent",
    *,
    json: Json = False,
) -> None:
    """Have the newest checkpoint of a log time-stamped, and keep the token beside it.

    Both are public from then on, under stamps/ of the log.
    """
    from assent.log.stamp import stamp as ask_for_stamp

    with opened(ctx) as house:
        logs = published_logs(house)
        found = logs.log(log).head()
        token = ask_for_stamp(found.note, tsa)
        at = None if roots is None else _stamped(found.note, token, roots)
        path = f"stamps/{found.checkpoint.size}.tsr"
        note = f"stamps/{found.checkpoint.size}.checkpoint"
        logs.log(log).store.put({path: token, note: found.note})
    if json:
        put_json({"log": log, "size": found.checkpoint.size, "file": path, "at": _said(at)})
        return
    put(f"{log}: {found.checkpoint.size} entries are stamped, in {path}")
    if at is None:
        say("Who stamped it was not checked: name the authority's certificates with --roots.")
    else:
        say(f"It holds, and says {_said(at)}.")


def check_stamp(
    token: Annotated[Path, typer.Argument(metavar="TOKEN", help="What the authority answered.")],
    checkpoint: Annotated[
        Path,
        typer.Option("--checkpoint", metavar="FILE", help="The signed checkpoint it is about."),
    ],
    roots: Annotated[Path, typer.Option("--roots", metavar="PEM", help=_ROOTS)],
    *,
    json: Json = False,
) -> None:
    """Check a time stamp, offline: was this checkpoint there at that time?

    Exits with 1 if the stamp does not hold. Says nothing about who signed the checkpoint.
    """
    from assent.log.checkpoint import parse_signed
    from assent.log.note import MOST_BYTES as MOST_NOTE_BYTES
    from assent.log.stamp import MOST_BYTES

    note = read_small_file(checkpoint, MOST_NOTE_BYTES)
    at = _stamped(note, read_small_file(token, MOST_BYTES), roots)
    found = parse_signed(note)[0]
    if json:
        put_json({"origin": found.origin, "size": found.size, "at": _said(at)})
        return
    put(f"{found.origin}: {found.size} entries were there at {_said(at)}")


def _stamped(note: bytes, token: bytes, roots: Path) -> "datetime":
    from assent.log.stamp import MOST_ROOTS_BYTES, parse_roots
    from assent.log.stamp import check_stamp as stamped

    return stamped(note, token, parse_roots(read_small_file(roots, MOST_ROOTS_BYTES)))


def _said(at: "datetime | None") -> str | None:
    from assent.clock import format_instant

    return None if at is None else format_instant(at)
