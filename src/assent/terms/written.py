"""A text as a file: the TOML that `terms.text` reads, written from what was read.

Law: the file of a text reads as the same clauses with the same cells. Switches are settled in it:
what they left out is not written.
"""

from collections.abc import Iterator, Sequence
from json import dumps

from assent.permission.uses import ACTIVITIES, ACTORS, ALL, labels, parse_uses
from assent.terms.clause import Clause, Limit
from assent.terms.grid import Material, Provenance, Scope, Time
from assent.terms.notice import NO_NOTICE
from assent.terms.text import Text

__all__ = ["clause_lines", "to_toml"]


def to_toml(text: Text) -> str:
    """Return a text as a file of terms or of an agreement."""
    clauses = (line for it in text.clauses for line in clause_lines(it))
    return "\n".join((*_head(text), *_definitions(text), *clauses))


def clause_lines(clause: Clause) -> Iterator[str]:
    """Give the lines of a clause in a file."""
    yield "[[clause]]"
    yield f"id = {_quoted(clause.id)}"
    yield f"text = {_quoted(clause.text)}"
    yield f"status = {_quoted(clause.status.value)}"
    yield from _scope(clause.scope)
    if clause.without_prejudice:
        yield "without_prejudice = true"
    yield ""
    for name, limits in (("qualifier", clause.qualifiers), ("exception", clause.exceptions)):
        for limit in limits:
            yield from _limit(name, limit)


def _limit(name: str, limit: Limit) -> Iterator[str]:
    yield f"[[clause.{name}]]"
    yield f"words = {_quoted(limit.words)}"
    yield from _scope(limit.scope)
    yield ""


def _definitions(text: Text) -> Iterator[str]:
    """Give what definitions take out, for each clause by itself."""
    for clause in text.clauses:
        for place, limit in enumerate(clause.definitions, 1):
            yield "[[definition]]"
            yield f"id = {_quoted(f'definition-{place}.{clause.id}'[:63])}"
            yield f"text = {_quoted(limit.words)}"
            yield f"of = {_list((clause.id,))}"
            yield from _scope(limit.scope)
            yield ""


def _head(text: Text) -> Iterator[str]:
    yield f"id = {_quoted(text.id)}"
    yield f"title = {_quoted(text.title)}"
    yield f"company = {_quoted(text.company)}"
    if text.party:
        yield f"party = {_quoted(text.party)}"
    if text.effective:
        yield f"effective = {text.effective.isoformat()}"
    if text.prose:
        yield f"prose = {_quoted(text.prose)}"
    yield ""
    if text.notice != NO_NOTICE:
        yield "[notice]"
        yield f"timing = {_quoted(text.notice.timing.value)}"
        yield f"days = {text.notice.days}"
        yield f"channel = {_quoted(text.notice.channel.value)}"
        yield f"chance = {_quoted(text.notice.chance.value)}"
        yield f"text = {_quoted(text.notice.text)}"
        yield ""


def _scope(scope: Scope) -> Iterator[str]:
    yield f"uses = {_list(tuple(_patterns(scope.uses)))}"
    for name, told, every in (
        ("material", [it.value for it in Material if it in scope.material], len(Material)),
        ("provenance", [it.value for it in Provenance if it in scope.provenance], len(Provenance)),
        ("time", [it.value for it in Time if it in scope.time], len(Time)),
    ):
        if len(told) < every:  # a facet that is not named is not limited
            yield f"{name} = {_list(told)}"


def _patterns(uses: int) -> Iterator[str]:
    """Give uses as they are written: what is all of an actor's, or everybody's, in one word."""
    if uses == ALL:
        yield "*/*"
        return
    left = uses
    whole = (*(f"{it.value}/*" for it in ACTORS), *(f"*/{it.value}" for it in ACTIVITIES))
    for pattern in whole:
        if not parse_uses([pattern]) & ~left:
            yield pattern
            left &= ~parse_uses([pattern])
    yield from labels(left)


def _list(words: Sequence[str]) -> str:
    return dumps(list(words))


def _quoted(words: str) -> str:
    # a basic string of TOML is one of JSON, but for the one control character that JSON lets be
    return dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")
