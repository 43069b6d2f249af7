"""`assent terms open | close | diff | lint | render | story`: what a wording leaves open.

A wording is a file, a text of the platform, or one of the real texts that come with the program.
"""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from assent.cli.options import Json
from assent.cli.output import put, put_json, say
from assent.terms.grid import Material, Provenance, Scope, Time

if TYPE_CHECKING:
    from assent.cli.wordings import Wording

__all__ = ["register"]

_Named = Annotated[
    str,
    typer.Argument(
        metavar="TEXT", help="A file, the id of a text of the platform, or a text that is shipped."
    ),
]
_Second = Annotated[str, typer.Argument(metavar="SECOND", help="The other wording, likewise.")]
_Flip = Annotated[
    list[str] | None,
    typer.Option("--flip", metavar="SWITCH", help="Judge otherwise; again for more."),
]
_Targets = Annotated[
    list[str],
    typer.Option(
        "--target",
        metavar="TARGET",
        help="What to close: generative, training, input, supply, everything, or actor/activity.",
    ),
]
_Materials = Annotated[
    list[Material] | None, typer.Option("--material", help="Of what only; again for more.")
]
_Provenances = Annotated[
    list[Provenance] | None,
    typer.Option("--provenance", help="Own uploads or deliveries only."),
]
_Times = Annotated[list[Time] | None, typer.Option("--time", help="Later or earlier uploads only.")]


class _Form(Enum):
    """As what a wording can be rendered."""

    PROSE = "prose"
    GRID = "grid"
    SVG = "svg"
    HTML = "html"
    FRAGMENT = "fragment"
    ODRL = "odrl"
    TOML = "toml"


class _DiffForm(Enum):
    """As what a difference can be told."""

    PROSE = "prose"
    GRID = "grid"
    HTML = "html"


class _CloseForm(Enum):
    """As what an addition can be told."""

    PROSE = "prose"
    TOML = "toml"


_CloseAs = Annotated[_CloseForm, typer.Option("--as", help="As what.")]
_DiffAs = Annotated[_DiffForm, typer.Option("--as", help="As what.")]
_As = Annotated[_Form, typer.Option("--as", help="As what.")]


def register(nouns: typer.Typer) -> None:
    """Add the commands."""
    nouns.command("open", help="Say what a wording leaves open without consent, and why.")(_open)
    nouns.command("close", help="Find the shortest addition that closes it.")(_close)
    nouns.command("diff", help="Say what opened and what closed between two wordings.")(_diff)
    nouns.command("lint", help="Find promises that are less than they sound.")(_lint)
    nouns.command("render", help="Say a wording from its rules: prose, picture, page, ODRL.")(
        _render
    )
    nouns.command("story", help="Tell the story of the loophole from the texts that are shipped.")(
        _story
    )


def _read(ctx: typer.Context, name: str, flip: list[str] | None = None) -> "Wording":
    from assent.cli.wordings import read_wording

    return read_wording(ctx, name, frozenset(flip or ()))


def _open(ctx: typer.Context, text: _Named, *, flip: _Flip = None, as_json: Json = False) -> None:
    from assent.terms.report import report
    from assent.terms.telling import tell

    wording = _read(ctx, text, flip)
    found = report(wording.text, wording.toml)
    if as_json:
        put_json(found)
        return
    for line in tell(found):
        put(line)


