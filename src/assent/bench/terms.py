"""How long it takes to read, tell and close a text, and to preview terms over a catalogue.

Texts are drawn (`terms_text`), several of each length, each step is done once for each, and the
median and the worst are told: nothing is warmed up, since who checks a text does so once. Only
evaluating has a peer, Cedar with the overriding done for it beforehand (`terms_cedar`); nothing
else is known that tells or closes a text. Memory is that of a process of its own.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import TypeVar

import numpy as np

from assent.bench.row import Row
from assent.bench.terms_catalogue import Taken, drawn_catalogue, previewed
from assent.bench.terms_cedar import cedar_cells
from assent.bench.terms_text import drawn_text
from assent.clock import monotonic_s
from assent.permission.uses import ALL, CONSENT_ONLY
from assent.terms.closing import close
from assent.terms.cover import cover
from assent.terms.grid import CELLS, Scope
from assent.terms.openings import OPEN, openings
from assent.terms.reading import read
from assent.terms.text import MOST_CLAUSES, Text, parse_text

__all__ = ["Figures", "measure", "preview_rows", "rows"]

_T = TypeVar("_T")
_CLAUSES, _GOAL_S = 60, 1.0
_PREVIEW_GOAL_S, _FLAT = 5.0, 1.25
_PASSES = 3
_SOME_USES, _MANY_USES = 12, 30
_READ, _EVALUATED, _COVERED, _TOLD = (
    "parsing the file",
    "evaluating all cells",
    "covering what is open, in three kinds",
    "the same with the promises that come nearest",
)
_CLOSED, _CLOSED_SOME, _CLOSED_MANY = (
    "closing `generative`",
    f"closing {_SOME_USES} uses drawn at random",
    f"closing {_MANY_USES} uses drawn at random",
)
_NO_GOAL = frozenset({_CLOSED_MANY})
"""Harder than what a person asks for: told, but no goal."""


@dataclass(slots=True)
class Figures:
    """What was measured on some texts of one length.

    Attributes:
        seconds: Of each step, how long it took for each text.
        cedar_s: How long Cedar took for each, for as many questions as there are cells.
        cedar_equal: To how many of them it gave the same answer, the fewest of any text.
        covers: How many covers were made.
        proved: How many of them are proved to be the shortest.
    """

    seconds: dict[str, list[float]] = field(default_factory=dict)
    cedar_s: list[float] = field(default_factory=list)
    cedar_equal: int | None = None
    covers: int = 0
    proved: int = 0

    def timed(self, step: str, work: Callable[[], _T]) -> _T:
        """Do something, and note how long it took."""
        since = monotonic_s()
        done = work()
        self.seconds.setdefault(step, []).append(monotonic_s() - since)
        return done


def rows(quick: bool = False) -> list[Row]:  # noqa: FBT001, FBT002  # the one switch all benches have
    """Measure.

    Args:
        quick: Fewer and shorter texts, fewer recordings.
    """
    lengths = {_CLAUSES: 1} if quick else {_CLAUSES: 20, MOST_CLAUSES: 5}
    few, many, passes = (1_000, 10_000, 1) if quick else (100_000, 1_000_000, _PASSES)
    made = []
    for clauses, texts in lengths.items():
        figures = measure(clauses, texts)
        goal = _GOAL_S if clauses == _CLAUSES else None
        made += _step_rows(clauses, figures, goal)
        made += [_proved_row(clauses, figures), _agreement_row(clauses, figures)]
    return [*made, *preview_rows(few, many, passes)]


def measure(clauses: int, texts: int) -> Figures:
    """Return how long each step takes on some texts.

    Args:
        clauses: How many each has.
        texts: How many texts, of seeds from 0.
    """
    figures = Figures()
    for seed in range(texts):
        toml = drawn_text(clauses, seed)
        text = figures.timed(_READ, lambda toml=toml: parse_text(toml))  # type: ignore[misc]  # mypy cannot type a lambda with a default
        _steps(figures, text, np.random.default_rng(seed))
        _beside_cedar(figures, text)
    return figures


def _steps(figures: Figures, text: Text, chance: np.random.Generator) -> None:
    reading = figures.timed(_EVALUATED, lambda: read(text.clauses))
    covers = figures.timed(_COVERED, lambda: [cover(reading.cells(status)) for status in OPEN])
    figures.covers += len(covers)
    figures.proved += sum(it.proved for it in covers)
    figures.timed(_TOLD, lambda: openings(text))
    for step, uses in (
        (_CLOSED, CONSENT_ONLY),
        (_CLOSED_SOME, _drawn_uses(chance, _SOME_USES)),
        (_CLOSED_MANY, _drawn_uses(chance, _MANY_USES)),
    ):
        figures.timed(step, lambda uses=uses: close(text, Scope(uses=uses)))  # type: ignore[misc]  # as above


def _drawn_uses(chance: np.random.Generator, n: int) -> int:
    return sum(1 << int(place) for place in chance.permutation(ALL.bit_length())[:n])


def _beside_cedar(figures: Figures, text: Text) -> None:
    ask = cedar_cells(text)
    if ask is None:
        return
    since = monotonic_s()
    theirs = ask()
    figures.cedar_s.append(monotonic_s() - since)
    ours = text.reading.granted | text.reading.opt_out
    equal = CELLS - (ours ^ theirs).bit_count()
    before = figures.cedar_equal
    figures.cedar_equal = equal if before is None else min(equal, before)


def _step_rows(clauses: int, figures: Figures, goal: float | None) -> list[Row]:
    made = []
    for step, seconds in figures.seconds.items():
        for name, told in _MIDDLE_AND_WORST.items():
            beside = step == _EVALUATED
            made.append(
                Row(
                    what=f"{clauses} clauses: {step}, {name} of {len(seconds)}",
                    unit="s",
                    ours=told(seconds),
                    peer=told(figures.cedar_s) if beside and figures.cedar_s else None,
                    peer_name=_cedar_name(figures) if beside else None,
                    goal=None if step in _NO_GOAL else goal,
                    higher_is_better=False,
                )
            )
    return made


_MIDDLE_AND_WORST: Mapping[str, Callable[[list[float]], float]] = {"median": median, "worst": max}


def _cedar_name(figures: Figures) -> str:
    asked = f"{CELLS} questions, overriding done beforehand"
    return f"cedarpy batch, {asked}" if figures.cedar_s else "cedarpy (not installed)"


def _proved_row(clauses: int, figures: Figures) -> Row:
    return Row(
        what=f"{clauses} clauses: covers proved to be the shortest, of {figures.covers}",
        unit="covers",
        ours=float(figures.proved),
    )


def _agreement_row(clauses: int, figures: Figures) -> Row:
    return Row(
        what=f"{clauses} clauses: the same answers as the peer, the fewest of any text",
        unit="questions",
        ours=None if figures.cedar_equal is None else float(figures.cedar_equal),
        peer_name=_cedar_name(figures),
        goal=None if figures.cedar_equal is None else float(CELLS),
    )


def preview_rows(few: int, many: int, passes: int) -> list[Row]:
    """Measure the preview of new terms.

    Args:
        few: How many recordings a small catalogue has.
        many: How many a large one has.
        passes: How often each is done; the fastest counts, since the first waits for the disk.
    """
    with drawn_catalogue(few) as url:
        small = _best(url, passes)
    with drawn_catalogue(many) as url:
        large = _best(url, passes)
        limit_s = min(_read_s(url) for _ in range(passes))
    per_million = many / 1_000_000
    return [
        Row(
            what=f"preview over {many:,} recordings",
            unit="s",
            ours=large.seconds,
            goal=_PREVIEW_GOAL_S * per_million,
            higher_is_better=False,
        ),
        Row(
            what=f"preview over {many:,} recordings, processor time",
            unit="s",
            ours=large.processor_s,
        ),
        Row(
            what=f"the machine's limit: reading the holdings of those {many:,}, no more",
            unit="s",
            ours=limit_s,
        ),
        Row(what=f"preview over {few:,} recordings", unit="s", ours=small.seconds),
        _memory_row(few, small),
        _memory_row(many, large),
        Row(
            what=f"memory at its peak, {many:,} recordings beside {few:,}",
            unit="times",
            ours=large.peak_mb / small.peak_mb,
            goal=_FLAT,
            higher_is_better=False,
        ),
    ]


def _best(url: str, passes: int) -> Taken:
    """Return the fastest of some passes."""
    return min((previewed(url) for _ in range(passes)), key=lambda it: it.seconds)


def _memory_row(recordings: int, taken: Taken) -> Row:
    return Row(
        what=f"memory at its peak, {recordings:,} recordings ({taken.before_mb:.0f} before it)",
        unit="MB",
        ours=taken.peak_mb,
    )


def _read_s(url: str) -> float:
    """Return how long it takes to read what was said of every recording, and do nothing with it."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    query = (
        "SELECT r.number, h.holder, h.granted, h.refused FROM recordings r"
        " JOIN holdings h ON h.recording = r.id ORDER BY r.number"
    )
    since = monotonic_s()
    for _ in connection.execute(query):
        pass
    took = monotonic_s() - since
    connection.close()
    return took
