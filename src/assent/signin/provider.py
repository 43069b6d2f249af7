"""An OpenID provider: somebody elsewhere who vouches for people, asked over HTTPS.

Authorization code with PKCE and a nonce; the answer is believed only if it is signed by the
provider's keys with an asymmetric algorithm, is for this site, for this question and for now.

Source: OpenID Connect Core 1.0, section 3.1; Discovery 1.0; RFC 7636; RFC 9207.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
from authlib.oauth2.rfc7636 import (  # type: ignore[import-untyped]  # ships neither types nor stubs
    create_s256_code_challenge,
)
from authlib.oidc.core import (  # type: ignore[import-untyped]  # ships neither types nor stubs
    CodeIDToken,
)
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from assent.clock import monotonic_s
from assent.errors import CouldNot, NotAllowed
from assent.signin.registration import Registration, is_safe

__all__ = ["Identity", "Provider"]

_ALGORITHMS: Final = tuple(
    f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)
)
_KEPT_S, _AGAIN_S = 3_600, 60
_PATIENCE_S = 10
_MOST_BYTES = 1 << 20
_LEEWAY_S = 60
_JUST_NOW = timedelta(minutes=10)
_MOST_OF_CLAIM = 255
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody, as a provider knows them.

    Args:
        issuer: The provider.
        subject: What it calls them; never another person.
        name: How they might like to be called; empty if it does not say.
    """

    issuer: str
    subject: str
    name: str = ""


