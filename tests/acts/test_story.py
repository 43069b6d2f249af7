"""The main job over both databases, and that every act leaves tables that follow from events."""

from datetime import timedelta
from pathlib import Path

import pytest

from assent.acts.copies import declare_copy
from assent.acts.expire import expire
from assent.acts.hold import hold, release
from assent.acts.holders import parse_share, set_holders
from assent.acts.house import House
from assent.acts.programs import approve, end, propose, resume, suspend
from assent.acts.publish import DEFAULT_TERMS, accept_terms, make_agreement, publish_terms
from assent.acts.rebuild import as_of, differences, findings, rebuild
from assent.acts.say import About, choose, grant, lift, refuse, withdraw
from assent.catalogue.facts import FactReader
from assent.errors import BadInput, BadStatement, BadText, NotAllowed, Unknown
from assent.permission.decide import decide
from assent.permission.presets import Preset
from assent.permission.reasons import Kind
from assent.permission.uses import parse_uses
from tests.houses import (
    RIVAL,
    Clock,
    add,
    add_program,
    agreement_toml,
    program_toml,
    publish_at_last,
)

SEARCH = parse_uses(["platform/search"])
WIDER = """
id = "wider-2"
title = "Wider terms"

[[clause]]
id = "wider"
text = "We and our partners may train whatever we like."
status = "granted"
uses = ["platform/*", "group/*", "partner/*", "public/*"]
"""


def answer(house: House, recording: str, program: str = "rival-train") -> bool:
    return house.gate.explain(program, recording).allowed


def kinds(house: House, recording: str, program: str = "rival-train") -> set[Kind]:
    house.gate.snapshot.refresh()
    return {reason.kind for reason in house.gate.explain(program, recording).reasons}


def test_only_a_named_yes_of_every_holder_opens_it(either_house: House, tmp_path: Path) -> None:
    house = either_house
    mine, hers = add(house, tmp_path, "Ada Quill"), add(house, tmp_path, "Bo Tarn")
    silent = add(house, tmp_path, "Cy Vane")
    make_agreement(house, agreement_toml(), "desk")
    delivered = add(house, tmp_path, "The Lamps", agreement="lantern-1")
    shares = (parse_share("Ada Quill=50%"), parse_share("Cy Vane=50%,singer"))
    both = add(house, tmp_path, "Ada Quill", holders=shares)
    add_program(house)

    grant(house, About(holder="Ada Quill", program="rival-train"), RIVAL)
    choose(house, "Bo Tarn", Preset.NO_AI)

    house.gate.snapshot.refresh()
    opened = [r for r in (mine, hers, silent, delivered, both) if answer(house, r)]
    assert opened == [mine]
    permitted = house.gate.snapshot.permitted("rival-train")
    assert [f"r{number}" for number in permitted.numbers] == [mine]
    assert kinds(house, hers) == {Kind.REFUSED, Kind.NOT_GRANTED}
    assert kinds(house, delivered) == {Kind.BARRED, Kind.NOT_GRANTED}
    assert kinds(house, both) == {Kind.NOT_GRANTED}

    grant(house, About(holder="Cy Vane", recording=both, program="rival-train"), RIVAL)
    house.gate.snapshot.refresh()
    assert answer(house, both)
    withdraw(house, About(holder="Ada Quill", recording=both), RIVAL)
    house.gate.snapshot.refresh()
    assert not answer(house, both)
    assert answer(house, mine)
    assert findings(house) == []


def test_a_wider_text_widens_nothing_until_a_holder_accepts_it(
    either_house: House, tmp_path: Path
) -> None:
    house = either_house
    one, other = add(house, tmp_path, "Ada Quill"), add(house, tmp_path, "Bo Tarn")
    fans = parse_uses(["platform/first-fans"])

    def opened() -> list[str]:
        with house.reading() as connection:
            reader = FactReader(connection)
            facts = {r: reader.facts(r, None, house.clock()) for r in (one, other)}
            return [r for r in facts if decide(facts[r], fans, house.clock()).allowed]

    assert opened() == []
    publish_at_last(house, WIDER)
    assert opened() == []
    accept_terms(house, "Ada Quill", None, "Ada Quill")
    assert opened() == [one]
    add_program(house)
    assert not answer(house, one)
    assert differences(house) == []


