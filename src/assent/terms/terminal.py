"""The picture of a text in letters: the same panels for a terminal, with and without colour.

Capitals and the question mark are open, the small letter and the dash are closed, so what is left
open stands out where there is no colour. A field that says two things has both: of uploads from
before, then of later ones.
"""

from collections.abc import Iterator

from assent.terms.clause import Status
from assent.terms.panels import (
    ACTIVITY_LABELS,
    ACTOR_LABELS,
    GROUP_STARTS,
    PROVENANCE_LABELS,
    STATUS_LABELS,
    Field,
    Panel,
    count_line,
    folded,
    panels_of,
    source_line,
    who_line,
)
from assent.terms.text import Text

__all__ = ["LETTERS", "grid_lines"]

LETTERS: dict[Status | None, str] = {
    Status.GRANTED: "T",
    Status.OPT_OUT: "N",
    None: "?",
    Status.OPT_IN: "y",
    Status.BARRED: "-",
}
_COLOURS: dict[Status | None, str] = {
    Status.GRANTED: "1;31",
    Status.OPT_OUT: "33",
    None: "1;33",
    Status.OPT_IN: "36",
    Status.BARRED: "34",
}
_SHORT = tuple(name[:3] for name in PROVENANCE_LABELS.values())
_HEAD = 22
_FIELD = 4
"""Columns of a field: two letters, the stroke between them and a mark."""
_PAIR = len(PROVENANCE_LABELS) * _FIELD + 3
_NARROWEST = 72
"""What the legend needs, and the grid."""


def grid_lines(text: Text, *, colour: bool, width: int = 80, marked: int = 0) -> list[str]:
    """Return a text's grid in letters.

    Args:
        text: The text.
        colour: Whether to colour letters by escape sequences; they take no room.
        width: How wide lines may be [columns]; legend and grid need 72.
        marked: Cells to mark by a star, as those that a change opened or closed.
    """
    width = max(width, _NARROWEST) - 1  # a full last column makes some terminals break the line
    panels = panels_of(text.reading, marked)
    lines = [
        *folded(text.title, width),
        *folded(source_line(text), width),
        *folded(count_line(text.reading), width),
        "",
        *_legend(panels, colour=colour),
        *folded(who_line(text.company, _SHORT[-1]), width),
    ]
    for panel in panels:
        lines += ["", *_panel(panel, colour=colour)]
    return [line.rstrip() for line in lines]


def _legend(panels: tuple[Panel, ...], *, colour: bool) -> Iterator[str]:
    for name, closed in (("open", False), ("closed", True)):
        entries = [
            f"{_letter(status, colour=colour)} {words}"
            for status, words in STATUS_LABELS.items()
            if (status in {Status.OPT_IN, Status.BARRED}) is closed
        ]
        yield f"{name:<8}{'   '.join(entries)}"
    fields = [field for panel in panels for _, row in panel.rows for field in row]
    if any(field.split for field in fields):
        yield "?/y     of uploads from before / of later ones"
    if any(field.marked for field in fields):
        yield "*       what changed"


def _panel(panel: Panel, *, colour: bool) -> Iterator[str]:
    yield panel.title
    yield panel.count
    yield " " * _HEAD + "".join(f"{name:<{_PAIR}}" for name in ACTOR_LABELS.values())
    pair = "".join(f"{name:<{_FIELD}}" for name in _SHORT)
    yield " " * _HEAD + f"{pair:<{_PAIR}}" * len(ACTOR_LABELS)
    for activity, fields in panel.rows:
        if activity in GROUP_STARTS:
            yield ""
        yield f"{ACTIVITY_LABELS[activity]:<{_HEAD}}{_row(fields, colour=colour)}"


def _row(fields: tuple[Field, ...], *, colour: bool) -> str:
    told = [_field(field, colour=colour) for field in fields]
    pairs = ("".join(told[at : at + 2]) for at in range(0, len(told), 2))
    return (" " * (_PAIR - 2 * _FIELD)).join(pairs)


def _field(field: Field, *, colour: bool) -> str:
    after = _letter(field.after, colour=colour)
    star = "*" if field.marked else " "
    if not field.split:
        return f"{after}{star}  "
    return f"{_letter(field.before, colour=colour)}/{after}{star}"


def _letter(status: Status | None, *, colour: bool) -> str:
    letter = LETTERS[status]
    return f"\x1b[{_COLOURS[status]}m{letter}\x1b[0m" if colour else letter
