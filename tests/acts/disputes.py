"""A small platform on which people dispute whose recordings these are; invented artists.

r0 is Ada Quill's, r1 hers and Bo Tarn's, r2 Bo's; r3 to r7 were brought later by Tess Vane, r6 with
a share for Bo. All of them grant some uses, and refuse others, so no two words are the same.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import select

from assent.acts.claims import Plea, Says, answer_claim, make_claim
from assent.acts.copies import SEVERAL, Found, Suspicion, declare_copy, suspect
from assent.acts.holders import Share, set_holders
from assent.acts.house import House
from assent.acts.reviews import clear, decide
from assent.acts.say import About, grant, refuse
from assent.catalogue import tables
from assent.catalogue.cases import State
from assent.catalogue.facts import FactReader
from assent.clock import format_instant
from assent.errors import AssentError
from assent.permission.decide import word_of
from assent.permission.uses import parse_uses
from tests.houses import RIVAL, Clock, add, platform

__all__ = [
    "ADA",
    "ALL_OF_THEM",
    "BO",
    "EARLIER",
    "LATER",
    "TESS",
    "WORDS",
    "Step",
    "alone",
    "build",
    "case_rows",
    "deciding",
    "histories",
    "holds_for",
    "meant",
    "rows",
    "step",
    "suspected",
    "tells",
    "words",
]

ADA, BO, TESS = "Ada Quill", "Bo Tarn", "Tess Vane"
EARLIER, LATER = ("r0", "r1", "r2"), ("r3", "r4", "r5", "r6", "r7")
ALL_OF_THEM = (*EARLIER, *LATER)
WORDS = Plea(words="it is as I say")
TOOL = parse_uses(["partner/train-tool"])
FANS = parse_uses(["platform/first-fans"])

Step = tuple[str, tuple[Any, ...]]
"""Any: what happens, and its details, as `histories` draws them."""


def build(folder: Path) -> None:
    """Make the platform."""
    halves = (Share(name=ADA, share_ppm=500_000), Share(name=BO, share_ppm=500_000))
    with platform(folder / "data") as house:
        add(house, folder, ADA)
        add(house, folder, ADA, holders=halves)
        add(house, folder, BO)
        for _ in range(3):
            add(house, folder, TESS)
        add(
            house,
            folder,
            TESS,
            holders=[replace(half, name=n) for half, n in zip(halves, (TESS, BO), strict=True)],
        )
        add(house, folder, TESS)
        grant(house, About(holder=ADA), RIVAL | FANS, all_programs=True)
        grant(house, About(holder=BO), RIVAL | TOOL, all_programs=True)
        grant(house, About(holder=TESS), RIVAL | TOOL | FANS, all_programs=True)


def histories() -> st.SearchStrategy[list[Step]]:
    """Draw what anybody may do, in any order; a number stands for a case or a claim there is."""
    later, any_of_them = st.sampled_from(LATER), st.sampled_from(ALL_OF_THEM)
    earlier = st.sampled_from(("r0", "r0", "r1", "r2", "r3"))
    people, number = st.sampled_from([ADA, BO, TESS]), st.integers(0, 7)
    pair, states = number | st.tuples(later, earlier), [it for it in State if it != "suspected"]
    uses = st.sampled_from([RIVAL, TOOL, FANS])
    kinds = {
        "suspect": st.tuples(
            later, st.lists(earlier, min_size=1, max_size=2), st.sampled_from(Found)
        ),
        "decide": st.tuples(number, st.sampled_from(states)),
        "many": st.tuples(earlier),
        "claim": st.tuples(number, pair, st.sampled_from(Says)),
        "answer": st.tuples(number, number, st.sampled_from([True, True, False])),
        "declare": st.tuples(any_of_them, st.none() | any_of_them),
        "say": st.tuples(people, st.none() | any_of_them, uses, st.integers(0, 1)),
        "share": st.tuples(later, st.lists(people, min_size=1, max_size=2, unique=True)),
        "clear": st.tuples(),
        "days": st.tuples(st.integers(1, 15)),
    }
    often = ("suspect", "decide", "claim", "answer") * 3
    each = [st.tuples(st.just(kind), kinds[kind]) for kind in (*kinds, *often)]
    first = st.tuples(st.just("suspect"), kinds["suspect"])
    many = st.lists(st.one_of(each), min_size=5, max_size=14)
    return st.builds(lambda one, more: [one, *more], first, many)


def meant(house: House, what: Step) -> Step:
    """Return a step with the case or the claim that its number stands for."""
    kind, details = what
    cases = list(case_rows(house))
    claims = [row for row in rows(house, tables.claims) if row.closed is None]
    if kind == "decide":
        pairs = [*cases, *((row.recording, row.original) for row in claims)]
        return kind, (_of(pairs or [("r3", "r0")], details[0]), details[1])
    if kind == "claim":
        number, pair, says = details
        pair = _of(cases or [("r3", "r0")], pair) if isinstance(pair, int) else pair
        return kind, (_of(_people(house, *pair), number), pair, says)
    if kind == "answer":
        if not claims:
            return kind, (ADA, 0, details[2])
        claim = _of(claims, details[1])
        people = _people(house, claim.recording, claim.original)
        return kind, (_of(people, details[0]), claim.event, details[2])
    return what


def _of(some: Sequence[Any], number: int) -> Any:  # one of some of any kind
    return some[number % len(some)]


def _people(house: House, *recordings: str) -> list[str]:
    """Return who holds rights in any of some recordings, by name."""
    accounts, holdings = tables.accounts.c, tables.holdings.c
    query = (
        select(accounts.name)
        .join(tables.holdings, holdings.holder == accounts.id)
        .where(holdings.recording.in_(recordings))
        .order_by(accounts.name)
        .distinct()
    )
    with house.reading() as connection:
        return list(connection.execute(query).scalars())


def step(house: House, clock: Clock, what: Step) -> bool:
    """Do one thing, and say whether it was done; what the rules refuse stays undone."""
    kind, details = what
    if kind == "days":
        clock.turn(days=details[0])
        return True
    with suppress(AssentError):
        _DEEDS[kind](house, *details)
        return True
    return False


def _suspect(house: House, recording: str, originals: list[str], found: Found) -> None:
    suspected(house, recording, *originals, found=found)


def _many(house: House, original: str) -> None:
    for recording in LATER:
        suspected(house, recording, original)


def _say(house: House, artist: str, recording: str | None, uses: int, yes: int) -> None:
    about = About(holder=artist, recording=recording)
    if yes:
        grant(house, about, uses, all_programs=True)
    else:
        refuse(house, about, uses)


def _share(house: House, recording: str, people: list[str]) -> None:
    shares = [Share(name=name, share_ppm=400_000) for name in people]
    set_holders(house, recording, shares, "desk")


_DEEDS: dict[str, Callable[..., object]] = {
    "suspect": _suspect,
    "decide": lambda house, pair, state: decide(house, pair, state, "I have listened", "Kim"),
    "claim": lambda house, artist, pair, says: make_claim(house, artist, pair, says, WORDS),
    "answer": lambda house, artist, number, agrees: answer_claim(
        house, artist, number, WORDS, agrees=agrees
    ),
    "many": _many,
    "declare": lambda house, one, other: declare_copy(house, one, other, "desk"),
    "say": _say,
    "share": _share,
    "clear": lambda house: clear(house, TESS, "she is a label", "Kim"),
}


def tells(what: Step, artist: str) -> bool:
    """Say whether it is somebody's own word or deed."""
    kind, details = what
    return kind in {"claim", "answer", "say"} and details[0] == artist


