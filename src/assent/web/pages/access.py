"""Where you are signed in, and the tokens that speak for you."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from assent.errors import Unknown
from assent.signin import sessions, tokens
from assent.signin.members import STAFF_ROLES
from assent.signin.scopes import Scope, sentence
from assent.web.entrance import check_confirmed, confirmed, reveal, revealed
from assent.web.face import MEMBERS, Done, Face
from assent.web.proof import Proof, proof_of
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("access")

_LONGEST_DAYS = 3650


class SessionShown(View):
    """A browser that is signed in.

    Args:
        id: The session's id.
        here: Whether it is the one that asks.
        agent: What the browser calls itself.
        way: How it was signed in.
        at: When it was.
        seen: When it was last seen.
    """

    id: str
    here: bool
    agent: str
    way: str
    at: datetime
    seen: datetime


class SessionsView(View):
    """Where you are signed in.

    Args:
        sessions: Each browser, the one seen last first.
    """

    sessions: list[SessionShown]


@face.page("/account/sessions", template="account/sessions.html", who=MEMBERS, scope=None)
def sessions_page(visit: Visit) -> SessionsView:
    """Show where you are signed in."""
    here = visit.session.id if visit.session else ""
    return SessionsView(
        sessions=[
            SessionShown(
                id=one.id,
                here=one.id == here,
                agent=one.agent,
                way=one.way,
                at=one.at,
                seen=one.seen,
            )
            for one in sessions.sessions_of(visit.db, visit.me.account, visit.at)
        ]
    )


class Ending(BaseModel):
    """A session to be ended.

    Args:
        session: Its id.
    """

    session: Annotated[str, Field(max_length=200)]


@face.act("/account/sessions/end", who=MEMBERS, scope=None, shows=sessions_page)
def end_session(visit: Visit, said: Ending) -> Done:
    """End one of your sessions."""
    if not sessions.end(visit.site.house, visit.me.account, said.session):
        raise Unknown("you have no such session; it may be over")
    return Done(said="That browser is signed out.", next="/account/sessions")


@face.act("/account/sessions/end-others", who=MEMBERS, scope=None, shows=sessions_page)
def end_other_sessions(visit: Visit) -> Done:
    """End all your sessions but this one."""
    keep = visit.session.id if visit.session else ""
    ended = sessions.end_others(visit.site.house, visit.me.account, keep)
    words = "1 other browser is" if ended == 1 else f"{ended} other browsers are"
    return Done(said=f"{words} signed out.", next="/account/sessions")


class ScopeShown(View):
    """Something that a token may do.

    Args:
        scope: What it is called.
        words: What it is, in words.
    """

    scope: Scope
    words: str


class TokenShown(View):
    """A token.

    Args:
        id: Its id, the part of its secret before the dot.
        label: What its owner calls it.
        scopes: What it may do.
        at: When it was made.
        until: Until when it is good; none if for good.
        used: When it was last used; none if never.
    """

    id: str
    label: str
    scopes: list[ScopeShown]
    at: datetime
    until: datetime | None
    used: datetime | None


class TokensView(View):
    """The tokens that speak for you.

    Args:
        tokens: All of them, the newest first.
        offered: What a new one may be allowed.
        secret: The secret of the one that was just made, shown once; else empty.
        proof: Whether, and how, you show that it is you.
    """

    tokens: list[TokenShown]
    offered: list[ScopeShown]
    secret: str
    proof: Proof


@face.page("/account/tokens", template="account/tokens.html", who=MEMBERS, scope=None)
def tokens_page(visit: Visit, new: Annotated[str, Query(max_length=100)] = "") -> TokensView:
    """Show the tokens that speak for you, and once the secret of a new one."""
    is_staff = visit.me.role in STAFF_ROLES
    made = revealed(visit, new).get("token", "")
    return TokensView(
        tokens=[
            TokenShown(
                id=token.id,
                label=token.label,
                scopes=[_shown(scope) for scope in Scope if scope in token.scopes],
                at=token.at,
                until=token.until,
                used=token.used,
            )
            for token in tokens.tokens_of(visit.db, visit.me.account, visit.at)
        ],
        offered=[_shown(scope) for scope in Scope if is_staff or scope is not Scope.STAFF],
        secret=tokens.secret_of(visit.site.house, made) if made else "",
        proof=proof_of(visit, confirmed=confirmed(visit)),
    )


class Making(BaseModel):
    """A new token.

    Args:
        label: What you call it.
        scopes: What it may do.
        days: For how many days it is good; for good if left out.
    """

    label: Annotated[str, Field(max_length=1000)]
    scopes: list[Scope]
    days: Annotated[int, Field(ge=1, le=_LONGEST_DAYS)] | None = None


class Made(Done):
    """A token that was made.

    Args:
        token: Its id.
        secret: What a program shows, told only here.
    """

    token: str
    secret: str


@face.act("/account/tokens", who=MEMBERS, scope=None, shows=tokens_page)
def make_token(visit: Visit, said: Making) -> Made:
    """Make a token that speaks for you."""
    check_confirmed(visit)
    until = visit.at + timedelta(days=said.days) if said.days else None
    house, account = visit.site.house, visit.me.account
    name, secret = tokens.make(house, account, said.label, frozenset(said.scopes), until)
    there = f"/account/tokens?new={reveal(visit, {'token': name})}"
    return Made(said="The token is made. Copy it now.", next=there, token=name, secret=secret)


class EndingToken(BaseModel):
    """A token to be ended.

    Args:
        token: Its id.
    """

    token: Annotated[str, Field(max_length=200)]


@face.act("/account/tokens/end", who=MEMBERS, scope=None, shows=tokens_page)
def end_token(visit: Visit, said: EndingToken) -> Done:
    """End a token of yours; whoever shows it is refused from now on."""
    if not tokens.end(visit.site.house, visit.me.account, said.token):
        raise Unknown("you have no such token; it may be over")
    return Done(said="That token opens nothing any more.", next="/account/tokens")


def _shown(scope: Scope) -> ScopeShown:
    return ScopeShown(scope=scope, words=sentence(scope))
