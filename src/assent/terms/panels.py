"""What a picture of a text shows before it is ink or letters: panels, rows, fields, their words.

One panel a material; materials of which the same is said share one. A panel has a row for each
activity and in it a field for each actor and provenance: what is said of later uploads, and of
those from before where that differs. The picture (picture.py) and the terminal (terminal.py) draw
the same panels.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import category, combining, east_asian_width

from assent.permission.uses import ACTIVITIES, ACTORS, Activity, Actor, bit
from assent.terms.clause import Status
from assent.terms.grid import EVERY_CELL, Material, Provenance, Scope, Time, slice_of, word_at
from assent.terms.parts import Origin
from assent.terms.reading import Reading
from assent.terms.text import Text
from assent.terms.words import listed

__all__ = [
    "ACTIVITY_LABELS",
    "ACTOR_LABELS",
    "GROUP_STARTS",
    "PROVENANCE_LABELS",
    "STATUS_LABELS",
    "Field",
    "Panel",
    "cells_of",
    "count_line",
    "folded",
    "panels_of",
    "shown",
    "source_line",
    "who_line",
    "width_of",
]

ACTOR_LABELS = {
    Actor.PLATFORM: "platform",
    Actor.GROUP: "affiliates",
    Actor.PARTNER: "partners",
    Actor.PUBLIC: "others",
}
PROVENANCE_LABELS = {Provenance.OWN: "own", Provenance.DELIVERED: "label"}
"""Your own uploads, and what a label delivers."""
ACTIVITY_LABELS = {
    Activity.IDENTIFY: "find copies",
    Activity.PROTECT: "find fraud",
    Activity.SEARCH: "search",
    Activity.ANALYSE: "describe the sound",
    Activity.RECOMMEND: "recommend",
    Activity.FIRST_FANS: "first listeners",
    Activity.INSIGHT: "statistics",
    Activity.TRAIN_ANALYSIS: "train: sort, score",
    Activity.TRAIN_VOICE: "train: copy a voice",
    Activity.TRAIN_STYLE: "train: copy music",
    Activity.TRAIN_RIVAL: "train: compete",
    Activity.TRAIN_TOOL: "train: helper tools",
    Activity.INPUT_IMITATE: "feed: to imitate",
    Activity.INPUT_OTHER: "feed: anything else",
    Activity.SUPPLY: "hand on data sets",
}
"""What for, short enough for the head of a row."""

GROUP_STARTS = frozenset({Activity.TRAIN_ANALYSIS, Activity.INPUT_IMITATE, Activity.SUPPLY})
"""Rows with some room above them: service, training, feeding and handing on are told apart."""

STATUS_LABELS: dict[Status | None, str] = {
    Status.GRANTED: "taken without asking",
    Status.OPT_OUT: "unless you say no",
    None: "nothing said",
    Status.OPT_IN: "only with your yes",
    Status.BARRED: "barred",
}
"""What is said of a field, the open ones first."""

_MATERIALS = {
    Material.AUDIO: "audio",
    Material.CONTENT: "other content",
    Material.ACTIVITY: "activity data",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One actor, one activity and one provenance in a panel.

    Args:
        after: What is said of later uploads; None if nothing is.
        before: What is said of those that were there before.
        marked_after: Whether later uploads are to be marked.
        marked_before: Whether earlier ones are.
    """

    after: Status | None
    before: Status | None
    marked_after: bool
    marked_before: bool

    @property
    def split(self) -> bool:
        """Whether different things are said of earlier and of later uploads."""
        return self.after is not self.before

    @property
    def marked(self) -> bool:
        """Whether any of it is to be marked."""
        return self.marked_after or self.marked_before


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What is said of one material, or of several alike.

    Args:
        material: Which, in the order of the grid.
        rows: Of each activity its fields, actor by actor, own uploads before deliveries.
        left_open: How many cells of one such material are open, by provenance.
    """

    material: tuple[Material, ...]
    rows: tuple[tuple[Activity, tuple[Field, ...]], ...]
    left_open: dict[Provenance, int]

    @property
    def title(self) -> str:
        """What it is about."""
        words = listed(_MATERIALS[it] for it in self.material)
        return words[:1].upper() + words[1:]

    @property
    def count(self) -> str:
        """How much of it is left open."""
        each = " each" if len(self.material) > 1 else ""
        own, delivered = (
            f"{self.left_open[it]} of {_PER_PANEL}" for it in (Provenance.OWN, Provenance.DELIVERED)
        )
        return f"open{each}: {own} own, {delivered} label"


_PER_PANEL = len(ACTORS) * len(ACTIVITIES) * len(Time)


def cells_of(provenance: Provenance) -> int:
    """Return all cells of a provenance."""
    return Scope(provenance=frozenset({provenance})).cells


def panels_of(reading: Reading, marked: int = 0) -> tuple[Panel, ...]:
    """Return what there is to draw of a reading.

    Args:
        reading: What the text comes to.
        marked: Cells to mark.
    """
    alike: dict[tuple[int, ...], list[Material]] = {}
    for material in Material:
        alike.setdefault(tuple(_said_of(material, reading, marked)), []).append(material)
    return tuple(
        Panel(
            material=tuple(some),
            rows=tuple((it, tuple(_fields(some[0], it, reading, marked))) for it in ACTIVITIES),
            left_open={
                provenance: sum(
                    word_at(reading.open, slice_of(some[0], provenance, time)).bit_count()
                    for time in Time
                )
                for provenance in Provenance
            },
        )
        for some in alike.values()
    )


def _said_of(material: Material, reading: Reading, marked: int) -> Iterator[int]:
    for cells in (*(reading.cells(status) for status in Status), marked & EVERY_CELL):
        for provenance in Provenance:
            for time in Time:
                yield word_at(cells, slice_of(material, provenance, time))


def _fields(
    material: Material, activity: Activity, reading: Reading, marked: int
) -> Iterator[Field]:
    for actor in ACTORS:
        use = bit(actor, activity).bit_length() - 1
        for provenance in Provenance:
            after, before = (
                slice_of(material, provenance, time) * len(ACTORS) * len(ACTIVITIES) + use
                for time in (Time.AFTER, Time.BEFORE)
            )
            yield Field(
                after=reading.status(after),
                before=reading.status(before),
                marked_after=bool(marked >> after & 1),
                marked_before=bool(marked >> before & 1),
            )


def count_line(reading: Reading) -> str:
    """Return how much a text leaves open."""
    own, delivered = (
        f"{(reading.open & cells_of(it)).bit_count()} of {cells_of(it).bit_count()}"
        for it in (Provenance.OWN, Provenance.DELIVERED)
    )
    return f"Open without consent: {own} cells of your own uploads, {delivered} of a label's."


def who_line(company: str, label: str = PROVENANCE_LABELS[Provenance.DELIVERED]) -> str:
    """Return what the heads of columns stand for."""
    return f"platform: {company}; own: your own uploads; {label}: what a label delivers."


def source_line(text: Text) -> str:
    """Return where a text is from, as far as it says so."""
    if text.source:
        words = f"Source: {text.source.service}, {text.source.document}"
        press = ", as the press quotes it" if text.source.origin is Origin.PRESS else ""
        return f"{words}, recorded {text.source.recorded}{press}."
    words = f"Source: {text.id}"
    if text.party:
        words = f"{words}, an agreement with {text.party}"
    if text.effective:
        words = f"{words}, in effect from {text.effective}"
    return f"{words}."


def shown(text: str) -> str:
    r"""Return what may be shown of somebody else's words: no controls, no change of direction.

    >>> shown("a\x1b[31mb\u202ec")
    'a [31mbc'
    """
    # Cf has the marks that turn the reading direction; a lone half of a character is no text
    return "".join(
        it if it.isprintable() else "" if category(it) in {"Cf", "Cs"} else " " for it in text
    )


def width_of(text: str) -> int:
    """Return how many columns a text takes in a terminal."""
    return sum(_width(it) for it in text)


def _width(character: str) -> int:
    if combining(character) or category(character) in {"Mn", "Me"}:
        return 0
    return 2 if east_asian_width(character) in {"W", "F"} else 1


def folded(text: str, width: int, most: int = 4) -> list[str]:
    """Return words in lines of at most so many columns; what is too long ends in an ellipsis."""
    lines = [""]
    for word in _pieces(shown(text).split(), width):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if width_of(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > most:
        last = lines[most - 1]
        while width_of(last) >= width:
            last = last[:-1]
        lines = [*lines[: most - 1], f"{last}…"]
    return lines


def _pieces(words: list[str], width: int) -> Iterator[str]:
    """Give words, those broken that are longer than a line."""
    for word in words:
        piece = ""
        for character in word:
            if width_of(piece) + _width(character) > width:
                yield piece
                piece = ""
            piece += character
        yield piece
