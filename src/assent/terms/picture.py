"""The picture of a text: what it leaves open and what it closes, as SVG that is seen at a glance.

It is one string with no script, no font of its own, no link and no inline style. Colours and places
are presentation attributes; a `<style>` element adds the dark colours and, where the window is
wide, puts the panels side by side. A page whose policy keeps `<style>` out shows it light and
stacked. It is never scaled, so its words are as large as they are meant: 356 pixels wide, or as
wide as its panels where these stand side by side.

All words in it are escaped, whoever wrote them.
"""

from collections.abc import Iterator, Sequence
from html import escape

from assent.permission.uses import ACTORS
from assent.terms.clause import Status
from assent.terms.grid import Provenance
from assent.terms.panels import (
    ACTIVITY_LABELS,
    ACTOR_LABELS,
    GROUP_STARTS,
    PROVENANCE_LABELS,
    STATUS_LABELS,
    Field,
    Panel,
    cells_of,
    count_line,
    folded,
    panels_of,
    shown,
    source_line,
    who_line,
)
from assent.terms.reading import Reading
from assent.terms.swatch import DARK, LIGHT, SIZE, Ink
from assent.terms.text import Text

__all__ = ["grid_svg"]

_WIDTH, _MARGIN, _GAP = 340, 8, 36
_LABELS, _PAIR, _ROW, _BREAK = 122, 55, 20, 6
"""Of a panel: the column of labels, two fields, a row, and the room above a group [pixels]."""
_HEADS = 72
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
_NO_MARKS = {"marked_after": False, "marked_before": False}


def grid_svg(text: Text, *, marked: int = 0) -> str:
    """Return the picture of a text.

    Args:
        text: The text.
        marked: Cells to outline, as those that a change opened or closed.
    """
    panels = panels_of(text.reading, marked)
    header, header_height = _header(text)
    legend, legend_height = _legend(panels, text.company)
    drawn = [_panel(panel) for panel in panels]
    stacked = _stacked(header_height, legend_height, [height for _, height in drawn])
    beside = _beside(header_height, legend_height, [height for _, height in drawn])
    name = f"assent-grid-{len(panels)}-{stacked[-1][1]}-{beside[-1][1]}"
    blocks = [header, legend, *(svg for svg, _ in drawn)]
    (width, height), places = stacked[-1], stacked[:-1]
    body = "".join(
        f'<g class="block-{number}" transform="translate({x} {y})">{block}</g>'
        for number, (block, (x, y)) in enumerate(zip(blocks, places, strict=True))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{name}" role="img"'
        f' width="{width}" height="{height}" font-family="{_FONT}" font-size="12">'
        f"<title>{_words(text.title)}</title><desc>{_words(_told(text.reading))}</desc>"
        f"<style>{_style(name, beside if len(panels) > 1 else None)}</style>"
        f'<rect class="assent-fill-paper" width="100%" height="100%" fill="{LIGHT["paper"]}"/>'
        f"{body}</svg>"
    )


def _words(text: str) -> str:
    return escape(shown(text))


def _line(
    x: float, y: float, words: str, *, size: int = 12, look: str = "ink", more: str = ""
) -> str:
    kind = f'class="assent-fill-{look}" fill="{LIGHT[look]}"'
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" {kind}{more}>{_words(words)}</text>'


_BOLD = ' font-weight="650"'
_CENTRED = ' text-anchor="middle"'


def _header(text: Text) -> tuple[str, int]:
    """Return title, source and count, and how high they are."""
    lines = []
    y = 4
    for line in folded(text.title, 31, most=3):
        y += 22
        lines.append(_line(0, y, line, size=17, more=_BOLD))
    y += 4
    for line in folded(source_line(text), 54, most=3):
        y += 16
        lines.append(_line(0, y, line, look="soft"))
    y += 12
    for provenance, words in (
        (Provenance.OWN, "Your own uploads"),
        (Provenance.DELIVERED, "A label's deliveries"),
    ):
        y += 20
        every = cells_of(provenance)
        share = f"{(text.reading.open & every).bit_count()} of {every.bit_count()}"
        lines.append(_line(0, y, f"{words}: {share} cells open", size=13, more=_BOLD))
        ink = Ink()
        x = 0.0
        for status in STATUS_LABELS:
            cells = (text.reading.cells(status) & every).bit_count()
            if cells:
                ink.bar(x, y + 6, _WIDTH * cells / every.bit_count(), 12, status)
            x += _WIDTH * cells / every.bit_count()
        lines.extend(ink.paths())
        y += 22
    return "".join(lines), y


