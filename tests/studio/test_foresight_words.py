"""What a choice would do, in sentences: how many, what, by when, and who could change it."""

from datetime import UTC, datetime

from assent.permission.facts import Role
from assent.permission.reasons import Kind, Reason
from assent.permission.uses import parse_uses
from assent.studio.foresight import Foresight, Leaving, ProgramShift, Shift
from assent.studio.foresight_stays import Stay, Why
from assent.studio.foresight_words import blocked, tell

RIVAL = parse_uses(["partner/train-rival"])
NOTHING = Foresight(recordings=14, shifts=(), programs=(), leaving=(), stays=())


def texts(foresight: Foresight, asks: bool | None = None) -> list[str]:
    return [it.text for it in tell(foresight, asks=asks)]


def shifts(before: int, after: int, count: int) -> tuple[Shift, ...]:
    return tuple(
        Shift(number=n, recording=f"r{n}", title="Tone", before=before, after=after)
        for n in range(count)
    )


def leaving(days: int, count: int) -> Leaving:
    return Leaving(
        training_set="s1",
        program="rival-train",
        owner="Nightjar Models",
        recordings=tuple(range(count)),
        days=days,
        deadline=datetime(2031, 3, 2, tzinfo=UTC),
    )


def test_recordings_leave_a_training_set_within_the_time_that_its_program_has() -> None:
    foresight = Foresight(
        recordings=14, shifts=(), programs=(), leaving=(leaving(1, 12),), stays=()
    )
    (told,) = texts(foresight)
    assert told.startswith("12 recordings leave the training set s1 within a day:")
    assert "Nightjar Models has until 2 March 2031" in told
    one = Foresight(recordings=1, shifts=(), programs=(), leaving=(leaving(30, 1),), stays=())
    assert texts(one)[0].startswith("1 recording leaves the training set s1 within 30 days:")


def test_what_opens_and_closes_is_told_with_how_many_recordings() -> None:
    some = parse_uses(["platform/search", "public/search"])
    closing = Foresight(recordings=14, shifts=shifts(some, 0, 3), programs=(), leaving=(), stays=())
    assert texts(closing) == [
        "The platform and anybody else may no longer show it in search: 3 of 14 recordings."
    ]
    opening = Foresight(recordings=3, shifts=shifts(0, RIVAL, 3), programs=(), leaving=(), stays=())
    assert texts(opening) == ["A partner may train any other generative model: all 3 recordings."]


def test_what_a_program_gains_waits_until_it_runs() -> None:
    shift = ProgramShift(program="p", owner="Nightjar", is_live=False, gains=(1, 2), loses=())
    foresight = Foresight(recordings=2, shifts=(), programs=(shift,), leaving=(), stays=())
    assert texts(foresight) == ["The program p of Nightjar may use 2 recordings more once it runs."]


def test_where_nothing_changes_that_is_said() -> None:
    assert "Nothing changes" in texts(NOTHING)[0]
    empty = Foresight(recordings=0, shifts=(), programs=(), leaving=(), stays=())
    assert "no recordings yet" in texts(empty)[0]
    assert any("waits for your answer" in it for it in texts(NOTHING, asks=True))
    assert any("takes no requests" in it for it in texts(NOTHING, asks=False))


def reason(kind: Kind, role: Role | None = None, detail: str = "") -> Reason:
    return Reason(
        kind=kind,
        uses=RIVAL,
        recording="r1",
        holder="a2",
        name="Mara Fen",
        role=role,
        detail=detail,
    )


def test_each_thing_that_stands_in_the_way_names_who_could_change_it() -> None:
    for kind, role, told in (
        (Kind.REFUSED, None, "Mara Fen said no to it, and could take that back."),
        (Kind.NOT_GRANTED, None, "Mara Fen has not said yes to it, and could."),
        (Kind.NO_TEXT, Role.ACCEPTED, "Mara Fen has accepted no terms, and could."),
        (Kind.BARRED, Role.AGREEMENT, "only its two parties could change that"),
        (Kind.BARRED, Role.CURRENT, "only new terms could"),
        (Kind.BARRED, Role.ACCEPTED, "accepting those in force would make room"),
        (Kind.HELD, None, "whoever looks after this platform can lift it"),
        (Kind.UNCLAIMED, None, "name the holders"),
    ):
        assert told in blocked(reason(kind, role, "x"))


def test_a_no_that_changes_nothing_is_told_as_one() -> None:
    duty = parse_uses(["platform/protect"])
    stay = Stay(why=Why.TAKEN, uses=duty, recordings=14)
    foresight = Foresight(recordings=14, shifts=(), programs=(), leaving=(), stays=(stay,))
    assert texts(foresight)[-1] == (
        "Even so, the platform may look for fraud and abuse (all 14 recordings): the terms take"
        " that, and a no does not change it."
    )
