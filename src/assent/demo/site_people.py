"""Who can sign in to the site of the demonstration, each with a password that is drawn for them."""

from dataclasses import dataclass
from secrets import token_urlsafe

from assent.acts.accounts import Role
from assent.acts.house import House
from assent.demo.cast import APPROVER, DESK, LABEL, NO_AI, SAYS_NOTHING, SAYS_YES, THIEF
from assent.signin.members import Member, invite, join

__all__ = ["AUDITOR", "LISTENERS", "OPERATOR", "Login", "let_in"]

OPERATOR = "Hester Quill"
AUDITOR = "Pell Arden"
LISTENERS = ("Ida Sund", "Tomas Rill")

_INVITED = {
    OPERATOR: Role.OPERATOR,
    DESK: Role.REVIEWER,
    APPROVER: Role.REVIEWER,
    AUDITOR: Role.AUDITOR,
    LABEL: Role.LABEL,
    SAYS_YES: Role.ARTIST,
    NO_AI: Role.ARTIST,
    SAYS_NOTHING: Role.ARTIST,
    THIEF: Role.ARTIST,
}
_BYTES = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Somebody who can sign in.

    Args:
        member: Who it is.
        password: Told once; the platform keeps what it is checked by.
    """

    member: Member
    password: str


def let_in(house: House) -> dict[str, Login]:
    """Let all people of the story sign in, and some who listen; return how, by their names."""
    made: dict[str, Login] = {}
    for name, role in _INVITED.items():
        password = token_urlsafe(_BYTES)
        member = invite(house, name, role, OPERATOR, password)
        made[name] = Login(member=member, password=password)
    for name in LISTENERS:
        password = token_urlsafe(_BYTES)
        member = join(house, name, Role.LISTENER, password)
        made[name] = Login(member=member, password=password)
    return made