def test_every_kind_of_act_rebuilds_to_the_same_tables(
    either_house: House, tmp_path: Path, clock: Clock
) -> None:
    house = either_house
    one, two = add(house, tmp_path, "Ada Quill"), add(house, tmp_path, "Bo Tarn")
    add_program(house)
    add_program(house, "german", extra='territories = ["DE"]')
    about = About(holder="Ada Quill", program="rival-train")
    grant(house, about, RIVAL, until=clock.at + timedelta(days=2))
    refuse(house, About(holder="Bo Tarn"), SEARCH)
    lift(house, About(holder="Bo Tarn"), SEARCH)
    held = hold(house, one, SEARCH, "dispute", "desk").number
    release(house, held, "desk")
    declare_copy(house, two, one, "desk")
    set_holders(house, one, [parse_share("Ada Quill=50%,writer,DE"), parse_share("Di=50%")], "desk")
    suspend(house, "rival-train", "Kim")
    resume(house, "rival-train", "Kim")
    clock.turn(days=3)
    assert expire(house) is not None
    assert expire(house) is None
    end(house, "german", "Kim")
    before = house.gate.explain("rival-train", one)

    assert differences(house) == []
    rebuild(house)
    assert differences(house) == []
    house.gate.snapshot.refresh()
    assert house.gate.explain("rival-train", one).reasons == before.reasons


def test_an_answer_as_of_an_event_depends_on_nothing_later(house: House, tmp_path: Path) -> None:
    one = add(house, tmp_path, "Ada Quill")
    add_program(house)
    said = grant(house, About(holder="Ada Quill", program="rival-train"), RIVAL)
    withdraw(house, About(holder="Ada Quill"), RIVAL)

    for until, allowed in ((said.number - 1, False), (said.number, True), (said.number + 1, False)):
        with as_of(house, until) as connection:
            from assent.catalogue.rows import read_program

            program = read_program(connection, "rival-train")
            assert program is not None
            facts = FactReader(connection).facts(one, program, said.at)
            assert decide(facts, program, said.at).allowed is allowed


def test_a_doctored_table_is_found(house: House, tmp_path: Path) -> None:
    add(house, tmp_path, "Ada Quill")
    with house.act("intruder") as act:
        act.connection.exec_driver_sql("UPDATE recordings SET word = -1")
    assert findings(house) == ["the table recordings is not what the events say"]
    rebuild(house)
    assert findings(house) == []


def test_nobody_approves_what_they_proposed(house: House) -> None:
    propose(house, program_toml(), "Kim")
    for name in (" kim ", "KIM", "\N{FULLWIDTH LATIN CAPITAL LETTER K}im"):
        with pytest.raises(NotAllowed, match="somebody else"):
            approve(house, "rival-train", name)
    with pytest.raises(BadInput, match="printable"):
        approve(house, "rival-train", "Kim\N{ZERO WIDTH SPACE}")
    approve(house, "rival-train", "Lee")
    with pytest.raises(NotAllowed, match="already"):
        approve(house, "rival-train", "Max")


def test_programs_refuse_what_makes_no_sense(house: House) -> None:
    propose(house, program_toml(), "Kim")
    with pytest.raises(BadText, match="already"):
        propose(house, program_toml(), "Kim")
    with pytest.raises(BadInput, match="who"):
        propose(house, program_toml("other"), "  ")
    with pytest.raises(NotAllowed, match="not suspended"):
        resume(house, "rival-train", "Kim")
    suspend(house, "rival-train", "Kim")
    with pytest.raises(NotAllowed, match="stopped already"):
        suspend(house, "rival-train", "Kim")
    end(house, "rival-train", "Kim")
    for act in (end, approve):
        with pytest.raises(NotAllowed, match="ended"):
            act(house, "rival-train", "Lee")
    with pytest.raises(Unknown):
        suspend(house, "nothing", "Kim")


@pytest.mark.parametrize(
    ("error", "clause", "statement"),
    [
        (BadStatement, "run out", {"until": timedelta(days=-1)}),
        (BadStatement, "start in the past", {"since": timedelta(days=-1)}),
    ],
)
def test_a_grant_with_a_date_in_the_past_changes_nothing(
    house: House,
    tmp_path: Path,
    clock: Clock,
    error: type[Exception],
    clause: str,
    statement: dict[str, timedelta],
) -> None:
    add(house, tmp_path, "Ada Quill")
    add_program(house)
    dates = {name: clock.at + by for name, by in statement.items()}
    with pytest.raises(error, match=clause):
        grant(house, About(holder="Ada Quill", program="rival-train"), RIVAL, **dates)  # type: ignore[arg-type]  # dates by name
    assert differences(house) == []


