"""Commands run by tests, and what they come to."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

__all__ = ["PROGRAM", "Cli", "Ran"]

PROGRAM = "rival-train"


class Ran(NamedTuple):
    """What a command came to.

    Args:
        code: Its exit code.
        out: What it wrote for programs.
        err: What it wrote for people.
    """

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def objects(self) -> list[Mapping[str, Any]]:
        return [json.loads(line) for line in self.lines]

    @property
    def object(self) -> Mapping[str, Any]:
        (only,) = self.objects
        return only


class Cli(Protocol):
    def __call__(self, *arguments: str | Path) -> Ran: ...
