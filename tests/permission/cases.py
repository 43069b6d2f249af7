"""Every input that one bit of a word can have, and the answer written a second way, in names.

One recording of two holders: what each stands under, what each said, a hold or none, a copy or
none; for one use that a text may open and one that only a grant opens.
"""

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import NamedTuple

from assent.permission.algebra import SILENT, Masks
from assent.permission.decide import word_of
from assent.permission.facts import NO_TEXT, Facts, Hold, Holder, Role, Standing
from assent.permission.statements import Piece, Said
from assent.permission.uses import CONSENT_ONLY, FREE

__all__ = [
    "CASES",
    "COPIES",
    "GRANTED",
    "REFUSED",
    "SAID",
    "STANDINGS",
    "STATES",
    "USES",
    "Case",
    "Consent",
    "Terms",
    "answers",
    "facts_of",
    "masks_of",
    "may",
]

USES = {"free": FREE & -FREE, "consent-only": CONSENT_ONLY & -CONSENT_ONLY}
STATES = ("none", "barred", "granted", "opt_out", "opt_in")
SAID = ("nothing", "granted", "refused", "both")
COPIES = ("no copy", "of an open one", "of a closed one")
GRANTED, REFUSED = {"granted", "both"}, {"refused", "both"}


class Terms(NamedTuple):
    """What a holder stands under: two texts of terms, or one agreement twice."""

    first: str
    second: str
    agreement: bool


class Consent(NamedTuple):
    """One holder."""

    terms: Terms
    said: str


class Case(NamedTuple):
    """One input of one bit."""

    use: str
    holders: tuple[Consent, ...]
    held: bool
    copy: str


STANDINGS = (
    *(Terms(first, second, agreement=False) for first, second in product(STATES, STATES)),
    *(Terms(state, state, agreement=True) for state in STATES),
)


def _cases() -> Iterator[Case]:
    consents = [Consent(terms, said) for terms, said in product(STANDINGS, SAID)]
    for use, one, two in product(USES, consents, consents):
        for held, copy in product((False, True), COPIES):
            yield Case(use, (one, two), held, copy)


CASES = tuple(_cases())


def _opens(state: str, said: str) -> bool:
    match state:
        case "granted":
            return True
        case "opt_out":
            return said not in REFUSED
        case "opt_in":
            return said == "granted"
        case _:
            return False


def _consents(use: str, holder: Consent) -> bool:
    if use == "consent-only" and holder.said != "granted":
        return False
    return _opens(holder.terms.first, holder.said) and _opens(holder.terms.second, holder.said)


def may(case: Case) -> bool:
    """Answer a case in names: the oracle."""
    if case.held or case.copy == "of a closed one" or not case.holders:
        return False
    return all(_consents(case.use, holder) for holder in case.holders)


def masks_of(state: str, use: int) -> Masks[int]:
    """Return a text that says one thing of one use and nothing of any other."""
    return SILENT._replace(**{state: use}) if state in Masks._fields else SILENT


@cache
def _holder(consent: Consent, use: int, number: int) -> Holder:
    roles = (
        (Role.AGREEMENT, Role.AGREEMENT)
        if consent.terms.agreement
        else (Role.ACCEPTED, Role.CURRENT)
    )
    first, second = (
        NO_TEXT[role]
        if state == "none"
        else Standing(role=role, text=state, masks=masks_of(state, use), event=event)
        for role, state, event in zip(roles, consent.terms[:2], (1, 2), strict=True)
    )
    if consent.terms.agreement:
        second = first
    said = Said(
        (Piece(3, use),) if consent.said in GRANTED else (),
        (Piece(4, use),) if consent.said in REFUSED else (),
    )
    name = f"holder-{number}"
    return Holder(id=name, name=name.title(), first=first, second=second, said=said)


@cache
def _original(use: int, copy: str) -> Facts | None:
    if copy == "no copy":
        return None
    terms = Terms("granted", "granted", agreement=True)
    said = "granted" if copy == "of an open one" else "refused"
    holder = _holder(Consent(terms, said), use, 9)
    holds = () if said == "granted" else (Hold(event=8, uses=use, cause="dispute"),)
    return Facts(recording="original", holders=(holder,), holds=holds)


def facts_of(case: Case) -> Facts:
    """Return the facts of a case."""
    use = USES[case.use]
    return Facts(
        recording="recording",
        holders=tuple(_holder(holder, use, i) for i, holder in enumerate(case.holders, 1)),
        holds=(Hold(event=7, uses=use, cause="dispute"),) if case.held else (),
        original=_original(use, case.copy),
    )


@cache
def answers() -> dict[Case, bool]:
    """Return what the algebra says of every case."""
    return {case: bool(word_of(facts_of(case)) & USES[case.use]) for case in CASES}