def test_statements_refuse_what_cannot_be_meant(house: House, tmp_path: Path) -> None:
    add(house, tmp_path, "Ada Quill")
    other = add(house, tmp_path, "Bo Tarn")
    add_program(house)
    ada = About(holder="Ada Quill")
    with pytest.raises(BadStatement, match="so many words"):
        grant(house, ada, RIVAL)
    with pytest.raises(BadStatement, match="nothing else"):
        grant(house, About(holder="Ada Quill", program="rival-train"), SEARCH)
    with pytest.raises(BadStatement, match="granted nothing"):
        withdraw(house, ada, RIVAL)
    with pytest.raises(BadStatement, match="refused nothing"):
        lift(house, ada, RIVAL)
    with pytest.raises(Unknown, match="holds no rights"):
        refuse(house, About(holder="Ada Quill", recording=other), RIVAL)
    with pytest.raises(Unknown, match="nobody"):
        refuse(house, About(holder="Zed"), RIVAL)
    with pytest.raises(Unknown, match="no program"):
        refuse(house, About(holder="Ada Quill", program="zed"), RIVAL)
    grant(house, ada, RIVAL, all_programs=True)
    with pytest.raises(BadStatement, match="granted nothing"):
        withdraw(house, About(holder="Ada Quill", program="rival-train"), RIVAL)
    withdraw(house, ada, RIVAL)


def test_texts_refuse_what_cannot_be_published(house: House, tmp_path: Path) -> None:
    with pytest.raises(BadText, match="before"):
        publish_terms(house, DEFAULT_TERMS, "desk")
    with pytest.raises(BadText, match="agreement"):
        publish_terms(house, agreement_toml(), "desk")
    with pytest.raises(BadText, match="party"):
        make_agreement(house, WIDER, "desk")
    add(house, tmp_path, "Ada Quill")
    with pytest.raises(Unknown, match="no terms 'zed'"):
        accept_terms(house, "Ada Quill", "zed", "desk")
    with pytest.raises(Unknown):
        accept_terms(house, "Zed", None, "desk")


def test_holds_copies_and_holders_refuse_what_cannot_be(house: House, tmp_path: Path) -> None:
    one, two = add(house, tmp_path, "Ada Quill"), add(house, tmp_path, "Bo Tarn")
    make_agreement(house, agreement_toml(), "desk")
    delivered = add(house, tmp_path, "The Lamps", agreement="lantern-1")
    with pytest.raises(BadInput, match="cause"):
        hold(house, one, RIVAL, " ", "desk")
    with pytest.raises(Unknown):
        hold(house, "r99", RIVAL, "dispute", "desk")
    with pytest.raises(Unknown):
        release(house, 1, "desk")
    declare_copy(house, two, one, "desk")
    with pytest.raises(BadInput, match="own copy"):
        declare_copy(house, one, two, "desk")
    with pytest.raises(Unknown):
        declare_copy(house, "r99", one, "desk")
    declare_copy(house, two, None, "desk")
    with pytest.raises(BadInput, match="at least one"):
        set_holders(house, one, [], "desk")
    with pytest.raises(BadInput, match="twice"):
        set_holders(house, one, [parse_share("A=10%"), parse_share("A=20%")], "desk")
    with pytest.raises(BadInput, match="100%"):
        set_holders(house, one, [parse_share("A=60%"), parse_share("B=60%,x,DE")], "desk")
    with pytest.raises(NotAllowed, match="agreement"):
        set_holders(house, delivered, [parse_share("A=100%")], "desk")
    with pytest.raises(Unknown):
        set_holders(house, "r99", [parse_share("A=100%")], "desk")
    assert differences(house) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ada",
        "Ada=",
        "=5%",
        "Ada=0%",
        "Ada=101%",
        "Ada=nan%",
        "Ada=5%,a,DE,x",
        "Ada=5%,a,Germany",
        "Ada=0.00001%",
    ],
)
def test_a_share_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_share(text)
