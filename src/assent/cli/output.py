"""What the program prints: data on stdout, words for people on stderr.

Names come from files and from strangers, so whatever is printed has its control characters escaped;
JSON is ASCII, which every pipe can carry. A reader that has gone away is no error: what was asked
for is done all the same.
"""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from io import TextIOWrapper

from assent.errors import StorageFailed

__all__ = ["carry_any_name", "finish", "plain", "put", "put_json", "put_table", "say", "some"]


def carry_any_name() -> None:
    """Have names that this terminal's encoding lacks shown by their numbers, not fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def plain(text: str) -> str:
    r"""Return text that can be shown: every character that would not be printed is escaped.

    >>> plain("tide\x1b[31m\n.ogg")
    'tide\\x1b[31m\\n.ogg'
    """
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def put(text: str) -> None:
    """Write one line of data.

    Raises:
        StorageFailed: It cannot be written.
    """
    _write(plain(text))


def put_json(fields: Mapping[str, object]) -> None:
    """Write one object, on one line.

    Raises:
        StorageFailed: It cannot be written.
    """
    _write(json.dumps(fields))


def put_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows: in columns under a head on a terminal, parted by tabs and without it elsewhere.

    Args:
        head: What the columns are called.
        rows: As many cells each; None is an empty one.

    Raises:
        StorageFailed: It cannot be written.
    """
    cells = (["" if cell is None else plain(str(cell)) for cell in row] for row in rows)
    if not sys.stdout.isatty():
        for row in cells:
            _write("\t".join(row))
        return
    whole = [list(head), *cells]
    widths = [max(map(len, column)) for column in zip(*whole, strict=True)]
    for row in whole if len(whole) > 1 else []:
        columns = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        _write("  ".join(columns).rstrip())


def say(text: str) -> None:
    """Write one line for a person."""
    # nothing to be done where nobody listens
    try:
        print(plain(text), file=sys.stderr, flush=True)  # noqa: T201  # this is where printing is
    except OSError:
        _let_go(sys.stderr.fileno())


def some(names: Sequence[str], most: int = 8) -> str:
    """Return names in a row, the first few of many.

    >>> some(["r1", "r2", "r3"], most=2)
    'r1, r2 and 1 more'
    """
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left} more" if left > 0 else "")


def finish() -> None:
    """Write what is still on its way.

    Raises:
        StorageFailed: It cannot be written.
    """
    _write("", end="")
    try:
        sys.stdout.flush()
    except OSError as error:
        _failed(error)


def _write(line: str, end: str = "\n") -> None:
    try:
        sys.stdout.write(line + end)
    except OSError as error:
        _failed(error)


def _failed(error: OSError) -> None:
    # whatever is still in the buffer must go somewhere, or Python complains at its end
    _let_go(sys.stdout.fileno())
    if not isinstance(error, BrokenPipeError):
        raise StorageFailed(f"the output cannot be written: {error.strerror}") from error


def _let_go(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
