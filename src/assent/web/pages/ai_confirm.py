"""A choice before it is made: what it would do, the notice, and the act that makes it."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from assent.acts.meaning import notice_digest, notice_of
from assent.acts.say import say
from assent.catalogue import tables
from assent.errors import BadInput, BadStatement
from assent.permission.presets import parse_preset
from assent.signin.scopes import Scope
from assent.studio.choices import preset_of
from assent.studio.foresight import foresee
from assent.studio.foresight_presets import outlooks_of
from assent.studio.foresight_words import tell
from assent.web.ai_behind import BehindView, behind_view
from assent.web.ai_open import LeftView, PresetView, presets_view
from assent.web.ai_views import ForesightView, VerbView, foresight_view, verbs_view
from assent.web.ai_wish import DIGEST, DIGEST_OR_NONE, Asked, Wish, check_read, read_wish
from assent.web.face import MEMBERS, Done, Face
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("a choice about AI")

_MOST_USES = 60
_RECORDING = r"^(r[0-9]{1,18})?$"
_PROGRAM = r"^[a-z0-9.-]{0,63}$"
_DAY = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"
_HEADINGS = {
    "grant": "Say yes",
    "refuse": "Say no",
    "take-back": "Take your word back",
    "lift": "Take your no back",
}


class ChoiceView(View):
    """A choice, as it was asked for: what is sent to make it."""

    preset: str
    verb: str
    use: list[str]
    recording: str
    program: str
    until: str


class ConfirmView(View):
    """A choice before it is made.

    `verbs` is what would be said, in plain words and as exact uses. `notice` goes on record by its
    digest, word for word. `generative` says that it is a yes to a generative use, which takes the
    digest once more as `read`; `needs_words` that it is one to every program, which takes
    `for_every_program` besides. `behind` is who is behind the program that is named. `left` is what
    a preset leaves open by the terms, and `foresight` what the choice would do.
    """

    heading: str
    about: str
    lines: list[str]
    left: list[LeftView]
    behind: BehindView | None
    choice: ChoiceView
    verbs: list[VerbView]
    notice: str
    digest: str
    generative: bool
    needs_words: bool
    until: str | None
    foresight: ForesightView
    back: str


@face.page("/ai/confirm", template="ai/confirm.html", who=MEMBERS, scope=Scope.CONSENT)
def ai_confirm(  # noqa: PLR0913, PLR0917  # one for each parameter of the query
    visit: Visit,
    preset: Annotated[str, Query(max_length=40)] = "",
    verb: Annotated[str, Query(max_length=20)] = "",
    use: Annotated[tuple[str, ...], Query(max_length=_MOST_USES)] = (),
    recording: Annotated[str, Query(pattern=_RECORDING)] = "",
    program: Annotated[str, Query(pattern=_PROGRAM)] = "",
    until: Annotated[str, Query(pattern=_DAY)] = "",
) -> ConfirmView:
    """Show what a choice would do before it is made, and the notice that goes on record with it.

    A choice is a preset, or a verb (grant, refuse, take-back, lift) with uses, of one recording or
    of the whole account, for one program or for every one.
    """
    asked = Asked(
        preset=preset, verb=verb, use=use, recording=recording, program=program, until=until
    )
    if visit.form:  # a refused form: what it asked for
        asked = _typed(visit)
    return _shown(visit, asked)


def _typed(visit: Visit) -> Asked:
    uses = visit.form.get("use", [])
    return Asked(
        preset=visit.typed("preset"),
        verb=visit.typed("verb"),
        use=tuple(uses) if isinstance(uses, list) else (uses,),
        recording=visit.typed("recording"),
        program=visit.typed("program"),
        until=visit.typed("until"),
    )


def _shown(visit: Visit, asked: Asked) -> ConfirmView:
    try:
        wish = read_wish(visit.db, visit.me.name, visit.me.account, asked, visit.at)
    except (BadInput, BadStatement) as error:  # such as nothing that is ticked
        back = f"/ai/r/{asked.recording}" if asked.recording else "/ai#all"
        raise type(error)(error.text, **{**error.facts, "back": back}) from error
    foresight = foresee(visit.db, [wish.statement], visit.at)
    preset = _preset(visit, asked)
    return ConfirmView(
        heading=preset.title if preset else _HEADINGS[asked.verb],
        about=_about(visit, asked),
        lines=preset.lines if preset else [],
        left=preset.left if preset else [],
        behind=behind_view(visit.db, asked.program) if asked.program else None,
        choice=_choice(asked),
        verbs=verbs_view(wish.statement, is_preset=preset is not None),
        notice=notice_of(visit.db, wish.statement),
        digest=notice_digest(visit.db, wish.statement),
        generative=wish.is_generative,
        needs_words=wish.opens_to_all,
        until=_day(wish.statement.until),
        foresight=foresight_view(foresight, tell(foresight, asks=wish.asks)),
        back=f"/ai/r/{asked.recording}" if asked.recording else "/ai",
    )


def _preset(visit: Visit, asked: Asked) -> PresetView | None:
    if not asked.preset:
        return None
    parse_preset(asked.preset)
    chosen = preset_of(visit.db, visit.me.account, visit.at)
    outlooks = outlooks_of(visit.db, visit.me.account)
    return next(it for it in presets_view(chosen, outlooks) if it.name == asked.preset)


def _choice(asked: Asked) -> ChoiceView:
    fields = asdict(asked)
    del fields["for_every_program"]
    return ChoiceView(**{**fields, "use": list(asked.use)})


def _about(visit: Visit, asked: Asked) -> str:
    what = "all your recordings"
    if asked.recording:
        table = tables.recordings.c
        query = select(table.title).where(table.id == asked.recording)
        what = f"\N{LEFT DOUBLE QUOTATION MARK}{visit.db.execute(query).scalar_one()}"
        what += "\N{RIGHT DOUBLE QUOTATION MARK}"
    return f"{what}, for the program {asked.program} alone" if asked.program else what


def _day(at: datetime | None) -> str | None:
    return at.date().isoformat() if at else None


class Choice(BaseModel):
    """A choice, and the digest of the notice that was on the screen when it was made.

    A yes to a generative use takes that digest once more as `read`: that the notice was read.
    """

    model_config = ConfigDict(extra="forbid")

    preset: str = Field(default="", max_length=40)
    verb: str = Field(default="", max_length=20)
    use: list[str] = Field(default_factory=list, max_length=_MOST_USES)
    recording: str = Field(default="", pattern=_RECORDING)
    program: str = Field(default="", pattern=_PROGRAM)
    until: str = Field(default="", pattern=_DAY)
    for_every_program: bool = False
    notice: str = Field(pattern=DIGEST)
    read: str = Field(default="", pattern=DIGEST_OR_NONE)


class Said(Done):
    """What was said: the number of its event, and the digest of the notice that went on record."""

    statement: int
    notice: str


@face.act("/ai/say", who=MEMBERS, scope=Scope.CONSENT, shows=ai_confirm)
def ai_say(visit: Visit, said: Choice) -> Said:
    """Make a choice about AI; `notice` is the digest that /ai/confirm.json gives for it."""
    asked = Asked(
        preset=said.preset,
        verb=said.verb,
        use=tuple(said.use),
        recording=said.recording,
        program=said.program,
        until=said.until,
        for_every_program=said.for_every_program,
    )
    wish = read_wish(visit.db, visit.me.name, visit.me.account, asked, visit.at)
    _check_words(wish, asked)
    check_read(wish.words.grants, said.notice, said.read)
    event = say(visit.site.house, wish.about, wish.words, shown=said.notice)
    return Said(
        said="Said, and in force in every process within one second.",
        next=f"/ai/said/{event.number}",
        statement=event.number,
        notice=event.body["notice"],
    )


def _check_words(wish: Wish, asked: Asked) -> None:
    if wish.opens_to_all and not asked.for_every_program:
        raise BadStatement(
            "these uses make or feed machines that make something; tick the words"
            " \N{LEFT DOUBLE QUOTATION MARK}for every program\N{RIGHT DOUBLE QUOTATION MARK} if you"
            " mean them"
        )
