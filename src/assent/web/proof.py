"""Whether somebody has shown just now that it is them, and how they can."""

from assent.signin import credentials
from assent.web.entrance import provider_of
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["Proof", "proof_of"]


class Proof(View):
    """Whether somebody has shown just now that it is them, and how they can.

    Args:
        confirmed: Whether they have, in the last ten minutes.
        password: Whether they have a password.
        passkeys: How many passkeys they have.
        linked: Whether the provider vouches for them.
        provider: Its name; empty where there is none.
    """

    confirmed: bool
    password: bool
    passkeys: int
    linked: bool
    provider: str


def proof_of(visit: Visit, *, confirmed: bool) -> Proof:
    """Return whether and how who is signed in can show that it is them."""
    ways = credentials.ways_of(visit.db, visit.me.account)
    provider = provider_of(visit.site)
    return Proof(
        confirmed=confirmed,
        password=ways.password,
        passkeys=ways.passkeys,
        linked=ways.identities > 0 and provider is not None,
        provider="" if provider is None else provider.name,
    )
