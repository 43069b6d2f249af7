"""What somebody asks for on a page about AI, as words that a statement can say."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from assent.acts.meaning import About, Words, meant, preset_words
from assent.acts.say import check_dates
from assent.catalogue.rows import read_program, read_statements
from assent.clock import parse_instant
from assent.errors import BadStatement, Unknown
from assent.permission.presets import PRESETS, parse_preset
from assent.permission.statements import Statement, fold
from assent.permission.uses import CONSENT_ONLY, parse_uses

__all__ = ["DIGEST", "DIGEST_OR_NONE", "VERBS", "Asked", "Wish", "check_read", "read_wish"]

DIGEST, DIGEST_OR_NONE = r"^[0-9a-f]{64}$", r"^([0-9a-f]{64})?$"
"""How the digest of a notice is written."""

VERBS = ("grant", "refuse", "take-back", "lift")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a form or a query asks for, as it was typed.

    Args:
        preset: The name of a preset; empty if it is none.
        verb: One of `VERBS`; empty for a preset. What is taken back is a yes or a no; with
            `lift` it is a no alone.
        use: Names of uses, `*` allowed on either side.
        recording: Of which recording; empty for the whole account.
        program: For which program alone; empty for every one.
        until: When a yes ends, as a date; empty for never.
        for_every_program: Whether these words were ticked.
    """

    preset: str = ""
    verb: str = ""
    use: tuple[str, ...] = ()
    recording: str = ""
    program: str = ""
    until: str = ""
    for_every_program: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What would be said.

    Args:
        about: Who speaks, of what, to whom.
        words: What is said.
        statement: Both as a statement, with the words for every program where they are needed.
        asks: Whether programs may ask from then on; None where that stays as it is.
    """

    about: About
    words: Words
    statement: Statement
    asks: bool | None

    @property
    def is_generative(self) -> bool:
        """Whether it is a yes to a generative use, for one program or for all."""
        return bool(self.words.grants & CONSENT_ONLY)

    @property
    def opens_to_all(self) -> bool:
        """Whether it opens a generative use to every program, to be said in so many words."""
        return self.about.program is None and self.is_generative


def check_read(grants: int, notice: str, read: str) -> None:
    """Refuse a yes to a generative use of which nobody says that they have read its notice.

    Args:
        grants: What is said yes to [60-bit word].
        notice: The digest of the notice that was on the screen.
        read: The digest that came with the tick beside it; empty without one.

    Raises:
        BadStatement: It is such a yes, and the tick is missing or of another notice.
    """
    if grants & CONSENT_ONLY and read != notice:
        raise BadStatement(
            "this lets machines that make something learn from your music, or be fed with it; read"
            " the notice, and tick that you have read it and say yes",
            read=read,
        )


def read_wish(
    connection: Connection, holder: str, account: str, asked: Asked, at: datetime
) -> Wish:
    """Return what somebody would say.

    Args:
        connection: Where the catalogue is read.
        holder: Their name.
        account: Their account's id.
        asked: What they ask for.
        at: The instant [aware datetime].

    Raises:
        BadInput: The date cannot be read.
        BadStatement: It cannot be meant.
        Unknown: The recording is not theirs, or there is no such program.
    """
    if asked.preset:
        preset = parse_preset(asked.preset)
        if asked.verb or asked.use or asked.recording or asked.program or asked.until:
            raise BadStatement("a preset is for your whole account; say it with nothing beside it")
        about, words, asks = About(holder=holder), preset_words(preset), PRESETS[preset].asks
    else:
        about = About(
            holder=holder, recording=asked.recording or None, program=asked.program or None
        )
        words, asks = _words(connection, account, asked, at), None
    check_dates(words, at)
    statement = meant(connection, about, replace(words, all_programs=about.program is None))
    return Wish(about=about, words=words, statement=statement, asks=asks)


def _words(connection: Connection, account: str, asked: Asked, at: datetime) -> Words:
    if asked.verb not in VERBS:
        raise BadStatement(f"say what you mean: {', '.join(VERBS)}", verb=asked.verb)
    if asked.verb in {"take-back", "lift"}:
        return _taken_back(connection, account, asked, at)
    uses = _uses(connection, asked)
    if asked.verb == "refuse":
        return Words(refuses=uses)
    until = parse_instant(asked.until) if asked.until else None
    return Words(grants=uses, until=until, all_programs=asked.for_every_program)


def _uses(connection: Connection, asked: Asked) -> int:
    if asked.use:
        return parse_uses(asked.use)
    if asked.program:
        program = read_program(connection, asked.program)
        if program is None:
            raise Unknown(f"there is no program {asked.program!r}", program=asked.program)
        return program.uses
    raise BadStatement("choose at least one use")


def _taken_back(connection: Connection, account: str, asked: Asked, at: datetime) -> Words:
    """Return what takes back a word in the very place where it stands."""
    uses = _uses(connection, asked)
    statements = read_statements(connection, [account])[account]
    said = fold(statements, at).says(asked.recording, asked.program or None)
    # of a recording, what was said for the whole account is taken back for this one alone
    reaches = {None, asked.recording or None}
    about = {
        it.event: it.recording
        for it in statements
        if it.program == (asked.program or None) and it.recording in reaches
    }
    withdraws = lifts = 0
    for piece in said.granting:
        yes = piece.event in about and asked.verb != "lift"
        withdraws |= piece.uses & uses if yes else 0
    for piece in said.refusing:
        here = piece.event in about and about[piece.event] == (asked.recording or None)
        lifts |= piece.uses & uses if here else 0
    if not withdraws | lifts:
        raise BadStatement("you have said nothing there that could be taken back")
    return Words(withdraws=withdraws & ~lifts, lifts=lifts)
