"""The closer: the shortest addition to a text that closes what somebody wants closed.

An addition is one or more promises, each a sentence that a person could sign: who, what for in
phrases that have a name (two at most), with what, from when; nothing without consent. It is without
prejudice, so it weakens no promise that is there, and it closes nothing that was not asked for.
Fewest sentences first, then fewest words; exact within that language.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from assent.permission.uses import (
    ACTIVITIES,
    ALL,
    CONSENT_ONLY,
    Activity,
    Actor,
    parse_uses,
)
from assent.terms.box import Box, commons
from assent.terms.clause import Clause, Status
from assent.terms.cover import words_in
from assent.terms.grid import Scope
from assent.terms.prose import said
from assent.terms.reading import read
from assent.terms.set_cover import cheapest_cover
from assent.terms.text import Text
from assent.terms.words import PHRASES
from assent.terms.written import clause_lines

__all__ = ["TARGETS", "Addition", "addition_toml", "close", "language", "target_uses"]

TARGETS = {
    "generative": CONSENT_ONLY,
    "training": parse_uses(["*/train-*"]),
    "input": parse_uses(["*/input-*"]),
    "supply": parse_uses(["*/supply"]),
    "everything": ALL,
}
"""What has a name of its own to be closed."""

_SENTENCE = 10_000
"""A sentence weighs more than any number of words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What closes a target.

    Args:
        clauses: The promises to add at the end; none if nothing is open.
        closes: The cells that they close [set of cells].
        proved: Whether it is proved that nothing shorter does.
    """

    clauses: tuple[Clause, ...]
    closes: int
    proved: bool


def target_uses(names: tuple[str, ...]) -> int:
    """Return the uses that targets name: by a name of `TARGETS`, or as actor/activity.

    Raises:
        BadStatement: One names no use.
    """
    uses = 0
    for name in names:
        uses |= TARGETS[name] if name in TARGETS else parse_uses([name])
    return uses


@cache
def language() -> tuple[int, ...]:
    """Return what one sentence can be about: a named phrase or two [sets of 15 activities]."""
    named = [_row(group) for group in PHRASES]
    pairs = [first | second for first, second in combinations(named, 2)]
    return tuple(dict.fromkeys((*named, *pairs)))


def _row(activities: frozenset[Activity]) -> int:
    return sum(1 << place for place, it in enumerate(ACTIVITIES) if it in activities)


def close(text: Text, target: Scope) -> Addition:
    """Return the shortest addition that closes a target.

    Args:
        text: The wording.
        target: What is to be closed.
    """
    asked = target.cells & text.about
    wanted = text.reading.open & asked
    if not wanted:
        return Addition(clauses=(), closes=0, proved=True)
    allowed = asked | text.reading.closed
    taken, proved = _one(wanted, allowed, text.company), True
    if not taken:  # one sentence is fewer than any two
        taken, proved = _several(wanted, allowed, text.company)
    names = {clause.id for clause in text.clauses}
    clauses = tuple(
        _promise(box, _free_name(names, place), text.company) for place, box in enumerate(taken, 1)
    )
    _check(text, clauses, wanted)
    return Addition(clauses=clauses, closes=wanted, proved=proved)


_Sayable = tuple[frozenset[Actor], int, int]
"""What a sentence can be about: actors, activities [15 bits], and a context as `commons` has it."""


def _sayable(allowed: int, wanted: int) -> Iterator[tuple[int, _Sayable]]:
    """Give what may be said within some cells, with the wanted cells that it closes."""
    for actors, context, shared in commons(allowed):
        if not Box.of(actors, shared, context).cells & wanted:
            continue
        lanes = Box.of(actors, 1, context).cells
        for row in language():
            # fifteen activities fit between two lanes, so the product carries nothing over
            if not row & ~shared and (closes := row * lanes & wanted):
                yield closes, (actors, row, context)


def _one(wanted: int, allowed: int, company: str) -> list[Box]:
    """Return the shortest sentence that closes all that is wanted by itself, if there is any."""
    found = [it for closes, it in _sayable(allowed, wanted) if closes == wanted]
    return [Box.of(*min(found, key=_length(company)))] if found else []


def _several(wanted: int, allowed: int, company: str) -> tuple[list[Box], bool]:
    """Return the fewest and shortest sentences that close it together, and whether it is proved."""
    length = _length(company)
    shortest: dict[int, tuple[int, _Sayable]] = {}
    for closes, it in _sayable(allowed, wanted):
        words = length(it)
        if closes not in shortest or words < shortest[closes][0]:
            shortest[closes] = words, it
    sets = list(shortest)
    taken, proved = cheapest_cover(wanted, sets, [_SENTENCE + shortest[it][0] for it in sets])
    return [Box.of(*shortest[sets[it]][1]) for it in taken], proved


def _length(company: str) -> Callable[[_Sayable], int]:
    """Return what tells how many words a sentence has, without writing it.

    A sentence says who, what for and of what one after the other, so the words of each add up.
    """

    def words(actors: frozenset[Actor], row: int, context: int) -> int:
        return words_in(said(Box.of(actors, row, context), Status.OPT_IN, company))

    who, what, of_what = frozenset({Actor.PLATFORM}), 1, 0
    base = words(who, what, of_what)
    by_who = cache(lambda actors: words(actors, what, of_what) - base)
    by_what = cache(lambda row: words(who, row, of_what) - base)
    by_context = cache(lambda context: words(who, what, context) - base)
    return lambda it: base + by_who(it[0]) + by_what(it[1]) + by_context(it[2])


def _free_name(taken: set[str], place: int) -> str:
    name = f"addition-{place}"
    return name if name not in taken else _free_name(taken, place + len(taken))


def _promise(box: Box, name: str, company: str) -> Clause:
    return Clause(
        id=name,
        text=said(box, Status.OPT_IN, company),
        status=Status.OPT_IN,
        scope=box.scope,
        without_prejudice=True,
    )


def _check(text: Text, clauses: tuple[Clause, ...], wanted: int) -> None:
    """Read the text with the addition, and see that it closes just what was wanted."""
    after = read((*text.clauses, *clauses))
    if text.reading.open & ~after.open != wanted or after.barred != text.reading.barred:
        raise AssertionError("an addition does not close what it was made for")


def addition_toml(addition: Addition) -> str:
    """Return the promises as they stand in a file of terms."""
    return "\n".join(line for clause in addition.clauses for line in clause_lines(clause))
