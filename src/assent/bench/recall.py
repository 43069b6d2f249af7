"""Rows of how often a recording is known again, beside the peers; and how often a stranger is.

At no false match, a peer's threshold is what it says of a stranger at most, of pieces of the same
length; ours is less than the least chance that any stranger's piece of that length was given.
"""

from collections.abc import Iterator, Sequence

from assent.bench.interval import wilson
from assent.bench.queries import LOOSE, Answer
from assent.bench.row import Row
from assent.identity.chance import STATED

__all__ = ["recall_rows", "stranger_rows"]

_NEGATIVES = 1_000
_LOUD_SPEECH, _OF_LOUD_SPEECH = "speech -6 dB", 0.7
"""Under speech louder than the music, so much is the goal, whatever the peers reach."""


def stranger_rows(answers: Sequence[Answer]) -> Iterator[Row]:
    """Yield what strangers were taken for."""
    of = [one for one in answers if one.truth is None]
    if not of:
        return
    false = [one for one in of if one.found and one.found[0].chance <= STATED]
    yield Row(
        what=f"of {len(of):,} pieces of strangers, found to be nobody's",
        unit="pieces",
        ours=float(len(of) - len(false)),
        goal=len(of),
    )
    yield Row(
        what="the same, claimed as nobody's copy once the samples were looked at",
        unit="pieces",
        ours=float(sum(not one.is_claimed for one in of)),
        goal=len(of),
    )
    yield Row(what="how many pieces that is", unit="pieces", ours=float(len(of)), goal=_NEGATIVES)
    yield Row(what="the least chance that any of them was given", unit="chance", ours=_sure(of))


def _sure(strangers: Sequence[Answer]) -> float:
    return min((one.found[0].chance for one in strangers if one.found), default=LOOSE)


def recall_rows(answers: Sequence[Answer]) -> Iterator[Row]:
    """Yield two rows for each attack and length: at no false match, and at what is stated."""
    strangers = [one for one in answers if one.truth is None]
    known: dict[tuple[int, str], list[Answer]] = {}
    for one in answers:
        if one.truth is not None:
            known.setdefault((one.cut.length_s, one.cut.attack), []).append(one)
    for (length_s, attack), some in known.items():
        alike = [one for one in strangers if one.cut.length_s == length_s]
        yield from _rows(f"{attack}, {_length(length_s)}", some, alike)


def _length(length_s: int) -> str:
    return f"{length_s} s" if length_s else "whole tracks"


def _rows(what: str, some: Sequence[Answer], strangers: Sequence[Answer]) -> Iterator[Row]:
    theirs = {
        name: sum(_is_right(one, name, _most(strangers, name)) for one in some) / len(some)
        for name in some[0].theirs
    }
    best = max(theirs.values(), default=None)
    least = _OF_LOUD_SPEECH if what.startswith(_LOUD_SPEECH) else None
    for unit, chance, peer in (
        ("recall at no false match", _sure(strangers) * 0.999, best),
        ("recall at the stated threshold", STATED, None),
    ):
        right = sum(one.is_right(chance) for one in some)
        low, high = wilson(right, len(some))
        yield Row(
            what=f"{what}, {len(some)} pieces (95 %: {low:.2f} to {high:.2f})",
            unit=unit,
            ours=right / len(some),
            peer=peer,
            peer_name=", ".join(f"{name} {share:.2f}" for name, share in theirs.items())
            if peer is not None
            else None,
            goal=max((goal for goal in (peer, least) if goal is not None), default=None),
        )


def _most(strangers: Sequence[Answer], peer: str) -> float:
    """Return how like a stranger's piece at most is to any recording, as a peer says."""
    return max((one[1] for one in (each.theirs.get(peer) for each in strangers) if one), default=0)


def _is_right(answer: Answer, peer: str, above: float) -> bool:
    found = answer.theirs[peer]
    return found is not None and found[0] == answer.truth and found[1] > above
