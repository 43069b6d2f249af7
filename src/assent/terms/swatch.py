"""The ink of the picture: how a field looks that is taken, left open, or closed.

Open is warm and closed is calm, and each status has a mark of its own, so that no reader needs the
colour: a full disc is taken, half a disc is taken unless refused, hatching is silence, a ring waits
for a yes, a bar is no entry. A field is cut in two where it says two things: earlier uploads are
the upper left of it, later ones the lower right.

Shapes of one look are one path, so a picture is small. Colours are presentation attributes; only
what is dark instead needs the style sheet in the picture (picture.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from assent.terms.clause import Status
from assent.terms.panels import Field

__all__ = ["DARK", "LIGHT", "SIZE", "Ink"]

SIZE = (25.0, 18.0)
"""Of a field [pixels]."""

LIGHT = {
    "paper": "#fffdf8",
    "ink": "#1d1b18",
    "soft": "#5c574f",
    "granted": "#b5380b",
    "granted-mark": "#ffffff",
    "opt_out": "#f2a23a",
    "opt_out-mark": "#3f2100",
    "silent": "#fdeec4",
    "silent-mark": "#a35f00",
    "opt_in": "#d3e4ee",
    "opt_in-mark": "#1c4c68",
    "barred": "#3a5f7a",
    "barred-mark": "#ffffff",
}
"""Colours by class; a mark is told from its field by at least 3 to 1, words from paper by 4.5."""

DARK = {
    "paper": "#171614",
    "ink": "#ece7dd",
    "soft": "#b0a99c",
    "granted": "#ff7f4d",
    "granted-mark": "#2b0c00",
    "opt_out": "#b8741a",
    "opt_out-mark": "#fff3dd",
    "silent": "#3d3014",
    "silent-mark": "#e8b84f",
    "opt_in": "#24404f",
    "opt_in-mark": "#bfe0f2",
    "barred": "#2b3a44",
    "barred-mark": "#9fb9c9",
}

_EARLIER, _LATER = 1 / 3, 2 / 3
"""Where the middles of both halves are, along both sides."""
_SMALLER = 0.72
_HATCHING = {None: (1 / 3, 2 / 3, 1.0, 4 / 3, 5 / 3), _EARLIER: (0.4, 0.72), _LATER: (1.28, 1.6)}
"""Hatching runs along the cut: a line is where both ways, as shares of the sides, add to this."""


@dataclass(slots=True, kw_only=True)
class Ink:
    """Shapes that are drawn together, by look."""

    areas: dict[Status | None, list[str]] = field(default_factory=dict)
    solids: dict[Status | None, list[str]] = field(default_factory=dict)
    strokes: dict[Status | None, list[str]] = field(default_factory=dict)
    cuts: list[str] = field(default_factory=list)
    outlines: list[str] = field(default_factory=list)

    def add(self, x: float, y: float, what: Field) -> None:
        """Draw a field with its upper left corner at a place [pixels]."""
        width, height = SIZE
        if what.split:
            self._half(x, y, what.before, _EARLIER)
            self._half(x, y, what.after, _LATER)
            self.cuts.append(f"M{_at(x + width, y)}L{_at(x, y + height)}")
        else:
            self._half(x, y, what.after, None)
        if what.marked and (not what.split or what.marked_before is what.marked_after):
            self.outlines.append(_shape(x, y, None))
        elif what.marked:
            self.outlines.append(_shape(x, y, _EARLIER if what.marked_before else _LATER))

    def bar(self, x: float, y: float, width: float, height: float, status: Status | None) -> None:
        """Draw a stretch of a bar [pixels]."""
        self._put(self.areas, status, f"M{_at(x, y)}h{_n(width)}v{_n(height)}h{_n(-width)}z")
        if status is None:
            for step in range(1, int(width / 4)):
                low, high = _at(x + 4 * step - 2, y + height), _at(x + 4 * step + 2, y)
                self._put(self.strokes, status, f"M{low}L{high}")

    def paths(self) -> Iterator[str]:
        """Give the drawing as elements of SVG."""
        for status, areas in self.areas.items():
            yield _path("fill", _name(status), areas)
        for status, strokes in self.strokes.items():
            yield _path("stroke", f"{_name(status)}-mark", strokes, 'stroke-width="1.5"')
        for status, solids in self.solids.items():
            yield _path("fill", f"{_name(status)}-mark", solids)
        if self.cuts:
            yield _path("stroke", "paper", self.cuts, 'stroke-width="1.5"')
        if self.outlines:
            # a line of paper around the line of ink, so that it is seen on the darkest field
            yield _path("stroke", "paper", self.outlines, 'stroke-width="5"')
            yield _path("stroke", "ink", self.outlines, 'stroke-width="2"')

    def _half(self, x: float, y: float, status: Status | None, half: float | None) -> None:
        width, height = SIZE
        self._put(self.areas, status, _shape(x, y, half))
        middle = 0.5 if half is None else half
        self._mark(
            x + width * middle,
            y + height * middle,
            status,
            1.0 if half is None else _SMALLER,
        )
        if status is None:
            for share in _HATCHING[half]:
                far = max(share - 1, 0.0)
                near = share - far
                start = _at(x + width * near, y + height * far)
                end = _at(x + width * far, y + height * near)
                self._put(self.strokes, status, f"M{start}L{end}")

    def _mark(self, x: float, y: float, status: Status | None, scale: float) -> None:
        radius = 4 * scale
        ring = f"M{_at(x - radius, y)}{_arc(radius, 1)}{_arc(radius, -1)}z"
        match status:
            case Status.GRANTED:
                self._put(self.solids, status, ring)
            case Status.OPT_OUT:
                self._put(self.strokes, status, ring)
                self._put(self.solids, status, f"M{_at(x - radius, y)}{_arc(radius, 1, turn=0)}z")
            case Status.OPT_IN:
                self._put(self.strokes, status, ring)
            case Status.BARRED:
                long, thick = 12 * scale, 3 * scale
                corner = _at(x - long / 2, y - thick / 2)
                self._put(self.solids, status, f"M{corner}h{_n(long)}v{_n(thick)}h{_n(-long)}z")
            case None:
                pass  # the hatching is its mark

    def _put(self, where: dict[Status | None, list[str]], status: Status | None, d: str) -> None:
        where.setdefault(status, []).append(d)


def _shape(x: float, y: float, half: float | None) -> str:
    """Return a field, or a half of it."""
    width, height = SIZE
    right, low = x + width, y + height
    if half is None:
        return f"M{_at(x, y)}H{_n(right)}V{_n(low)}H{_n(x)}z"
    if half == _EARLIER:
        return f"M{_at(x, y)}H{_n(right)}L{_at(x, low)}z"
    return f"M{_at(right, low)}H{_n(x)}L{_at(right, y)}z"


def _path(how: str, name: str, shapes: list[str], more: str = "") -> str:
    fill = ' fill="none"' if how == "stroke" else ""
    extra = f" {more}" if more else ""
    kind = f"assent-{how}-{name}"
    return f'<path class="{kind}" {how}="{LIGHT[name]}"{fill}{extra} d="{"".join(shapes)}"/>'


def _name(status: Status | None) -> str:
    return "silent" if status is None else status.value


def _arc(radius: float, way: int, turn: int = 1) -> str:
    return f"a{_n(radius)} {_n(radius)} 0 0 {turn} {_n(2 * radius * way)} 0"


def _at(x: float, y: float) -> str:
    return f"{_n(x)} {_n(y)}"


def _n(number: float) -> str:
    """Return a number of pixels, no longer than the eye can tell."""
    return f"{round(number, 1) + 0:g}"  # and nought has no sign
