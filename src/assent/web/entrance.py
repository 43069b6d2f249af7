"""The entrance: what the pages for signing in share, from limits to the cookie of a session."""

from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from secrets import token_urlsafe
from typing import Final

from assent.errors import NotAllowed
from assent.signin import challenges, sessions
from assent.signin.attempts import Limit, give_back, take
from assent.signin.ceremony import Asker
from assent.signin.confirmation import is_confirmed
from assent.signin.members import Member
from assent.signin.provider import Provider
from assent.signin.registration import Registration
from assent.web.refusals import TooMany
from assent.web.site import Site
from assent.web.visit import COOKIE, Visit

__all__ = [
    "BROWSER",
    "address_of",
    "asker_of",
    "browser_of",
    "check_confirmed",
    "check_tries",
    "confirmed",
    "let_in",
    "local",
    "provider_of",
    "returned",
    "reveal",
    "revealed",
]

BROWSER: Final = "assent-elsewhere"
"""Ties what another site answers to the browser that was sent there."""
_BROWSER_S: Final = 3_600
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
