"""`assent permitted`: every recording that a program may use now, and none left out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assent.cli.options import Json, ProgramId
from assent.cli.output import put, put_json, say
from assent.cli.session import opened
from assent.errors import StorageFailed

if TYPE_CHECKING:
    from assent.gate.snapshot import Permitted

__all__ = ["register"]

_PAGE = 1 << 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(permitted)


def permitted(
    ctx: typer.Context,
    program: ProgramId,
    *,
    count: Annotated[bool, typer.Option("--count", help="Print only how many they are.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write them to a Parquet file instead."),
    ] = None,
    json: Json = False,
) -> None:
    """Print the ids of all recordings that a program may use now, in order.

    The list is whole or there is an error; it never ends early.
    """
    from assent.acts.publish import publish_due

    with opened(ctx) as house:
        publish_due(house)  # terms whose day has come hold, whether or not somebody ran the clock
        found = house.gate.snapshot.permitted(program)
    if out is not None:
        _write(out, program, found)
        say(f"{len(found.numbers)} of {found.of} recordings are in {out.name}")
    if json and (count or out is not None):
        put_json(
            {"program": program, "count": len(found.numbers), "of": found.of, "head": found.head}
        )
    elif count:
        put(str(len(found.numbers)))
    elif out is None:
        for low in range(0, len(found.numbers), _PAGE):
            for number in found.numbers[low : low + _PAGE].tolist():
                if json:
                    put_json({"recording": f"r{number}"})
                else:
                    put(f"r{number}")


def _write(out: Path, program: str, found: "Permitted") -> None:
    """Write a file that is whole or not there."""
    import os
    from secrets import token_hex

    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [pa.field("recording", pa.string(), nullable=False)],
        {"program": program, "count": str(len(found.numbers)), "head": str(found.head)},
    )
    arriving = out.with_name(f".{out.name}.{token_hex(4)}")
    try:
        try:
            with pq.ParquetWriter(arriving, schema, compression="zstd") as writer:
                for low in range(0, len(found.numbers), _PAGE):
                    page = found.numbers[low : low + _PAGE].tolist()
                    writer.write_table(pa.table([[f"r{n}" for n in page]], schema=schema))
            with arriving.open("rb+") as file:
                os.fsync(file.fileno())
            arriving.replace(out)
        finally:
            arriving.unlink(missing_ok=True)
    except OSError as error:
        raise StorageFailed(f"{out.name!r} cannot be written: {error.strerror or error}") from error
