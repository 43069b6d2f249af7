"""A label says the same of many recordings: chosen, looked at, and said in one transaction."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, Field
from sqlalchemy import select

from assent.acts.bulk_say import (
    MOST_AT_ONCE,
    Outcome,
    Verb,
    say_of_each,
)
from assent.acts.meaning import Words
from assent.acts.say import About, lift, refuse, withdraw
from assent.acts.say import say as say_shown
from assent.catalogue import tables
from assent.catalogue.deliveries import agreements_of
from assent.errors import BadInput, BadStatement
from assent.permission.uses import labels
from assent.signin.scopes import Scope
from assent.web.ai_wish import DIGEST_OR_NONE, check_read
from assent.web.aside import drop_aside, find_aside, keep_aside, put_aside
from assent.web.face import LABELS, Done, Face
from assent.web.label_look import LookView, Trouble, look_at, troubles_of
from assent.web.label_wish import Kept, Wish, understood
from assent.web.programs import Use, plain_use
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("label says")

_WISH, _TOLD = "label-wish", "label-told"
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
    return look_at(visit, key, find_aside(visit, _WISH, key, Kept))


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
    troubles = troubles_of(kept, done)
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
