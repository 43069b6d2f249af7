"""Signing in by somebody elsewhere: the question, the answer, and whom it is about here.

A question is answered once, within ten minutes, and in the browser that asked it. Whom the provider
names and nobody here is known by is asked for a name and a role before an account is opened.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import Connection

from assent.acts.accounts import Role, checked_name
from assent.acts.house import House
from assent.errors import NotAllowed
from assent.signin import challenges
from assent.signin.identities import attach
from assent.signin.members import Member, join_in
from assent.signin.provider import Identity, Provider

__all__ = [
    "GOOD_FOR",
    "Answer",
    "Purpose",
    "Question",
    "answered",
    "ask",
    "newcomer",
    "newcomer_of",
    "welcome",
]

GOOD_FOR = timedelta(minutes=10)
_ASKED, _NEW = "openid", "newcomer"
_NEW_GOOD_FOR = timedelta(minutes=30)


class Purpose(StrEnum):
    """What somebody is sent to a provider for."""

    SIGN_IN = "sign-in"
    LINK = "link"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a provider is asked.

    Args:
        purpose: What for.
        browser: A secret that only the asking browser holds.
        redirect: Where the provider sends the browser back to.
        account: The id of the account that is signed in; empty if none.
        next: The page to go on with.
    """

    purpose: Purpose
    browser: str
    redirect: str
    account: str = ""
    next: str = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back.

    Args:
        identity: Who it is, as the provider knows them.
        purpose: What was asked for.
        account: The id of the account that had asked; empty if none.
        next: The page to go on with.
    """

    identity: Identity
    purpose: Purpose
    account: str
    next: str


def ask(house: House, provider: Provider, question: Question) -> str:
    """Return where to send the browser.

    Args:
        house: The platform.
        provider: Whom to ask.
        question: What.

    Raises:
        CouldNot: The provider does not answer as it should.
    """
    state, nonce, verifier = token_urlsafe(32), token_urlsafe(32), token_urlsafe(48)
    there = provider.address(
        redirect=question.redirect,
        state=state,
        nonce=nonce,
        verifier=verifier,
        again=question.purpose is Purpose.CONFIRM,
    )
    kept = {
        "purpose": question.purpose.value,
        "browser": _digest(question.browser),
        "redirect": question.redirect,
        "account": question.account,
        "next": question.next,
        "nonce": nonce,
        "verifier": verifier,
    }
    challenges.put(house, _ASKED, state, kept, GOOD_FOR)
    return there


def answered(  # what a provider sends back, each for itself
    house: House,
    provider: Provider,
    *,
    browser: str,
    state: str,
    code: str,
    issuer: str | None = None,
) -> Answer:
    """Return what a provider answered to a question of ours.

    Args:
        house: The platform.
        provider: Who was asked.
        browser: The secret of the browser that brings the answer.
        state: Which question.
        code: What the provider tells who it is for.
        issuer: Who says to have answered, if they say.

    Raises:
        CouldNot: The provider does not answer as it should.
        NotAllowed: It was answered before or too late, in another browser, or does not hold.
    """
    kept = challenges.take(house, _ASKED, state)
    if kept is None or not browser or kept["browser"] != _digest(browser):
        raise NotAllowed("that sign-in took too long, or was begun elsewhere; begin again")
    provider.check_answerer(issuer)
    if not code:
        raise NotAllowed(f"{provider.name} did not sign you in; begin again")
    purpose = Purpose(kept["purpose"])
    identity = provider.identity(
        code,
        redirect=kept["redirect"],
        nonce=kept["nonce"],
        verifier=kept["verifier"],
        again=purpose is Purpose.CONFIRM,
    )
    return Answer(identity=identity, purpose=purpose, account=kept["account"], next=kept["next"])


def newcomer(house: House, identity: Identity, browser: str, next: str) -> str:  # noqa: A002  # as pages call it
    """Keep somebody whom nobody here is known by until they have said a name; return a ticket.

    Args:
        house: The platform.
        identity: Who it is, as the provider knows them.
        browser: The secret of their browser.
        next: The page to go on with.
    """
    ticket = token_urlsafe(32)
    kept = {
        "issuer": identity.issuer,
        "subject": identity.subject,
        "name": identity.name,
        "browser": _digest(browser),
        "next": next,
    }
    challenges.put(house, _NEW, ticket, kept, _NEW_GOOD_FOR)
    return ticket


def newcomer_of(
    connection: Connection, ticket: str, browser: str, at: datetime
) -> tuple[Identity, str]:
    """Return who a ticket is of, and the page to go on with.

    Args:
        connection: Any connection.
        ticket: The ticket.
        browser: The secret of the browser that shows it.
        at: When [aware datetime].

    Raises:
        NotAllowed: It was used, has run out, or is of another browser.
    """
    kept = challenges.peek(connection, _NEW, ticket, at)
    if kept is None or not browser or kept["browser"] != _digest(browser):
        raise NotAllowed("that took too long, or was begun elsewhere; sign in again")
    identity = Identity(issuer=kept["issuer"], subject=kept["subject"], name=kept["name"])
    return identity, kept["next"]


def welcome(house: House, ticket: str, browser: str, name: str, role: Role) -> tuple[Member, str]:
    """Open an account for somebody whom a provider vouches for; return it and the next page.

    Args:
        house: The platform.
        ticket: The ticket; used up only if it works.
        browser: The secret of the browser that shows it.
        name: How they want to be called.
        role: Listener or artist.

    Raises:
        BadInput: The name is empty, too long or taken.
        NotAllowed: The ticket is not good, or the role is one that an operator gives.
    """
    name = checked_name(name)
    with house.act(name) as act:
        identity, there = newcomer_of(act.connection, ticket, browser, act.at)
        challenges.take_in(act.connection, _NEW, ticket, act.at)
        member = join_in(act, name, role, None)
        attach(act.connection, member.account, identity, act.at)
        return member, there


def _digest(browser: str) -> str:
    return sha256(browser.encode()).hexdigest()
