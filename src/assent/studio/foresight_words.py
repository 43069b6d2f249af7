"""What a choice would do, in sentences that a musician reads once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assent.permission.facts import Role
from assent.permission.reasons import Kind, Reason
from assent.permission.uses import Actor, labels, parse_uses
from assent.permission.wording import ACTIVITY_WORDS, by_activity, listed, who_told
from assent.studio.foresight import Foresight, Leaving, ProgramShift
from assent.studio.foresight_presets import TRAINS
from assent.studio.foresight_remains import Because
from assent.studio.foresight_stays import Stay, Why

__all__ = [
    "Line",
    "Told",
    "because_told",
    "blocked",
    "counted",
    "listed",
    "tell",
    "use_lines",
    "uses_told",
    "who_told",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One sentence.

    Args:
        tone: `yes` for what opens, `no` for what closes, `same` for what stays, `ask` for requests.
        text: The sentence.
    """

    tone: str
    text: str


def counted(number: int, what: str) -> str:
    """Return a number of things in words.

    >>> counted(1, "recording"), counted(12, "recording")
    ('1 recording', '12 recordings')
    """
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def uses_told(uses: int) -> tuple[str, ...]:
    """Return uses in plain words, one line for each thing done.

    >>> uses_told(1 << 40)
    ('a partner may train any other generative model',)
    """
    return tuple(
        f"{who_told(actors)} may {ACTIVITY_WORDS[activity]}"
        for activity, actors in by_activity(uses)
    )


def tell(foresight: Foresight, *, asks: bool | None = None) -> tuple[Told, ...]:
    """Return what a choice would do, the most important first.

    Args:
        foresight: What it would do.
        asks: Whether programs may ask from then on; None where that stays as it is.
    """
    said = [
        *(_left(it) for it in foresight.leaving),
        *(told for it in foresight.programs for told in _program(it)),
        *_uses(foresight, "no", foresight.closes),
        *_uses(foresight, "yes", foresight.opens),
    ]
    if not said:
        said.append(Told(tone="same", text=_nothing(foresight)))
    if asks is not None:
        text = (
            "Programs may ask you from then on. Each request waits for your answer and opens"
            " nothing by itself."
            if asks
            else "Programs may not ask you: your inbox takes no requests."
        )
        said.append(Told(tone="ask", text=text))
    said += (Told(tone="same", text=_stay(it, foresight)) for it in foresight.stays)
    return (*said, *_trained_still(foresight))


def _trained_still(foresight: Foresight) -> Iterator[Told]:
    """Give the training that would be open after all, where no other sentence tells it."""
    told = 0
    for stay in foresight.stays:
        told |= stay.uses if stay.why in {Why.TAKEN, Why.UNASKED, Why.SAID} else 0
    for it in foresight.remains:
        if uses := it.uses & TRAINS & ~told:
            said = listed(list(uses_told(uses)))
            later = "for what you bring later, " if it.is_later else ""
            yield Told(tone="same", text=f"Still, {later}{said}: {because_told(it.because)}")


_BECAUSE = {
    Because.TAKEN: "the terms take that, and a no does not change it.",
    Because.UNLESS_NO: "the terms open that unless you say no.",
    Because.SAID: "you say yes to that.",
    Because.OTHERS: "where that program runs others hold the rights, and they let it be.",
}


def because_told(because: Because, *, is_agreement: bool = False) -> str:
    """Return why something is open, as the end of a sentence.

    >>> because_told(Because.UNLESS_NO)
    'the terms open that unless you say no.'
    """
    said = _BECAUSE[because]
    if not is_agreement:
        return said
    return said.replace("the terms take", "the agreement takes").replace(
        "the terms open", "the agreement opens"
    )


def _nothing(foresight: Foresight) -> str:
    if not foresight.recordings:
        return "You have no recordings yet. It will count for each one that you bring."
    if not foresight.for_later:
        return "Nothing changes now; what you say goes on record."
    return "Nothing changes for your recordings now. It counts for what you bring later."


def _left(leaving: Leaving) -> Told:
    within = "a day" if leaving.days == 1 else counted(leaving.days, "day")
    many = counted(len(leaving.recordings), "recording")
    verb, them = ("leaves", "it") if len(leaving.recordings) == 1 else ("leave", "them")
    day = f"{leaving.deadline.day} {leaving.deadline:%B %Y}"
    return Told(
        tone="no",
        text=(
            f"{many} {verb} the training set {leaving.training_set} within {within}: its loader"
            f" gives {them} out no more at once, and the program {leaving.program} of"
            f" {leaving.owner} has until {day} to be rid of what it keeps."
        ),
    )


