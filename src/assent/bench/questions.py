"""Random questions: a recording with its holders and a program, for us and for peers.

A question is about one use. It is made of plain values first, so that every engine gets the same.
"""

from dataclasses import dataclass
from itertools import count
from random import Random  # noqa: TID251  # seeded by the caller

from assent.permission.algebra import Masks
from assent.permission.facts import Facts, Hold, Holder, Role, Standing
from assent.permission.programs import Program
from assent.permission.statements import Piece, Said
from assent.permission.uses import CONSENT_ONLY, FREE

__all__ = ["MOST_HOLDERS", "STATUSES", "Party", "Question", "Subject", "questions"]

STATUSES = ("granted", "opt_out", "opt_in", "barred", "none")
"""What a text says of the use; "none" where there is no text."""
MOST_HOLDERS = 3
_FREE_USE, _CONSENT_USE = FREE & -FREE, CONSENT_ONLY & -CONSENT_ONLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A holder: what the two texts say of the use, and what the holder said."""

    first: str
    second: str
    granted: bool
    refused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A recording: its holders and whether a hold is on the use."""

    parties: tuple[Party, ...]
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May a program use a recording, for one use?

    Args:
        live: Whether the program is approved and not suspended.
        generative: Whether the use needs a grant whatever the texts say.
        subject: The recording.
        original: What it is a copy of, if it is a copy.
    """

    live: bool
    generative: bool
    subject: Subject
    original: Subject | None

    @property
    def use(self) -> int:
        """The use asked for [60-bit word]."""
        return _CONSENT_USE if self.generative else _FREE_USE

    def program(self) -> Program:
        """Return the program that asks."""
        suspended = None if self.live else 3
        return Program(id="p", uses=self.use, proposed=1, approved=2, suspended=suspended)

    def facts(self) -> Facts:
        """Return all that is known, as our own decision takes it."""
        original = _facts(self.original, self.use, "r1", None) if self.original else None
        return _facts(self.subject, self.use, "r0", original)


def _facts(subject: Subject, use: int, recording: str, original: Facts | None) -> Facts:
    events = count(10)
    return Facts(
        recording=recording,
        holders=tuple(
            Holder(
                id=f"a{number}",
                name=f"Holder {number}",
                first=_standing(Role.ACCEPTED, party.first, use, next(events)),
                second=_standing(Role.CURRENT, party.second, use, next(events)),
                said=Said(
                    (Piece(next(events), use),) if party.granted else (),
                    (Piece(next(events), use),) if party.refused else (),
                ),
            )
            for number, party in enumerate(subject.parties)
        ),
        unclaimed=frozenset() if subject.parties else frozenset(["world"]),
        holds=(Hold(event=next(events), uses=use, cause="dispute"),) if subject.held else (),
        original=original,
    )


def _standing(role: Role, status: str, use: int, event: int) -> Standing:
    if status == "none":
        return Standing(role=role)
    masks = Masks(*(use if name == status else 0 for name in Masks._fields))
    return Standing(role=role, text=f"text-{event}", masks=masks, event=event)


def questions(n: int, seed: int = 1) -> list[Question]:
    """Return that many random questions; about every third is answered with yes."""
    chance = Random(seed)  # noqa: S311  # not for secrets; seeded here
    return [_question(chance) for _ in range(n)]


def _question(chance: Random) -> Question:
    return Question(
        live=chance.random() < 0.9,  # noqa: PLR2004  # mostly live, so that the rest matters
        generative=chance.random() < 0.5,  # noqa: PLR2004  # a coin
        subject=_subject(chance),
        original=_subject(chance) if chance.random() < 0.2 else None,  # noqa: PLR2004  # a fifth
    )


def _subject(chance: Random) -> Subject:
    number = chance.choices(range(MOST_HOLDERS + 1), (1, 12, 4, 2))[0]
    return Subject(
        parties=tuple(_party(chance) for _ in range(number)),
        held=chance.random() < 0.05,  # noqa: PLR2004  # rare
    )


def _party(chance: Random) -> Party:
    first, second = chance.choices(STATUSES, (4, 4, 4, 1, 1), k=2)
    return Party(
        first=first,
        second=second,
        granted=chance.random() < 0.7,  # noqa: PLR2004  # mostly yes, or nearly all answers are no
        refused=chance.random() < 0.15,  # noqa: PLR2004  # some
    )