class Provider:
    """A provider, and what was learnt of it.

    Args:
        registration: What was agreed with it.
        clock: What tells the time.
    """

    def __init__(self, registration: Registration, clock: Callable[[], datetime]) -> None:
        self.registration = registration
        self._clock = clock
        self._client = httpx.Client(timeout=_PATIENCE_S, follow_redirects=False)
        self._lock = Lock()
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    @property
    def name(self) -> str:
        """How it is called."""
        return self.registration.name

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def address(
        self, *, redirect: str, state: str, nonce: str, verifier: str, again: bool = False
    ) -> str:
        """Return where to send a browser.

        Args:
            redirect: Where the provider sends it back to.
            state: What names the question when it comes back.
            nonce: What the answer must hold.
            verifier: The secret of PKCE.
            again: Whether the person is to show anew who they are.

        Raises:
            CouldNot: The provider does not answer as it should.
        """
        asked = {
            "response_type": "code",
            "client_id": self.registration.client_id,
            "redirect_uri": redirect,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        if again:
            asked |= {"prompt": "login", "max_age": "0"}
        there = self._endpoint("authorization_endpoint")
        return f"{there}{'&' if urlsplit(there).query else '?'}{urlencode(asked)}"

    def check_answerer(self, issuer: str | None) -> None:
        """Refuse an answer that another provider sent (RFC 9207).

        Raises:
            NotAllowed: It did.
            CouldNot: The provider does not answer as it should.
        """
        says_so = self._known().get("authorization_response_iss_parameter_supported") is True
        if issuer != self.registration.issuer and (says_so or issuer is not None):
            raise self._untrue()

    def identity(
        self, code: str, *, redirect: str, nonce: str, verifier: str, again: bool = False
    ) -> Identity:
        """Return who it is, for the code that a browser brought.

        Args:
            code: The code.
            redirect: Where the provider sent the browser to.
            nonce: What the answer must hold.
            verifier: The secret of PKCE.
            again: Whether the person was to show anew who they are, and must have.

        Raises:
            CouldNot: The provider does not answer as it should.
            NotAllowed: The code, or what the provider says, does not hold.
        """
        answer = self._exchange(code, redirect, verifier)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise self._untrue()
        try:
            claims = self._claims(token, nonce, answer.get("access_token"))
        except (JoseError, ValueError, TypeError) as error:
            raise self._untrue() from error
        if again and not self._is_just_now(claims.get("auth_time")):
            raise NotAllowed(f"{self.name} did not ask you anew who you are; nothing was done")
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= _MOST_OF_CLAIM:
            raise self._untrue()
        return Identity(issuer=self.registration.issuer, subject=subject, name=_name_in(claims))

    def _claims(self, token: str, nonce: str, access_token: object) -> Mapping[str, Any]:
        decoded = self._decoded(token)
        claims: Mapping[str, Any] = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": self.registration.issuer},
                "aud": {"essential": True, "value": self.registration.client_id},
                "sub": {"essential": True},
                "exp": {"essential": True},
                "iat": {"essential": True},
                "nonce": {"essential": True, "value": nonce},
            },
            params={
                "client_id": self.registration.client_id,
                "nonce": nonce,
                "access_token": access_token if isinstance(access_token, str) else None,
            },
        )
        claims.validate(now=int(self._clock().timestamp()), leeway=_LEEWAY_S)  # type: ignore[attr-defined]  # Authlib's claims are a dictionary that can do this
        return claims

    def _decoded(self, token: str) -> jwt.Token:
        """Check the signature; a key that is not known may be a new one of the provider."""
        try:
            return jwt.decode(token, self._key_set(_KEPT_S), _ALGORITHMS)
        except (JoseError, ValueError):
            return jwt.decode(token, self._key_set(_AGAIN_S), _ALGORITHMS)

    def _is_just_now(self, auth_time: object) -> bool:
        if not isinstance(auth_time, int | float):
            return False
        return self._clock().timestamp() - auth_time <= _JUST_NOW.total_seconds()

    # What is asked of it.

    def _exchange(self, code: str, redirect: str, verifier: str) -> dict[str, Any]:
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
        }
        ours = self.registration
        ways = self._known().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        auth = None
        if not ours.client_secret:
            asked["client_id"] = ours.client_id
        elif "client_secret_basic" in ways:
            auth = httpx.BasicAuth(_form(ours.client_id), _form(ours.client_secret))
        else:
            asked |= {"client_id": ours.client_id, "client_secret": ours.client_secret}
        status, answer = self._ask("POST", self._endpoint("token_endpoint"), data=asked, auth=auth)
        if 400 <= status < 500:  # noqa: PLR2004  # what HTTP calls the asker's fault
            raise NotAllowed(f"{self.name} does not know this sign-in any more; try again")
        return self._said(status, answer)

    def _known(self) -> dict[str, Any]:
        with self._lock:
            if self._metadata is None or monotonic_s() - self._metadata[0] > _KEPT_S:
                issuer = self.registration.issuer
                there = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
                said = self._said(*self._ask("GET", there))
                if said.get("issuer") != issuer:
                    raise self._away(f"it calls itself {said.get('issuer')!r}")
                self._metadata = monotonic_s(), said
            return self._metadata[1]

    def _key_set(self, good_for_s: float) -> KeySet:
        there = self._endpoint("jwks_uri")
        with self._lock:
            if self._keys is None or monotonic_s() - self._keys[0] > good_for_s:
                said = self._said(*self._ask("GET", there))
                try:
                    keys = KeySet.import_key_set(said)  # type: ignore[arg-type]  # it checks what it is given
                except (JoseError, ValueError, TypeError, KeyError) as error:
                    raise self._away("its keys cannot be read") from error
                self._keys = monotonic_s(), keys
            return self._keys[1]

    def _endpoint(self, name: str) -> str:
        there = self._known().get(name)
        if not isinstance(there, str) or not is_safe(there):
            raise self._away(f"it names no {name}")
        return there

    def _ask(self, method: str, there: str, **more: Any) -> tuple[int, bytes]:
        headers = {"accept": "application/json"}
        try:
            with self._client.stream(method, there, headers=headers, **more) as answer:
                said = bytearray()
                for piece in answer.iter_bytes():
                    said += piece
                    if len(said) > _MOST_BYTES:
                        raise self._away("it says too much")
                return answer.status_code, bytes(said)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._away(str(error) or type(error).__name__) from error

    def _said(self, status: int, answer: bytes) -> dict[str, Any]:
        if status != _OK:
            raise self._away(f"it answers {status}")
        try:
            said = json.loads(answer)
        except (ValueError, RecursionError) as error:
            raise self._away("it does not answer in JSON") from error
        if not isinstance(said, dict):
            raise self._away("it answers something else")
        return said

    def _away(self, why: str) -> CouldNot:
        text = f"{self.name} cannot be asked at the moment; sign in another way, or try again"
        return CouldNot(text, why=why, told=True)

    def _untrue(self) -> NotAllowed:
        return NotAllowed(f"what {self.name} says does not hold; nothing was done, try again")


def _form(text: str) -> str:
    """Return a text as RFC 6749, section 2.3.1, wants it before Basic."""
    return urlencode({"": text})[1:]


def _name_in(claims: Mapping[str, Any]) -> str:
    for claim in ("preferred_username", "nickname", "name"):
        name = claims.get(claim)
        if isinstance(name, str) and 0 < len(name) <= _MOST_OF_CLAIM and name.isprintable():
            return name
    return ""