def _program(shift: ProgramShift) -> Iterator[Told]:
    name = f"The program {shift.program} of {shift.owner}"
    if shift.gains:
        when = "" if shift.is_live else " once it runs"
        text = f"{name} may use {counted(len(shift.gains), 'recording')} more{when}."
        yield Told(tone="yes", text=text)
    if shift.loses:
        verb = "is" if len(shift.loses) == 1 else "are"
        many = counted(len(shift.loses), "recording")
        yield Told(tone="no", text=f"{many} {verb} closed to {name[:1].lower()}{name[1:]}.")


def _uses(foresight: Foresight, tone: str, counts: dict[str, int]) -> Iterator[Told]:
    """Give one sentence for each thing done, to those recordings that it changes in."""
    may = "may" if tone == "yes" else "may no longer"
    for line in use_lines(counts, foresight.recordings, may):
        yield Told(tone=tone, text=f"{line.text}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing done, by whom and to how many recordings.

    Args:
        text: In plain words, with no full stop.
        uses: The names of the uses that it tells.
    """

    text: str
    uses: tuple[str, ...]


def use_lines(counts: Mapping[str, int], of: int, may: str = "may") -> Iterator[Line]:
    """Give one line for each thing done by the same in as many recordings.

    Args:
        counts: In how many recordings each use is meant, by its name; 0 where none are counted.
        of: How many recordings there are.
        may: Whether they may, or may no longer.
    """
    for activity, actors in by_activity(parse_uses(counts) if counts else 0):
        many: dict[int, list[Actor]] = {}
        for actor in actors:
            number = counts[f"{actor.value}/{activity.value}"]
            many.setdefault(number, []).append(actor)
        for number, who in many.items():
            doers = who_told(who)
            where = _in(number, of) if number else ""
            yield Line(
                text=f"{doers[:1].upper()}{doers[1:]} {may} {ACTIVITY_WORDS[activity]}{where}",
                uses=tuple(f"{actor.value}/{activity.value}" for actor in who),
            )


def _in(number: int, of: int) -> str:
    if of == 1:
        return ""
    if number == of:
        return f": all {of:,} recordings"
    return f": {number:,} of {of:,} recordings"


def _stay(stay: Stay, foresight: Foresight) -> str:
    where = _in(stay.recordings, foresight.recordings).replace(": ", " (", 1)
    where += ")" if where else ""
    what = _what(stay.uses)
    if stay.reason is not None:
        origin = " They were made from another recording." if stay.is_original else ""
        return f"Not yet: {what}{where}. {blocked(stay.reason)}{origin}"
    match stay.why:
        case Why.TAKEN:
            return f"Even so, {what}{where}: the terms take that, and a no does not change it."
        case Why.SAID:
            return f"Still, {what}{where}: you said yes to that for every program, too."
        case _:
            return f"Still, {what}{where}: the terms open that without a yes. Say no to close it."


def _what(uses: int) -> str:
    told = uses_told(uses)
    if len(told) <= _FEW:
        return listed(list(told))
    # training is what people ask about first, so it is named and not only counted
    named = uses & TRAINS
    rest = f"{len(labels(uses & ~named))} {'more ' if named else ''}of these uses"
    return listed([*uses_told(named), rest])


_FEW = 2
"""Things done that are told one by one; more are counted."""

_BLOCKED: Mapping[tuple[Kind, Role | None], str] = {
    (Kind.HELD, None): "A hold switches it off ({detail}); whoever looks after this platform can"
    " lift it once that is settled.",
    (Kind.UNCLAIMED, None): "Nobody is named who holds the rights everywhere; name the holders to"
    " open it.",
    (Kind.REFUSED, None): "{name} said no to it, and could take that back.",
    (Kind.NOT_GRANTED, None): "{name} has not said yes to it, and could.",
    (Kind.NO_TEXT, Role.ACCEPTED): "{name} has accepted no terms, and could.",
    (Kind.NO_TEXT, Role.AGREEMENT): "The agreement with {name} is not known here.",
    (Kind.NO_TEXT, Role.CURRENT): "No terms are in force.",
    (Kind.BARRED, Role.ACCEPTED): "The terms that {name} accepted ({detail}) have no room for it;"
    " accepting those in force would make room.",
    (Kind.BARRED, Role.AGREEMENT): "The agreement with {name} ({detail}) has no room for it; only"
    " its two parties could change that.",
    (Kind.BARRED, Role.CURRENT): "The terms in force ({detail}) have no room for it; only new terms"
    " could, and each holder would have to accept them.",
}


def blocked(reason: Reason) -> str:
    """Return what stands in the way of a use, and who could change it."""
    sentence = _BLOCKED.get((reason.kind, reason.role), "")
    return sentence.format(name=reason.name, detail=reason.detail)
