"""Saying the same of many recordings: one transaction, each recording its own statement."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assent.acts.accounts import find_account
from assent.acts.bulk_say import (
    MOST_AT_ONCE,
    Bulk,
    Verb,
    foretold,
    notices_digest,
    say_of_each,
    would_say,
)
from assent.acts.house import House
from assent.acts.meaning import notice_of
from assent.acts.publish import make_agreement
from assent.acts.say import About, grant
from assent.catalogue.events import head, read
from assent.catalogue.words import stored_words
from assent.errors import BadInput, BadStatement, Unknown
from assent.gate.snapshot import recording_number
from assent.permission.uses import parse_uses
from tests.houses import RIVAL, Clock, add, add_program, agreement_toml, platform

TOOL = parse_uses(["partner/train-tool"])


def label_of(house: House) -> str:
    make_agreement(house, agreement_toml(), "desk")
    return "Lantern Row"


def delivered(house: House, folder: Path, many: int) -> list[str]:
    return [add(house, folder, "Mara Fen", agreement="lantern-1") for _ in range(many)]


def words(house: House, recordings: Sequence[str], program: str | None = None) -> list[int]:
    with house.reading() as connection:
        numbers = [recording_number(it) for it in recordings]
        found = stored_words(connection, numbers, program)
    return [found[number] for number in numbers]


def test_one_yes_reaches_every_recording_that_was_chosen_and_no_other(
    house: House, tmp_path: Path
) -> None:
    label = label_of(house)
    chosen = delivered(house, tmp_path, 3)
    (left,) = delivered(house, tmp_path, 1)
    said = Bulk(verb=Verb.GRANT, uses=TOOL, all_programs=True)
    told = say_of_each(house, label, chosen, said, label)
    assert [it.recording for it in told] == chosen
    assert all(it.event is not None and not it.why_not for it in told)
    assert all(word & TOOL for word in words(house, chosen))
    assert words(house, [left])[0] & TOOL == 0


def test_a_foreign_recording_is_passed_over_with_the_reason_and_the_others_are_said(
    house: House, tmp_path: Path
) -> None:
    label = label_of(house)
    (own,) = delivered(house, tmp_path, 1)
    foreign = add(house, tmp_path, "Wren")
    before = words(house, [foreign])
    said = Bulk(verb=Verb.REFUSE, uses=TOOL)
    with house.reading() as connection:
        seen = foretold(connection, label, [foreign, own, "r999"], said, house.clock())
    told = say_of_each(house, label, [foreign, own, "r999"], said, label)
    assert [it.why_not for it in seen] == [it.why_not for it in told]
    assert [it.event is None for it in told] == [True, False, True]
    assert told[0].why_not == f"Lantern Row holds no rights in a recording '{foreign}'"
    # nobody learns from it whether there is such a recording
    assert told[2].why_not == "Lantern Row holds no rights in a recording 'r999'"
    assert words(house, [foreign]) == before


def test_a_yes_never_reaches_beyond_the_agreement(house: House, tmp_path: Path) -> None:
    label = label_of(house)
    chosen = delivered(house, tmp_path, 2)
    say_of_each(house, label, chosen, Bulk(verb=Verb.GRANT, uses=RIVAL, all_programs=True), label)
    assert all(word & RIVAL == 0 for word in words(house, chosen))


def test_what_was_granted_is_taken_back_and_what_was_not_is_told(
    house: House, tmp_path: Path
) -> None:
    label = label_of(house)
    first, second = delivered(house, tmp_path, 2)
    grant(house, About(holder=label, recording=first), TOOL, all_programs=True)
    told = say_of_each(house, label, [first, second], Bulk(verb=Verb.WITHDRAW, uses=TOOL), label)
    assert told[0].event is not None
    assert told[1].why_not == "Lantern Row has granted nothing there that could be taken back"
    assert all(word & TOOL == 0 for word in words(house, [first, second]))


def test_a_no_is_lifted_only_where_it_was_said(house: House, tmp_path: Path) -> None:
    label = label_of(house)
    first, second = delivered(house, tmp_path, 2)
    say_of_each(house, label, [first], Bulk(verb=Verb.REFUSE, uses=TOOL), label)
    told = say_of_each(house, label, [first, second], Bulk(verb=Verb.LIFT, uses=TOOL), label)
    assert told[0].event is not None
    assert told[1].why_not == "Lantern Row has refused nothing there that could be taken back"


def test_what_could_be_said_of_no_recording_is_refused_as_a_whole(
    house: House, tmp_path: Path, clock: Clock
) -> None:
    label = label_of(house)
    (own,) = delivered(house, tmp_path, 1)
    add_program(house)
    for bulk in (
        Bulk(verb=Verb.GRANT, uses=TOOL),  # without the words "for every program"
        Bulk(verb=Verb.GRANT, uses=TOOL, program="rival-train"),  # it does not ask for that
        Bulk(verb=Verb.GRANT, uses=RIVAL, program="rival-train", until=clock.at - timedelta(1)),
    ):
        with house.reading() as connection:
            before = head(connection)
        with pytest.raises(BadStatement):
            say_of_each(house, label, [own], bulk, label)
        with house.reading() as connection:
            assert head(connection) == before


def test_a_program_that_is_not_there_is_unknown(house: House, tmp_path: Path) -> None:
    label = label_of(house)
    (own,) = delivered(house, tmp_path, 1)
    bulk = Bulk(verb=Verb.REFUSE, uses=RIVAL, program="ghost")
    with pytest.raises(Unknown, match="no program 'ghost'"):
        say_of_each(house, label, [own], bulk, label)


def test_nothing_and_too_much_are_refused(house: House) -> None:
    label = label_of(house)
    bulk = Bulk(verb=Verb.REFUSE, uses=TOOL)
    with pytest.raises(BadInput, match="at least one"):
        say_of_each(house, label, [], bulk, label)
    with pytest.raises(BadInput, match="at once"):
        say_of_each(house, label, [f"r{n}" for n in range(MOST_AT_ONCE + 1)], bulk, label)


def test_the_notice_of_each_statement_is_that_of_what_was_shown(
    house: House, tmp_path: Path
) -> None:
    label = label_of(house)
    (own,) = delivered(house, tmp_path, 1)
    bulk = Bulk(verb=Verb.GRANT, uses=TOOL, all_programs=True)
    (told,) = say_of_each(house, label, [own], bulk, "Kim")
    assert told.event is not None
    with house.reading() as connection:
        event = read(connection, told.event)
    assert event is not None
    assert event.by == "Kim"
    shown = would_say(bulk, event.body["holder"], own)
    # it names the recording by its title, too
    with house.reading() as connection:
        text = notice_of(connection, shown)
    assert f"({own})" in text
    assert event.body["notice"] == sha256(text.encode()).hexdigest()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(list(Verb)), st.sets(st.integers(0, 2), min_size=1)),
        min_size=1,
        max_size=5,
    )
)
def test_saying_it_at_once_comes_to_the_same_as_saying_it_one_by_one(
    steps: list[tuple[Verb, set[int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    results = []
    for at_once in (True, False):
        folder = tmp_path_factory.mktemp("house")
        with platform(folder / "data") as house:
            label = label_of(house)
            recordings = delivered(house, folder, 3)
            for verb, places in steps:
                bulk = Bulk(verb=verb, uses=TOOL, all_programs=verb is Verb.GRANT)
                chosen = [recordings[place] for place in sorted(places)]
                for some in [chosen] if at_once else [[it] for it in chosen]:
                    say_of_each(house, label, some, bulk, label)
            results.append(words(house, recordings))
    assert results[0] == results[1]


def test_nothing_is_said_that_was_not_on_the_screen(house: House, tmp_path: Path) -> None:
    label = label_of(house)
    chosen, foreign = delivered(house, tmp_path, 3), add(house, tmp_path, "Wren")
    bulk = Bulk(verb=Verb.GRANT, uses=TOOL, all_programs=True)
    with house.reading() as connection:
        account = find_account(connection, label).id
        shown = notices_digest(connection, bulk, account, chosen)
        others = notices_digest(connection, bulk, account, chosen[::-1])
        before = head(connection)
    for wrong in (others, "", "0" * 64):
        with pytest.raises(BadStatement, match="not what was on the screen"):
            say_of_each(house, label, chosen, bulk, label, shown=wrong)
    with pytest.raises(BadStatement, match="not what was on the screen"):
        say_of_each(house, label, chosen[:2], bulk, label, shown=shown)
    with house.reading() as connection:
        assert head(connection) == before
    # what nothing would be said of has no notice
    told = say_of_each(house, label, [foreign, *chosen], bulk, label, shown=shown)
    assert [it.event is None for it in told] == [True, False, False, False]


def test_the_digest_of_one_notice_is_the_one_on_record(house: House, tmp_path: Path) -> None:
    label, bulk = label_of(house), Bulk(verb=Verb.GRANT, uses=RIVAL, program=add_program(house))
    (own,) = delivered(house, tmp_path, 1)
    with house.reading() as connection:
        account = find_account(connection, label).id
        shown = notices_digest(connection, bulk, account, [own])
    (told,) = say_of_each(house, label, [own], bulk, label, shown=shown)
    assert told.event is not None
    with house.reading() as connection:
        event = read(connection, told.event)
    assert event is not None
    assert event.body["notice"] == shown
