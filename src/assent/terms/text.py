"""Terms and agreements as code: ordered clauses, each a sentence and what it says of which cells.

A later clause overrides an earlier one on the cells they share: first the rule, then exceptions.
What no clause speaks of is left open by the wording, and barred by the platform all the same.

    id = "house-1"
    title = "Terms of the house"

    [notice]
    timing = "before"
    days = 30
    channel = "inbox"
    chance = "accept"
    text = "We tell you thirty days before they change, and nothing widens until you accept."

    [[clause]]
    id = "found"
    text = "We show your recordings in search, unless you say no."
    status = "opt_out"
    uses = ["platform/search"]
    material = ["audio"]

docs/terms.md has every field. Source: design, section 2.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import repeat
from typing import Any

from assent.errors import BadText
from assent.permission.algebra import Masks
from assent.permission.fields import Table, only, read_name, read_table, read_text
from assent.terms.clause import Clause, Limit, Status
from assent.terms.grid import EVERY_CELL, Provenance, Scope
from assent.terms.lines import blamed_on, lines_of
from assent.terms.notice import NO_NOTICE, Notice
from assent.terms.parts import (
    FACETS,
    Claim,
    Source,
    Switch,
    read_claim,
    read_date,
    read_notice,
    read_one_of,
    read_scope,
    read_source,
    read_switch,
)
from assent.terms.prose import sentence_of
from assent.terms.quote import stands_in
from assent.terms.reading import Reading, masks_of, read

__all__ = ["MOST_CLAUSES", "Text", "check_clauses", "parse_text"]

_MOST_BYTES = 1 << 20
MOST_CLAUSES = 400
"""More are no text that anybody reads."""

_TABLES = ("switch", "definition", "claim", "clause")
_TEXT = {"id", "title", "party", "company", "wording", "prose", "effective", "source", "notice"}
_CLAUSE = {"id", "text", "status", "without_prejudice", "qualifier", "exception"} | FACETS
_CONDITIONS = {"switch", "unless"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A terms version or a licence agreement.

    Args:
        id: Its name, unique among all texts.
        title: How it is called on a page.
        clauses: In order; later ones override.
        reading: What they come to, cell by cell.
        party: Whom an agreement is with; empty for terms.
        company: Who speaks, as sentences about it say.
        prose: The whole wording, if the file has it; every clause's sentence stands in it.
        effective: The day it says it takes effect.
        source: Where it was read, of a text that is somebody else's.
        notice: What it promises about changes.
        switches: The judgements in it.
        claims: What is said beside the contract.
    """

    id: str
    title: str
    clauses: tuple[Clause, ...]
    reading: Reading
    party: str = ""
    company: str = "the platform"
    prose: str = ""
    effective: date | None = None
    source: Source | None = None
    notice: Notice = NO_NOTICE
    switches: tuple[Switch, ...] = ()
    claims: tuple[Claim, ...] = ()

    @property
    def masks(self) -> Masks[int]:
        """What it comes to for decisions about the recordings that stand under it."""
        return masks_of(self.reading, Provenance.DELIVERED if self.party else Provenance.OWN)

    @property
    def about(self) -> int:
        """The cells that it can speak of [set of cells]; an agreement, of deliveries only."""
        return _DELIVERED.cells if self.party else EVERY_CELL


_DELIVERED = Scope(provenance=frozenset({Provenance.DELIVERED}))


def check_clauses(clauses: Sequence[Clause], decided: Sequence[int]) -> None:
    """Refuse clauses that promise what is not so.

    Args:
        clauses: In order.
        decided: Of each, the cells that it decides in the end.

    Raises:
        BadText: Two say different things of exactly the same, or later ones override one wholly, or
            one speaks of nothing.
    """
    for place, clause in enumerate(clauses):
        if decided[place]:
            continue
        facts = {"id": clause.id, "line": clause.line}
        if not clause.cells:
            raise BadText(
                f"clause {clause.id!r} speaks of nothing; its limits leave no use", **facts
            )
        for later in clauses[place + 1 :]:
            if later.cells == clause.cells and later.status is not clause.status:
                raise BadText(
                    f"clauses {clause.id!r} and {later.id!r} contradict each other:"
                    f" {clause.status.value} and {later.status.value} of exactly the same uses",
                    **facts,
                )
        if clause.without_prejudice:
            raise BadText(f"clause {clause.id!r} adds nothing to what is promised before", **facts)
        raise BadText(f"clause {clause.id!r} is wholly overridden by later ones", **facts)


def parse_text(toml: str, *, flipped: frozenset[str] = frozenset(), strict: bool = True) -> Text:
    """Return the terms or the agreement written in a TOML file.

    Args:
        toml: The file.
        flipped: Names of switches to turn the other way.
        strict: Refuse clauses that promise what is not so; else they are read all the same.

    Raises:
        BadText: It is too large, no TOML, or breaks a rule; the text says which, `facts["line"]`
            where: the line on which the table begins, 1 if it is in none.
    """
    with blamed_on(1):  # what is in no table of its own
        table = read_table(toml, _MOST_BYTES, "the text")
        text = _Parser(toml, table, flipped).text()
        if strict:
            check_clauses(text.clauses, text.reading.decided)
    return text


