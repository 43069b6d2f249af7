"""Publishing terms, making agreements, accepting terms.

Publishing opens nothing: what was open for a holder stays open only where the new text opens it
too, and what is new in it waits until that holder accepts.
"""

from hashlib import sha256
from importlib.resources import files

from sqlalchemy import select

from assent.acts.accounts import Account, Role, find_account, known_account, open_account
from assent.acts.house import Act, House
from assent.catalogue import tables
from assent.catalogue.events import Body, Event
from assent.errors import BadText, Unknown
from assent.permission.uses import labels
from assent.terms.text import Text, parse_text

__all__ = ["DEFAULT_TERMS", "accept_terms", "make_agreement", "publish_default", "publish_terms"]

DEFAULT_TERMS = files("assent.acts").joinpath("default-terms.toml").read_text("utf-8")
"""The terms that the product ships."""


def publish_terms(house: House, toml: str, by: str) -> Event:
    """Put terms in force.

    Raises:
        BadText: They break a rule, or a text of that id was published before.
    """
    text = parse_text(toml)
    if text.party:
        raise BadText("terms bind everybody; a text with a party is an agreement", id=text.id)
    with house.act(by) as act:
        return act.record("terms.publish", _new(act, text, toml))


def publish_default(house: House) -> Event | None:
    """Put the default terms in force where there are none; None where there are."""
    with house.act("house") as act:
        if act.connection.execute(select(tables.texts.c.id).limit(1)).first() is not None:
            return None
        return act.record("terms.publish", _new(act, parse_text(DEFAULT_TERMS), DEFAULT_TERMS))


def make_agreement(house: House, toml: str, by: str) -> tuple[Event, Account]:
    """Record a licence agreement with a label, and open the label's account if it has none.

    Raises:
        BadText: It breaks a rule, names no party, or one of that id was made before.
    """
    text = parse_text(toml)
    if not text.party:
        raise BadText("an agreement needs party, whom it is with", id=text.id)
    with house.act(by) as act:
        label = known_account(act.connection, text.party)
        if label is None:
            label = open_account(act, text.party, Role.LABEL)
        return act.record("agreement", {**_new(act, text, toml), "party": label.id}), label


def accept_terms(house: House, name: str, text: str | None, by: str) -> Event:
    """Record that a holder accepts terms.

    Args:
        house: The platform.
        name: Who accepts: an account's or an artist's name.
        text: Which terms; those in force if None.
        by: Who does it.

    Raises:
        Unknown: There is nobody of that name, or there are no such terms.
    """
    with house.act(by) as act:
        account = find_account(act.connection, name)
        texts = tables.texts.c
        query = select(texts.id).where(texts.kind == "terms")
        query = query.where(texts.current) if text is None else query.where(texts.id == text)
        found = act.connection.execute(query).scalar_one_or_none()
        if found is None:
            raise Unknown(f"there are no terms {text!r}" if text else "no terms are in force")
        return act.record("terms.accept", {"account": account.id, "text": found})


def _new(act: Act, text: Text, toml: str) -> Body:
    """Return what an event says of a text that must be new."""
    taken = select(tables.texts.c.id).where(tables.texts.c.id == text.id)
    if act.connection.execute(taken).first() is not None:
        raise BadText(f"a text {text.id!r} was published before; give the new one its own id")
    return {
        "id": text.id,
        "title": text.title,
        "granted": list(labels(text.masks.granted)),
        "opt_out": list(labels(text.masks.opt_out)),
        "opt_in": list(labels(text.masks.opt_in)),
        "source": toml,
        "digest": sha256(toml.encode()).hexdigest(),
    }
