"""The story on a terminal: marks, indents and colours; plain text where there is no terminal."""

from rich.console import Console
from rich.text import Text

from assent.demo.line import Kind, Line
from assent.demo.stage import Say

__all__ = ["shown_on"]

_WIDEST = 100
_STYLES = {Kind.TITLE: "bold", Kind.HEADING: "bold cyan", Kind.COMMAND: "cyan", Kind.BROKEN: "red"}
_LEADS = {
    Kind.TITLE: ("", ""),
    Kind.HEADING: ("", ""),
    Kind.PLAIN: ("    ", ""),
    Kind.YES: ("  ✓ ", "green"),
    Kind.NO: ("  ✗ ", "red"),
    Kind.REASON: ("    - ", "dim"),
    Kind.COMMAND: ("    ", ""),
    Kind.BROKEN: ("  ! ", "bold red"),
}
"""What stands before the first line of each kind; the lines below are indented as far."""
_PLAINER = str.maketrans({"✓": "+", "✗": "x", "“": '"', "”": '"'})


def shown_on(console: Console) -> Say:
    """Return what shows lines on a console.

    Args:
        console: Where; one that is no terminal gets no colours.
    """
    return lambda line: _show(console, line)


def _show(console: Console, line: Line) -> None:
    lead, lead_style = _LEADS[line.kind]
    text = Text(_legible(line.text, console.encoding), style=_STYLES.get(line.kind, ""))
    rows = [text]
    if line.kind is not Kind.COMMAND:  # a command stays on one line, so that it can be copied
        rows = list(text.wrap(console, max(min(_WIDEST, console.width) - len(lead), 20)))
    if line.kind is Kind.HEADING:
        console.print()
    for number, row in enumerate(rows):
        row.rstrip()
        before = Text(" " * len(lead) if number else _legible(lead, console.encoding))
        before.stylize(lead_style)
        console.print(before + row, soft_wrap=True)


def _legible(text: str, encoding: str) -> str:
    """Return text that the terminal can show, and that cannot steer it."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    try:
        shown.encode(encoding)
    except UnicodeEncodeError:
        return shown.translate(_PLAINER).encode(encoding, "replace").decode(encoding)
    return shown
