"""What a label wishes to say of many recordings: read from a form, understood, not said yet."""

import re
from datetime import UTC, date, datetime, time
from typing import Literal

from pydantic import BaseModel, Field
from sqlalchemy import select
from starlette.datastructures import UploadFile

from assent.acts.bulk_say import MOST_AT_ONCE, Bulk, Outcome, Verb, foretold, would_say
from assent.catalogue import tables
from assent.catalogue.deliveries import agreements_of, recordings_named
from assent.errors import BadInput, Unknown
from assent.permission.uses import ALL, CONSENT_ONLY, parse_uses
from assent.web.programs import find_program
from assent.web.visit import Visit

__all__ = ["Kept", "Wish", "beyond", "outcomes_of", "understood"]

_MOST_LIST = 1 << 20


class Wish(BaseModel):
    """What is to be said, of what.

    Args:
        which: `all` for the whole account and what comes later, `agreement` for all that was
            delivered under one, or `list`.
        agreement: Which agreement.
        recordings: Ids of recordings.
        names: More of them, one to a line or with commas between: ids or ISRCs.
        verb: grant, refuse, withdraw (a yes) or lift (a no).
        what: `program` for what one program asks for, `uses` for those that are named, or
            `everything`, which can be refused and taken back, but not granted.
        program: Which program; also with `uses`, for it alone.
        uses: Names of uses.
        until: The day on which a yes ends; never if left out.
    """

    which: Literal["all", "agreement", "list"] = "list"
    agreement: str = Field(default="", max_length=200)
    recordings: list[str] = Field(default_factory=list, max_length=MOST_AT_ONCE)
    names: str = Field(default="", max_length=_MOST_LIST)
    verb: Verb
    what: Literal["program", "uses", "everything"] = "program"
    program: str = Field(default="", max_length=200)
    uses: list[str] = Field(default_factory=list, max_length=60)
    until: date | None = None


class Kept(BaseModel):
    """What was understood of a wish, put aside to be looked at.

    Args:
        verb: What is said.
        uses: What for [60-bit word].
        program: For which program alone; None for every program.
        whole: Whether it is said for the whole account.
        recordings: Of which recordings.
        missing: Of each name that leads to none, why it does not.
        until: When a yes ends.
    """

    verb: Verb
    uses: int
    program: str | None
    whole: bool
    recordings: list[str]
    missing: dict[str, str]
    until: datetime | None = None

    @property
    def is_generative(self) -> bool:
        """Whether it is a yes to a generative use, for one program or for all."""
        return self.verb is Verb.GRANT and bool(self.uses & CONSENT_ONLY)

    @property
    def needs_words(self) -> bool:
        """Whether the words "for every program" have to be said."""
        return self.program is None and self.is_generative

    def bulk(self, *, for_every_program: bool) -> Bulk:
        """Return what is said of each recording."""
        return Bulk(
            verb=self.verb,
            uses=self.uses,
            program=self.program,
            all_programs=for_every_program and self.verb is Verb.GRANT and self.program is None,
            until=self.until,
        )


def understood(visit: Visit, said: Wish) -> Kept:
    """Return what a wish comes to.

    Raises:
        BadInput: Something is missing in it, or it names too much.
        BadStatement: It could be said of no recording.
        Unknown: There is no such program, or they have no such agreement.
    """
    uses, program = _uses(visit, said)
    recordings, missing = _recordings(visit, said)
    until = None if said.until is None else datetime.combine(said.until, time(), UTC)
    if said.verb is not Verb.GRANT:
        until = None  # only a yes can run out
    kept = Kept(
        verb=said.verb,
        uses=uses,
        program=program,
        whole=said.which == "all",
        recordings=recordings,
        missing=missing,
        until=until,
    )
    # what could be said of nothing is refused before anybody looks at it
    would_say(kept.bulk(for_every_program=True), visit.me.account)
    outcomes_of(visit, kept)
    return kept


def _uses(visit: Visit, said: Wish) -> tuple[int, str | None]:
    program = find_program(visit, said.program) if said.program else None
    match said.what:
        case "program":
            if program is None:
                raise BadInput("choose a program")
            return int(program.uses), str(program.id)
        case "everything":
            if said.verb is Verb.GRANT:
                raise BadInput("a yes to everything cannot be meant; choose a program, or uses")
            return ALL, None
        case _:
            if not said.uses:
                raise BadInput("tick at least one use")
            return parse_uses(said.uses), str(program.id) if program is not None else None


def _recordings(visit: Visit, said: Wish) -> tuple[list[str], dict[str, str]]:
    match said.which:
        case "all":
            return [], {}
        case "agreement":
            return _delivered(visit, said.agreement), {}
        case _:
            names = [*said.recordings, *_names(said.names)]
            for file in visit.files.get("file", []):
                names += _names(_text_of(file))
            found, missing = recordings_named(visit.db, visit.me.account, names)
            if not found and not missing:
                raise BadInput("choose at least one recording")
            return found, missing


def _delivered(visit: Visit, agreement: str) -> list[str]:
    if agreement not in {it.id for it in agreements_of(visit.db, visit.me.account)}:
        raise Unknown(f"you have no agreement {agreement!r}", agreement=agreement)
    recordings = tables.recordings.c
    query = (
        select(recordings.id)
        .where(recordings.agreement == agreement)
        .order_by(recordings.number)
        .limit(MOST_AT_ONCE + 1)
    )
    found = list(visit.db.execute(query).scalars())
    if len(found) > MOST_AT_ONCE:
        raise BadInput(
            f"more than {MOST_AT_ONCE} recordings were delivered under it; say it of all of yours,"
            " or in several lists"
        )
    return found


_HEADS = {"id", "recording", "recordings", "isrc"}


def _names(text: str) -> list[str]:
    """Return the names in a list or a table of one column; a heading is no name."""
    cells = [it.strip().strip("\"'") for it in re.split(r"[\r\n,;\t]+", text)]
    named = [it for it in cells if it]
    return named[1:] if named and named[0].lower() in _HEADS else named


def _text_of(file: UploadFile) -> str:
    content = file.file.read(_MOST_LIST + 1)
    if len(content) > _MOST_LIST:
        raise BadInput("the file is larger than a list of recordings can be")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("the file is not text in UTF-8") from None


def outcomes_of(visit: Visit, kept: Kept) -> tuple[Outcome, ...]:
    """Return of which recordings something would be said; none for the whole account."""
    if kept.whole or not kept.recordings:
        return ()
    bulk = kept.bulk(for_every_program=True)
    return foretold(visit.db, visit.me.name, kept.recordings, bulk, visit.at)


def beyond(visit: Visit, kept: Kept) -> int:
    """Return what a yes does not reach, for no agreement has room for it [60-bit word]."""
    if kept.verb is not Verb.GRANT:
        return 0
    room = 0
    for it in agreements_of(visit.db, visit.me.account):
        room |= it.masks.granted | it.masks.opt_out | it.masks.opt_in
    return kept.uses & ~room
