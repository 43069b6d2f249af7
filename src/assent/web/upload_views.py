"""What pages of uploads show alike: what there is to choose from, and files on their way."""

from typing import Literal

from sqlalchemy import select

from assent.acts.accounts import Account
from assent.catalogue import tables
from assent.identity.recogniser import Recogniser
from assent.permission.presets import PRESETS, Preset
from assent.studio.editing import names_of
from assent.studio.measuring import PATIENCE_S
from assent.studio.uploads import Upload
from assent.studio.uploads_said import Said
from assent.studio.uploads_taken import Taken, finish
from assent.web.view import View
from assent.web.visit import Visit
from assent.web.work_said import Licence, licences

__all__ = [
    "Agreement",
    "Choices",
    "OnItsWay",
    "account_of",
    "ai_choice",
    "choices_of",
    "finished",
    "in_words",
    "shown",
]


class Agreement(View):
    """An agreement to deliver under.

    Args:
        id: Its id.
        title: Its title.
    """

    id: str
    title: str


class Choices(View):
    """What there is to choose from.

    Args:
        names: The names you bring music under.
        licences: The licences.
        agreements: The agreements that you deliver under; labels alone have some.
    """

    names: list[str]
    licences: list[Licence]
    agreements: list[Agreement]


class OnItsWay(View):
    """A file on its way.

    Args:
        id: Its id.
        name: What it is called.
        size_bytes: How large it is.
        arrived_bytes: How much of it is here.
        until: When it is dropped.
        error: Why it could not be taken in; empty if nobody tried yet.
        recording: As which recording it is here already, if it is.
        state: arriving, ready (whole, and nothing more was asked of it), wrong (something that was
            said of it can be mended), or broken (nothing can).
    """

    id: str
    name: str
    size_bytes: int
    arrived_bytes: int
    until: str
    error: str
    recording: str
    state: Literal["arriving", "ready", "wrong", "broken"]


def account_of(visit: Visit) -> Account:
    """Return the account of who is signed in."""
    return Account(id=visit.me.account, name=visit.me.name)


def finished(visit: Visit, one: Upload, said: Said, patience_s: float = PATIENCE_S) -> Taken:
    """Make a recording of a file that has arrived, as `finish` says."""
    house, account = visit.site.house, account_of(visit)
    return finish(house, Recogniser(house), account, one, said, patience_s=patience_s)


def in_words(taken: Taken) -> str:
    """Return what has become of a file, and what follows."""
    title = f"“{taken.title}” is here"
    if taken.copy_of:
        return (
            f"{title}. It sounds like a recording that was here before: a person looks at it"
            " first, and until then nobody else hears it and no AI gets more than the other one."
        )
    heard = "everybody can hear it" if taken.is_public else "it is private"
    if taken.is_unseen:
        return (
            f"{title}, and {heard}. It could not be compared with others yet; until it was, no AI"
            " that needs a yes gets it."
        )
    return f"{title}, and {heard}."


def choices_of(visit: Visit, licence: str = "") -> Choices:
    """Return what there is to choose from for who is signed in, and the licence that counts now."""
    texts = tables.texts.c
    query = select(texts.id, texts.title).where(
        texts.kind == "agreement", texts.party == visit.me.account
    )
    rows = visit.db.execute(query.order_by(texts.number)).all()
    return Choices(
        names=names_of(visit.db, account_of(visit)),
        licences=licences(licence),
        agreements=[Agreement(id=row.id, title=row.title) for row in rows],
    )


def shown(one: Upload) -> OnItsWay:
    """Return a file on its way as a page shows it."""
    return OnItsWay(
        id=one.id,
        name=one.name,
        size_bytes=one.size_bytes,
        arrived_bytes=one.arrived_bytes,
        until=one.until.isoformat(),
        error=one.error,
        recording=one.recording,
        state=_state(one),
    )


def _state(one: Upload) -> Literal["arriving", "ready", "wrong", "broken"]:
    if one.broken:
        return "broken"
    if not one.is_whole:
        return "arriving"
    return "wrong" if one.error else "ready"


def ai_choice(visit: Visit) -> str:
    """Return what was said of AI for the whole account, in words."""
    said = tables.statements.c
    query = (
        select(said.preset, said.event)
        .where(said.holder == visit.me.account, said.recording.is_(None))
        .order_by(said.event.desc())
    )
    rows = visit.db.execute(query).all()
    preset = next((row.preset for row in rows if row.preset), None)
    if preset is None:
        said_something = "You have made a choice of your own."
        nothing = "You have not said anything yet: no generative AI gets it without a yes."
        return said_something if rows else nothing
    title = PRESETS[Preset(preset)].title
    own = ", with changes of your own" if rows[0].preset is None else ""
    return f"You have chosen “{title}”{own}."