def suspected(
    house: House, recording: str, *originals: str, found: Found = Found.FINGERPRINT
) -> list[str]:
    """Have the machine, or a claim, suspect a recording; return of what cases were opened."""
    with house.act("machine") as act:
        opened = suspect(act, recording, [Suspicion(original=it, found=found) for it in originals])
    return [event.body["original"] for event in opened]


def rows(house: House, table: Any) -> Sequence[Any]:
    """Return the rows of a table, by its key. Any: of any table, without column types."""
    with house.reading() as connection:
        return connection.execute(select(table).order_by(*table.primary_key)).all()


def case_rows(house: House) -> dict[tuple[str, str], str]:
    """Return the state of every case."""
    return {(row.recording, row.original): row.state for row in rows(house, tables.copies)}


def words(house: House) -> dict[str, int]:
    """Return the stored words."""
    return {row.id: row.word for row in rows(house, tables.recordings)}


def alone(house: House, at: Any) -> dict[str, tuple[int, int]]:
    """Return the words computed anew: as they are, and as they would be if none were a copy."""
    found = {}
    with house.reading() as connection:
        for name in ALL_OF_THEM:
            facts = FactReader(connection).facts(name, None, at)
            own = tuple(hold for hold in facts.holds if hold.cause != SEVERAL)
            found[name] = word_of(facts), word_of(replace(facts, original=None, holds=own))
    return found


def holds_for(house: House, cause: str) -> list[str]:
    """Return what is on hold for a cause, in order."""
    holds = tables.holds.c
    query = select(holds.recording).where(holds.cause == cause, holds.lifted.is_(None))
    with house.reading() as connection:
        return sorted(connection.execute(query).scalars())


def deciding(house: House, at: Any, pair: tuple[str, str], state: State) -> bool:
    """Say whether somebody who would lose may still be heard: the rule written a second way."""
    against = pair[0] if state is State.CONFIRMED else pair[1]
    claim, answer, holding = tables.claims.c, tables.answers.c, tables.holdings.c
    like_it = [Says.MINE] if against == pair[0] else [it for it in Says if it is not Says.MINE]
    with house.reading() as connection:
        open_now = connection.execute(
            select(tables.claims).where(
                claim.recording == pair[0],
                claim.original == pair[1],
                claim.closed.is_(None),
                claim.says.in_(like_it),
                claim.answer_by > format_instant(at),
            )
        ).all()
        for row in open_now:
            silent = select(holding.holder).where(
                holding.recording == against,
                holding.holder != row.account,
                holding.holder.not_in(select(answer.account).where(answer.claim == row.event)),
            )
            nobody = select(holding.holder).where(holding.recording == against)
            if connection.execute(silent).first() or not connection.execute(nobody).first():
                return True
    return False
