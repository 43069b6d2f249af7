"""What the pages about AI say: the table, a choice before it is made, what was said."""

from collections.abc import Iterable, Sequence

from assent.permission.programs import Program
from assent.permission.statements import Statement
from assent.permission.uses import Actor, labels
from assent.permission.wording import ACTIVITY_WORDS, ACTOR_WORDS, listed
from assent.studio.choices import Cell, Chosen, Now
from assent.studio.foresight import Foresight, Shift
from assent.studio.foresight_words import Told, blocked, uses_told
from assent.web.ai_open import (
    RemainView,
    UseLineView,
    UserView,
    remains_view,
    use_lines_view,
    users_view,
)
from assent.web.view import View

__all__ = [
    "CellView",
    "ChangeView",
    "ForesightView",
    "RowView",
    "ToldView",
    "VerbView",
    "foresight_view",
    "rows_view",
    "verbs_view",
]

_MOST_SHOWN = 100
"""Recordings listed one by one; all are counted."""

_STATES = {
    Now.YES: ("yes", "Yes. You said yes."),
    Now.NO: ("no", "No. You said no."),
    Now.TAKEN: ("yes", "Yes. The terms take it; a no would not change that."),
    Now.UNLESS_NO: ("yes", "Yes, by the terms, unless you say no."),
    Now.UNTIL_YES: ("no", "No, until you say yes."),
    Now.NEEDS_PROGRAM: ("no", "No, but for a program that you say yes to."),
    Now.BARRED: ("no", "No. The terms have no room for it."),
}

_VERBS = (
    ("lifts", "You take back your no to"),
    ("withdraws", "You take back your yes to"),
    ("refuses", "You say no to"),
    ("grants", "You say yes to"),
)


class ToldView(View):
    """One sentence of what a choice would do; `tone` is yes, no, ask or same."""

    tone: str
    text: str


class ChangeView(View):
    """A recording whose word would change: which uses would open in it, and which close.

    `opens_lines` and `closes_lines` say the same in words.
    """

    recording: str
    title: str
    opens: list[str]
    closes: list[str]
    opens_lines: list[UseLineView]
    closes_lines: list[UseLineView]


class ProgramChangeView(View):
    """A program that would gain or lose recordings, in numbers."""

    program: str
    owner: str
    live: bool
    gains: int
    loses: int


class SetChangeView(View):
    """A training set that would have to give recordings up, and until when."""

    training_set: str
    program: str
    recordings: int
    days: int
    deadline: str


class ForesightView(View):
    """What a choice would do: in sentences, and in numbers.

    `opens` and `closes` count recordings by use. `changes` lists the first hundred recordings, and
    `more` says how many are left out. `remains` is what would be open after all, and why; `users`
    are the programs that could use any of the recordings.
    """

    recordings: int
    told: list[ToldView]
    opens: dict[str, int]
    closes: dict[str, int]
    programs: list[ProgramChangeView]
    sets: list[SetChangeView]
    changes: list[ChangeView]
    more: int
    remains: list[RemainView]
    users: list[UserView]


class VerbView(View):
    """What a statement says with one verb: in plain words, and as names of uses."""

    verb: str
    words: str
    plain: list[str]
    uses: list[str]


class CellView(View):
    """One use: what holds now and why.

    `now` is yes, no, taken, unless-no, until-yes, needs-program or barred; `open` says whether it
    is open after all that others say; `open_in` counts recordings; `own` says that this place has
    a word of its own on it; `event` is the statement that it stands on. `mark` sums it up: yes, no,
    or some where it is open in some of the recordings, or to a program alone; `short` is who, for
    beside it.
    """

    use: str
    who: str
    short: str
    mark: str
    now: str
    tone: str
    says: str
    open: bool
    open_in: int
    own: bool
    event: int | None
    others: list[str]


class RowView(View):
    """One thing done, by each of the four who may do it."""

    activity: str
    what: str
    generative: bool
    cells: list[CellView]


