"""The terms as they stand for one account: what was accepted, what waits, what a yes would open."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import select

from assent.acts.drafts import pending
from assent.acts.publish import accept_terms
from assent.catalogue import tables
from assent.catalogue.preview import outlooks
from assent.catalogue.rows import Texts
from assent.catalogue.voices import Voices
from assent.errors import BadInput, NotAllowed
from assent.permission.algebra import Masks, ground
from assent.permission.uses import ALL
from assent.signin.scopes import Scope
from assent.studio.foresight_presets import TRAINS
from assent.studio.foresight_remains import standing_in_both
from assent.studio.foresight_words import uses_told
from assent.web.face import MEMBERS, Done, Face
from assent.web.receipt_links import path_of, published_up_to
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("the terms of an account")


class TextView(View):
    """A text: the terms that were accepted, or those in force."""

    id: str
    title: str
    event: int
    receipt: str


class DraftView(View):
    """Terms that wait for their day."""

    id: str
    told: str
    in_force: str


class TermsNoticeView(View):
    """That this account was told of terms, when and how."""

    text: str
    timing: str
    channel: str
    at: str
    receipt: str


class OpensView(View):
    """What accepting would open, in plain words, and in how many recordings."""

    words: str
    recordings: int


class TermsView(View):
    """The terms of one account.

    `opens` says what accepting those in force would open at once, training first, and `later` what
    they would open besides in what is brought later; what asks for a yes still waits for it.
    `trains` says that training is among it.
    """

    accepted: TextView | None
    in_force: TextView | None
    draft: DraftView | None
    notices: list[TermsNoticeView]
    opens: list[OpensView]
    later: list[str]
    trains: bool
    recordings: int


@face.page("/ai/terms", template="ai/terms.html", who=MEMBERS, scope=Scope.CONSENT)
def ai_terms(visit: Visit) -> TermsView:
    """Show which terms you have accepted, which are in force, and what waits for your yes."""
    published = published_up_to(visit.site)
    accounts = tables.accounts.c
    query = select(accounts.accepted, accounts.accepted_event)
    mine = visit.db.execute(query.where(accounts.id == visit.me.account)).one()
    current = visit.db.execute(select(tables.texts).where(tables.texts.c.current)).one_or_none()
    draft = pending(visit.db)
    counts, recordings = _opens(visit, current, mine.accepted)
    now = sum(counts)
    later = _later(visit, mine.accepted) & ~now
    return TermsView(
        accepted=_text(visit, mine.accepted, mine.accepted_event, published),
        in_force=_text(visit, current.id, current.event, published) if current else None,
        draft=DraftView(
            id=draft.id, told=draft.at.date().isoformat(), in_force=draft.in_force.isoformat()
        )
        if draft
        else None,
        notices=_notices(visit, published),
        opens=_told(counts),
        later=[*uses_told(later & TRAINS), *uses_told(later & ~TRAINS)],
        trains=bool((now | later) & TRAINS),
        recordings=recordings,
    )


def _text(visit: Visit, text: str | None, event: int | None, published: int) -> TextView | None:
    if text is None or event is None:
        return None
    title = visit.db.execute(
        select(tables.texts.c.title).where(tables.texts.c.id == text)
    ).scalar_one_or_none()
    receipt = path_of(event, published)
    return TextView(id=text, title=title or text, event=event, receipt=receipt)


def _opens(visit: Visit, current: Any, accepted: str | None) -> tuple[dict[int, int], int]:
    """Return what accepting would open, by use, and in how many recordings anything would."""
    if current is None or current.id == accepted:
        return {}, 0
    masks = Masks(current.granted, current.opt_out, current.opt_in)
    counts: Counter[int] = Counter()
    recordings = 0
    for outlook in outlooks(visit.db, masks, visit.me.account):
        opens = outlook.alone & ~outlook.shift.before
        recordings += bool(opens)
        counts.update(1 << at for at in range(opens.bit_length()) if opens >> at & 1)
    return dict(sorted(counts.items())), recordings


def _told(counts: Mapping[int, int]) -> list[OpensView]:
    """Return what would open in words, training first."""
    return [
        OpensView(words=words, recordings=many)
        for some in (TRAINS, ALL & ~TRAINS)
        for many in sorted(set(counts.values()), reverse=True)
        for words in uses_told(sum(use for use, n in counts.items() if n == many) & some)
    ]


def _later(visit: Visit, accepted: str | None) -> int:
    """Return what accepting would open in a recording that is brought later."""
    texts, account = Texts(visit.db), visit.me.account
    first, second = (it.masks for it in standing_in_both(texts, accepted))
    said = Voices(visit.db, [account], visit.at).of(account, "", None)
    as_it_is, accepting = (ground(it, second, said.granted, said.refused) for it in (first, second))
    return accepting & ~as_it_is


_MOST_NOTICES = 50


def _notices(visit: Visit, published: int) -> list[TermsNoticeView]:
    notices, told = tables.notices.c, tables.told.c
    query = (
        select(tables.notices)
        .join(tables.told, told.notice == notices.event)
        .where(told.account == visit.me.account)
        .order_by(notices.event.desc())
        .limit(_MOST_NOTICES)
    )
    return [
        TermsNoticeView(
            text=row.text,
            timing=row.timing,
            channel=row.channel,
            at=row.at,
            receipt=path_of(row.event, published),
        )
        for row in visit.db.execute(query)
    ]


class Acceptance(BaseModel):
    """Which terms are accepted: those that were on the screen, by their id.

    `agreed` says that what they open was read and is accepted.
    """

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    agreed: bool = False


@face.act("/ai/terms/accept", who=MEMBERS, scope=Scope.CONSENT, shows=ai_terms)
def ai_terms_accept(visit: Visit, said: Acceptance) -> Done:
    """Accept the terms in force; what they open without a yes is open from then on."""
    texts, accounts = tables.texts.c, tables.accounts.c
    current = visit.db.execute(select(texts.id).where(texts.current)).scalar_one_or_none()
    if current != said.text:
        raise NotAllowed("other terms are in force by now; read them first")
    mine = select(accounts.accepted).where(accounts.id == visit.me.account)
    if visit.db.execute(mine).scalar_one() == current:
        return Done(said="You have accepted these already.", next="/ai/terms")
    if not said.agreed:
        raise BadInput("read what these terms open, and tick that you accept it")
    event = accept_terms(visit.site.house, visit.me.name, said.text, visit.by)
    return Done(
        said=f"Accepted, as event {event.number}. It is in force within one second.",
        next="/ai/terms",
    )