class _Parser:
    """One file being read."""

    def __init__(self, toml: str, table: Table, flipped: frozenset[str]) -> None:
        self.toml, self.table = toml, table
        only(table, _TEXT | set(_TABLES), "a text")
        self.entries = {name: self._entries(name) for name in _TABLES}
        if not self.entries["clause"]:
            raise BadText("the text has no [[clause]]")
        self.switches = self._switches(flipped)
        self.prose = (
            read_text(table, "prose", "a text", longest=_MOST_BYTES) if ("prose" in table) else ""
        )
        self.company = (
            read_text(table, "company", "a text") if "company" in table else "the platform"
        )
        wording = table.get("wording", "written")
        if wording not in {"written", "generated"}:
            raise BadText("a text needs wording: one of written, generated", field="wording")
        self.generated = wording == "generated"
        self.party = read_text(table, "party", "a text") if "party" in table else ""
        self.limit_lines = {name: self._limit_lines(name) for name in ("qualifier", "exception")}

    def text(self) -> Text:
        """Return the text."""
        table = self.table
        clauses = self._clauses(self._definitions())
        with blamed_on(self._line("notice")):
            notice = read_notice(_table(table, "notice")) if "notice" in table else NO_NOTICE
            if notice.text:
                self._must_stand(notice.text, "the notice")
        with blamed_on(self._line("source")):
            source = read_source(_table(table, "source")) if "source" in table else None
        return Text(
            id=read_name(table, "id", "a text"),
            title=read_text(table, "title", "a text"),
            clauses=clauses,
            reading=read(clauses),
            party=self.party,
            company=self.company,
            prose=self.prose,
            effective=read_date(table, "effective", "a text"),
            source=source,
            notice=notice,
            switches=tuple(self.switches.values()),
            claims=tuple(self._claims()),
        )

    def _limit_lines(self, name: str) -> Iterator[int]:
        """Give where the limits of a name begin, one after the other; 0 where that is not known."""
        found = lines_of(self.toml, f"clause.{name}")
        entries = [entry.get(name, []) for entry, _ in self.entries["clause"]]
        counted = sum(len(it) for it in entries if isinstance(it, list))
        return iter(found) if len(found) == counted else repeat(0)

    def _line(self, table: str) -> int:
        """Return where the only table of a name begins, 0 if it has no header of its own."""
        return next(iter(lines_of(self.toml, table)), 0)

    def _claims(self) -> Iterator[Claim]:
        for entry, line in self.entries["claim"]:
            with blamed_on(line):
                claim = read_claim(entry, f"claim {_called(entry)}")
                yield replace(claim, line=line)

    def _entries(self, name: str) -> list[tuple[Table, int]]:
        """Return the tables of a name that count, each with its line, none called like another."""
        found = self.table.get(name, [])
        if not isinstance(found, list):
            raise BadText(f"the text has no [[{name}]]")
        if len(found) > MOST_CLAUSES:
            raise BadText(
                f"the text has {len(found)} [[{name}]] tables; more than {MOST_CLAUSES} are no text"
                " that anybody reads"
            )
        lines = lines_of(self.toml, name)
        lines = lines if len(lines) == len(found) else (0,) * len(found)
        for entry, line in zip(found, lines, strict=True):
            with blamed_on(line):
                if not isinstance(entry, Mapping):
                    raise BadText(f"a {name} is a [[{name}]] table")
                read_name(entry, "id", f"a {name}")
        counted = Counter(entry["id"] for entry in found)
        for entry, line in zip(reversed(found), reversed(lines), strict=True):
            if counted[entry["id"]] > 1:
                raise BadText(f"two {name}s are called {entry['id']!r}", id=entry["id"], line=line)
        return list(zip(found, lines, strict=True))

    def _switches(self, flipped: frozenset[str]) -> dict[str, Switch]:
        switches = {}
        for entry, line in self.entries["switch"]:
            with blamed_on(line):
                switch = read_switch(entry, f"switch {_called(entry)}")
            switches[switch.id] = switch
        if unknown := sorted(flipped - set(switches)):
            raise BadText(f"there is no switch {unknown[0]!r} to flip in it")
        return {
            name: Switch(id=name, text=it.text, on=it.on != (name in flipped))
            for name, it in switches.items()
        }

    def _counts(self, entry: Table, what: str) -> bool:
        """Return whether the switches let a table count."""
        for field, wanted in (("switch", True), ("unless", False)):
            if field in entry:
                name = entry[field]
                if not isinstance(name, str) or name not in self.switches:
                    raise BadText(f"{what}: there is no switch {name!r}")
                if self.switches[name].on != wanted:
                    return False
        return True

    def _definitions(self) -> dict[str, list[Limit]]:
        """Return by clause what definitions take out of it."""
        known = {entry["id"] for entry, _ in self.entries["clause"]}
        taken: dict[str, list[Limit]] = {name: [] for name in known}
        for entry, line in self.entries["definition"]:
            what = f"definition {_called(entry)}"
            with blamed_on(line):
                only(entry, {"id", "text", "of"} | FACETS | _CONDITIONS, what)
                of = entry.get("of")
                if not isinstance(of, list) or not of or not all(isinstance(it, str) for it in of):
                    raise BadText(f"{what} needs of, a list of the clauses it empties")
                if unknown := [it for it in of if it not in known]:
                    raise BadText(f"{what}: there is no clause {unknown[0]!r}")
                limit = Limit(words=read_text(entry, "text", what), scope=read_scope(entry, what))
                self._must_stand(limit.words, what)
                if self._counts(entry, what):
                    for name in of:
                        taken[name].append(limit)
        return taken

    def _clauses(self, definitions: Mapping[str, Sequence[Limit]]) -> tuple[Clause, ...]:
        clauses = []
        for entry, line in self.entries["clause"]:
            with blamed_on(line):
                clause = self._clause(entry, line, tuple(definitions[entry["id"]]))
                if self._counts(entry, f"clause {_called(entry)}"):
                    clauses.append(clause)
        if not clauses:
            raise BadText("its switches leave no clause of the text")
        return tuple(clauses)

    def _clause(self, entry: Table, line: int, definitions: tuple[Limit, ...]) -> Clause:
        what = f"clause {_called(entry)}"
        only(entry, _CLAUSE | _CONDITIONS, "a clause")
        prejudice = entry.get("without_prejudice", False)
        if not isinstance(prejudice, bool):
            raise BadText(f"{what} has a without_prejudice that is not true or false")
        clause = Clause(
            id=entry["id"],
            text="",
            status=read_one_of(entry, "status", Status, what),
            scope=self._of_party(read_scope(entry, what, uses_needed=True), what),
            qualifiers=self._limits(entry, "qualifier", what),
            exceptions=self._limits(entry, "exception", what),
            definitions=definitions,
            without_prejudice=prejudice,
            line=line,
        )
        return replace(clause, text=self._sentence(entry, clause, what))

    def _of_party(self, scope: Scope, what: str) -> Scope:
        """Return what a clause speaks of: in an agreement, of what is delivered under it."""
        if not self.party:
            return scope
        if Provenance.DELIVERED not in scope.provenance:
            raise BadText(f"{what} speaks of own uploads, and an agreement of what is delivered")
        return scope.within(_DELIVERED)

    def _sentence(self, entry: Table, clause: Clause, what: str) -> str:
        if self.generated:
            if "text" in entry:
                raise BadText(f"{what} has a text of its own, and its wording is to be generated")
            return sentence_of(clause, self.company)
        if "text" not in entry:
            raise BadText(f"{what} quotes no sentence; it needs text, the words that it stands on")
        sentence = read_text(entry, "text", what)
        self._must_stand(sentence, what)
        # an exception may stand elsewhere in the prose, if there is any
        inside = clause.qualifiers if self.prose else (*clause.qualifiers, *clause.exceptions)
        for limit in inside:
            if not stands_in(limit.words, sentence):
                raise BadText(f"{what}: its limiting words {limit.words!r} are not in its text")
        return sentence

    def _limits(self, entry: Table, name: str, what: str) -> tuple[Limit, ...]:
        tables = entry.get(name, [])
        if not isinstance(tables, list) or not all(isinstance(it, Mapping) for it in tables):
            raise BadText(f"{what} needs its {name}s as [[clause.{name}]] tables")
        limits = []
        for table in tables:
            with blamed_on(next(self.limit_lines[name], 0)):
                only(table, {"words"} | FACETS | _CONDITIONS, f"{what}: its {name}")
                if not set(table) & FACETS:
                    raise BadText(f"{what}: its {name} limits nothing; name a facet")
                limit = Limit(
                    words=read_text(table, "words", f"{what}: its {name}"),
                    scope=read_scope(table, f"{what}: its {name}"),
                )
                if name == "exception":
                    self._must_stand(limit.words, what)
                if self._counts(table, what):
                    limits.append(limit)
        return tuple(limits)

    def _must_stand(self, words: str, what: str) -> None:
        if self.prose and not stands_in(words, self.prose):
            raise BadText(f"{what} quotes what is not in the prose: {_short(words)!r}")


def _called(entry: Table) -> str:
    return repr(entry.get("id"))


def _table(table: Table, field: str) -> Table:
    found: Any = table[field]
    if not isinstance(found, Mapping):
        raise BadText(f"the text needs its {field} as a [{field}] table")
    return found


def _short(words: str, most: int = 60) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"
