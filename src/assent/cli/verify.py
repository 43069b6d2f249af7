"""`assent verify`: is a training set what its manifest says? Needs no platform, no network."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from assent.cli.exits import NO, YES
from assent.cli.options import Json
from assent.cli.output import put, put_json, say
from assent.cli.progress import shown

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(verify)


def verify(
    path: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a training set.")],
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="Compare the bytes, and leave decoding them out.")
    ] = False,
    json: Json = False,
) -> None:
    """Check a training set against its manifest: every shard, recording and description.

    Prints what is wrong, one finding a line. Exits with 0 if nothing is, with 1 otherwise.
    """
    from assent.training.verify import verify as verify_set

    with shown("verifying") as told:
        verified = verify_set(path, deep=not quick, progress=told)
    described = verified.described
    if json:
        put_json(
            {
                "holds": verified.holds,
                "set": described.id if described else None,
                "program": described.program if described else None,
                "items": verified.items,
                "size_bytes": verified.size_bytes,
                "deep": verified.deep,
                "findings": [asdict(finding) for finding in verified.findings],
                "more": verified.more,
            }
        )
    else:
        for finding in verified.findings:
            put(finding.text)
        if verified.more:
            say(f"and {verified.more} findings more")
        if verified.holds and described:
            put(f"{described.id} for {described.program}: all {verified.items} recordings hold")
    raise typer.Exit(YES if verified.holds else NO)
