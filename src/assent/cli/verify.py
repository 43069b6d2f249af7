"""`assent verify`: does it hold? A receipt, the evidence of a training set, or the set itself.

Needs no platform, no network, no account: a receipt and evidence need a policy that says whose
signatures count.
"""

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from assent.cli.exits import NO, YES
from assent.cli.options import Json
from assent.cli.output import plain, put, put_json, say
from assent.cli.progress import shown
from assent.cli.receipt_text import put_receipt, receipt_fields
from assent.errors import BadInput, StorageFailed, Unknown

__all__ = ["register"]

_MOST_RECEIPT_BYTES = 1 << 20
_ZIP = b"PK"  # whatever its first record is; no receipt begins so

MaxAge = Annotated[
    float | None,
    typer.Option(
        "--max-age",
        metavar="DAYS",
        min=0,
        max=36_500,
        help="How old the newest time in it may be that a witness vouches for.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(verify)


def verify(
    ctx: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A receipt, an evidence.zip, or the folder of a training set."
        ),
    ],
    trust: Annotated[
        Path | None,
        typer.Option(
            "--trust",
            metavar="POLICY",
            help="Whose signatures count (tlog-policy); this platform's own if not said.",
        ),
    ] = None,
    max_age: MaxAge = None,
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="Of a set: compare the bytes, and decode nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Check a receipt, the evidence of a training set, or a training set, offline.

    Prints the verdict and what it rests on. Exits with 0 if it holds, with 1 otherwise.
    """
    if path.is_dir():
        _verify_set(path, quick=quick, json=json)
    front = _front(path)
    if front.startswith(_ZIP):
        from assent.cli.evidence import verify_evidence_file

        verify_evidence_file(ctx, path, trust, max_age, json=json)
    _verify_receipt(ctx, path, trust, max_age, json=json)


def _front(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise BadInput(f"{plain(path.name)} is neither a file nor a folder")
        with path.open("rb") as file:
            return file.read(len(_ZIP))
    except (FileNotFoundError, NotADirectoryError):
        raise Unknown(f"there is no file or folder {plain(str(path))}") from None
    except OSError as error:
        raise StorageFailed(f"{path.name!r} cannot be read: {error.strerror}") from error


def _verify_set(path: Path, *, quick: bool, json: bool) -> None:
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


def _verify_receipt(
    ctx: typer.Context, path: Path, trust: Path | None, max_age: float | None, *, json: bool
) -> None:
    from assent.cli.files import read_policy
    from assent.clock import now
    from assent.log.policy import parse_policy
    from assent.log.receipt import check_receipt

    policy = parse_policy(read_policy(ctx, trust))
    with path.open("rb") as file:
        data = file.read(_MOST_RECEIPT_BYTES + 1)
    age = None if max_age is None else timedelta(days=max_age)
    checked = check_receipt(data, policy, at=now(), max_age=age)
    if json:
        put_json(receipt_fields(checked))
    else:
        put_receipt(checked)
    raise typer.Exit(YES if checked.holds else NO)
