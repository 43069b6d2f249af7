"""A label says the same of many recordings: chosen, looked at, and said in one transaction."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, Field
from sqlalchemy import select

from assent.acts.bulk_say import (
    MOST_AT_ONCE,
    Outcome,
    Verb,
    notices_digest,
    say_of_each,
    would_say,
)
from assent.acts.meaning import Words, notice_of
from assent.acts.say import About, lift, refuse, withdraw
from assent.acts.say import say as say_shown
from assent.catalogue import tables
from assent.catalogue.deliveries import agreements_of
from assent.errors import BadInput, BadStatement
from assent.permission.statements import Statement
from assent.permission.uses import labels
from assent.signin.scopes import Scope
from assent.studio.foresight import foresee
from assent.studio.foresight_words import tell
from assent.web.aside import drop_aside, find_aside, keep_aside, put_aside
from assent.web.face import Done, Face
from assent.web.label_wish import Kept, Wish, beyond, outcomes_of, understood
from assent.web.pages.ai_views import ForesightView, VerbView, foresight_view, verbs_view
from assent.web.pages.ai_wish import DIGEST_OR_NONE, check_read
from assent.web.pages.label import LABELS
from assent.web.programs import Use, plain_use
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("label says")

_WISH, _TOLD = "label-wish", "label-told"
_MOST_FORESEEN = 200
"""Of more, only how many are spoken of is told before; what comes of it shows after."""
_Key = Annotated[str, Path(max_length=64)]


class Choice(View):
    """Something that can be chosen.

    Args:
        value: Its name.
        words: What it is.
    """

    value: str
    words: str


class SayView(View):
    """A form to say something of many recordings at once.

    Args:
        agreements: The agreements whose deliveries can be chosen.
        programs: The programs that it can be said for.
        uses: The uses that the agreements leave to the label.
        agreement: The agreement that is chosen.
        recordings: The recordings that are chosen, by id.
        most: How many recordings can be spoken of at once.
    """

    agreements: list[Choice]
    programs: list[Choice]
    uses: list[Use]
    agreement: str
    recordings: list[str]
    most: int


class Trouble(View):
    """A recording of which nothing is said.

    Args:
        name: How it was named.
        why: Why not.
    """

    name: str
    why: str


class LookView(View):
    """What would be said, and what it would do, before anything is said.

    Args:
        key: What it is found by, for an hour.
        whole: Whether it is said for the whole account, and so for what comes later, too.
        program: For which program alone; None for every program.
        verb: What is said.
        count: Of how many recordings something would be said.
        recordings: Their ids; none for the whole account.
        troubles: Of what nothing would be said, and why.
        beyond: The uses that stay closed whatever is said here, for no agreement has room for them.
        verbs: What is said, in words.
        notice: The notice; of several recordings, that of the first: the others name theirs.
        digest: What says that this was on the screen: of one notice its digest, of several one
            digest over all of them in their order.
        generative: Whether it is a yes to a generative use; then the digest comes back as `read`.
        needs_words: Whether the words "for every program" have to be said.
        foresight: What it would do; None where too many are spoken of to reckon it before.
    """

    key: str
    whole: bool
    program: str | None
    verb: str
    count: int
    recordings: list[str]
    troubles: list[Trouble]
    beyond: list[Use]
    verbs: list[VerbView]
    notice: str
    digest: str
    generative: bool
    needs_words: bool
    foresight: ForesightView | None


class Sure(BaseModel):
    """That it is meant.

    Args:
        for_every_program: The words "for every program", which generative uses need.
        notice: The digest that was shown beside what would be said; a yes needs it.
        read: The same once more, for that the notice was read; a yes to a generative use needs it.
    """

    for_every_program: bool = False
    notice: str = Field(default="", pattern=DIGEST_OR_NONE)
    read: str = Field(default="", pattern=DIGEST_OR_NONE)


class Told(Done):
    """What became of each.

    Args:
        count: Of how many recordings it was said; None for the whole account.
        events: The numbers of the statements.
        troubles: Of what nothing was said, and why.
    """

    count: int | None
    events: list[int]
    troubles: list[Trouble]


class ToldView(View):
    """What became of each.

    Args:
        said: What was done, in one sentence.
        count: Of how many recordings it was said; None for the whole account.
        events: The numbers of the statements.
        troubles: Of what nothing was said, and why.
    """

    said: str
    count: int | None
    events: list[int]
    troubles: list[Trouble]


@face.page("/label/say", template="label/say.html", who=LABELS, scope=Scope.CONSENT)
def choosing(
    visit: Visit,
    agreement: Annotated[str, Query(max_length=200)] = "",
    recording: Annotated[list[str] | None, Query(max_length=200)] = None,
) -> SayView:
    """Show a form to say something of many recordings at once."""
    own = agreements_of(visit.db, visit.me.account)
    left = 0
    for it in own:
        left |= it.masks.opt_in | it.masks.opt_out
    programs = tables.programs.c
    query = (
        select(programs.id, programs.owner)
        .where(programs.approved.is_not(None), programs.ended.is_(None))
        .order_by(programs.id)
        .limit(500)
    )
    return SayView(
        agreements=[
            Choice(value=it.id, words=f"{it.title} ({it.id}), {it.recordings} recordings")
            for it in own
        ],
        programs=[
            Choice(value=row.id, words=f"{row.id}, of {row.owner}")
            for row in visit.db.execute(query)
        ],
        uses=[Use(name=it, words=plain_use(it)) for it in labels(left)],
        agreement=agreement,
        recordings=[it for it in recording or [] if it.isascii() and it.isalnum()],
        most=MOST_AT_ONCE,
    )


@face.act("/label/say", who=LABELS, scope=Scope.CONSENT, shows=choosing)
def look_first(visit: Visit, said: Wish) -> Done:
    """Put what is to be said aside to be looked at; nothing is said yet."""
    key = put_aside(visit, _WISH, understood(visit, said))
    return Done(said="Nothing is said yet. This is what it would do.", next=f"/label/say/{key}")


@face.page("/label/say/{key}", template="label/look.html", who=LABELS, scope=Scope.CONSENT)
def look(visit: Visit, key: _Key) -> LookView:
    """Show what would be said, of how many recordings, and what it would do."""
    kept = find_aside(visit, _WISH, key, Kept)
    bulk = kept.bulk(for_every_program=True)
    outcomes = outcomes_of(visit, kept)
    chosen = [it.recording for it in outcomes if not it.why_not]
    account = visit.me.account
    first = would_say(bulk, account, chosen[0] if chosen else None)
    of = [None] if kept.whole else chosen
    statements = (
        [first] if kept.whole else [would_say(bulk, account, it) for it in chosen[:_MOST_FORESEEN]]
    )
    return LookView(
        key=key,
        whole=kept.whole,
        program=kept.program,
        verb=kept.verb.value,
        count=len(chosen),
        recordings=chosen,
        troubles=_troubles(kept, outcomes),
        beyond=[Use(name=it, words=plain_use(it)) for it in labels(beyond(visit, kept))],
        verbs=verbs_view(first),
        notice=notice_of(visit.db, first),
        digest=notices_digest(visit.db, bulk, account, of),
        generative=kept.is_generative,
        needs_words=kept.needs_words,
        foresight=_foresight(visit, statements, len(chosen)),
    )


def _foresight(visit: Visit, statements: list[Statement], count: int) -> ForesightView | None:
    if not statements or count > _MOST_FORESEEN:
        return None
    seen = foresee(visit.db, statements, visit.at)
    return foresight_view(seen, tell(seen))


def _troubles(kept: Kept, outcomes: tuple[Outcome, ...]) -> list[Trouble]:
    return [
        *(Trouble(name=name, why=why) for name, why in kept.missing.items()),
        *(Trouble(name=it.recording, why=it.why_not) for it in outcomes if it.why_not),
    ]


@face.act("/label/say/{key}", who=LABELS, scope=Scope.CONSENT, shows=look)
def say(visit: Visit, key: _Key, said: Sure) -> Told:
    """Say it: all of it in one transaction, each recording by itself."""
    kept = find_aside(visit, _WISH, key, Kept)
    _check_shown(kept, said)
    if kept.whole:
        number = _say_of_all(visit, kept, said)
        return _told(visit, key, kept, (Outcome(recording="", event=number),))
    if not kept.recordings:
        raise BadInput("there is no recording of which it could be said")
    bulk = kept.bulk(for_every_program=said.for_every_program)
    shown = said.notice or None
    name = visit.me.name
    done = say_of_each(visit.site.house, name, kept.recordings, bulk, visit.by, shown=shown)
    return _told(visit, key, kept, done)


def _check_shown(kept: Kept, said: Sure) -> None:
    """Refuse a yes that nobody was shown, or without the words that it needs."""
    if kept.verb is not Verb.GRANT:
        return
    if kept.needs_words and not said.for_every_program:
        raise BadStatement(
            "a generative use is granted to one program, or in so many words to all of them"
        )
    if not said.notice:
        raise BadStatement("look first at what you say yes to, and send the digest of its notice")
    check_read(kept.uses, said.notice, said.read)


def _say_of_all(visit: Visit, kept: Kept, said: Sure) -> int:
    house, about = visit.site.house, About(holder=visit.me.name, program=kept.program)
    match kept.verb:
        case Verb.GRANT:
            for_all = said.for_every_program and kept.program is None
            words = Words(grants=kept.uses, all_programs=for_all, until=kept.until)
            return say_shown(house, about, words, shown=said.notice).number
        case Verb.REFUSE:
            return refuse(house, about, kept.uses).number
        case Verb.WITHDRAW:
            return withdraw(house, about, kept.uses).number
        case Verb.LIFT:
            return lift(house, about, kept.uses).number


def _told(visit: Visit, key: str, kept: Kept, done: tuple[Outcome, ...]) -> Told:
    events = [it.event for it in done if it.event is not None]
    troubles = _troubles(kept, done)
    many = "one recording" if len(events) == 1 else f"{len(events)} recordings"
    words = "Said for your whole account." if kept.whole else f"Said of {many}."
    if troubles:
        words += f" Of {len(troubles)} nothing was said; the page tells why."
    told = Told(
        said=words,
        next=f"/label/said/{key}",
        count=None if kept.whole else len(events),
        events=events,
        troubles=troubles,
    )
    drop_aside(visit, _WISH, key)
    keep_aside(visit, _TOLD, key, told)
    return told


@face.page("/label/said/{key}", template="label/said.html", who=LABELS, scope=Scope.CONSENT)
def said_page(visit: Visit, key: _Key) -> ToldView:
    """Show what became of each recording."""
    told = find_aside(visit, _TOLD, key, Told)
    return ToldView.model_validate(told.model_dump(include=set(ToldView.model_fields)))
