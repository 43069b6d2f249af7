"""What joining and signing in ask for, and the terms that joining accepts."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from assent.acts.accounts import Role
from assent.acts.drafts import text_in_force
from assent.errors import BadInput, NotAllowed
from assent.web.view import View
from assent.web.visit import Visit

__all__ = [
    "Name",
    "Next",
    "Password",
    "TermsShown",
    "check_accepted",
    "check_same",
    "home_of",
    "terms_shown",
]

Next = Annotated[str, Query(max_length=2000)]
Name = Annotated[str, Field(max_length=1000)]
Password = Annotated[str, Field(max_length=4000)]


class TermsShown(View):
    """The terms in force.

    Args:
        id: What they are called in the record.
        title: What they are called by people.
        href: Where they can be read.
    """

    id: str
    title: str
    href: str


def terms_shown(visit: Visit) -> TermsShown | None:
    """Return the terms in force, as they are shown to whoever is to accept them."""
    text = text_in_force(visit.db)
    if text is None:
        return None
    return TermsShown(id=text.id, title=text.title, href=f"/terms/{text.id}")


def home_of(role: Role) -> str:
    """Return the page that somebody begins with."""
    return "/studio" if role in {Role.ARTIST, Role.LABEL} else "/"


def check_accepted(visit: Visit, shown: str, *, accepts: bool) -> None:
    """Refuse to open an account without a yes to the terms that are in force.

    Raises:
        BadInput: Other terms were shown.
        NotAllowed: There was no yes.
    """
    terms = terms_shown(visit)
    if terms is None:
        return
    if not accepts:
        raise NotAllowed("read the terms and accept them to join")
    if shown and shown != terms.id:
        raise BadInput("the terms changed while this page was open; read them again")


def check_same(password: str, again: str | None) -> None:
    """Refuse a password that was typed differently the second time.

    Raises:
        BadInput: It was.
    """
    if again is not None and again != password:
        raise BadInput("the two passwords are not the same; type them again")
