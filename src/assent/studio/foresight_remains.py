"""What is open after all, and why: because the terms take it, or because somebody lets it be.

For one holder's recordings, as they are or as they would be once something is said. Answers which
uses are open in how many of them and what that stands on. Changes nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from sqlalchemy import select

from assent.catalogue import tables
from assent.catalogue.rows import Texts
from assent.catalogue.voices import Voices
from assent.permission.algebra import ground
from assent.permission.facts import Role, Standing
from assent.permission.programs import Program
from assent.permission.uses import ALL, CONSENT_ONLY
from assent.studio.foresight_reading import Reading

__all__ = ["Because", "Remain", "remains", "remains_later", "standing_in_both", "taken_by"]


class Because(Enum):
    """Why a use is open."""

    TAKEN = "taken"
    """The terms, or the agreement, take it; a no does not change that."""
    UNLESS_NO = "unless-no"
    """They open it unless this holder says no."""
    SAID = "said"
    """This holder says yes to it."""
    OTHERS = "others"
    """Where the program runs, other holders let it be, and this one is not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remain:
    """Uses that are open for one reason.

    Args:
        because: Why.
        counts: In how many recordings each use is [one-bit words]; 0 for what is brought later.
        texts: The texts that it stands on; none where it stands on what was said.
        is_agreement: Whether these are agreements that recordings were delivered under.
    """

    because: Because
    counts: Mapping[int, int]
    texts: tuple[str, ...] = ()
    is_agreement: bool = False

    @property
    def uses(self) -> int:
        """The uses that are open for this reason anywhere."""
        return sum(self.counts)

    @property
    def is_later(self) -> bool:
        """Whether this is about what is brought later."""
        return not any(self.counts.values())


@dataclass(frozen=True, slots=True)
class _Place:
    """What one holder's consent stands on in some recordings, and their word."""

    first: Standing
    second: Standing
    granted: int
    refused: int
    word: int


def remains(
    reading: Reading,
    voices: Voices,
    words: Mapping[int, int],
    program: Program | None,
    about: Iterable[int],
) -> tuple[Remain, ...]:
    """Return what is open in some recordings, by reason.

    Args:
        reading: The holder's recordings.
        voices: `before` or `after` of the reading.
        words: The words of the recordings, by number.
        program: For which program; what every one may if None.
        about: The recordings, by number.
    """
    places: dict[_Place, int] = {}
    for number in about:
        place = _place(reading, voices, program, number, words[number])
        if place is not None:
            places[place] = places.get(place, 0) + 1
    counted: dict[object, Counter[int]] = {}
    reasons: dict[object, Remain] = {}
    for place, many in places.items():
        for reason, uses in _reasons(place, program.uses if program else ALL):
            key = (reason.because, reason.texts)
            reasons[key] = reason
            counted.setdefault(key, Counter()).update(dict.fromkeys(_each(uses), many))
    return tuple(
        replace(it, counts=dict(sorted(counted[key].items()))) for key, it in reasons.items()
    )


def _each(uses: int) -> Iterator[int]:
    return (1 << at for at in range(uses.bit_length()) if uses >> at & 1)


def remains_later(reading: Reading, voices: Voices, besides: int) -> Iterator[Remain]:
    """Give what would be open in a recording that is brought later, besides some uses."""
    accounts = tables.accounts.c
    query = select(accounts.accepted).where(accounts.id == reading.holder)
    accepted = reading.connection.execute(query).scalar_one_or_none()
    first, second = standing_in_both(reading.texts, accepted)
    said = voices.of(reading.holder, "", None)  # no recording is called that
    word = ground(first.masks, second.masks, said.granted, said.refused)
    place = _Place(first, second, said.granted, said.refused, word & ~besides)
    for reason, uses in _reasons(place, ALL):
        yield replace(reason, counts=dict.fromkeys(_each(uses), 0))


def standing_in_both(texts: Texts, accepted: str | None) -> tuple[Standing, Standing]:
    """Return the terms accepted and those in force as they count for an upload of one's own."""
    return (
        texts.standing(Role.ACCEPTED, accepted),
        texts.standing(Role.CURRENT, texts.in_force),
    )


def taken_by(first: Standing, second: Standing) -> int:
    """Return the uses that both texts take whatever is said."""
    return first.masks.granted & second.masks.granted & ~CONSENT_ONLY


def _place(
    reading: Reading, voices: Voices, program: Program | None, number: int, word: int
) -> _Place | None:
    row = reading.facts[number]
    mine = next((it for it in reading.rows[number] if it.holder == reading.holder), None)
    if mine is None or not word:
        return None
    said = voices.of(reading.holder, row.id, program.id if program else None)
    if row.agreement is not None:
        text = reading.texts.standing(Role.AGREEMENT, row.agreement)
        return _Place(text, text, said.granted, said.refused, word)
    first, second = standing_in_both(reading.texts, mine.accepted)
    return _Place(first, second, said.granted, said.refused, word)


def _reasons(place: _Place, uses: int) -> Iterator[tuple[Remain, int]]:
    """Give why which of some uses are open there; the uses are not counted yet."""
    is_open = place.word & uses
    mine = ground(place.first.masks, place.second.masks, place.granted, place.refused)
    taken = is_open & taken_by(place.first, place.second)
    said = is_open & mine & place.granted & ~taken
    texts = tuple(dict.fromkeys(it.text for it in (place.first, place.second) if it.text))
    for because, some, stands_on in (
        (Because.TAKEN, taken, texts),
        (Because.UNLESS_NO, is_open & mine & ~taken & ~said, texts),
        (Because.SAID, said, ()),
        (Because.OTHERS, is_open & ~mine, ()),
    ):
        if some:
            under = place.first.role is Role.AGREEMENT and bool(stands_on)
            yield Remain(because=because, counts={}, texts=stands_on, is_agreement=under), some
