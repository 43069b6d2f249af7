"""Whether the terms in force ask before music is trained on; looked at again every few seconds."""

from dataclasses import dataclass
from threading import Lock
from typing import Final

from sqlalchemy import select

from assent.catalogue.tables import texts
from assent.clock import monotonic_s
from assent.permission.uses import CONSENT_ONLY, parse_uses
from assent.web.site import Site

__all__ = ["InForce", "TermsInForce"]

_TRAINS: Final = parse_uses(["*/train-*"]) & ~CONSENT_ONLY
"""What the charter does not shut whatever a text says."""
_GOOD_FOR_S: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The terms in force.

    Args:
        text: Their id; empty where there are none.
        asks_first: Whether nothing is trained on by them unless somebody says yes.
    """

    text: str
    asks_first: bool


class TermsInForce:
    """Knows the terms in force of one site.

    Args:
        site: The site.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = Lock()
        self._known: tuple[float, InForce] | None = None

    def now(self) -> InForce:
        """Return the terms in force, as they were a few seconds ago at most."""
        with self._lock:
            at = monotonic_s()
            if self._known is None or at - self._known[0] > _GOOD_FOR_S:
                self._known = (at, self._read())
            return self._known[1]

    def _read(self) -> InForce:
        query = select(texts.c.id, texts.c.granted, texts.c.opt_out).where(texts.c.current)
        with self._site.house.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return InForce(text="", asks_first=True)
        return InForce(text=row.id, asks_first=not (row.granted | row.opt_out) & _TRAINS)
