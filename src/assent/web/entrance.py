"""The entrance: what the pages for signing in share, from limits to the cookie of a session."""

from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from secrets import token_urlsafe
from typing import Final

from assent.errors import NotAllowed
from assent.signin import challenges, sessions
from assent.signin.attempts import (
    PROOF_SESSION,
    SIGN_IN_ADDRESS,
    SIGN_IN_HERE,
    SIGN_IN_KNOWN,
    SIGN_IN_NAME,
    Limit,
    forget,
    give_back,
    name_from,
    take,
)
from assent.signin.ceremony import Asker
from assent.signin.confirmation import is_confirmed
from assent.signin.credentials import proved
from assent.signin.known import known, marked
from assent.signin.members import Member
from assent.signin.provider import Provider
from assent.signin.registration import Registration
from assent.web.refusals import TooMany
from assent.web.site import Site
from assent.web.visit import COOKIE, Visit

__all__ = [
    "BROWSER",
    "KNOWN",
    "address_of",
    "asker_of",
    "browser_of",
    "check_confirmed",
    "check_tries",
    "confirmed",
    "let_in",
    "local",
    "prove",
    "provider_of",
    "recognised",
    "returned",
    "reveal",
    "revealed",
]

BROWSER: Final = "assent-elsewhere"
"""Ties what another site answers to the browser that was sent there."""
_BROWSER_S: Final = 3_600
KNOWN: Final = "assent-known"
"""Says of a browser that it has signed in to a name before; it opens nothing."""
_KNOWN_S: Final = 31_536_000
_KNOWN_SECRET: Final = "known browsers"  # noqa: S105  # what the secret is for, not the secret
_REVEALED_FOR = timedelta(minutes=5)
_REVEAL = "reveal"


def address_of(visit: Visit) -> str:
    """Return where a request comes from, for limits alone; it is kept nowhere."""
    client = visit.request.client
    return client.host if client else ""


def check_tries(visit: Visit, *tries: tuple[Limit, str]) -> None:
    """Use up one try of each limit.

    Raises:
        TooMany: There is none left; nothing was looked at.
    """
    wait = take(visit.site.house, *tries)
    if wait:
        minutes = ceil(wait.total_seconds() / 60)
        when = "a minute" if minutes == 1 else f"{minutes} minutes"
        raise TooMany(
            f"that was tried too often; wait {when} and try again",
            wait_s=ceil(wait.total_seconds()),
        )


def returned(visit: Visit, *tries: tuple[Limit, str]) -> None:
    """Give tries back that were right."""
    for limit, whose in tries:
        give_back(visit.site.house, limit, whose)


def recognised(visit: Visit, name: str, password: str) -> Member:
    """Return who comes with a name and a password, as often as one may try.

    A browser that has signed in to the name before has its own tries, so that whoever is wrong
    about the name from elsewhere keeps nobody out.

    Raises:
        NotAllowed: They do not go together.
        TooMany: It was tried too often; nothing was looked at.
    """
    address = address_of(visit)
    secret = visit.site.secret(_KNOWN_SECRET)
    number = known(secret, visit.request.cookies.get(KNOWN, ""), name)
    if number:
        own, shared = (SIGN_IN_KNOWN, number), [(SIGN_IN_ADDRESS, address)]
    else:
        own = SIGN_IN_HERE, name_from(name, address)
        shared = [(SIGN_IN_NAME, name), (SIGN_IN_ADDRESS, address)]
    check_tries(visit, own, *shared)
    member = proved(visit.site.house, name, password)
    if member is None:
        raise NotAllowed("that name and password do not go together")
    forget(visit.site.house, *own)
    returned(visit, *shared)
    return member


def prove(visit: Visit, password: str) -> None:
    """Have somebody who is signed in show by their password that it is them.

    Tries are counted for their session alone: nobody else uses them up.

    Raises:
        NotAllowed: It is not theirs, or they are not signed in with a browser.
        TooMany: It was tried too often; nothing was looked at.
    """
    if visit.session is None:
        raise NotAllowed("this needs a person who is signed in, not a token")
    own = PROOF_SESSION, visit.session.id
    check_tries(visit, own)
    member = proved(visit.site.house, visit.me.name, password)
    if member is None or member.account != visit.me.account:
        raise NotAllowed("that is not your password")
    forget(visit.site.house, *own)


def let_in(visit: Visit, member: Member, way: str) -> None:
    """Begin a session in this browser for somebody whose proof was checked.

    The session that the browser had before ends: what was known of it opens nothing any more.

    Args:
        visit: Who comes.
        member: Who it is.
        way: How they proved it.
    """
    before = visit.session
    if before is not None:
        sessions.end(visit.site.house, before.member.account, before.id)
    agent = visit.request.headers.get("user-agent", "")
    secret = sessions.begin(visit.site.house, member.account, agent, way)
    visit.set_cookie(COOKIE, secret, int(sessions.LONGEST.total_seconds()))
    kept = visit.request.cookies.get(KNOWN, "")
    marks = marked(visit.site.secret(_KNOWN_SECRET), kept, member.name)
    visit.set_cookie(KNOWN, marks, _KNOWN_S)


def local(path: str, otherwise: str = "/") -> str:
    """Return a page of this site to go on with, whatever was asked for."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours else otherwise


def asker_of(site: Site) -> Asker:
    """Return the site, as devices with passkeys know it."""
    return Asker(url=site.url)


def provider_of(site: Site) -> Provider | None:
    """Return the provider that may vouch for people; None if there is none.

    Raises:
        BadInput: The settings name one that cannot be.
    """
    return site.one(_provider)


def _provider(site: Site) -> Provider | None:
    registration = Registration.of(site.house.settings)
    return None if registration is None else Provider(registration, site.house.clock)


def browser_of(visit: Visit) -> str:
    """Return the secret of this browser that ties answers to questions, a new one if need be."""
    known = visit.request.cookies.get(BROWSER, "")
    if not known:
        known = token_urlsafe(32)
        visit.set_cookie(BROWSER, known, _BROWSER_S)
    return known


def confirmed(visit: Visit) -> bool:
    """Say whether who is signed in has shown just now who they are."""
    return is_confirmed(visit.db, visit.session, visit.at)


def check_confirmed(visit: Visit) -> None:
    """Refuse an act that takes a proof of the last minutes, as an open browser is none.

    Raises:
        NotAllowed: There is none.
    """
    if not confirmed(visit):
        raise NotAllowed("show first that it is you: your password or your passkey")


def reveal(visit: Visit, about: Mapping[str, str]) -> str:
    """Keep what the next page may show once; return what it is asked by.

    Args:
        visit: Who is to see it.
        about: What it is made from, never the secret itself.
    """
    name = token_urlsafe(16)
    kept = {**about, "whose": visit.me.account}
    challenges.put(visit.site.house, _REVEAL, name, kept, _REVEALED_FOR)
    return name


def revealed(visit: Visit, name: str) -> dict[str, str]:
    """Return what may be shown now, and never again; nothing if it was shown, or is another's."""
    if not name or challenges.peek(visit.db, _REVEAL, name, visit.at) is None:
        return {}
    kept = challenges.take(visit.site.house, _REVEAL, name) or {}
    return kept if kept.get("whose") == visit.me.account else {}
