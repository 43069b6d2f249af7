"""The difference of two wordings on three levels: the text, the clauses, the open cells.

Most changes of a text change no clause, and most changes of a clause open nothing. The last level
is the one to be told of: what opened, what closed, and for whom.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from assent.terms.box import Box
from assent.terms.clause import PROMISES, Clause, Status
from assent.terms.cover import cover
from assent.terms.grid import EVERY_CELL
from assent.terms.miss import Miss, near_misses
from assent.terms.notice import Notice
from assent.terms.openings import OPEN, Count, count
from assent.terms.parts import Claim
from assent.terms.prose import may, said
from assent.terms.quote import plain, sentences
from assent.terms.reading import Reading
from assent.terms.text import Text

__all__ = ["Change", "Difference", "Moved", "compare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of one clause.

    Args:
        before: As it was; None if it is new.
        after: As it is; None if it is gone.
        what: In which ways it differs: text, status, scope, limits, precedence.
    """

    before: Clause | None
    after: Clause | None
    what: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Cells that changed their status, as one sentence.

    Args:
        box: Which.
        sentence: Who may what with what; for what is loosened or tightened, as it is said now.
        status: Their status: of what closed, before; of all else, now; None is silence.
        misses: Where they are open, the promises that come nearest.
    """

    box: Box
    sentence: str
    status: Status | None
    misses: tuple[Miss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What one wording says and another does not.

    Args:
        gone: Sentences of the first that are not in the second.
        new: Sentences of the second that are not in the first.
        clauses: Clauses that are new, gone or different.
        opened: What only the second leaves open.
        closed: What only the first left open.
        loosened: What was yours to refuse and is not any more, or was barred and is asked for now.
        tightened: The other way round.
        restated: What both leave open, said differently: silent before, granted now, or so.
        claims_gone: What stood beside the first, in a heading or so, and binds nobody.
        claims_new: What stands beside the second.
        notice: What each promises about changes to itself, if that differs.
        before: How much the first leaves open.
        after: How much the second leaves open.
    """

    gone: tuple[str, ...]
    new: tuple[str, ...]
    clauses: tuple[Change, ...]
    opened: tuple[Moved, ...]
    closed: tuple[Moved, ...]
    loosened: tuple[Moved, ...]
    tightened: tuple[Moved, ...]
    restated: tuple[Moved, ...]
    claims_gone: tuple[Claim, ...]
    claims_new: tuple[Claim, ...]
    notice: tuple[Notice, Notice] | None
    before: Count
    after: Count


def compare(first: Text, second: Text) -> Difference:
    """Return what differs between two wordings."""
    gone, new = _texts(first, second)
    was, now = _about(first), _about(second)
    both = first.about & second.about
    looser, stricter = _steps(was, now) & both, _steps(now, was) & both
    return Difference(
        gone=gone,
        new=new,
        clauses=tuple(_changes(first, second)),
        opened=tuple(_moved(second, now.open & ~was.open)),
        closed=tuple(_moved(first, was.open & ~now.open)),
        loosened=tuple(_moved(second, looser)),
        tightened=tuple(_moved(second, stricter)),
        restated=tuple(
            it
            for status in OPEN
            for it in _moved(
                second,
                was.open & now.cells(status) & ~was.cells(status) & ~looser & ~stricter,
            )
        ),
        claims_gone=_claims_only_in(first, second),
        claims_new=_claims_only_in(second, first),
        notice=None if first.notice == second.notice else (first.notice, second.notice),
        before=count(first.reading, first.about),
        after=count(second.reading, second.about),
    )


def _about(text: Text) -> Reading:
    """Return a reading in which what a text cannot speak of is not left open by it."""
    of, reading = text.about, text.reading
    return replace(
        reading,
        granted=reading.granted & of,
        opt_out=reading.opt_out & of,
        opt_in=reading.opt_in & of,
        barred=reading.barred & of | EVERY_CELL & ~of,
    )


def _steps(was: Reading, now: Reading) -> int:
    """Return what got looser without being opened: not refusable any more, or no longer barred."""
    return was.opt_out & (now.granted | now.silent) | was.barred & now.opt_in


def _claims_only_in(text: Text, other: Text) -> tuple[Claim, ...]:
    said = {plain(it.text) for it in other.claims}
    return tuple(it for it in text.claims if plain(it.text) not in said)


def _texts(first: Text, second: Text) -> tuple[tuple[str, ...], tuple[str, ...]]:
    before, after = _wording(first), _wording(second)
    was, now = ([plain(it) for it in some] for some in (before, after))
    matcher = SequenceMatcher(None, was, now, autojunk=False)
    gone: list[str] = []
    new: list[str] = []
    for kind, low, high, from_, to in matcher.get_opcodes():
        if kind != "equal":
            gone.extend(before[low:high])
            new.extend(after[from_:to])
    return tuple(gone), tuple(new)


def _wording(text: Text) -> tuple[str, ...]:
    """Return the sentences of a text: of its prose, or of its clauses if it has none."""
    if text.prose:
        return sentences(text.prose)
    return tuple(it for clause in text.clauses for it in sentences(clause.text))


def _changes(first: Text, second: Text) -> Iterator[Change]:
    was = {clause.id: clause for clause in first.clauses}
    now = {clause.id: clause for clause in second.clauses}
    for name, clause in was.items():
        if name not in now:
            yield Change(before=clause, after=None)
        elif what := _ways(clause, now[name]):
            yield Change(before=clause, after=now[name], what=what)
    for name, clause in now.items():
        if name not in was:
            yield Change(before=None, after=clause)


def _ways(before: Clause, after: Clause) -> tuple[str, ...]:
    limits = ("qualifiers", "exceptions", "definitions")
    ways = {
        "text": plain(before.text) != plain(after.text),
        "status": before.status is not after.status,
        "scope": before.scope != after.scope,
        "limits": any(getattr(before, it) != getattr(after, it) for it in limits),
        "precedence": before.without_prejudice != after.without_prejudice,
    }
    return tuple(way for way, differs in ways.items() if differs)


def _moved(text: Text, cells: int) -> Iterator[Moved]:
    """Give some cells of a text, a sentence each: who may, or what is said if that is more."""
    for status in (*OPEN, *PROMISES):
        for box in cover(cells & text.reading.cells(status) & text.about).boxes:
            is_said = status in {Status.OPT_OUT, *PROMISES}
            yield Moved(
                box=box,
                sentence=said(box, status, text.company)
                if status and is_said
                else may(box, text.company),
                status=status,
                misses=near_misses(text, box.cells & text.reading.open),
            )
