"""The ratchet, end to end: over a populated platform nothing opens by a text that is published.

Three artists and a label, recordings of one's own, of two together and a copy, four programs. What
is asked is what the gate decides, for every program and recording, and all 60 uses.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from assent.acts.accounts import find_account
from assent.acts.copies import declare_copy
from assent.acts.erase import erase
from assent.acts.expire import expire
from assent.acts.holders import Share
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.programs import approve, propose
from assent.acts.publish import (
    accept_terms,
    make_agreement,
    publish_terms,
    withdraw_draft,
)
from assent.acts.rebuild import differences, findings, rebuild
from assent.acts.say import About, grant, refuse
from assent.catalogue import tables
from assent.catalogue.events import replay
from assent.catalogue.facts import FactReader
from assent.catalogue.preview_programs import ProgramOutlook, program_outlooks
from assent.log.leaf import parse_json
from assent.permission.decide import word_of
from assent.permission.uses import CONSENT_ONLY, parse_uses
from assent.terms.text import parse_text
from tests.houses import RIVAL, Clock, add, agreement_toml, program_toml, publish_at_last

WIDER = """
id = "wider"
title = "Everything for everybody"

[notice]
timing = "before"
days = 30
channel = "inbox"
chance = "accept"
text = "We tell you."

[[clause]]
id = "all"
text = "Everybody may do everything."
status = "granted"
uses = ["*/*"]
"""
TIGHTER = WIDER.replace('"wider"', '"tighter"').replace('"granted"', '"barred"')
PROGRAMS = {
    "rival": ("partner", '"train-rival"', ""),
    "tags": ("partner", '"analyse", "recommend"', ""),
    "german-tags": ("partner", '"analyse"', 'territories = ["DE"]'),
    "fans": ("platform", '"first-fans"', ""),
}


@pytest.fixture
def peopled(house: House, tmp_path: Path) -> House:
    """Give a platform with r0 and r1 of Ada Quill, r2 of Bo Tarn, r3 of Cy Vane, r4 of Ada and Bo.

    r5 is delivered by a label under an agreement; r6 is a copy of r2 that Ada has brought.
    """
    for name in ("Ada Quill", "Ada Quill", "Bo Tarn", "Cy Vane"):
        add(house, tmp_path, name)
    both = (Share(name="Ada Quill", share_ppm=500_000), Share(name="Bo Tarn", share_ppm=500_000))
    add(house, tmp_path, "Ada Quill", holders=both)
    make_agreement(house, agreement_toml(), "desk")
    add(house, tmp_path, "The Lamps", agreement="lantern-1")
    add(house, tmp_path, "Ada Quill")
    declare_copy(house, "r6", "r2", "desk")
    for name, (actor, activities, extra) in PROGRAMS.items():
        toml = program_toml(name, activities, extra).replace('"partner"', f'"{actor}"')
        propose(house, toml, "Kim")
        approve(house, name, "Lee")
    grant(house, About(holder="Ada Quill", program="rival"), RIVAL)
    refuse(house, About(holder="Cy Vane"), parse_uses(["partner/analyse"]))
    return house


def decisions(house: House) -> dict[tuple[str, str], bool]:
    """Return what the gate decides for every program and recording."""
    house.gate.snapshot.refresh()
    return {
        (program, recording): house.gate.explain(program, recording).allowed
        for program in PROGRAMS
        for recording in holders(house)
    }


def words(house: House) -> dict[str, int]:
    with house.reading() as connection:
        reader, at = FactReader(connection), house.clock()
        return {
            recording: word_of(reader.facts(recording, None, at)) for recording in holders(house)
        }


def holders(house: House) -> dict[str, set[str]]:
    """Return the names of all who hold rights in each recording."""
    recordings, holdings, accounts = tables.recordings.c, tables.holdings.c, tables.accounts.c
    query = (
        select(recordings.id, accounts.name)
        .join(tables.holdings, holdings.recording == recordings.id)
        .join(tables.accounts, accounts.id == holdings.holder)
        .order_by(recordings.number)
    )
    found: dict[str, set[str]] = {}
    with house.reading() as connection:
        for recording, name in connection.execute(query):
            found.setdefault(recording, set()).add(name)
    return found


def leaves(house: House, kind: str) -> list[dict[str, object]]:
    """Return what the public log says of the events of a kind."""
    Logs(house).publish()
    table = tables.leaves.c
    with house.reading() as connection:
        rows = connection.execute(
            select(table.entry).where(table.log == "consent").order_by(table.index)
        ).scalars()
        entries = [parse_json(bytes(row)) for row in rows]
    return [entry["b"] for entry in entries if entry["k"] == kind]


def test_a_wider_text_opens_nothing_until_a_holder_accepts_and_then_only_theirs(
    peopled: House, clock: Clock
) -> None:
    before = decisions(peopled), words(peopled)
    assert before[0]["rival", "r0"]
    publish_terms(peopled, WIDER, "Kim")
    assert (decisions(peopled), words(peopled)) == before
    clock.turn(days=31)
    expire(peopled)
    assert (decisions(peopled), words(peopled)) == before

    own = holders(peopled)
    accept_terms(peopled, "Bo Tarn", None, "Bo Tarn")
    now = words(peopled)
    changed = {recording for recording, word in now.items() if word != before[1][recording]}
    assert changed == {"r2"}
    assert own["r2"] == {"Bo Tarn"}
    assert not any(now[it] & CONSENT_ONLY & ~before[1][it] for it in now)
    opened = {pair for pair, yes in decisions(peopled).items() if yes and not before[0][pair]}
    assert opened == {("tags", "r2"), ("german-tags", "r2"), ("fans", "r2")}

    accept_terms(peopled, "Ada Quill", None, "Ada Quill")
    later = words(peopled)
    # what both hold, and the copy of what Bo has accepted for
    assert {it for it in later if later[it] != now[it]} == {"r0", "r1", "r4", "r6"}
    for recording in ("r3", "r5"):
        assert later[recording] == before[1][recording]
        assert all(decisions(peopled)[it, recording] == before[0][it, recording] for it in PROGRAMS)
    assert findings(peopled) == []


def test_a_tighter_text_acts_at_once_on_all_but_what_stands_on_an_agreement(
    peopled: House,
) -> None:
    before = words(peopled)
    publish_terms(peopled, TIGHTER, "Kim")
    now = words(peopled)
    assert {it: word for it, word in now.items() if word} == {"r5": before["r5"]}
    assert not any(yes for (_, it), yes in decisions(peopled).items() if it != "r5")
    assert findings(peopled) == []


def test_a_withdrawn_draft_leaves_everything_as_it_was(peopled: House, clock: Clock) -> None:
    before = decisions(peopled), words(peopled)
    publish_terms(peopled, WIDER, "Kim")
    withdraw_draft(peopled, "wider", "Kim")
    clock.turn(days=31)
    expire(peopled)
    assert (decisions(peopled), words(peopled)) == before
    assert findings(peopled) == []


def test_the_public_log_says_what_became_of_each_text_and_how_many_were_told(
    peopled: House, clock: Clock
) -> None:
    publish_terms(peopled, TIGHTER, "Kim")
    drafted = publish_terms(peopled, WIDER, "Kim")
    day = clock.at + timedelta(days=31)
    clock.at = day
    expire(peopled)
    assert [it["id"] for it in leaves(peopled, "terms.publish")] == [
        "assent-terms-1",
        "tighter",
        "wider",
    ]
    (draft,) = leaves(peopled, "terms.draft")
    assert (draft["id"], draft["against"], draft["days"]) == ("wider", "tighter", 30)
    assert draft["in_force"] == drafted.body["in_force"]
    told = [(it["text"], it["timing"], it["told"]) for it in leaves(peopled, "terms.notice")]
    # three artists and the label; who they are is not in the public part
    assert told == [("tighter", "after", 4), ("wider", "before", 4)]
    assert not any("holders" in it for it in leaves(peopled, "terms.notice"))
    withdraw_me = WIDER.replace('"wider"', '"never"')
    publish_terms(peopled, withdraw_me, "Kim", in_force=(day + timedelta(days=90)).date())
    withdraw_draft(peopled, "never", "Kim")
    assert leaves(peopled, "terms.withdraw") == [{"id": "never"}]


@pytest.mark.parametrize("toml", [WIDER, TIGHTER])
def test_what_a_named_program_may_use_is_foreseen(peopled: House, toml: str) -> None:
    masks = parse_text(toml).masks
    with peopled.reading() as connection:
        ada = find_account(connection, "Ada Quill").id
        (found,) = program_outlooks(connection, masks, ada, peopled.clock())
        assert list(program_outlooks(connection, masks, "nobody", peopled.clock())) == []

    def may_use() -> int:
        own = [recording for recording, names in holders(peopled).items() if "Ada Quill" in names]
        return sum(decisions(peopled)["rival", recording] for recording in own)

    now = may_use()
    publish_at_last(peopled, toml)
    after = may_use()
    accept_terms(peopled, "Ada Quill", None, "Ada Quill")
    assert found == ProgramOutlook(program="rival", before=now, after=after, accepted=may_use())


def test_of_an_erased_holder_a_notice_keeps_the_count_alone(peopled: House) -> None:
    publish_terms(peopled, WIDER, "Kim")
    logs = Logs(peopled)
    before = leaves(peopled, "terms.notice")
    with peopled.reading() as connection:
        bo = find_account(connection, "Bo Tarn").id
    erase(peopled, logs, "Bo Tarn", "Kim", lambda _: None)
    assert leaves(peopled, "terms.notice") == before
    with peopled.reading() as connection:
        (event,) = [it for it in replay(connection) if it.kind == "terms.notice"]
        told = set(connection.execute(select(tables.told.c.account)).scalars())
    assert (event.body["told"], len(event.body["holders"]), len(told)) == (4, 4, 3)
    assert f"'{bo}'" not in str(event.body)
    assert bo not in told
    assert findings(peopled) == []


def test_making_the_tables_anew_gives_the_same_rows(peopled: House) -> None:
    publish_at_last(peopled, WIDER)
    accept_terms(peopled, "Bo Tarn", None, "Bo Tarn")
    publish_terms(peopled, TIGHTER, "Kim")
    publish_terms(peopled, WIDER.replace('"wider"', '"wider-2"'), "Kim")
    withdraw_draft(peopled, "wider-2", "Kim")
    assert differences(peopled) == []
    before = decisions(peopled), words(peopled)
    rebuild(peopled)
    assert differences(peopled) == []
    assert (decisions(peopled), words(peopled)) == before
    with peopled.reading() as connection:
        kinds = {event.kind for event in replay(connection)}
    assert {"terms.draft", "terms.notice", "terms.publish", "terms.withdraw"} <= kinds
