"""One request by OpenSubsonic: who asks, and with which parameters."""

from dataclasses import dataclass

from sqlalchemy import Connection

from assent.signin.scopes import Scope
from assent.signin.tokens import Token
from assent.web.subsonic_answer import Code, SubsonicError
from assent.web.visit import Visit

__all__ = ["Asked"]

_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a music app asks.

    Args:
        visit: The request.
        token: Whose token it shows.
        given: The parameters, in order; some come several times.
    """

    visit: Visit
    token: Token
    given: tuple[tuple[str, str], ...]

    @property
    def db(self) -> Connection:
        """A connection that reads."""
        return self.visit.db

    @property
    def account(self) -> str:
        """Who asks."""
        return self.token.member.account

    def text(self, name: str, otherwise: str | None = None) -> str:
        """Return a parameter.

        Raises:
            SubsonicError: It is missing, and there is nothing to take instead.
        """
        some = self.several(name)
        if some:
            return some[-1]
        if otherwise is None:
            raise SubsonicError(Code.MISSING, f"the parameter {name} is missing")
        return otherwise

    def several(self, name: str) -> list[str]:
        """Return a parameter that may come several times."""
        return [value for key, value in self.given if key == name and value]

    def number(self, name: str, otherwise: int, most: int) -> int:
        """Return a parameter that is a number, no larger than is good.

        Raises:
            SubsonicError: It is none.
        """
        value = self.text(name, str(otherwise))
        if not (value.isascii() and value.isdigit() and len(value) <= _DIGITS):
            raise SubsonicError(Code.OTHER, f"the parameter {name} is not a number")
        return min(int(value), most)

    def need(self, scope: Scope) -> None:
        """Refuse what the token does not allow.

        Raises:
            SubsonicError: It does not.
        """
        if scope not in self.token.scopes:
            raise SubsonicError(
                Code.NOT_ALLOWED, f"this token does not allow this; it would need {scope.value!r}"
            )
