"""What the holders of many recordings say of each, folded once and remembered."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from assent.catalogue.rows import read_statements
from assent.clock import format_instant
from assent.permission.statements import Statement, fold

__all__ = ["Spoken", "Voices"]


class Spoken(NamedTuple):
    """What one holder says of one recording to one program, or to every one.

    Args:
        granted: Uses granted and not refused.
        refused: Uses refused.
        good_until: When time next changes it by itself, as text; None for never.
    """

    granted: int
    refused: int
    good_until: str | None


class Voices:
    """The voices of some holders at an instant.

    Args:
        connection: Where their statements are read from, once.
        holders: Whose.
        at: The instant [aware datetime].
        about: The only recordings that will be asked about; None for any. What was said of others
            changes nothing for these, so it need not be read.
        more: What is not said yet, and shall count as if it were.
    """

    def __init__(
        self,
        connection: Connection,
        holders: Iterable[str],
        at: datetime,
        about: Sequence[str] | None = None,
        more: Sequence[Statement] = (),
    ) -> None:
        statements = read_statements(connection, holders, about)
        for statement in more:
            statements.setdefault(statement.holder, []).append(statement)
        self._voices = {holder: fold(said, at) for holder, said in statements.items()}
        self._apart = {holder: voice.recordings for holder, voice in self._voices.items()}
        self._spoken: dict[tuple[str, str | None, str | None], Spoken] = {}
        self.programs = frozenset(
            name for voice in self._voices.values() for name in voice.programs
        )
        """The programs that any of them has named."""

    def names(self, holder: str, program: str, recording: str) -> bool:
        """Say whether a holder has said anything to a program by name that reaches a recording."""
        return self._voices[holder].names(program, recording)

    def has_own(self, holder: str, recording: str) -> bool:
        """Say whether a holder has said anything of this recording alone."""
        return recording in self._apart[holder]

    def of(self, holder: str, recording: str, program: str | None) -> Spoken:
        """Return what a holder says of a recording to a program, or to every one."""
        # recordings without a word of their own all share the account's
        key = (holder, recording if recording in self._apart[holder] else None, program)
        spoken = self._spoken.get(key)
        if spoken is None:
            voice = self._voices[holder]
            said, limit = voice.says(recording, program), voice.changes(recording, program)
            until = format_instant(limit) if limit else None
            spoken = self._spoken[key] = Spoken(said.granted, said.refused, until)
        return spoken
