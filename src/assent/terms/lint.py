"""What is wrong with a wording, as far as its rules show: promises that are less than they sound.

An error is a clause that says what is not so; no text with one can be published. A warning is a
hole or a weakness that the text may well have on purpose, but that its reader should know of.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from assent.errors import BadText
from assent.permission.uses import CONSENT_ONLY, Actor
from assent.terms.box import boxes_of_word
from assent.terms.clause import PROMISES, Clause, Status
from assent.terms.cover import cover
from assent.terms.grid import EVERY_CELL, Scope, Time, uses_by
from assent.terms.notice import NO_NOTICE, Chance, Timing
from assent.terms.parts import Origin, Where
from assent.terms.prose import may
from assent.terms.quote import left_of, plain, sentences
from assent.terms.text import Text, check_clauses

__all__ = ["Finding", "Level", "Rule", "lint"]


class Level(Enum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"


class Rule(Enum):
    """What is looked for."""

    OVERRIDDEN = "overridden"
    EMPTIED = "emptied"
    CLAIMED = "claimed"
    ONLY_WE = "only-we"
    NO_NOTICE = "no-notice"
    WEAK_NOTICE = "weak-notice"
    LATER_ONLY = "later-only"
    UNRULED = "unruled"
    DRIFT = "drift"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that a reader should know of.

    Args:
        rule: What was looked for.
        level: How bad it is.
        clause: The clause, switch or claim it is about; empty if it is about the text.
        line: Where that begins in its file, 1 if nothing says.
        text: The same in a sentence.
        cells: The cells concerned [set of cells].
    """

    rule: Rule
    level: Level
    clause: str
    line: int
    text: str
    cells: int = 0


def lint(text: Text) -> tuple[Finding, ...]:
    """Return what there is to know of a wording that was read without `strict`, errors first."""
    found = [
        *_overridden(text),
        *_emptied(text),
        *_claimed(text),
        *_only_we(text),
        *_notice(text),
        *_later_only(text),
        *_unruled(text),
        *_drift(text),
        *_taken(text),
    ]
    return tuple(sorted(found, key=lambda it: it.level is Level.WARNING))


def _warning(rule: Rule, clause: Clause | None, text: str, cells: int = 0) -> Finding:
    return Finding(
        rule=rule,
        level=Level.WARNING,
        clause=clause.id if clause else "",
        line=clause.line if clause and clause.line else 1,
        text=text,
        cells=cells,
    )


def _overridden(text: Text) -> Iterator[Finding]:
    """Find clauses that decide nothing, each by itself."""
    for place, clause in enumerate(text.clauses):
        if text.reading.decided[place]:
            continue
        try:
            check_clauses(text.clauses[place:], text.reading.decided[place:])
        except BadText as error:
            yield Finding(
                rule=Rule.OVERRIDDEN,
                level=Level.ERROR,
                clause=clause.id,
                line=clause.line or 1,
                text=f"{error.text}.",
                cells=clause.cells,
            )


def _emptied(text: Text) -> Iterator[Finding]:
    """Find promises that a definition elsewhere makes less."""
    for clause in text.clauses:
        if clause.status not in PROMISES:
            continue
        for definition in clause.definitions:
            if taken := clause.narrowed.cells & definition.scope.cells & text.reading.open:
                yield _warning(
                    Rule.EMPTIED,
                    clause,
                    f"The words “{definition.words}” take {taken.bit_count()} cells out of what"
                    f" clause {clause.id!r} promises, and they are open: {_told(taken, text)}",
                    taken,
                )


_PLACES = {Where.HEADING: "a heading", Where.FAQ: "a FAQ", Where.LETTER: "a letter"}


def _claimed(text: Text) -> Iterator[Finding]:
    """Find what a heading, a FAQ or a letter seems to promise and no clause does."""
    for claim in text.claims:
        if left := claim.scope.cells & text.reading.open & text.about:
            yield Finding(
                rule=Rule.CLAIMED,
                level=Level.WARNING,
                clause=claim.id,
                line=claim.line or 1,
                text=f"The words “{claim.text}” stand in {_PLACES[claim.where]} and bind nobody;"
                f" what they seem to promise is open: {_told(left, text)}",
                cells=left,
            )


def _only_we(text: Text) -> Iterator[Finding]:
    """Find promises that bind the platform and leave the same open to those around it."""
    others = frozenset({Actor.GROUP, Actor.PARTNER})
    for clause, decided in zip(text.clauses, text.reading.decided, strict=True):
        if clause.status not in PROMISES or not decided:
            continue
        spoken = clause.narrowed  # "generative models that ..." is not "models of any kind"
        boxes = boxes_of_word(spoken.uses)
        if frozenset(it for actors, _ in boxes for it in actors) != {Actor.PLATFORM}:
            continue
        activities = frozenset(it for _, some in boxes for it in some)
        same = replace(spoken, uses=uses_by(others, activities)).cells
        if left := same & text.reading.open:
            yield _warning(
                Rule.ONLY_WE,
                clause,
                f"Clause {clause.id!r} binds {text.company} only: {_told(left, text)}",
                left,
            )


