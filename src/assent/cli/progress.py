"""How far long work has come, for whoever watches a terminal; nothing is shown anywhere else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Told", "shown"]

Told = Callable[[int, int], None]
"""Told how much is done, and of how much."""


@contextmanager
def shown(what: str) -> Iterator[Told]:
    """Show a bar on stderr while something long is done, if stderr is a terminal.

    Args:
        what: What is being done, in a word or two.
    """
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    # what is printed meanwhile goes where it was meant to go: stdout may be a pipe
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
    ) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
