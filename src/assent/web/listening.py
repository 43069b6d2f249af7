"""Listening on the site: the links that it gives, and what takes plays and makes renditions."""

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from assent.errors import BadInput, NotAllowed, Unknown
from assent.listening.heard import Heard
from assent.listening.hearing import Ground, Hearing, may_hear, still
from assent.listening.links import GOOD_FOR, Link, Via, issue, read, renewed, sign
from assent.listening.plays import PlayWriter
from assent.listening.renditions import Maker
from assent.web.site import Site
from assent.web.visit import Visit

__all__ = ["RAN_OUT", "address", "given", "heard_of", "linked", "maker_of", "plays_of", "renewal"]

RAN_OUT: Final = "this link has run out; open the page again"
_PURPOSE: Final = "audio links"


def plays_of(site: Site) -> PlayWriter:
    """Return what takes the plays of a site."""
    return site.one(_writer)


def _writer(site: Site) -> PlayWriter:
    return PlayWriter(site.house)


def heard_of(site: Site) -> Heard:
    """Return what turns listening into plays."""
    return site.one(_heard)


def _heard(site: Site) -> Heard:
    return Heard(site.house, plays_of(site))


def maker_of(site: Site) -> Maker:
    """Return what makes renditions in the background."""
    return site.one(_maker)


def _maker(site: Site) -> Maker:
    return Maker(site.house)


def linked(
    visit: Visit, hearing: Hearing, via: Via, *, play: str = "", good_for: timedelta = GOOD_FOR
) -> str:
    """Return a link to audio for somebody who may hear it.

    Args:
        visit: Who listens.
        hearing: That they may.
        via: By what.
        play: Of which play; a new one if empty.
        good_for: For how long.

    Raises:
        Unknown: They may not.
    """
    link = issue(hearing, via, visit.at, good_for=good_for, play=play)
    return sign(visit.site.secret(_PURPOSE), link)


def address(recording: str, key: str, what: str = "audio") -> str:
    """Return where a recording's audio is, with a link.

    Args:
        recording: Which.
        key: The link.
        what: Which file of it, such as "hls.m3u8".
    """
    return f"/r/{recording}/{what}?k={key}"


def given(visit: Visit, recording: str, key: str) -> Link:
    """Return the link that came with a request; whether it has run out is not looked at.

    Raises:
        BadInput: There is none.
        NotAllowed: It was changed, or is one to another recording.
        Unknown: What it was given for is so no more, or there is no such recording.
    """
    if not key:
        raise BadInput("this address needs a link, which the page of the recording gives")
    link = read(visit.site.secret(_PURPOSE), key)
    if link.recording != recording:
        raise NotAllowed("this link is one to another recording")
    return link


def renewal(visit: Visit, link: Link, private_link: str = "") -> str | None:
    """Return a fresh link for one that has run out; None as long as it is good.

    Whoever is signed in gets one if they may hear the recording now. A stranger gets one where the
    request comes from a page of ours, for the page would give them one as well.

    Args:
        visit: Who asks.
        link: Their link.
        private_link: The private link that they came by, if it is known.

    Raises:
        NotAllowed: It has run out, and the page has to be opened again.
        Unknown: They may not hear the recording any more.
    """
    if link.is_good(visit.at):
        still(visit.db, link.recording, link.ground, link.who, visit.at).require()
        return None
    if visit.member is None and not _is_from_here(visit):
        raise NotAllowed(RAN_OUT)
    key = private_link or (link.who if link.ground is Ground.LINK else "")
    try:
        hearing = may_hear(visit.db, link.recording, visit.member, key, at=visit.at).require()
    except Unknown as error:  # they held a link once, so that it exists is no news
        raise NotAllowed(RAN_OUT) from error
    return sign(visit.site.secret(_PURPOSE), renewed(link, hearing, visit.at))


def _is_from_here(visit: Visit) -> bool:
    """Say whether a page of this site asks, as browsers tell it."""
    headers = visit.request.headers
    told = headers.get("sec-fetch-site")
    if told is not None:
        return told == "same-origin"
    host = urlsplit(headers.get("referer", "")).netloc
    return bool(host) and host in {urlsplit(visit.site.url).netloc, headers.get("host", "")}