def _notice(text: Text) -> Iterator[Finding]:
    """Find what a text leaves out about its own changes."""
    if text.party:
        return  # an agreement changes when both sides sign
    if text.notice == NO_NOTICE and text.source and text.source.origin is Origin.PRESS:
        return  # it was not seen whole, so nobody knows
    notice = text.notice
    if notice.timing is Timing.NONE:
        yield _warning(
            Rule.NO_NOTICE, None, "The text does not say that anybody is told of changes."
        )
    elif notice.timing is Timing.AFTER or not notice.days:
        yield _warning(
            Rule.WEAK_NOTICE, None, "The text does not say how long before a change one is told."
        )
    elif notice.chance in {Chance.LEAVE, Chance.NONE}:
        yield _warning(
            Rule.WEAK_NOTICE, None, "Whoever does not want a change can only leave, if that."
        )


def _later_only(text: Text) -> Iterator[Finding]:
    """Find clauses that speak of earlier or later uploads only."""
    for clause in text.clauses:
        if len(clause.narrowed.time) < len(Time):
            when = "later" if Time.AFTER in clause.narrowed.time else "earlier"
            yield _warning(
                Rule.LATER_ONLY,
                clause,
                f"Clause {clause.id!r} speaks of {when} uploads only; when this platform decides,"
                " the stricter of both counts for all.",
                clause.cells,
            )


_ABOUT_AI = re.compile(
    r"\b(AI|artificial intelligence|machine learning|generative|train(ing|ed|s)?|data ?sets?"
    r"|data mining|(language |foundation )?models?|LLMs?|neural|algorithms?|scrap(e|es|ed|ing))\b",
    re.IGNORECASE,
)


def _unruled(text: Text) -> Iterator[Finding]:
    """Find sentences about AI in the prose, or parts of them, that no rule stands on."""
    quotes = tuple(_quotes(text))
    for sentence in sentences(text.prose):
        left = left_of(sentence, quotes) if _ABOUT_AI.search(sentence) else ""
        if left == plain(sentence).strip(" ,;:.!?\"'()-"):
            yield _warning(Rule.UNRULED, None, f"No rule stands on this sentence: “{sentence}”")
        elif left:
            yield _warning(
                Rule.UNRULED, None, f"No rule stands on “{left}” in this sentence: “{sentence}”"
            )


def _quotes(text: Text) -> Iterator[str]:
    for clause in text.clauses:
        yield clause.text
        for limit in (*clause.exceptions, *clause.definitions):
            yield limit.words
    yield from (claim.text for claim in text.claims)
    if text.notice.text:
        yield text.notice.text


_ASKS = re.compile(
    # "may, without your consent" is no promise
    r"\b(not|nobody|never|neither|no)\b.{0,400}\bwithout\b.{0,60}"
    r"\b(consent|yes|permission|authori[sz]ation|approval)\b|\bwaits? for\b"
    r"|\bopt(s|ed|ing)?[- ]in\b|\bunless you (agree|consent|allow|say yes)\b"
    r"|\bonly (with|if|after|once) (your|you)\b",
    re.IGNORECASE,
)
_REFUSABLE = re.compile(
    r"\bunless\b.{0,40}\b(no|opt(s|ed)?[- ]out|objects?|refuses?)\b|\bopt(s|ed|ing)?[- ]out\b",
    re.IGNORECASE,
)
_SOUNDS = {
    Status.GRANTED: "as if nobody were asked",
    Status.OPT_OUT: "as if one had to say no",
    Status.OPT_IN: "as if one had to say yes",
    Status.BARRED: "as if nobody might at all",
}


def _drift(text: Text) -> Iterator[Finding]:
    """Find sentences that sound as if their rule were another one."""
    for clause in text.clauses:
        asks, refusable = bool(_ASKS.search(clause.text)), bool(_REFUSABLE.search(clause.text))
        sounds = None
        if asks and not refusable and clause.status in {Status.GRANTED, Status.OPT_OUT}:
            sounds = Status.OPT_IN
        elif refusable and not asks and clause.status is not Status.OPT_OUT:
            sounds = Status.OPT_OUT
        if sounds:
            yield _warning(
                Rule.DRIFT,
                clause,
                f"The words of clause {clause.id!r} sound {_SOUNDS[sounds]}, and its rule says"
                f" {clause.status.value}.",
                clause.cells,
            )


def _taken(text: Text) -> Iterator[Finding]:
    """Find clauses that take a generative use without a yes."""
    generative = Scope(uses=CONSENT_ONLY).cells & text.about
    for clause, decided in zip(text.clauses, text.reading.decided, strict=True):
        if clause.status not in PROMISES and (taken := decided & generative):
            yield _warning(
                Rule.TAKEN,
                clause,
                f"Clause {clause.id!r} takes generative uses without a yes; on this platform each"
                f" needs one all the same: {_told(taken, text)}",
                taken,
            )


def _told(cells: int, text: Text) -> str:
    """Return cells as sentences."""
    return " ".join(may(box, text.company) for box in cover(cells & EVERY_CELL).boxes)
