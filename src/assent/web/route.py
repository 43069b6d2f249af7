"""A route of the site, and who may use it."""

from dataclasses import dataclass
from typing import Final

from assent.acts.accounts import Role
from assent.signin.scopes import Scope

__all__ = [
    "ANYBODY",
    "CREATORS",
    "LABELS",
    "MEMBERS",
    "OPERATORS",
    "REVIEWERS",
    "STAFF",
    "Route",
    "Who",
]

Who = frozenset[Role] | None
ANYBODY: Final[Who] = None
MEMBERS: Final = frozenset(Role) - {Role.NOBODY}
CREATORS: Final = frozenset({Role.ARTIST, Role.LABEL})
LABELS: Final = frozenset({Role.LABEL})
STAFF: Final = frozenset({Role.REVIEWER, Role.OPERATOR, Role.AUDITOR})
REVIEWERS: Final = frozenset({Role.REVIEWER, Role.OPERATOR})
OPERATORS: Final = frozenset({Role.OPERATOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route of the site.

    Args:
        name: Its face and function, such as "playlists.add".
        kind: page, twin, act, api or raw.
        methods: The methods that it answers.
        path: Its path, with parameters in braces.
        who: The roles that may use it; None for everybody.
        scope: What a token must allow; None where no token will do.
        large: Whether bodies of any size are taken.
    """

    name: str
    kind: str
    methods: tuple[str, ...]
    path: str
    who: Who
    scope: Scope | None
    large: bool = False