def _legend(panels: Sequence[Panel], company: str) -> tuple[str, int]:
    """Return what the looks mean, and how high that is."""
    fields = [field for panel in panels for _, row in panel.rows for field in row]
    closed = (Status.OPT_IN, Status.BARRED)
    left = [(_alike(it), words) for it, words in STATUS_LABELS.items() if it not in closed]
    right = [(_alike(it), words) for it, words in STATUS_LABELS.items() if it in closed]
    if any(field.split for field in fields):
        right.append(
            (Field(after=Status.BARRED, before=None, **_NO_MARKS), "earlier | later uploads")
        )
    if any(field.marked for field in fields):
        both = {"marked_after": True, "marked_before": True}
        left.append((Field(after=None, before=None, **both), "what changed"))
    ink = Ink()
    words = [_line(0, 14, "Open", more=_BOLD), _line(_WIDTH / 2, 14, "Closed", more=_BOLD)]
    for x, column in ((0.0, left), (_WIDTH / 2, right)):
        for row, (field, meaning) in enumerate(column):
            ink.add(x, 22 + 24 * row, field)
            words.append(_line(x + SIZE[0] + 7, 35 + 24 * row, meaning))
    y = 22 + 24 * max(len(left), len(right))
    for line in folded(who_line(company), 54, most=3):
        y += 16
        words.append(_line(0, y, line, look="soft"))
    return "".join([*ink.paths(), *words]), y


def _alike(status: Status | None) -> Field:
    return Field(after=status, before=status, **_NO_MARKS)


def _panel(panel: Panel) -> tuple[str, int]:
    """Return a panel, and how high it is."""
    words = [
        *(_line(0, 15, line, size=15, more=_BOLD) for line in folded(panel.title, 44, most=1)),
        _line(0, 33, panel.count, look="soft"),
        *_heads(),
    ]
    ink = Ink()
    y = _HEADS
    for activity, fields in panel.rows:
        if activity in GROUP_STARTS:
            y += _BREAK
        words.append(_line(0, y + 13, ACTIVITY_LABELS[activity]))
        for place, field in enumerate(fields):
            ink.add(_column(place), y, field)
        y += _ROW
    return "".join([*ink.paths(), *words]), y


def _heads() -> Iterator[str]:
    for place, actor in enumerate(ACTORS):
        middle = _column(2 * place) + SIZE[0] + 1
        yield _line(middle, 53, ACTOR_LABELS[actor], size=11, more=_CENTRED)
        for half, label in enumerate(PROVENANCE_LABELS.values()):
            x = _column(2 * place + half) + SIZE[0] / 2
            yield _line(x, 67, label, size=10, look="soft", more=_CENTRED)


def _column(place: int) -> float:
    """Return where a field of a row begins; both of an actor stand close."""
    return _LABELS + place // 2 * _PAIR + place % 2 * (SIZE[0] + 2)


def _stacked(header: int, legend: int, panels: Sequence[int]) -> list[tuple[int, int]]:
    """Return where each block is when they stand one below the other, and last the whole size."""
    places = []
    y = _MARGIN
    for height in (header, legend, *panels):
        places.append((_MARGIN, y))
        y += height + 24
    return [*places, (_WIDTH + 2 * _MARGIN, y - 24 + _MARGIN)]


def _beside(header: int, legend: int, panels: Sequence[int]) -> list[tuple[int, int]]:
    """Return the same when the panels stand side by side, header and legend above them."""
    step = _WIDTH + _GAP
    below = _MARGIN + max(header, legend) + 24
    places = [(_MARGIN, _MARGIN), (_MARGIN + step, _MARGIN)]
    places += [(_MARGIN + step * number, below) for number in range(len(panels))]
    width = 2 * _MARGIN + step * len(panels) - _GAP
    return [*places, (width, below + max(panels) + _MARGIN)]


def _style(name: str, beside: Sequence[tuple[int, int]] | None) -> str:
    """Return the style sheet: dark colours, and where the blocks go in a wide window."""
    dark = "".join(
        f".{name} .assent-{how}-{look}{{{how}:{colour}}}"
        for look, colour in DARK.items()
        for how in _HOWS[look]
    )
    rules = f"@media (prefers-color-scheme:dark){{{dark}}}"
    if beside is None:
        return rules
    width, height = beside[-1]
    moves = "".join(
        f".{name} .block-{number}{{transform:translate({x}px,{y}px)}}"
        for number, (x, y) in enumerate(beside[:-1])
    )
    wide = f".{name}{{width:{width}px;height:{height}px}}{moves}"
    return f"{rules}@media (min-width:{width + 2 * _GAP}px){{{wide}}}"


_HOWS = {
    look: ("fill", "stroke") if look in {"paper", "ink"} or look.endswith("-mark") else ("fill",)
    for look in LIGHT
}


def _told(reading: Reading) -> str:
    """Return the picture in words."""
    told = [count_line(reading)]
    for provenance, words in (
        (Provenance.OWN, "Your own uploads"),
        (Provenance.DELIVERED, "A label's deliveries"),
    ):
        counted = (
            f"{label} {(reading.cells(status) & cells_of(provenance)).bit_count()}"
            for status, label in STATUS_LABELS.items()
        )
        told.append(f"{words}: {', '.join(counted)}.")
    return " ".join(told)
