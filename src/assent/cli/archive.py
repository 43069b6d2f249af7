"""`assent archive`: everything of somebody in one file, to take along."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assent.cli.options import Json
from assent.cli.output import put, put_json, say
from assent.cli.session import opened, published_logs
from assent.disk import storage
from assent.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(archive)


def archive(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose account.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="The ZIP to be; nothing is there yet.")
    ],
    *,
    json: Json = False,
) -> None:
    """Write everything of a person into one archive: original audio, records, receipts.

    The receipts are those of everything of theirs that is in the public log. Nothing is changed.
    """
    from assent.acts.accounts import find_account
    from assent.studio import archive as everything

    if out.exists():
        raise BadInput(f"there is something at {str(out)!r} already")
    with opened(ctx) as house:
        with house.reading() as connection:
            who = find_account(connection, name)
        pieces = everything.archive(house, published_logs(house), who)
        size_bytes = _write(out, pieces)
    if json:
        put_json({"account": who.id, "name": who.name, "file": str(out), "size_bytes": size_bytes})
        return
    put(f"everything of {who.name}: {size_bytes / 1e6:.1f} MB")
    say(f"It is in {out}, with what is private to them; give it to nobody else.")


def _write(out: Path, pieces: "Iterable[bytes]") -> int:
    """Write a file that only its owner reads; return how large it is [bytes]."""
    size_bytes = 0
    with storage("write the archive", out):
        out.touch(0o600, exist_ok=False)
        try:
            with out.open("wb") as file:
                for piece in pieces:
                    size_bytes += file.write(piece)
        except BaseException:
            out.unlink(missing_ok=True)
            raise
    return size_bytes
