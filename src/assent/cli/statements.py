"""`assent grant`, `refuse` and `withdraw`: what a holder says, and what it comes to at once."""

from typing import TYPE_CHECKING, Annotated

import typer

from assent.cli.options import About, AllPrograms, By, ForProgram, Json, Speaker, UsePatterns
from assent.cli.session import opened
from assent.errors import BadStatement

if TYPE_CHECKING:
    from assent.cli.saying import Typed

__all__ = ["register"]

_Since = Annotated[
    str | None, typer.Option("--since", metavar="DATE", help="From when; at once if not said.")
]
_Until = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help="Until when; for good if not said.")
]
_PresetName = Annotated[
    str | None,
    typer.Option(
        "--preset",
        metavar="NAME",
        help="One choice for everything: no-ai, found-not-trained, ask-me or my-own-choice.",
    ),
]
_Refusal = Annotated[
    bool, typer.Option("--refusal", help="Take an earlier no back instead; this can open uses.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("grant", help="Say yes to uses of one's recordings.")(_grant)
    app.command("refuse", help="Say no to uses of one's recordings.")(_refuse)
    app.command("withdraw", help="Take an earlier yes back, or an earlier no.")(_withdraw)


def _grant(  # noqa: PLR0913  # each is an option of the command
    ctx: typer.Context,
    *,
    artist: Speaker,
    recording: About = None,
    use: UsePatterns = None,
    program: ForProgram = None,
    all_programs: AllPrograms = False,
    since: _Since = None,
    until: _Until = None,
    preset: _PresetName = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    from assent.acts import say as acts
    from assent.cli.saying import Saying, Typed
    from assent.clock import parse_instant

    typed = Typed(
        artist=artist,
        recording=recording,
        program=program,
        patterns=tuple(use or ()),
        by=by,
        as_json=as_json,
    )
    _one_or_all(program, all_programs=all_programs)
    if preset is not None:
        _choose(ctx, typed, preset, more=bool(all_programs or since or until))
        return
    start, end = (parse_instant(date) if date else None for date in (since, until))
    with opened(ctx, catch_up=True) as house:
        saying = Saying.of(house, typed)
        about, uses = saying.about, saying.uses
        saying.show_notice(grants=uses, all_programs=all_programs, since=start, until=end)
        saying.make(
            lambda: acts.grant(
                house, about, uses, all_programs=all_programs, since=start, until=end
            ),
            "says yes to",
            opens=True,
            since=start,
        )


def _refuse(  # noqa: PLR0913  # each is an option of the command
    ctx: typer.Context,
    *,
    artist: Speaker,
    recording: About = None,
    use: UsePatterns = None,
    program: ForProgram = None,
    all_programs: AllPrograms = False,
    preset: _PresetName = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    from assent.acts import say as acts
    from assent.cli.saying import Saying, Typed

    typed = Typed(
        artist=artist,
        recording=recording,
        program=program,
        patterns=tuple(use or ()),
        by=by,
        as_json=as_json,
    )
    _one_or_all(program, all_programs=all_programs)
    if preset is not None:
        _choose(ctx, typed, preset, more=all_programs)
        return
    with opened(ctx, catch_up=True) as house:
        saying = Saying.of(house, typed)
        about, uses = saying.about, saying.uses
        saying.show_notice(refuses=uses)
        saying.make(lambda: acts.refuse(house, about, uses), "says no to", opens=False)


def _withdraw(  # noqa: PLR0913  # each is an option of the command
    ctx: typer.Context,
    *,
    artist: Speaker,
    recording: About = None,
    use: UsePatterns = None,
    program: ForProgram = None,
    all_programs: AllPrograms = False,
    refusal: _Refusal = False,
    by: By = "",
    as_json: Json = False,
) -> None:
    from assent.acts import say as acts
    from assent.cli.saying import Saying, Typed

    typed = Typed(
        artist=artist,
        recording=recording,
        program=program,
        patterns=tuple(use or ()),
        by=by,
        as_json=as_json,
    )
    _one_or_all(program, all_programs=all_programs)
    with opened(ctx, catch_up=True) as house:
        saying = Saying.of(house, typed)
        about, uses = saying.about, saying.uses
        if refusal:
            saying.show_notice(lifts=uses)
            saying.make(lambda: acts.lift(house, about, uses), "takes back the no to", opens=True)
        else:
            saying.show_notice(withdraws=uses)
            saying.make(
                lambda: acts.withdraw(house, about, uses), "takes back the yes to", opens=False
            )


def _one_or_all(program: str | None, *, all_programs: bool) -> None:
    if program is not None and all_programs:
        raise BadStatement("say --program or --all-programs, not both")


def _choose(ctx: typer.Context, typed: "Typed", name: str, *, more: bool) -> None:
    """Choose a preset, which speaks of everything at once."""
    from assent.acts.say import choose
    from assent.cli.saying import Saying
    from assent.permission.presets import PRESETS, parse_preset
    from assent.permission.uses import ALL

    preset = parse_preset(name)
    masks = PRESETS[preset]
    if more or typed.recording or typed.program or typed.patterns:
        raise BadStatement("a preset says it all: beside --preset only --artist and --by are said")
    with opened(ctx, catch_up=True) as house:
        saying = Saying.of(house, typed, uses=masks.granted or masks.refused or ALL)
        saying.show_notice(grants=masks.granted, refuses=masks.refused, withdraws=ALL, lifts=ALL)
        saying.make(
            lambda: choose(house, saying.about.holder, preset, saying.about.by),
            f"chooses {masks.title!r}, which speaks of",
            opens=bool(masks.granted),
        )
