"""`assent bench`: speeds, each beside a peer's in the same run and the goal it has."""

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assent.cli.options import Json
from assent.cli.output import put_json, put_table
from assent.cli.progress import shown
from assent.errors import BadInput

if TYPE_CHECKING:
    from assent.bench.row import Row

__all__ = ["register"]

_WIDE = 150
_CPU_INFO = Path("/proc/cpuinfo")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(bench)


def bench(  # noqa: PLR0913  # as many as there are options
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which bench.")] = "",
    *,
    list_: Annotated[bool, typer.Option("--list", help="List the benches.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Smaller sizes, for trying it out.")
    ] = False,
    music: Annotated[
        Path | None, typer.Option("--music", metavar="DIR", help="identity, chance: what is known.")
    ] = None,
    strangers: Annotated[
        Path | None,
        typer.Option("--strangers", metavar="DIR", help="identity, chance: what is not."),
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option("--scores", metavar="DIR", help="identity: scores (MIDI) and sound fonts."),
    ] = None,
    audfprint: Annotated[
        Path | None, typer.Option("--audfprint", metavar="DIR", help="identity: that peer.")
    ] = None,
    olaf: Annotated[
        Path | None, typer.Option("--olaf", metavar="FILE", help="identity: that peer's program.")
    ] = None,
    json: Json = False,
) -> None:
    """Measure, beside a peer in the same run; one that is not installed is said to be missing."""
    from assent.bench.registry import BENCHES, run

    if list_:
        _list(json=json)
        return
    if not name:
        raise BadInput(f"say which bench: {', '.join(BENCHES)}")
    folders = {
        "music": music,
        "strangers": strangers,
        "scores": scores,
        "audfprint": audfprint,
        "olaf": olaf,
    }
    given = {what: path for what, path in folders.items() if path is not None}
    with shown(f"measuring {name}"):
        rows = run(name, quick=quick, **given)
    if json:
        put_json({"bench": name, "machine": _machine(), "rows": [row.as_dict() for row in rows]})
    else:
        _show(name, rows)


def _list(*, json: bool) -> None:
    from assent.bench.registry import BENCHES

    if json:
        for name, (_, what) in BENCHES.items():
            put_json({"bench": name, "what": what})
    else:
        put_table(("bench", "what"), ((name, what) for name, (_, what) in BENCHES.items()))


def _show(name: str, rows: "list[Row]") -> None:
    from rich.console import Console
    from rich.table import Table

    machine = _machine()
    title = f"{name}: {machine['cpu']}, {machine['cores']} cores, Python {machine['python']}"
    table = Table(title=title)
    for column in ("what", "ours", "peer", "ratio", "goal", "unit", "met", "peer's name"):
        is_number = column in {"ours", "peer", "ratio", "goal"}
        table.add_column(column, justify="right" if is_number else "left", no_wrap=is_number)
    for row in rows:
        met = {True: "yes", False: "no", None: ""}[row.met]
        numbers = [_number(number) for number in (row.ours, row.peer, row.ratio, row.goal)]
        table.add_row(row.what, *numbers, row.unit, met, row.peer_name or "")
    console = Console()
    if not console.is_terminal:  # a pipe has no width; numbers must not be cut for want of one
        console = Console(width=_WIDE)
    console.print(table)


def _number(value: float | None) -> str:
    """Return a figure to four digits.

    >>> _number(0.75), _number(1234567.0), _number(None)
    ('0.75', '1,234,567', '')
    """
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"  # noqa: PLR2004  # four digits


def _machine() -> dict[str, object]:
    """Return what the figures were measured on."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _cpu() -> str:
    try:
        lines = _CPU_INFO.read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
