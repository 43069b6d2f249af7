"""Your account: who you are here, your password, your listening, and showing that it is you."""

from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field
from sqlalchemy import select
from starlette.responses import RedirectResponse, Response

from assent.acts.accounts import Role
from assent.catalogue import tables
from assent.signin import confirmation, credentials, listeners
from assent.signin.identities import linked_to
from assent.signin.members import become_artist, since_of
from assent.web.entrance import (
    check_confirmed,
    confirmed,
    local,
    prove,
)
from assent.web.face import MEMBERS, Done, Face
from assent.web.joining import Password, TermsShown, check_same, home_of, terms_shown
from assent.web.proof import Proof, proof_of
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["confirm_page", "face"]

face = Face("account")


class AccountView(View):
    """Who you are here.

    Args:
        name: How you are called.
        role: What you may do.
        since: Since when you can sign in.
        terms: The terms in force; none where none are.
        accepted: What the terms are called that you accepted last; empty if none.
        proof: How you sign in.
        linked: Since when the provider vouches for you; none if it does not.
        keeps_history: Whether your plays bear your name.
    """

    name: str
    role: Role
    since: datetime
    terms: TermsShown | None
    accepted: str
    proof: Proof
    linked: datetime | None
    keeps_history: bool


@face.page("/account", template="account/account.html", who=MEMBERS)
def account_page(visit: Visit) -> AccountView:
    """Show who you are here, and the ways to change it."""
    account = visit.me.account
    accepted = select(tables.accounts.c.accepted).where(tables.accounts.c.id == account)
    linked = linked_to(visit.db, account)
    return AccountView(
        name=visit.me.name,
        role=visit.me.role,
        since=since_of(visit.db, account),
        terms=terms_shown(visit),
        accepted=visit.db.execute(accepted).scalar_one() or "",
        proof=proof_of(visit, confirmed=confirmed(visit)),
        linked=linked[0].at if linked else None,
        keeps_history=listeners.keeps_history(visit.db, account),
    )


@face.act("/account/artist", who=frozenset({Role.LISTENER}), scope=None, shows=account_page)
def become_artist_act(visit: Visit) -> Done:
    """Say that you make music too, so that you can upload."""
    member = become_artist(visit.site.house, visit.me.account)
    return Done(said="You can upload from now on.", next=home_of(member.role))


@face.raw("/account/terms", who=MEMBERS)
def terms_moved(visit: Visit) -> Response:
    """Lead to where terms are accepted, beside all that accepting them would open."""
    return RedirectResponse("/ai/terms", 303)


class PasswordView(View):
    """Your password.

    Args:
        proof: Whether, and how, you show that it is you.
    """

    proof: Proof


@face.page("/account/password", template="account/password.html", who=MEMBERS, scope=None)
def password_page(visit: Visit) -> PasswordView:
    """Show how to change your password."""
    return PasswordView(proof=proof_of(visit, confirmed=confirmed(visit)))


class NewPassword(BaseModel):
    """A new password.

    Args:
        password: The password.
        again: The same, where it was typed twice.
    """

    password: Password
    again: Password | None = None


@face.act("/account/password", who=MEMBERS, scope=None, shows=password_page)
def password_act(visit: Visit, said: NewPassword) -> Done:
    """Change your password, and end your other sessions."""
    check_confirmed(visit)
    check_same(said.password, said.again)
    keep = visit.session.id if visit.session else ""
    credentials.change_password(visit.site.house, visit.me.account, said.password, keep)
    return Done(
        said="Your new password is good from now on, in this browser alone.", next="/account"
    )


@face.act("/account/password/drop", who=MEMBERS, scope=None, shows=password_page)
def drop_password_act(visit: Visit) -> Done:
    """Take your password away, where you have another way to sign in."""
    check_confirmed(visit)
    credentials.drop_password(visit.site.house, visit.me.account)
    return Done(said="You have no password any more.", next="/account")


class ListeningView(View):
    """What is kept of your listening.

    Args:
        keeps_history: Whether your plays bear your name.
    """

    keeps_history: bool


@face.page("/account/listening", template="account/listening.html", who=MEMBERS)
def listening_page(visit: Visit) -> ListeningView:
    """Show what is kept of your listening."""
    return ListeningView(keeps_history=listeners.keeps_history(visit.db, visit.me.account))


class Listening(BaseModel):
    """What is to be kept of your listening.

    Args:
        keeps_history: Whether your plays are to bear your name.
    """

    keeps_history: bool = False


@face.act("/account/listening", who=MEMBERS, scope=None, shows=listening_page)
def listening_act(visit: Visit, said: Listening) -> Done:
    """Say whether your plays are to bear your name from now on."""
    listeners.keep_history(visit.site.house, visit.me.account, keeps=said.keeps_history)
    words = (
        "What you hear is kept with your name."
        if said.keeps_history
        else ("What you hear is counted without your name.")
    )
    return Done(said=words, next="/account/listening")


class ConfirmView(View):
    """How you show that it is you.

    Args:
        proof: Whether you have, and how you can.
        next: The page to go on with.
    """

    proof: Proof
    next: str


@face.page("/account/confirm", template="account/confirm.html", who=MEMBERS, scope=None)
def confirm_page(
    visit: Visit,
    next: Annotated[str, Query(max_length=2000)] = "",  # noqa: A002  # as the address calls it
) -> ConfirmView:
    """Show how to show that it is you."""
    proof = proof_of(visit, confirmed=confirmed(visit))
    return ConfirmView(proof=proof, next=local(next, "/account"))


class Confirming(BaseModel):
    """Your password.

    Args:
        password: The password.
        next: The page to go on with.
    """

    password: Password
    next: Annotated[str, Field(max_length=2000)] = ""


@face.act("/account/confirm", who=MEMBERS, scope=None, shows=confirm_page)
def confirm_act(visit: Visit, said: Confirming) -> Done:
    """Show with your password that it is you."""
    prove(visit, said.password)
    if visit.session is not None:
        confirmation.confirm(visit.site.house, visit.session)
    return Done(said="Thank you. For ten minutes, go on.", next=local(said.next, "/account"))
