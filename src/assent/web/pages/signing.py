"""Joining, signing in with a password or a code, and signing out."""

from typing import Annotated

from pydantic import BaseModel, Field

from assent.acts.accounts import Role
from assent.signin import attempts, codes, sessions
from assent.signin.members import join
from assent.web.entrance import (
    address_of,
    check_tries,
    let_in,
    local,
    provider_of,
    recognised,
    returned,
)
from assent.web.face import ANYBODY, MEMBERS, Done, Face
from assent.web.joining import (
    Name,
    Next,
    Password,
    TermsShown,
    check_accepted,
    check_same,
    home_of,
    terms_shown,
)
from assent.web.view import View
from assent.web.visit import COOKIE, Visit

__all__ = ["face", "sign_in_page"]

face = Face("signing")


class JoinView(View):
    """What somebody needs to know to join.

    Args:
        terms: The terms that joining accepts; none where none are in force.
        provider: Who else may vouch for people; empty if nobody.
        next: The page to go on with.
    """

    terms: TermsShown | None
    provider: str
    next: str


class SignInView(View):
    """How somebody can sign in.

    Args:
        provider: Who else may vouch for people; empty if nobody.
        next: The page to go on with.
    """

    provider: str
    next: str


class CodeView(View):
    """What a one-time code is for.

    Args:
        terms: The terms in force, which who has accepted none accepts with it.
    """

    terms: TermsShown | None


def _vouching(visit: Visit) -> str:
    provider = provider_of(visit.site)
    return "" if provider is None else provider.name


@face.page("/join", template="signing/join.html", scope=None)
def join_page(visit: Visit, next: Next = "") -> JoinView:  # noqa: A002  # as the address calls it
    """Show what joining is, and the terms that it accepts."""
    return JoinView(terms=terms_shown(visit), provider=_vouching(visit), next=local(next, ""))


class Joining(BaseModel):
    """Who joins.

    Args:
        name: How they want to be called.
        role: "listener" or "artist".
        password: Their password.
        again: The same, where it was typed twice.
        accepts: Whether they accept the terms in force.
        terms: Which terms they were shown.
        next: The page to go on with.
    """

    name: Name
    role: Role = Role.LISTENER
    password: Password
    again: Password | None = None
    accepts: bool = False
    terms: Annotated[str, Field(max_length=200)] = ""
    next: Annotated[str, Field(max_length=2000)] = ""


@face.act("/join", who=ANYBODY, scope=None, shows=join_page)
def join_act(visit: Visit, said: Joining) -> Done:
    """Open an account, accept the terms in force, and sign in."""
    check_accepted(visit, said.terms, accepts=said.accepts)
    check_same(said.password, said.again)
    check_tries(visit, (attempts.JOIN_ADDRESS, address_of(visit)))
    member = join(visit.site.house, said.name, said.role, said.password)
    let_in(visit, member, "password")
    return Done(said=f"Welcome, {member.name}.", next=local(said.next, home_of(member.role)))


@face.page("/sign-in", template="signing/sign_in.html", scope=None)
def sign_in_page(visit: Visit, next: Next = "") -> SignInView:  # noqa: A002  # as the address calls it
    """Show how to sign in."""
    return SignInView(provider=_vouching(visit), next=local(next, ""))


class SigningIn(BaseModel):
    """Who signs in.

    Args:
        name: The name of the account, in any spelling.
        password: The password.
        next: The page to go on with.
    """

    name: Name
    password: Password
    next: Annotated[str, Field(max_length=2000)] = ""


@face.act("/sign-in", who=ANYBODY, scope=None, shows=sign_in_page)
def sign_in_act(visit: Visit, said: SigningIn) -> Done:
    """Sign in with a name and a password."""
    member = recognised(visit, said.name, said.password)
    let_in(visit, member, "password")
    return Done(said=f"Welcome back, {member.name}.", next=local(said.next))


@face.act("/sign-out", who=MEMBERS, scope=None)
def sign_out_act(visit: Visit) -> Done:
    """End this session."""
    if visit.session is not None:
        sessions.end(visit.site.house, visit.me.account, visit.session.id)
    visit.drop_cookie(COOKIE)
    return Done(said="You are signed out.", next="/")


@face.page("/sign-in/code", template="signing/code.html", scope=None)
def code_page(visit: Visit) -> CodeView:
    """Show where a one-time code is typed."""
    return CodeView(terms=terms_shown(visit))


class Redeeming(BaseModel):
    """Who comes with a code.

    Args:
        code: The code.
        password: The new password.
        again: The same, where it was typed twice.
        accepts: Whether they accept the terms in force, if they never did.
        terms: Which terms they were shown.
    """

    code: Annotated[str, Field(max_length=100)]
    password: Password
    again: Password | None = None
    accepts: bool = False
    terms: Annotated[str, Field(max_length=200)] = ""


@face.act("/sign-in/code", who=ANYBODY, scope=None, shows=code_page)
def code_act(visit: Visit, said: Redeeming) -> Done:
    """Take a new password for a one-time code, and sign in."""
    check_same(said.password, said.again)
    if said.accepts:
        check_accepted(visit, said.terms, accepts=True)
    by_address = attempts.CODE_ADDRESS, address_of(visit)
    check_tries(visit, by_address)
    house = visit.site.house
    member = codes.redeem(house, said.code, said.password, accepts=said.accepts)
    returned(visit, by_address)
    here = attempts.name_from(member.name, address_of(visit))
    attempts.forget(house, attempts.SIGN_IN_HERE, here)
    let_in(visit, member, "code")
    return Done(said=f"Welcome, {member.name}.", next=home_of(member.role))
