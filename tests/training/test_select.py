"""Which recordings are selected: exactly those that a decision permits, with its grounds."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from assent.acts.copies import declare_copy
from assent.acts.hold import hold
from assent.acts.holders import Share
from assent.acts.house import House
from assent.acts.programs import end, propose, resume, suspend
from assent.acts.publish import accept_terms, make_agreement
from assent.acts.say import About, choose, grant, refuse
from assent.catalogue import tables
from assent.catalogue.engine import writing
from assent.errors import AssentError, NotPermitted, Stale, Tampered, Unknown
from assent.gate.snapshot import Permitted
from assent.permission.presets import Preset
from assent.permission.uses import parse_uses
from assent.training.item import Item, ground_of
from assent.training.select import selected
from tests.houses import RIVAL, Clock, add, add_program, agreement_toml, program_toml
from tests.training.sets import PROGRAM, Stock, take_back

if TYPE_CHECKING:
    from collections.abc import Callable


def picked(house: House, program: str = PROGRAM) -> list[Item]:
    with selected(house, program) as selection:
        return list(selection.items())


ARTISTS = ("Ada Quill", "Bo Ferrum", "Cy Loom")
_acts = st.tuples(
    st.sampled_from(["grant", "refuse", "withdraw", "preset", "copy", "hold", "stop", "go"]),
    st.sampled_from(ARTISTS),
    st.sampled_from([None, "r0", "r1", "r2", "r3", "r4", "r5"]),
    st.booleans(),
)


def act(house: House, kind: str, artist: str, recording: str | None, blanket: bool) -> None:
    """Do one act; what the rules refuse stays undone."""
    about = About(holder=artist, recording=recording, program=None if blanket else PROGRAM)
    one = recording or "r2"
    acts: dict[str, Callable[[], object]] = {
        "grant": lambda: grant(house, about, RIVAL, all_programs=blanket),
        "refuse": lambda: refuse(house, about, RIVAL),
        "withdraw": lambda: take_back(house, one, artist),
        "preset": lambda: choose(house, artist, Preset.NO_AI if blanket else Preset.FOUND),
        "copy": lambda: declare_copy(house, "r1", recording if blanket else None, "desk"),
        "hold": lambda: hold(house, one, RIVAL, "a dispute", "desk"),
        "stop": lambda: suspend(house, PROGRAM, "Lee"),
        "go": lambda: resume(house, PROGRAM, "Lee"),
    }
    with suppress(AssentError):
        acts[kind]()


@settings(
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(_acts, min_size=1, max_size=8))
def test_exactly_what_a_decision_permits_is_selected_with_its_grounds(
    stocked: Stock, acts: list[tuple[str, str, str | None, bool]]
) -> None:
    house = stocked.house
    for drawn in acts:
        act(house, *drawn)
    house.gate.snapshot.refresh()  # an explanation may be a quarter of a second old
    everything = sorted(stocked.permitted + stocked.others, key=lambda name: int(name[1:]))
    decisions = [house.gate.explain(PROGRAM, recording) for recording in everything]
    expected = {
        decision.recording: tuple(map(ground_of, decision.reasons))
        for decision in decisions
        if decision.allowed
    }
    try:
        found = {item.recording: item.grounds for item in picked(house)}
    except NotPermitted:
        found = {}
    assert found == expected


def test_an_item_says_what_the_catalogue_knows(stocked: Stock) -> None:
    item = picked(stocked.house)[0]
    assert item.recording == "r0"
    assert item.artist == "Ada Quill"
    assert item.title.startswith("Tone ")
    assert (item.sr, item.channels, item.frames, item.codec) == (8000, 1, 4000, "pcm_s16le")
    assert item.file == "r0.wav"
    assert item.size_bytes == 44 + 2 * 4000


def test_grounds_name_holder_terms_version_and_events(stocked: Stock) -> None:
    grounds = picked(stocked.house)[0].grounds
    assert [ground.kind for ground in grounds] == [
        "approved",
        "text-opens",
        "text-opens",
        "granted",
    ]
    assert {ground.name for ground in grounds[1:]} == {"Ada Quill"}
    assert {ground.text for ground in grounds[1:3]} == {"assent-terms-1"}
    assert {ground.role for ground in grounds[1:3]} == {"accepted", "current"}
    assert all(ground.events for ground in grounds)
    assert grounds[-1].uses == ("partner/train-rival",)


def test_a_recording_of_two_is_selected_once_both_have_said_yes(
    stocked: Stock, tmp_path: Path
) -> None:
    house = stocked.house
    shares = [Share(name="Ada Quill", share_ppm=500_000), Share(name="Di Marsh", share_ppm=500_000)]
    both = add(house, tmp_path, "Ada Quill", holders=shares)
    assert both not in [item.recording for item in picked(house)]
    accept_terms(house, "Di Marsh", None, "Di Marsh")  # only named by Ada so far
    grant(house, About(holder="Di Marsh", program=PROGRAM), RIVAL)
    grounds = {item.recording: item.grounds for item in picked(house)}[both]
    assert {ground.name for ground in grounds if ground.kind == "granted"} == {
        "Ada Quill",
        "Di Marsh",
    }


def test_a_label_stands_on_its_agreement(house: House, tmp_path: Path) -> None:
    make_agreement(house, agreement_toml(), "Lee")
    recording = add(house, tmp_path, "Lantern Row", agreement="lantern-1")
    add_program(house, "tools", activities='"train-tool"')
    with pytest.raises(NotPermitted, match="no recording is permitted"):
        picked(house, "tools")
    uses = parse_uses(["partner/train-tool"])
    grant(house, About(holder="Lantern Row", program="tools"), uses)
    item = picked(house, "tools")[0]
    assert item.recording == recording
    assert {ground.text for ground in item.grounds if ground.kind == "text-opens"} == {"lantern-1"}


def test_more_recordings_than_one_query_reads_come_in_order(
    stocked: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assent.training.select._AT_ONCE", 2)
    assert tuple(item.recording for item in picked(stocked.house)) == stocked.permitted


@pytest.mark.parametrize("program", ["", "nobody's", "rival-train "])
def test_an_unknown_program_has_no_set(stocked: Stock, program: str) -> None:
    with pytest.raises(Unknown, match="there is no program"):
        picked(stocked.house, program)


def test_a_program_that_may_not_run_has_no_set_and_the_reason_is_said(
    stocked: Stock, clock: Clock
) -> None:
    house = stocked.house
    propose(house, program_toml("new"), "Kim")
    with pytest.raises(NotPermitted, match="'new' has been approved by nobody"):
        picked(house, "new")
    suspend(house, PROGRAM, "Lee")
    with pytest.raises(NotPermitted, match="'rival-train' is suspended"):
        picked(house)
    end(house, PROGRAM, "Lee")
    with pytest.raises(NotPermitted, match="'rival-train' has ended"):
        picked(house)
    add_program(house, "later", extra="start = 2031-06-01\nend = 2031-07-01")
    with pytest.raises(NotPermitted, match="'later' has not started yet"):
        picked(house, "later")
    clock.turn(days=300)
    with pytest.raises(NotPermitted, match="'later' is over"):
        picked(house, "later")


def test_a_program_that_nobody_said_yes_to_has_no_set(stocked: Stock) -> None:
    add_program(stocked.house, "lonely")
    with pytest.raises(NotPermitted, match="no recording is permitted to 'lonely'"):
        picked(stocked.house, "lonely")


def test_a_selection_stays_of_its_head_whatever_happens_meanwhile(stocked: Stock) -> None:
    house = stocked.house
    with selected(house, PROGRAM) as selection:
        assert len(selection) == len(stocked.permitted)
        assert selection.of == len(stocked.permitted + stocked.others)
        take_back(house, "r1")
        accept_terms(house, "Ada Quill", None, "desk")
        assert tuple(item.recording for item in selection.items()) == stocked.permitted


def test_a_grant_that_runs_out_meanwhile_ends_the_selection(stocked: Stock, clock: Clock) -> None:
    house = stocked.house
    add_program(house, "brief")
    about = About(holder="Ada Quill", program="brief")
    grant(house, about, RIVAL, until=clock.at.replace(year=2032))
    with selected(house, "brief") as selection:
        slow = replace(selection, at=selection.at.replace(year=2033))
        with pytest.raises(Stale, match="just run out"):
            next(slow.items())


def test_a_word_in_the_snapshot_that_nobody_gave_is_found(stocked: Stock) -> None:
    house = stocked.house
    forged = tables.program_words
    with writing(house.engine) as connection:
        number = int(stocked.others[0][1:])
        last = house.gate.snapshot.permitted(PROGRAM).head
        connection.execute(
            update(tables.recordings)
            .where(tables.recordings.c.number == number)
            .values(word=RIVAL, word_event=last + 1)
        )
        connection.execute(
            update(forged).where(forged.c.recording == number).values(word=RIVAL, event=last + 1)
        )
    accept_terms(house, "Cy Loom", None, "desk")
    with pytest.raises(Tampered, match="nobody's word"):
        picked(house)


def test_a_recording_that_the_catalogue_has_lost_is_found(stocked: Stock) -> None:
    with selected(stocked.house, PROGRAM) as selection:
        longer = replace(selection, numbers=selection.numbers + 1000)
        with pytest.raises(Tampered, match="catalogue lacks"):
            next(longer.items())


@pytest.mark.parametrize(("moves", "found"), [(3, True), (1000, False)])
def test_a_list_that_is_not_of_the_catalogue_s_head_is_asked_for_again(
    moves: int, found: bool, stocked: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = stocked.house
    permitted = house.gate.snapshot.permitted
    left = iter(range(moves))

    def overtaken(program: str) -> Permitted:
        if next(left, None) is not None:
            accept_terms(house, "Cy Loom", None, "desk")
        return permitted(program)

    monkeypatch.setattr(house.gate.snapshot, "permitted", overtaken)
    if found:
        assert tuple(item.recording for item in picked(house)) == stocked.permitted
    else:
        with pytest.raises(Stale, match="changes faster than it can be read"):
            picked(house)