def foresight_view(foresight: Foresight, told: Sequence[Told]) -> ForesightView:
    """Return what a choice would do, as a page says it."""
    shown = foresight.shifts[:_MOST_SHOWN]
    return ForesightView(
        recordings=foresight.recordings,
        told=[ToldView(tone=it.tone, text=it.text) for it in told],
        opens=foresight.opens,
        closes=foresight.closes,
        programs=[
            ProgramChangeView(
                program=it.program,
                owner=it.owner,
                live=it.is_live,
                gains=len(it.gains),
                loses=len(it.loses),
            )
            for it in foresight.programs
        ],
        sets=[
            SetChangeView(
                training_set=it.training_set,
                program=it.program,
                recordings=len(it.recordings),
                days=it.days,
                deadline=it.deadline.date().isoformat(),
            )
            for it in foresight.leaving
        ],
        changes=[_change(it) for it in shown],
        more=len(foresight.shifts) - len(shown),
        remains=remains_view(foresight),
        users=users_view(foresight),
    )


def _change(shift: Shift) -> ChangeView:
    return ChangeView(
        recording=shift.recording,
        title=shift.title,
        opens=list(labels(shift.opens)),
        closes=list(labels(shift.closes)),
        opens_lines=use_lines_view(dict.fromkeys(labels(shift.opens), 0)),
        closes_lines=use_lines_view(dict.fromkeys(labels(shift.closes), 0)),
    )


def verbs_view(statement: Statement, *, is_preset: bool = False) -> list[VerbView]:
    """Return what a statement says, verb by verb.

    Args:
        statement: What is said.
        is_preset: Whether it is a preset, which takes all that came before back.
    """
    return [
        VerbView(
            verb=verb,
            words=words,
            plain=list(uses_told(uses)),
            uses=list(labels(uses)),
        )
        for verb, words in _VERBS
        if (uses := getattr(statement, verb))
        # that a preset begins with a clean sheet is one sentence, not two lists of sixty uses
        and not (is_preset and verb in {"lifts", "withdraws"})
    ]


def rows_view(chosen: Chosen, programs: Iterable[Program] = ()) -> list[RowView]:
    """Return the table.

    Args:
        chosen: What was chosen.
        programs: Those that may use the one recording that it is about.
    """
    programs = tuple(programs)
    return [
        RowView(
            activity=activity.value,
            what=ACTIVITY_WORDS[activity],
            generative=cells[0].is_generative,
            cells=[_cell(cell, chosen.recordings, programs) for cell in cells],
        )
        for activity, cells in chosen.rows
    ]


_SHORT = {
    Actor.PLATFORM: "platform",
    Actor.GROUP: "companies",
    Actor.PARTNER: "partners",
    Actor.PUBLIC: "others",
}


def _mark(cell: Cell, tone: str, recordings: int) -> str:
    if not recordings:
        return tone
    return {0: "no", recordings: "yes"}.get(cell.open_in, "some")


def _cell(cell: Cell, recordings: int, programs: tuple[Program, ...]) -> CellView:
    tone, says = _STATES[cell.now]
    others = list(_others(cell))
    if others:
        tone, says = "no", f"No, although you {'said yes' if cell.now is Now.YES else 'let it be'}."
    mark, alone = _mark(cell, tone, recordings), [it.id for it in programs if it.uses & cell.use]
    if alone and not cell.is_open:
        mark, which = "some", "program" if len(alone) == 1 else "programs"
        others.append(f"Open to the {which} {listed(alone)} alone.")
    return CellView(
        use=labels(cell.use)[0],
        who=ACTOR_WORDS[cell.actor],
        short=_SHORT[cell.actor],
        mark=mark,
        now=cell.now.value,
        tone=tone,
        says=says,
        open=cell.is_open,
        open_in=cell.open_in,
        own=cell.own,
        event=cell.event,
        others=others,
    )


def _others(cell: Cell) -> Iterable[str]:
    return dict.fromkeys(blocked(reason) for reason in cell.others)
