"""Why recordings are closed after a yes, and why some are open after a no, in few plain words.

The reasons are those of decisions; like ones are told once, with how many recordings they are
about and one of them as an example.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from assent.acts.house import House
from assent.catalogue.facts import FactReader
from assent.cli.outcome import Asked
from assent.permission.decide import Decision, decide
from assent.permission.reasons import Kind, Reason
from assent.permission.uses import labels
from assent.permission.wording import sentence

__all__ = ["MOST_EXPLAINED", "Cause", "why_closed", "why_open"]

MOST_EXPLAINED = 500
"""Recordings whose reasons are looked at one by one."""
_MOST_ALIKE = 3
"""Groups of recordings that are open for the same uses; of each, one is explained."""
_TELLING = {Kind.GRANTED: 0, Kind.TEXT_OPENS: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why some recordings are closed, or open.

    Args:
        recordings: How many.
        example: One of them.
        kind: What the reason is about.
        events: Numbers of the events that the example's reason comes from.
        text: All of it in plain words.
    """

    recordings: int
    example: str
    kind: Kind
    events: tuple[int, ...]
    text: str


class _Words(NamedTuple):
    """What is said of one recording, and of several."""

    one: str
    several: str


_WAITS = _Words("waits for another holder", "wait for another holder")
_OTHERS_NO = _Words("has a no from another holder", "have a no from another holder")
_OWN_NO = _Words("keeps an earlier no", "keep an earlier no")
_COPY = _Words("is a copy of what is closed", "are copies of what is closed")
_CLOSED = _Words("is closed", "are closed")


class _Like(NamedTuple):
    """What reasons share that are told as one."""

    words: _Words
    kind: Kind
    said: tuple[object, ...]


def why_closed(house: House, asked: Asked, closed: Sequence[int]) -> tuple[Cause, ...]:
    """Return why recordings are closed, the commonest cause first.

    Args:
        house: The platform.
        asked: What was asked.
        closed: Their numbers; the first `MOST_EXPLAINED` are looked at.
    """
    found: dict[_Like, list[tuple[str, Reason]]] = {}
    for decision in _decisions(house, asked, closed[:MOST_EXPLAINED], asked.uses):
        # a recording counts once for each cause, however many holders it waits for
        likes = {_like(asked, decision.recording, it): it for it in reversed(decision.reasons)}
        for like, reason in likes.items():
            found.setdefault(like, []).append((decision.recording, reason))
    causes = [_told(like.words, reasons) for like, reasons in found.items()]
    return tuple(sorted(causes, key=lambda cause: (-cause.recordings, cause.text)))


def why_open(house: House, asked: Asked, left: Mapping[int, int]) -> tuple[Cause, ...]:
    """Return what carries the yes that stands after a no, the commonest case first.

    Args:
        house: The platform.
        asked: What was asked.
        left: Which uses are still open, by the numbers of recordings.
    """
    alike: dict[int, list[int]] = {}
    for number, uses in left.items():
        alike.setdefault(uses, []).append(number)
    causes = []
    for uses, numbers in sorted(alike.items(), key=lambda it: (-len(it[1]), it[0]))[:_MOST_ALIKE]:
        what = f"the program {asked.program.id}" if asked.program else ", ".join(labels(uses))
        words = _Words(f"stays open for {what}", f"stay open for {what}")
        for decision in _decisions(house, asked, numbers[:1], uses):
            # a grant says more than the text that leaves room for it
            grounds = sorted(decision.reasons, key=lambda it: _TELLING.get(it.kind, len(_TELLING)))
            told = [(decision.recording, reason) for reason in grounds[:1]]
            causes += [_told(words, told * len(numbers))] if told else []
    return tuple(causes)


def _decisions(house: House, asked: Asked, numbers: Sequence[int], uses: int) -> Iterator[Decision]:
    at = house.clock()
    with house.reading() as connection:
        reader = FactReader(connection)
        for number in numbers:
            facts = reader.facts(f"r{number}", asked.program, at)
            yield decide(facts, asked.program or uses, at)


def _like(asked: Asked, recording: str, reason: Reason) -> _Like:
    if reason.recording != recording:
        return _Like(_COPY, reason.kind, ())
    own = reason.holder == asked.holder
    if reason.kind is Kind.NOT_GRANTED and not own:
        return _Like(_WAITS, reason.kind, ())
    if reason.kind is Kind.REFUSED and not own:
        return _Like(_OTHERS_NO, reason.kind, ())
    words = _OWN_NO if reason.kind is Kind.REFUSED else _CLOSED
    return _Like(words, reason.kind, (reason.uses, reason.events, reason.holder, reason.detail))


def _told(words: _Words, reasons: Sequence[tuple[str, Reason]]) -> Cause:
    (example, reason), count = reasons[0], len(reasons)
    told = words.one if count == 1 else words.several
    who = f"{example} {told}" if count == 1 else f"{count} recordings {told}, such as {example}"
    return Cause(
        recordings=count,
        example=example,
        kind=reason.kind,
        events=reason.events,
        text=f"{who}: {sentence(reason)}",
    )