def _close(  # noqa: PLR0913  # what is to be closed has four facets
    ctx: typer.Context,
    text: _Named,
    *,
    target: _Targets,
    material: _Materials = None,
    provenance: _Provenances = None,
    time: _Times = None,
    flip: _Flip = None,
    form: _CloseAs = _CloseForm.PROSE,
    as_json: Json = False,
) -> None:
    from assent.terms.closing import addition_toml, close, target_uses

    wording = _read(ctx, text, flip)
    scope = Scope(
        uses=target_uses(tuple(target)),
        material=frozenset(material or Material),
        provenance=frozenset(provenance or Provenance),
        time=frozenset(time or Time),
    )
    addition = close(wording.text, scope)
    count = addition.closes.bit_count()
    if as_json:
        put_json(
            {
                "sentences": [clause.text for clause in addition.clauses],
                "closes": count,
                "proved": addition.proved,
                "toml": addition_toml(addition),
            }
        )
        return
    if not addition.clauses:
        say("Nothing of it is open: no addition is needed.")
        return
    if form is _CloseForm.TOML:
        _put_lines(addition_toml(addition))
    else:
        for clause in addition.clauses:
            put(clause.text)
    say(f"Added at the end, this closes {count} cells, and nothing that was not asked for.")
    say(
        "Nothing shorter does."
        if addition.proved
        else "Whether something shorter does was not searched to the end."
    )
    if form is _CloseForm.PROSE:
        say("With --as toml it is told as clauses of a file.")


def _diff(
    ctx: typer.Context,
    first: _Named,
    second: _Second,
    *,
    form: _DiffAs = _DiffForm.PROSE,
    as_json: Json = False,
) -> None:
    from assent.terms.report import report_difference

    before, after = _read(ctx, first).text, _read(ctx, second).text
    found = report_difference(before, after)
    if as_json:
        put_json(found)
        return
    match form:
        case _DiffForm.PROSE:
            from assent.terms.telling import tell_difference

            _put_lines("\n".join(tell_difference(found)))
        case _DiffForm.GRID:
            from assent.terms.terminal import grid_lines

            moved = before.reading.open ^ after.reading.open
            _put_lines("\n".join(grid_lines(after, colour=False, marked=moved)))
        case _DiffForm.HTML:
            from assent.terms.page import article_difference, page

            _put_lines(page("What changed", article_difference(before, after, found)))


def _lint(ctx: typer.Context, text: _Named, *, as_json: Json = False) -> None:
    from assent.cli.exits import NO
    from assent.cli.wordings import read_wording
    from assent.terms.report import report
    from assent.terms.telling import tell_findings

    wording = read_wording(ctx, text, strict=False)
    found = report(wording.text, wording.toml)
    if as_json:
        for finding in found["findings"]:
            put_json(finding)
    else:
        for line in tell_findings(found, text):
            put(line)
        if not found["findings"]:
            say("Nothing to say.")
    if any(finding["level"] == "error" for finding in found["findings"]):
        raise typer.Exit(NO)


def _render(
    ctx: typer.Context, text: _Named, *, form: _As = _Form.PROSE, flip: _Flip = None
) -> None:
    _put_lines(_rendered(_read(ctx, text, flip), form))


def _rendered(wording: "Wording", form: _Form) -> str:
    match form:
        case _Form.PROSE:
            return _prose(wording)
        case _Form.GRID:
            from assent.terms.terminal import grid_lines

            return "\n".join(grid_lines(wording.text, colour=False))
        case _Form.SVG:
            from assent.terms.picture import grid_svg

            return grid_svg(wording.text)
        case _Form.ODRL:
            from json import dumps

            from assent.terms.odrl import to_odrl

            return dumps(to_odrl(wording.text), indent=2, ensure_ascii=False)
        case _Form.TOML:
            from assent.terms.written import to_toml

            return to_toml(wording.text)
        case _Form.HTML | _Form.FRAGMENT:
            from assent.terms.page import article, page
            from assent.terms.report import report

            fragment = article(wording.text, report(wording.text, wording.toml))
            return page(wording.text.title, fragment) if form is _Form.HTML else fragment


def _prose(wording: "Wording") -> str:
    from assent.terms.prose import sentence_of

    text = wording.text
    lines = [text.title, ""]
    for clause in text.clauses:
        in_rules = sentence_of(clause, text.company)
        lines.append(f"{clause.id}. {in_rules}")
        if clause.text != in_rules:
            lines.append(f"    It stands on: “{clause.text}”")
    return "\n".join(lines)


def _story(ctx: typer.Context) -> None:  # every command has a context
    from assent.terms.story import story

    _put_lines(story())


def _put_lines(text: str) -> None:
    for line in text.rstrip("\n").split("\n"):
        put(line)
