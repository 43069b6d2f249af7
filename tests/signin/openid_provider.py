"""A small OpenID provider over real HTTP, with keys of its own, which can be made to lie.

Source: OpenID Connect Core 1.0, section 3.1; RFC 7636, section 4.6.
"""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from urllib.parse import unquote_plus, urlencode

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.houses import Clock
from tests.web.served import served

CLIENT, SECRET = "assent-test", "s3cret: with a colon & more"


@dataclass
class Answering:
    """A provider, and what it says.

    Args:
        clock: What tells it the time.
        subject: Who is signed in there.
        claims: What it says otherwise than it should; a claim that is None is left out.
        sign: Makes the token of claims, if not the usual way.
        metadata: What it says otherwise of itself.
        asked: What it was asked, path by path.
        status: What it answers when it is asked to describe itself.
        secret: What the client must show; empty for a public one.
    """

    clock: Clock
    subject: str = "7001"
    claims: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    status: int = 200
    secret: str = SECRET

    def __post_init__(self) -> None:
        self.issuer = ""
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self._codes: dict[str, dict[str, str]] = {}

    def described(self, request: Request) -> Response:
        self.asked.append("described")
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "authorization_response_iss_parameter_supported": True,
            **self.metadata,
        }
        return JSONResponse(said, self.status)

    def keys(self, request: Request) -> Response:
        self.asked.append("keys")
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        code = token_urlsafe(16)
        self._codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 303)

    async def token(self, request: Request) -> Response:
        self.asked.append("token")
        said = await request.form()
        asked = self._codes.pop(str(said["code"]), None)
        name, secret = _client(request.headers.get("authorization", ""), said)
        proved = sha256(str(said["code_verifier"]).encode()).digest()
        if (
            asked is None
            or (name, secret) != (CLIENT, self.secret)
            or asked["redirect_uri"] != said["redirect_uri"]
            or asked["code_challenge"] != urlsafe_b64encode(proved).decode().rstrip("=")
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "preferred_username": "wren.ashby",
        }
        if asked.get("max_age") == "0":
            claims["auth_time"] = now
        claims = {k: v for k, v in (claims | self.claims).items() if v is not None}
        token = self.sign(claims) if self.sign else self.signed(claims)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def signed(self, claims: dict[str, Any], **header: str) -> str:
        given = {"alg": "RS256", "kid": "one"} | header
        return jwt.encode(given, claims, self.key, [given["alg"]])


def _client(header: str, said: FormData) -> tuple[str, str]:
    """Return who asks for a token, and what they show: in the header, or in the form."""
    if not header:
        return str(said.get("client_id", "")), str(said.get("client_secret", ""))
    name, _, secret = b64decode(header.removeprefix("Basic ")).decode().partition(":")
    return unquote_plus(name), unquote_plus(secret)


@contextmanager
def provider_at(clock: Clock) -> Iterator[Answering]:
    """Give a provider that answers."""
    answering = Answering(clock)
    app = Starlette(
        routes=[
            Route("/.well-known/openid-configuration", answering.described),
            Route("/keys", answering.keys),
            Route("/authorize", answering.authorize),
            Route("/token", answering.token, methods=["POST"]),
        ]
    )
    with served(app) as address:
        answering.issuer = address
        yield answering
