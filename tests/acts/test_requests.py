"""Requests: asking opens nothing, an answer is for one program alone, and can be changed."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assent.acts.accounts import find_account
from assent.acts.asked import Asked, Says, answers_of, find_request, inbox, inbox_count
from assent.acts.house import House
from assent.acts.programs import approve, end, propose, resume, suspend
from assent.acts.requests import answer, answer_words, ask, withdraw_request
from assent.acts.say import About, choose, grant, withdraw
from assent.catalogue.words import stored_words
from assent.errors import BadInput, BadStatement, NotAllowed, Unknown
from assent.gate.snapshot import recording_number
from assent.permission.presets import Preset
from assent.permission.uses import parse_uses
from tests.houses import RIVAL, Clock, add, add_program, platform, program_toml


def program(house: House, name: str, owner: str = "Nightjar Models", extra: str = "") -> str:
    """Put a program in force."""
    toml = program_toml(name, extra=extra).replace("Nightjar Models", owner)
    propose(house, toml, "Kim")
    approve(house, name, "Lee")
    return name


def account(house: House, name: str) -> str:
    with house.reading() as connection:
        return find_account(connection, name).id


def waiting(house: House, name: str) -> list[int]:
    with house.reading() as connection:
        found = inbox(connection, find_account(connection, name).id, house.clock())
        assert inbox_count(connection, find_account(connection, name).id, house.clock()) == len(
            found
        )
    return [one.event for one in found]


def may(house: House, name: str, recording: str) -> bool:
    house.gate.snapshot.refresh()  # what was said a moment ago is in force within a second
    return house.gate.explain(name, recording).allowed


@pytest.fixture
def wren(house: House, tmp_path: Path) -> str:
    """Give a recording of somebody whom programs may ask."""
    recording = add(house, tmp_path, "Wren")
    choose(house, "Wren", Preset.ASK)
    return recording


def test_a_request_alone_opens_nothing(house: House, wren: str) -> None:
    add_program(house)
    ask(house, "rival-train", "We make background music.", by="Kim")
    assert waiting(house, "Wren")
    assert not may(house, "rival-train", wren)


def test_a_yes_opens_the_program_that_asked_and_no_other(house: House, wren: str) -> None:
    add_program(house)
    add_program(house, "another")
    request = ask(house, "rival-train", "We make background music.", by="Kim").number
    answer(house, "Wren", request, Says.YES, "Wren")
    assert may(house, "rival-train", wren)
    assert not may(house, "another", wren)
    assert waiting(house, "Wren") == []


def test_a_yes_ends_when_what_was_asked_for_ends(house: House, wren: str, clock: Clock) -> None:
    add_program(house)
    until = clock.at + timedelta(days=30)
    request = ask(house, "rival-train", "For a month.", until=until, by="Kim").number
    answer(house, "Wren", request, Says.YES, "Wren")
    clock.turn(days=29)
    assert may(house, "rival-train", wren)
    clock.turn(days=2)
    assert not may(house, "rival-train", wren)


def test_a_yes_ends_with_the_program_where_the_request_names_no_end(
    house: House, wren: str
) -> None:
    program(house, "rival-train", extra="end = 2032-01-01")
    request = ask(house, "rival-train", "As long as we run.", by="Kim").number
    with house.reading() as connection:
        words = answer_words(find_request(connection, request), Says.YES)
    assert words.until is not None
    assert words.until.year == 2032


def test_a_no_is_a_no_to_that_program_against_a_yes_to_every_one(house: House, wren: str) -> None:
    add_program(house)
    add_program(house, "another")
    request = ask(house, "rival-train", "We make background music.", by="Kim").number
    grant(house, About(holder="Wren"), RIVAL, all_programs=True)
    assert may(house, "rival-train", wren)
    answer(house, "Wren", request, Says.NO, "Wren")
    assert not may(house, "rival-train", wren)
    assert may(house, "another", wren)


def test_never_hides_all_that_the_owner_asks_later_in_any_spelling(house: House, wren: str) -> None:
    program(house, "first")
    program(house, "second", owner="nightjar  MODELS")
    program(house, "third", owner="Lantern Row")
    one = ask(house, "first", "Please.", by="Kim").number
    two = ask(house, "second", "Please.", by="Kim").number
    three = ask(house, "third", "Please.", by="Kim").number
    assert waiting(house, "Wren") == [three, two, one]
    answer(house, "Wren", one, Says.NEVER, "Wren")
    assert waiting(house, "Wren") == [three]
    assert not may(house, "first", wren)


def test_never_can_be_undone_by_another_answer(house: House, wren: str) -> None:
    program(house, "first")
    program(house, "second")
    one = ask(house, "first", "Please.", by="Kim").number
    answer(house, "Wren", one, Says.NEVER, "Wren")
    two = ask(house, "second", "Please.", by="Kim").number
    assert waiting(house, "Wren") == []
    answer(house, "Wren", one, Says.NO, "Wren")
    assert waiting(house, "Wren") == [two]
    answer(house, "Wren", one, Says.YES, "Wren")
    assert may(house, "first", wren)
    with house.reading() as connection:
        (told,) = answers_of(connection, account(house, "Wren"))
    assert (told.asked.event, told.says) == (one, Says.YES)


def test_only_who_lets_programs_ask_and_holds_something_is_asked(
    house: House, wren: str, tmp_path: Path
) -> None:
    add(house, tmp_path, "Mara Fen")
    add_program(house)
    request = ask(house, "rival-train", "Please.", by="Kim").number
    assert waiting(house, "Mara Fen") == []
    with pytest.raises(Unknown):
        answer(house, "Mara Fen", request, Says.YES, "Mara Fen")
    choose(house, "Wren", Preset.NO_AI)
    assert waiting(house, "Wren") == []
    choose(house, "Wren", Preset.OWN)
    assert waiting(house, "Wren") == [request]


def test_a_program_that_is_stopped_asks_nobody_until_it_goes_on(house: House, wren: str) -> None:
    add_program(house)
    request = ask(house, "rival-train", "Please.", by="Kim").number
    suspend(house, "rival-train", "Lee")
    assert waiting(house, "Wren") == []
    with pytest.raises(NotAllowed, match="does not stand"):
        answer(house, "Wren", request, Says.YES, "Wren")
    answer(house, "Wren", request, Says.NO, "Wren")
    resume(house, "rival-train", "Lee")
    assert waiting(house, "Wren") == []


def test_a_request_that_was_withdrawn_waits_for_nobody_and_can_be_asked_anew(
    house: House, wren: str
) -> None:
    add_program(house)
    first = ask(house, "rival-train", "Please.", by="Kim").number
    with pytest.raises(NotAllowed, match="withdraw it"):
        ask(house, "rival-train", "Please, please.", by="Kim")
    withdraw_request(house, first, "Kim")
    with pytest.raises(NotAllowed, match="already"):
        withdraw_request(house, first, "Kim")
    assert waiting(house, "Wren") == []
    second = ask(house, "rival-train", "With better words.", by="Kim").number
    assert waiting(house, "Wren") == [second]


def test_nothing_can_be_asked_for_in_the_name_of_what_does_not_run(house: House) -> None:
    with pytest.raises(Unknown):
        ask(house, "nobody", "Please.", by="Kim")
    propose(house, program_toml("new"), "Kim")
    with pytest.raises(NotAllowed, match="not approved"):
        ask(house, "new", "Please.", by="Kim")
    approve(house, "new", "Lee")
    with pytest.raises(BadInput, match="words"):
        ask(house, "new", "  ", by="Kim")
    with pytest.raises(BadInput, match="characters"):
        ask(house, "new", "x" * 2_001, by="Kim")
    end(house, "new", "Lee")
    with pytest.raises(NotAllowed, match="stopped"):
        ask(house, "new", "Please.", by="Kim")


def test_nothing_can_be_asked_for_that_is_over_before_it_begins(house: House, clock: Clock) -> None:
    program(house, "short", extra="start = 2031-05-01\nend = 2031-06-01")
    with pytest.raises(BadInput, match="run out"):
        ask(house, "short", "Please.", until=clock.at - timedelta(days=1), by="Kim")
    with pytest.raises(BadInput, match="before the program starts"):
        ask(house, "short", "Please.", until=clock.at + timedelta(days=9), by="Kim")
    with pytest.raises(BadInput, match="ends on 2031-06-01"):
        ask(house, "short", "Please.", until=clock.at + timedelta(days=300), by="Kim")


def test_an_answer_to_another_notice_than_the_one_on_the_screen_is_refused(
    house: House, wren: str
) -> None:
    add_program(house)
    request = ask(house, "rival-train", "Please.", by="Kim").number
    with pytest.raises(BadStatement, match="on the screen"):
        answer(house, "Wren", request, Says.YES, "Wren", shown="0" * 64)
    assert not may(house, "rival-train", wren)
    assert waiting(house, "Wren") == [request]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(Says)), min_size=1, max_size=8))
def test_an_answer_changes_the_words_of_its_own_program_alone(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, Says]]
) -> None:
    folder = tmp_path_factory.mktemp("requests")
    with platform(folder / "data") as house:
        recording = recording_number(add(house, folder, "Wren"))
        choose(house, "Wren", Preset.ASK)
        names = [program(house, f"p{place}", owner=f"Owner {place}") for place in range(3)]
        asked = [ask(house, name, "Please.", by="Kim").number for name in names]
        before = words(house, recording, names)
        for place, says in steps:
            answer(house, "Wren", asked[place], says, "Wren")
            after = words(house, recording, names)
            changed = {name for name in [None, *names] if before[name] != after[name]}
            assert changed <= {names[place]}
            assert bool(after[names[place]] & RIVAL) == (says is Says.YES)
            before = after


def words(house: House, number: int, programs: list[str]) -> dict[str | None, int]:
    with house.reading() as connection:
        return {
            name: stored_words(connection, [number], name)[number] for name in [None, *programs]
        }


def test_an_answer_says_the_program_s_own_uses(house: House) -> None:
    program(house, "rival-train")
    request = ask(house, "rival-train", "Please.", by="Kim").number
    with house.reading() as connection:
        found: Asked = find_request(connection, request)
    assert answer_words(found, Says.YES).grants == parse_uses(["partner/train-rival"])
    assert answer_words(found, Says.NO).refuses == parse_uses(["partner/train-rival"])


def test_an_answer_that_is_sent_twice_is_given_once(house: House, wren: str) -> None:
    name = program(house, "tagger")
    number = ask(house, name, "Please.", by="Kim").number
    first = answer(house, "Wren", number, Says.YES, "Wren")
    assert answer(house, "Wren", number, Says.YES, "Wren") == first
    no = answer(house, "Wren", number, Says.NO, "Wren")
    assert answer(house, "Wren", number, Says.NO, "Wren") == no
    # what was said since may have taken it back, so that it is said anew
    again = answer(house, "Wren", number, Says.YES, "Wren")
    withdraw(house, About(holder="Wren", program=name), RIVAL)
    assert answer(house, "Wren", number, Says.YES, "Wren").number > again.number
