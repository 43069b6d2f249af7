"""A picture of what a file is made of: for each recording its own time below, bands between.

SVG without script, font or address of others; it follows the reader's light or dark screen.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from assent.identity.match import Match
from assent.identity.proof import Finding

__all__ = ["Drawn", "picture"]

_WIDTH, _LEFT, _RIGHT = 960, 24, 24
_TOP, _LANE, _BETWEEN, _BAR = 40, 190, 104, 14
_MOST = 12
"""More bands than these would be drawn over each other."""
_COLOURS = {Finding.SAME: "#2a7fb8", Finding.ALIKE: "#c98a1b", Finding.OPEN: "#7a8a99"}
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1c2730}.small{font-size:11px;fill:#55636e}"
    ".bar{fill:#d5dde3}.ground{fill:#fff}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf2}.small{fill:#9fb0bd}"
    ".bar{fill:#33424d}.ground{fill:#12191f}}"
)


class Drawn(NamedTuple):
    """A match as it is drawn.

    Args:
        name: What the recording is called.
        length_s: How long the recording is [seconds].
        match: The match.
        finding: What the samples say.
    """

    name: str
    length_s: float
    match: Match
    finding: Finding


def picture(name: str, length_s: float, drawn: Sequence[Drawn]) -> str:
    """Return the picture [SVG].

    Args:
        name: What was asked about.
        length_s: How long it is [seconds].
        drawn: What was found in it, the surest first; the first dozen is drawn.
    """
    drawn = drawn[:_MOST]
    lanes = {one.name: at for at, one in enumerate({one.name: one for one in drawn}.values())}
    lengths = {one.name: one.length_s for one in drawn}
    height = _TOP + _LANE * max(len(lanes), 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>{_plain(name)}: what it is made of</title><style>{_STYLE}</style>",
        f'<rect class="ground" width="{_WIDTH}" height="{height}"/>',
        *(_band(one, length_s, lanes[one.name], at) for at, one in enumerate(drawn)),
    ]
    for lane, at in lanes.items():
        parts += _bar(name, length_s, _TOP + _LANE * at)
        parts += _bar(lane, lengths[lane], _TOP + _LANE * at + _BETWEEN, below=True)
    return "\n".join([*parts, "</svg>", ""])


def _bar(name: str, length_s: float, y: int, *, below: bool = False) -> Iterator[str]:
    text_y = y + _BAR + 18 if below else y - 10
    yield f'<rect class="bar" x="{_LEFT}" y="{y}" width="{_wide(1):.1f}" height="{_BAR}" rx="3"/>'
    yield f'<text x="{_LEFT}" y="{text_y}">{_plain(name)}</text>'
    end = f'class="small" x="{_WIDTH - _RIGHT}" y="{text_y}" text-anchor="end"'
    yield f"<text {end}>{_clock(length_s)}</text>"


def _band(one: Drawn, length_s: float, lane: int, order: int) -> str:
    """Return the band between both spans, and what was changed, written across its middle.

    Those that follow each other are written a little lower, so that they can be told apart.
    """
    match, y = one.match, _TOP + _LANE * lane + _BAR
    below = y - _BAR + _BETWEEN
    top = [_x(at, length_s) for at in (match.start_s, match.end_s)]
    foot = [_x(at, one.length_s) for at in (match.original_start_s, match.original_end_s)]
    points = f"{top[0]:.1f},{y} {top[1]:.1f},{y} {foot[1]:.1f},{below} {foot[0]:.1f},{below}"
    said = (
        f"{_clock(match.start_s)} to {_clock(match.end_s)} is {_clock(match.original_start_s)} to"
        f" {_clock(match.original_end_s)}: {one.finding.value}"
    )
    middle = min(max((sum(top) + sum(foot)) / 4, 80.0), _WIDTH - 80.0)
    text_y = (y + below) // 2 + 18 * (order % 3 - 1)
    changed = f"{match.tempo:.2f} times the tempo, {match.semitones:+.1f} semitones"
    return (
        f'<g><title>{_plain(said)}</title><polygon points="{points}"'
        f' fill="{_COLOURS[one.finding]}" fill-opacity="0.45"/>'
        f'<text class="small" x="{middle:.1f}" y="{text_y}" text-anchor="middle">'
        f"{changed}</text></g>"
    )


def _wide(share: float) -> float:
    return (_WIDTH - _LEFT - _RIGHT) * min(max(share, 0.0), 1.0)


def _x(at_s: float, length_s: float) -> float:
    return _LEFT + _wide(at_s / length_s if length_s else 0.0)


def _clock(at_s: float) -> str:
    return f"{int(at_s // 60)}:{int(at_s % 60):02d}"


def _plain(text: str) -> str:
    """Return a name as XML takes it: what no file of XML may hold is left out."""
    return escape("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text))
