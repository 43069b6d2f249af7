"""Publishing terms: written, looked at with what they would change, and only then announced."""

from datetime import date
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, Field
from sqlalchemy import exists, func, select

from assent.acts.drafts import change, days_promised, first_day, text_in_force
from assent.acts.publish import check_day, parse_terms, publish_terms
from assent.acts.versions import CHANNEL_WORDS
from assent.catalogue import tables
from assent.catalogue.preview import preview
from assent.errors import BadText
from assent.permission.uses import labels
from assent.signin.scopes import Scope
from assent.terms.grid import uses_in
from assent.terms.notice import Channel
from assent.web.aside import drop_aside, find_aside, put_aside
from assent.web.face import OPERATORS, Done, Face
from assent.web.programs import Use, plain_use
from assent.web.view import View
from assent.web.visit import Visit
from assent.web.wordings import compared

__all__ = ["face"]

face = Face("publishing terms")

_KIND = "terms"
_MOST_TOML = 1 << 19
_Key = Annotated[str, Path(max_length=64)]


class Written(BaseModel):
    """Terms, and when they shall be in force.

    Args:
        toml: Their file.
        in_force: From which day; the first day possible if left out.
        channels: How holders are told beside the inbox, on the word of who publishes.
    """

    toml: str = Field(max_length=_MOST_TOML)
    in_force: date | None = None
    channels: list[Channel] = Field(default_factory=list, max_length=5)


class WriteView(View):
    """A form to write terms.

    Args:
        toml: The terms in force, to begin with.
        channels: How holders can be told: names and words.
    """

    toml: str
    channels: dict[str, str]


class LookView(View):
    """What terms would change, before anybody is told of them.

    Args:
        key: What they are found by, for an hour.
        id: Their name.
        title: How they are called.
        waits: Whether they take anything, and so wait for their notice.
        takes: The uses that become more open for somebody.
        cells: How many cells of the grid that are.
        less_notice: In which ways they promise less notice of changes.
        days: How many days of notice they need.
        in_force: From which day they would be in force.
        told: How many who hold rights would be told.
        of: How many recordings there are.
        closes: In how many recordings something closes at once.
        would_open: In how many something would open once everybody accepts.
        html: What differs from the terms in force, as a fragment; empty where there are none.
        channels: How holders are told beside the inbox.
    """

    key: str
    id: str
    title: str
    waits: bool
    takes: list[Use]
    cells: int
    less_notice: list[str]
    days: int
    in_force: str
    told: int
    of: int
    closes: int
    would_open: int
    html: str
    channels: list[str]


@face.page("/operator/terms", template="review/write_terms.html", who=OPERATORS, scope=Scope.STAFF)
def write(visit: Visit) -> WriteView:
    """Show a form to write terms, beginning with those in force."""
    texts = tables.texts.c
    current = visit.db.execute(select(texts.source).where(texts.current)).scalar_one_or_none()
    return WriteView(
        toml=current or "",
        channels={
            it.value: words
            for it, words in CHANNEL_WORDS.items()
            if it not in {Channel.NONE, Channel.INBOX}
        },
    )


@face.act("/operator/terms", who=OPERATORS, scope=Scope.STAFF, shows=write)
def look_first(visit: Visit, said: Written) -> Done:
    """Put terms aside to be looked at; nobody is told of anything yet."""
    said = said.model_copy(update={"toml": said.toml.replace("\r\n", "\n")})
    try:
        text = parse_terms(said.toml)
        check_day(text, said.toml, said.in_force, visit.at)
    except BadText as error:
        line = f"line {error.facts['line']}: " if "line" in error.facts else ""
        raise BadText(f"{line}{error.text}", **error.facts) from None
    key = put_aside(visit, _KIND, said)
    return Done(
        said="Nothing is published yet. This is what it would do.", next=f"/operator/terms/{key}"
    )


@face.page(
    "/operator/terms/{key}", template="review/look_at_terms.html", who=OPERATORS, scope=Scope.STAFF
)
def look(visit: Visit, key: _Key) -> LookView:
    """Show what terms would change, and for how many."""
    said = find_aside(visit, _KIND, key, Written)
    text = parse_terms(said.toml)
    current = text_in_force(visit.db)
    shift = change(current, text)
    waits = current is not None and shift.waits
    days = days_promised(visit.db, visit.at) if waits else 0
    day = check_day(text, said.toml, said.in_force, visit.at)
    seen = preview(visit.db, text.masks)
    texts = tables.texts.c
    source = visit.db.execute(select(texts.source).where(texts.current)).scalar_one_or_none()
    return LookView(
        key=key,
        id=text.id,
        title=text.title,
        waits=waits,
        takes=[Use(name=it, words=plain_use(it)) for it in labels(uses_in(shift.opened))],
        cells=shift.opened.bit_count(),
        less_notice=list(shift.less_notice),
        days=days,
        in_force=(day or first_day(visit.at, days)).isoformat() if waits or day else "",
        told=_holders(visit),
        of=sum(seen.shifts.values()),
        closes=seen.count("closes"),
        would_open=seen.count("would_open"),
        html=compared(source, said.toml)[1] if source else "",
        channels=[it.value for it in said.channels],
    )


def _holders(visit: Visit) -> int:
    accounts, holdings = tables.accounts.c, tables.holdings.c
    held = exists().where(holdings.holder == accounts.id)
    query = select(func.count()).select_from(tables.accounts).where(held)
    return int(visit.db.execute(query).scalar_one())


@face.act("/operator/terms/{key}/publish", who=OPERATORS, scope=Scope.STAFF, shows=look)
def publish(visit: Visit, key: _Key) -> Done:
    """Put terms in force; where they take anything, draft them and tell all who hold rights."""
    said = find_aside(visit, _KIND, key, Written)
    event = publish_terms(
        visit.site.house, said.toml, visit.by, in_force=said.in_force, channels=said.channels
    )
    drop_aside(visit, _KIND, key)
    name = event.body["id"]
    words = (
        f"{name} is in force."
        if event.kind == "terms.publish"
        else f"{name} is announced, and everybody who holds rights is told."
    )
    return Done(said=words, next="/operator")
