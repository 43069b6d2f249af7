"""The story on a terminal: legible everywhere, coloured where there are colours."""

from io import BytesIO, StringIO, TextIOWrapper

import pytest
from rich.console import Console

from assent.demo.line import Kind, Line
from assent.demo.show import shown_on

LONG = "Somebody asks the gate for a track that is not theirs, and asks again, and is told why."


def shown(kind: Kind, text: str, width: int = 60) -> str:
    out = StringIO()
    shown_on(Console(file=out, width=width))(Line(kind=kind, text=text))
    return out.getvalue()


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_line_is_shown_whole(kind: Kind) -> None:
    text = shown(kind, LONG)
    assert " ".join(text.split()).endswith(LONG)
    assert all(line == line.rstrip() for line in text.splitlines())
    assert "\x1b" not in text


def test_what_is_long_goes_on_under_its_own_beginning() -> None:
    first, *rest = shown(Kind.REASON, LONG).splitlines()
    assert first.startswith("    - Somebody")
    assert rest
    assert all(line.startswith("      ") and line[6] != " " for line in rest)
    assert max(map(len, [first, *rest])) <= 60


def test_a_command_stays_on_one_line() -> None:
    command = "assent --data /a/very/long/folder " + "deeper/" * 20
    assert shown(Kind.COMMAND, command).splitlines() == [f"    {command}".rstrip()]


def test_a_terminal_gets_colours_and_nothing_can_steer_it() -> None:
    out = StringIO()
    show = shown_on(Console(file=out, force_terminal=True, color_system="standard", width=60))
    show(Line(kind=Kind.YES, text="It opens."))
    assert "\x1b[" in out.getvalue()
    out.truncate(0)
    show(Line(kind=Kind.PLAIN, text="a\x1b[2Jtitle\nwith [bold]marks[/]"))
    assert "\x1b[2J" not in out.getvalue()
    assert "[bold]marks[/]" in out.getvalue()


def test_a_terminal_without_such_marks_gets_plainer_ones() -> None:
    raw = BytesIO()
    out = TextIOWrapper(raw, encoding="ascii")
    show = shown_on(Console(file=out, width=60))
    show(Line(kind=Kind.NO, text="“Paper Lanterns” is closed, Zoë."))
    out.flush()
    assert raw.getvalue() == b'  x "Paper Lanterns" is closed, Zo?.\n'
