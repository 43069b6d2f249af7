"""A statement from the command line: found, shown, put on record, and what it came to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from assent.acts.accounts import find_account
from assent.acts.house import House
from assent.acts.meaning import notice_of
from assent.acts.say import About
from assent.catalogue.events import Event
from assent.catalogue.rows import read_program
from assent.cli.causes import MOST_EXPLAINED, Cause, why_closed, why_open
from assent.cli.naming import find_recording
from assent.cli.outcome import Asked, Outcome, Picture, compare, look
from assent.cli.output import say
from assent.cli.recorded import counted, put_recorded
from assent.cli.session import person
from assent.errors import BadStatement, CouldNot, Unknown
from assent.permission.programs import Program
from assent.permission.statements import Statement
from assent.permission.uses import ALL, labels, parse_uses

__all__ = ["Saying", "Typed"]

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed.

    Args:
        artist: Who speaks.
        recording: About which recording, by id or title; about all if None.
        program: For which program; for every one if None.
        patterns: For which uses; all that the program asks for if empty.
        by: Who writes it down.
        as_json: Whether JSON is wanted.
    """

    artist: str
    recording: str | None = None
    program: str | None = None
    patterns: Sequence[str] = ()
    by: str = ""
    as_json: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """A statement that is about to be made, everything in it found.

    Args:
        house: The platform.
        name: How the speaker is called.
        about: Who speaks, of what, to whom, by ids.
        uses: What for [60-bit word].
        asked: What is looked at before and after.
        as_json: Whether JSON is wanted.
    """

    house: House
    name: str
    about: About
    uses: int
    asked: Asked
    as_json: bool

    @classmethod
    def of(cls, house: House, typed: Typed, uses: int | None = None) -> "Saying":
        """Find what was typed.

        Args:
            house: The platform.
            typed: What was typed.
            uses: What is looked at where a preset speaks of every use at once.

        Raises:
            BadInput: Nobody is known to write it down, or several recordings have that title.
            BadStatement: No use is named, or one that does not exist or the program asks not for.
            Unknown: There is no such holder, recording or program.
        """
        with house.reading() as connection:
            holder = find_account(connection, typed.artist)
            program = read_program(connection, typed.program) if typed.program else None
            recording = find_recording(connection, typed.recording) if typed.recording else None
        if typed.program is not None and program is None:
            raise Unknown(f"there is no program {typed.program!r}", program=typed.program)
        spoken = _uses(typed.patterns, program) if uses is None else ALL
        return cls(
            house=house,
            name=holder.name,
            about=About(
                # by name: an account may be called like another one's id
                holder=holder.name,
                recording=recording,
                program=program.id if program else None,
                by=person(house, typed.by),
            ),
            uses=spoken,
            asked=Asked(
                holder=holder.id,
                recording=recording,
                program=program,
                uses=spoken if uses is None else uses,
                spoken=spoken,
            ),
            as_json=typed.as_json,
        )

    def show_notice(  # noqa: PLR0913  # the four verbs of a statement and what limits it
        self,
        *,
        grants: int = 0,
        refuses: int = 0,
        withdraws: int = 0,
        lifts: int = 0,
        all_programs: bool = False,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        """Show what the statement means, word for word as its digest goes on record.

        Raises:
            BadStatement: It cannot be meant.
        """
        statement = Statement(
            event=0,
            holder=self.asked.holder,
            recording=self.about.recording,
            program=self.about.program,
            grants=grants,
            refuses=refuses,
            withdraws=withdraws,
            lifts=lifts,
            all_programs=all_programs,
            since=since,
            until=until,
        )
        with self.house.reading() as connection:
            shown = notice_of(connection, statement)
        for line in shown.splitlines():
            say(line)

    def make(
        self,
        act: Callable[[], Event],
        verb: str,
        *,
        opens: bool,
        since: datetime | None = None,
    ) -> None:
        """Do it, and tell what was put on record and what it comes to.

        Args:
            act: What puts it on record.
            verb: What the speaker does, as in `says yes to`.
            opens: Whether it is meant to open something.
            since: From when it counts [aware datetime]; at once if None.
        """
        before, _ = self._look()
        event = act()
        now, trouble = self._look()
        if before is None or now is None:
            # it is on record all the same: counting must never stand in the way of a no
            put_recorded(event, self._words(verb), as_json=self.as_json, name=self.name)
            say(f"What it comes to was not counted: {trouble or 'it was not known before'}.")
            return
        outcome = compare(before, now, self.asked)
        why = self._why(outcome, now, opens=opens)
        put_recorded(
            event, self._words(verb), as_json=self.as_json, **_fields(outcome, why, self.name)
        )
        if since is not None and since > event.at:
            say(f"It counts from {since.isoformat()}; until then nothing changes.")
        for line in self._told(outcome, why, opens=opens):
            say(line)

    def _look(self) -> tuple[Picture | None, str]:
        """Return what is open now; or None, and what is in the way of knowing."""
        try:
            return look(self.house, self.asked), ""
        except CouldNot as error:
            return None, error.text

    def _why(self, outcome: Outcome, now: Picture, *, opens: bool) -> tuple[Cause, ...]:
        if opens:
            return why_closed(self.house, self.asked, outcome.closed)
        still = sorted((*outcome.opened, *outcome.partly))
        everything = self.asked.program is not None
        left = {n: self.uses if everything else now.words[n] & self.asked.uses for n in still}
        return why_open(self.house, self.asked, left)

    def _words(self, verb: str) -> str:
        names = labels(self.uses)
        what = ", ".join(names) if len(names) <= _MOST_NAMED else f"{len(names)} uses"
        of = f"recording {self.about.recording}" if self.about.recording else "all recordings"
        to = f"the program {self.about.program}" if self.about.program else "every program"
        return f"{self.name} {verb} {what} ({of}, {to})"

    def _told(self, outcome: Outcome, why: Sequence[Cause], *, opens: bool) -> list[str]:
        opened, closed = len(outcome.opened), len(outcome.closed)
        total, partly = opened + closed, len(outcome.partly)
        what = f"the program {self.about.program}" if self.about.program else "these uses"
        some = f" ({partly} of them open for some)" if partly else ""
        lines = [
            f"{counted(total)}: {opened} open for {what} now, {closed} closed{some};"
            f" {len(outcome.changed)} changed."
        ]
        if self.asked.program is None:
            lines += [
                f"The program {name} may use {now} of them now; {changed} changed."
                for name, (now, changed) in outcome.programs.items()
                if changed
            ]
        if opens and len(outcome.closed) > MOST_EXPLAINED:
            lines.append(f"Of the first {MOST_EXPLAINED} that are closed:")
        return lines + [cause.text for cause in why]


def _uses(patterns: Sequence[str], program: Program | None) -> int:
    """Return the uses that are meant.

    With a program, a pattern is narrowed to what the program asks for; a use named in full is not.
    """
    if program is None:
        if not patterns:
            raise BadStatement("say which uses: --use ACTOR/ACTIVITY, or --program PROGRAM")
        return parse_uses(patterns)
    if not patterns:
        return program.uses
    found = 0
    for pattern in patterns:
        uses = parse_uses([pattern])
        if not uses & program.uses or ("*" not in pattern and uses & ~program.uses):
            asked = ", ".join(labels(program.uses))
            raise BadStatement(f"the program {program.id!r} asks for {asked} and nothing else")
        found |= uses & program.uses
    return found


def _fields(outcome: Outcome, why: Sequence[Cause], name: str) -> dict[str, object]:
    return {
        "name": name,
        "recordings": len(outcome.opened) + len(outcome.closed),
        "open": len(outcome.opened),
        "partly": len(outcome.partly),
        "closed": len(outcome.closed),
        "changed": len(outcome.changed),
        "programs": [
            {"program": program, "open": now, "changed": changed}
            for program, (now, changed) in outcome.programs.items()
        ],
        "why": [
            {
                "recordings": cause.recordings,
                "example": cause.example,
                "kind": cause.kind.value,
                "events": list(cause.events),
                "text": cause.text,
            }
            for cause in why
        ],
    }
