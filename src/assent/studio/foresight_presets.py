"""What each preset would leave open under the texts that hold for an account, and what it says.

A preset promises what the terms let it keep: where they take a use whatever anybody says, the words
of the preset follow. The texts are the terms accepted and those in force, and every agreement that
recordings of the account were delivered under. What others say can only close more.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from assent.catalogue import tables
from assent.catalogue.rows import Texts
from assent.permission.algebra import ground
from assent.permission.facts import Role, Standing
from assent.permission.presets import PRESETS, Preset
from assent.permission.uses import CONSENT_ONLY, parse_uses
from assent.permission.wording import listed
from assent.studio.foresight_remains import Because, standing_in_both, taken_by

__all__ = [
    "TRAINS",
    "Left",
    "Outlook",
    "delivered_under",
    "outlook_of",
    "outlooks_of",
    "promise",
]

TRAINS = parse_uses(["*/train-analysis"])
"""Training that terms can open; the charter keeps all other training shut until a yes."""
_DUTIES = parse_uses(["*/identify", "*/protect"])
_SEARCH = parse_uses(["*/search"])
_RECOMMENDS = parse_uses(["*/recommend", "*/first-fans"])
_ANALYSES = parse_uses(["platform/analyse"])
_COUNTS = parse_uses(["platform/insight"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Uses that a preset leaves open, beyond what it is about.

    Args:
        because: `TAKEN`, or `UNLESS_NO` where a no would close them.
        uses: Which.
        texts: By which texts.
        is_agreement: Whether that is an agreement.
    """

    because: Because
    uses: int
    texts: tuple[str, ...]
    is_agreement: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What would be open under a preset.

    Args:
        preset: The preset.
        open: The uses that would be open, as far as texts and preset go.
        left: Those of them that the preset is not about.
    """

    preset: Preset
    open: int
    left: tuple[Left, ...]

    @property
    def is_true(self) -> bool:
        """Whether all would be as the preset's name says."""
        match self.preset:
            case Preset.NO_AI:
                return not self.open & ~_DUTIES
            case Preset.FOUND:
                return bool(self.open & _SEARCH) and not self.open & (TRAINS | CONSENT_ONLY)
            case _:
                return not self.open & (TRAINS | CONSENT_ONLY)


def outlooks_of(connection: Connection, account: str) -> dict[Preset, Outlook]:
    """Return what would be open under each preset.

    Args:
        connection: Where the catalogue is read.
        account: The account's id.
    """
    pairs = tuple(_pairs(connection, account))
    return {preset: outlook_of(preset, pairs) for preset in Preset}


def outlook_of(preset: Preset, pairs: tuple[tuple[Standing, Standing], ...]) -> Outlook:
    """Return what would be open under a preset, by the texts that count together."""
    masks = PRESETS[preset]
    about = masks.granted | _DUTIES
    is_open, left = 0, []
    for first, second in pairs:
        word = ground(first.masks, second.masks, masks.granted, masks.refused)
        is_open |= word
        taken = word & taken_by(first, second)
        for because, uses in (
            (Because.TAKEN, taken & ~about),
            (Because.UNLESS_NO, word & ~taken & ~about),
        ):
            if uses:
                texts = tuple(dict.fromkeys((first.text, second.text)))
                under = first.role is Role.AGREEMENT
                left.append(Left(because=because, uses=uses, texts=texts, is_agreement=under))
    return Outlook(preset=preset, open=is_open, left=tuple(left))


def _pairs(connection: Connection, account: str) -> Iterator[tuple[Standing, Standing]]:
    texts, accounts = Texts(connection), tables.accounts.c
    own, agreements = delivered_under(connection, account)
    if own or not agreements:  # of whoever only delivers, no recording stands on the terms
        mine = select(accounts.accepted).where(accounts.id == account)
        yield standing_in_both(texts, connection.execute(mine).scalar_one_or_none())
    for agreement in agreements:
        text = texts.standing(Role.AGREEMENT, agreement)
        yield text, text


def delivered_under(connection: Connection, account: str) -> tuple[bool, tuple[str, ...]]:
    """Return whether an account holds recordings under the terms, and its others' agreements."""
    held, recordings = tables.holdings.c, tables.recordings.c
    query = (
        select(recordings.agreement)
        .join(tables.holdings, held.recording == recordings.id)
        .where(held.holder == account)
        .distinct()
    )
    found = set(connection.execute(query).scalars())
    return None in found, tuple(sorted(it for it in found if it is not None))


def promise(outlook: Outlook) -> tuple[str, ...]:
    """Return what a preset means, in two lines, and no more than is true."""
    match outlook.preset:
        case Preset.NO_AI:
            return _no_ai(outlook.open)
        case Preset.FOUND:
            return (
                _found(outlook.open),
                f"{_untrained(outlook.open)}, nothing imitates you, and no program may ask.",
            )
        case Preset.ASK:
            return (
                f"{_found(outlook.open)} {_untrained(outlook.open)}. Programs may ask you for"
                " more.",
                "Each request waits in your inbox. It opens nothing; only your yes does, to that"
                " program alone.",
            )
        case Preset.OWN:
            return (
                "You decide use by use, in the table below. Programs may ask you, too.",
                "It begins with a clean sheet: what you said for your whole account is taken back,"
                " and the terms' own defaults hold until you say more.",
            )


def _no_ai(word: int) -> tuple[str, ...]:
    kept = (
        ("training", TRAINS),
        # nothing generative is open without a yes, and this takes every yes back
        ("imitation", 0),
        ("recommending", _RECOMMENDS),
        ("search", _SEARCH),
    )
    shut = [f"no {what}" for what, uses in kept if not word & uses]
    alone = "" if word & ~_DUTIES else "Only copies and fraud are still looked for. "
    if not word:
        alone = "Nothing at all is open. "
    return (
        f"Everything that can be refused is refused: {listed(shut)}.",
        f"{alone}People who follow a link can listen.",
    )


def _found(word: int) -> str:
    ways = (
        ("in search", _SEARCH),
        ("in recommendations", _RECOMMENDS),
        ("by how it sounds", _ANALYSES),
    )
    found = [how for how, uses in ways if word & uses]
    if not found:
        return "Your music would be found, but the terms have no room for that."
    seen = " You see how it does." if word & _COUNTS else ""
    return f"People find your music: {listed(found)}.{seen}"


def _untrained(word: int) -> str:
    return (
        "No machine that makes music learns from it"
        if word & TRAINS
        else "Nothing is trained on it"
    )
