"""A visit: one request, who makes it, and what the page needs to answer it."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from math import ceil
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import Connection
from starlette.datastructures import UploadFile
from starlette.requests import Request

from assent.acts.accounts import Role
from assent.acts.asked import inbox_count
from assent.errors import AssentError, NotAllowed, TokenRefused
from assent.signin import attempts, sessions, tokens
from assent.signin.members import Member
from assent.signin.scopes import Scope
from assent.web.refusals import NotSignedIn, TooMany
from assent.web.site import Site
from assent.web.terms_in_force import InForce, TermsInForce

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["COOKIE", "SAID", "SITE", "VISITOR", "Cookie", "Visit", "site_of", "wants_json"]

COOKIE: Final = "assent"
"""Holds the secret of a session."""
VISITOR: Final = "assent-visitor"
"""Ties the forms of somebody who is not signed in to their browser."""
SAID: Final = "assent-said"
"""Holds what the next page says was done."""
_BEARER = "bearer "
SITE: Final = "assent.site"
"""Where a request keeps the site that it is made to."""
_KNOWN = "assent.known"
"""Where a request keeps who it is, once that is known."""


class Cookie(NamedTuple):
    """A cookie to be set by the answer; without a value it is taken away."""

    name: str
    value: str
    max_age_s: int


class Visit:
    """One request.

    Args:
        site: The platform.
        request: What was asked.

    Attributes:
        form: What was typed into a form that was refused, by field; the page shows it again.
        files: The files of a form, by field.
        problem: Why it was refused; empty if nothing was.
    """

    def __init__(self, site: Site, request: Request) -> None:
        self.site = site
        self.request = request
        self.at: datetime = site.house.clock()
        self.form: dict[str, str | list[str]] = {}
        self.files: dict[str, list[UploadFile]] = {}
        self.problem = ""
        self._open = ExitStack()
        self._session: sessions.Session | None = None
        self._token: tokens.Token | None = None
        self.new_visitor = ""
        self.cookies: list[Cookie] = []

    def __enter__(self) -> "Visit":
        self._sign_in()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: "TracebackType | None",
    ) -> None:
        # with the error, so that a database that is away is told as such
        self._open.__exit__(kind, error, trace)

    @cached_property
    def db(self) -> Connection:
        """A connection that sees one state of the catalogue until the visit ends."""
        return self._open.enter_context(self.site.house.reading())

    def let_go(self) -> None:
        """Close the connection before something long; whoever asks for it later gets a new one."""
        self.__dict__.pop("db", None)
        self._open.close()

    # Who it is.

    def _sign_in(self) -> None:
        known = self.request.scope.get(_KNOWN)
        if isinstance(known, AssentError):  # looked up before, for the page that says so
            raise known
        if known is None:
            try:
                self._look_up()
            except (TokenRefused, TooMany) as error:
                self.request.scope[_KNOWN] = error
                raise
            self.request.scope[_KNOWN] = self._session, self._token
        else:  # this request was let pass before its body was looked at
            self._session, self._token = known

    def _look_up(self) -> None:
        given = self.request.headers.get("authorization", "")
        if given.lower().startswith(_BEARER):
            key = self.site.secret("api tokens")
            self._token = tokens.found(self.db, given[len(_BEARER) :].strip(), key, self.at)
            if self._token is None:
                self._check_wrong_tokens()
                raise TokenRefused("this token is not known here, or has run out")
            tokens.used(self.site.house, self._token)
            return
        secret = self.request.cookies.get(COOKIE, "")
        if secret:
            self._session = sessions.found(self.db, secret, self.at)
        if self._session is not None:
            sessions.seen(self.site.house, self._session)

    def _check_wrong_tokens(self) -> None:
        """Count a wrong token for the address it comes from; right ones are not held up by it."""
        client = self.request.client
        whose = attempts.TOKEN_ADDRESS, client.host if client else ""
        house = self.site.house
        wait = attempts.wait_of(house, self.db, *whose) or attempts.take(house, whose)
        if wait:
            text = "too many tokens were tried that are not known here; wait, and look at yours"
            raise TooMany(text, wait_s=ceil(wait.total_seconds()))

    @property
    def session(self) -> sessions.Session | None:
        """The session of a browser; None for a token, and for strangers."""
        return self._session

    @property
    def by_token(self) -> bool:
        """Whether a program asks with a token, and not a person in a browser."""
        return self._token is not None

    @property
    def member(self) -> Member | None:
        """Who is signed in; None for a stranger."""
        if self._token is not None:
            return self._token.member
        return None if self._session is None else self._session.member

    @property
    def me(self) -> Member:
        """Who is signed in.

        Raises:
            NotSignedIn: Nobody is.
        """
        if self.member is None:
            raise NotSignedIn("sign in first")
        return self.member

    @property
    def by(self) -> str:
        """The name under which what is done now goes on record."""
        return self.me.name

    def is_one_of(self, roles: frozenset[Role]) -> bool:
        """Say whether who is signed in has one of some roles."""
        return self.member is not None and self.member.role in roles

    def admit(self, who: frozenset[Role] | None, scope: Scope | None) -> None:
        """Let pass only who may use a route.

        Args:
            who: The roles that may; None for everybody.
            scope: What a token must allow; None where no token will do.

        Raises:
            NotSignedIn: It is for members.
            NotAllowed: It is for others, or the token does not allow it.
        """
        if self._token is not None and scope not in self._token.scopes:
            raise NotAllowed(
                "this needs a person who is signed in, not a token"
                if scope is None
                else f"the token does not allow this; it would need the scope {scope.value!r}"
            )
        if who is not None and self.me.role not in who:
            raise NotAllowed(f"this is not for the role {self.me.role.value!r}", roles=who)

    @cached_property
    def waiting(self) -> int:
        """How many programs wait for an answer of who is signed in."""
        if self.member is None or self.member.role not in {Role.ARTIST, Role.LABEL}:
            return 0
        return inbox_count(self.db, self.member.account, self.at)

    @property
    def terms(self) -> InForce:
        """The terms in force, as they were a few seconds ago at most."""
        return self.site.one(TermsInForce).now()

    # Forms.

    @cached_property
    def csrf(self) -> str:
        """What a form of this browser carries, so that no other page can send it."""
        if self._session is not None:
            whose = self._session.id
        else:
            whose = self.request.cookies.get(VISITOR, "")
            if not whose:
                whose = self.new_visitor = token_urlsafe(16)
        digest = hmac.digest(self.site.secret("forms"), whose.encode(), sha256)
        return urlsafe_b64encode(digest[:18]).decode()

    def set_cookie(self, name: str, value: str, max_age_s: int) -> None:
        """Have the answer set a cookie that no script reads and no other site sends.

        Args:
            name: Its name.
            value: What it holds.
            max_age_s: How long [seconds].
        """
        self.cookies.append(Cookie(name, value, max_age_s))

    def drop_cookie(self, name: str) -> None:
        """Have the answer take a cookie away."""
        self.cookies.append(Cookie(name, "", 0))

    def once(self) -> str:
        """Return a number for a form, so that sending it twice does it once."""
        return token_urlsafe(16)

    def typed(self, name: str, otherwise: object = "") -> str:
        """Return what was typed into a field of a refused form, or else what stands there."""
        value = self.form.get(name)
        if isinstance(value, list):
            value = value[-1] if value else ""
        if value is None:
            return "" if otherwise is None else str(otherwise)
        return value

    # Addresses.

    @property
    def path(self) -> str:
        """The path of what was asked."""
        return self.request.url.path

    @property
    def nonce(self) -> str:
        """What marks the style of this answer as ours."""
        return str(self.request.scope.get("assent.nonce", ""))

    @property
    def wants_json(self) -> bool:
        """Whether the answer is read by a program."""
        return wants_json(self.request)

    def address(self, path: str) -> str:
        """Return the public address of a path of this site."""
        return f"{self.site.url}{path}"

    def later(self, work: Callable[[], object]) -> None:
        """Do something when the visit ends, such as closing a file."""
        self._open.callback(work)


def site_of(request: Request) -> Site:
    """Return the site that a request is made to."""
    site: Site = request.scope[SITE]
    return site


def wants_json(request: Request) -> bool:
    """Say whether an answer is read by a program: by its path, or by what it takes."""
    path = request.url.path
    if path.startswith("/api/") or path.endswith(".json"):
        return True
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "text/html" not in accepted
