"""Signing in by somebody elsewhere: the way there, the way back, and whoever is new here."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from assent.acts.accounts import Role
from assent.errors import NotAllowed, Unknown
from assent.signin import attempts, confirmation, identities, openid
from assent.signin.openid import Answer, Purpose, Question
from assent.signin.provider import Provider
from assent.web.entrance import (
    BROWSER,
    address_of,
    browser_of,
    check_confirmed,
    check_tries,
    let_in,
    local,
    provider_of,
)
from assent.web.face import ANYBODY, MEMBERS, Done, Face
from assent.web.joining import Name, Next, TermsShown, check_accepted, home_of, terms_shown
from assent.web.pages.account import account_page
from assent.web.rendering import sent_on
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("elsewhere")

_BACK = "/sign-in/back"
_Ticket = Annotated[str, Field(max_length=200)]


def _provider(visit: Visit) -> Provider:
    provider = provider_of(visit.site)
    if provider is None:
        raise Unknown("nobody elsewhere vouches for people here")
    return provider


def _sent_there(visit: Visit, purpose: Purpose, there: str) -> Response:
    check_tries(visit, (attempts.PASSKEY_ADDRESS, address_of(visit)))
    question = Question(
        purpose=purpose,
        browser=browser_of(visit),
        redirect=visit.address(_BACK),
        account="" if visit.member is None else visit.member.account,
        next=there,
    )
    address = openid.ask(visit.site.house, _provider(visit), question)
    return Response(status_code=303, headers={"location": address, "cache-control": "no-store"})


def _check_from_here(visit: Visit) -> None:
    """Refuse what a page of another site begins: it could have signed its own account in there."""
    if visit.request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise NotAllowed("begin this on the page of your account")


@face.raw("/sign-in/with", methods=("GET",), scope=None)
def sign_in_with(visit: Visit, next: Next = "") -> Response:  # noqa: A002  # as the address calls it
    """Go to the provider, to sign in."""
    return _sent_there(visit, Purpose.SIGN_IN, local(next, ""))


@face.raw("/account/confirm/with", methods=("GET",), who=MEMBERS, scope=None)
def confirm_with(visit: Visit, next: Next = "") -> Response:  # noqa: A002  # as the address calls it
    """Go to the provider, to show that it is you."""
    _check_from_here(visit)
    return _sent_there(visit, Purpose.CONFIRM, local(next, "/account"))


@face.raw("/account/link/with", methods=("GET",), who=MEMBERS, scope=None)
def link_with(visit: Visit) -> Response:
    """Go to the provider, to let it vouch for you from now on."""
    _check_from_here(visit)
    check_confirmed(visit)
    return _sent_there(visit, Purpose.LINK, "/account")


_Given = Annotated[str, Query(max_length=4000)]


@face.raw(_BACK, methods=("GET",), scope=None)
def back(
    visit: Visit, state: _Given = "", code: _Given = "", iss: _Given | None = None
) -> Response:
    """Come back from the provider."""
    answer = openid.answered(
        visit.site.house,
        _provider(visit),
        browser=visit.request.cookies.get(BROWSER, ""),
        state=state,
        code=code,
        issuer=iss,
    )
    if answer.purpose is Purpose.SIGN_IN:
        return _signed_in(visit, answer)
    if visit.session is None or visit.me.account != answer.account:
        raise NotAllowed("you are signed in as somebody else by now; begin again")
    if answer.purpose is Purpose.LINK:
        identities.link(visit.site.house, answer.account, answer.identity)
        name = _provider(visit).name
        return sent_on(visit, answer.next, f"{name} can sign you in from now on.")
    behind = identities.member_behind(visit.db, answer.identity)
    if behind is None or behind.account != answer.account:
        raise NotAllowed("whom the other site vouches for is somebody else")
    confirmation.confirm(visit.site.house, visit.session)
    return sent_on(visit, answer.next, "Thank you. For ten minutes, go on.")


def _signed_in(visit: Visit, answer: Answer) -> Response:
    member = identities.member_behind(visit.db, answer.identity)
    if member is not None:
        let_in(visit, member, "openid")
        return sent_on(visit, answer.next or "/", f"Welcome back, {member.name}.")
    browser = visit.request.cookies.get(BROWSER, "")
    ticket = openid.newcomer(visit.site.house, answer.identity, browser, answer.next)
    return sent_on(visit, f"/sign-in/new?ticket={ticket}")


class NewcomerView(View):
    """What somebody new is asked for.

    Args:
        provider: Who vouches for them.
        name: How they might like to be called; empty if the provider does not say.
        ticket: What names them until they have said a name; empty if nobody vouches for them.
        terms: The terms that joining accepts; none where none are in force.
    """

    provider: str
    name: str
    ticket: str
    terms: TermsShown | None


@face.page("/sign-in/new", template="signing/newcomer.html", scope=None)
def newcomer_page(visit: Visit, ticket: Next = "") -> NewcomerView:
    """Ask somebody new for a name and what they come for."""
    ticket = ticket or visit.typed("ticket")
    if not ticket:  # somebody who came by themselves
        return NewcomerView(provider="", name="", ticket="", terms=None)
    browser = visit.request.cookies.get(BROWSER, "")
    identity, _ = openid.newcomer_of(visit.db, ticket, browser, visit.at)
    return NewcomerView(
        provider=_provider(visit).name,
        name=identity.name,
        ticket=ticket,
        terms=terms_shown(visit),
    )


class Newcomer(BaseModel):
    """Who is new.

    Args:
        ticket: What names them.
        name: How they want to be called.
        role: "listener" or "artist".
        accepts: Whether they accept the terms in force.
        terms: Which terms they were shown.
    """

    ticket: _Ticket
    name: Name
    role: Role = Role.LISTENER
    accepts: bool = False
    terms: Annotated[str, Field(max_length=200)] = ""


@face.act("/sign-in/new", who=ANYBODY, scope=None, shows=newcomer_page)
def newcomer_act(visit: Visit, said: Newcomer) -> Done:
    """Open an account for whom the provider vouches, and sign in."""
    check_accepted(visit, said.terms, accepts=said.accepts)
    check_tries(visit, (attempts.JOIN_ADDRESS, address_of(visit)))
    browser = visit.request.cookies.get(BROWSER, "")
    member, there = openid.welcome(visit.site.house, said.ticket, browser, said.name, said.role)
    let_in(visit, member, "openid")
    return Done(said=f"Welcome, {member.name}.", next=local(there, home_of(member.role)))


@face.act("/account/unlink", who=MEMBERS, scope=None, shows=account_page)
def unlink(visit: Visit) -> Done:
    """Let the provider vouch for you no longer."""
    check_confirmed(visit)
    provider = _provider(visit)
    identities.unlink(visit.site.house, visit.me.account, provider.registration.issuer)
    return Done(said=f"{provider.name} can sign you in no longer.", next="/account")
