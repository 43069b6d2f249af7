"""Roots over the latest words: when one is made, and that proofs under it say what is."""

from collections.abc import Callable
from datetime import timedelta
from itertools import cycle

import pytest
from sqlalchemy import select

from assent.acts import index_root as module
from assent.acts.hold import hold, release
from assent.acts.house import House
from assent.acts.index_root import index_root, prove_word
from assent.acts.rebuild import rebuild
from assent.acts.say import About, grant, lift, refuse, withdraw
from assent.catalogue import tables
from assent.catalogue.events import Event, head, read
from assent.catalogue.rows import read_program
from assent.catalogue.states import states
from assent.errors import Stale, Tampered, Unknown
from assent.log.leaf import handle_of, sealed_value, state_key
from assent.log.receipt import Claim, check_receipt
from assent.permission.uses import ALL
from assent.training.forget import forget
from tests.acts.stories import PROGRAMS, Story
from tests.houses import RIVAL, add_program
from tests.log.prefix_oracle import oracle_root

ADA = About(holder="Ada Quill", program=PROGRAMS[0])


def trees(house: House) -> list[str]:
    folder = house.settings.kept / "words"
    return sorted((path.stem for path in folder.glob("*.npy")), key=int)


def last_number(house: House) -> int:
    with house.reading() as connection:
        return head(connection)


def claim_of(story: Story, recording: str) -> Claim:
    found = check_receipt(prove_word(story.house, story.logs, recording), story.logs.policy())
    assert found.reason == "ok"
    assert found.claim is not None
    return found.claim


# ---- when a root is made


def test_no_root_is_made_where_no_word_can_have_changed(either: Story) -> None:
    house = either.house
    assert index_root(house) is not None
    either.use(PROGRAMS[0], "r2")
    either.count()
    either.build(PROGRAMS[0])
    with house.act("keys") as act:
        act.record("key.rotate", {"log": "consent", "vkey": "x"})
        act.record("key.retire", {"log": "consent", "vkey": "x"})
    either.logs.publish()
    before = last_number(house)
    assert index_root(house) is None
    assert last_number(house) == before


CHANGES: dict[str, Callable[[Story], object]] = {
    "a grant": lambda story: grant(story.house, ADA, RIVAL),
    "a refusal": lambda story: refuse(story.house, ADA, RIVAL),
    "a withdrawal": lambda story: withdraw(story.house, ADA, RIVAL),
    "a hold": lambda story: hold(story.house, "r2", ALL, "a court", "Lee"),
    "a release": lambda story: release(
        story.house, hold(story.house, "r2", ALL, "a court", "Lee").number, "Lee"
    ),
    "a new recording": lambda story: story.upload("Wren"),
    "a new program": lambda story: add_program(story.house, "fresh"),
    "an erasure": lambda story: forget(story.house, story.logs, "Wren", "Lee"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_may_change_a_word_makes_a_new_root(told: Story, change: str) -> None:
    index_root(told.house)
    before = last_number(told.house)
    CHANGES[change](told)
    event = index_root(told.house)
    assert event is not None
    assert event.kind == "index.root"
    assert event.number > before
    assert event.body["head"] == event.number - 1
    assert index_root(told.house) is None


def test_a_grant_that_runs_out_makes_a_new_root(told: Story) -> None:
    about = About(holder="Bo Tarn", recording="r2", program=PROGRAMS[1])
    grant(told.house, about, RIVAL, until=told.clock.at + timedelta(days=1))
    granted = claim_of(told, "r2")
    told.clock.turn(days=2)
    event = index_root(told.house)
    assert event is not None
    with told.house.reading() as connection:
        expired = read(connection, event.number - 1)
    assert expired is not None
    assert expired.kind == "statement.expire"
    ended = claim_of(told, "r2")
    words = [int((claim.value or {})["programs"][PROGRAMS[1]], 16) for claim in (granted, ended)]
    assert [word & RIVAL for word in words] == [RIVAL, 0]
    assert ended.value is not None
    assert ended.value["event"] == expired.number


# ---- what it holds


def last_root(house: House) -> Event:
    events = tables.events.c
    query = select(events.number).where(events.kind == "index.root").order_by(events.number.desc())
    with house.reading() as connection:
        event = read(connection, connection.execute(query.limit(1)).scalar_one())
    assert event is not None
    return event


def test_a_proof_states_the_word_that_the_catalogue_and_the_gate_have(either: Story) -> None:
    house = either.house
    with house.reading() as connection:
        rows = {row.id: row for row in connection.execute(select(tables.recordings)).all()}
        programs = {name: read_program(connection, name) for name in PROGRAMS}
    answers = set()
    for name, row in rows.items():
        claim = claim_of(either, name)
        assert (claim.kind, claim.recording, claim.registered) == ("state", name, row.event)
        assert claim.value is not None
        assert int(claim.value["word"], 16) == row.word
        for program, known in programs.items():
            assert known is not None
            word = int(claim.value["programs"].get(program, claim.value["word"]), 16)
            permitted = word & known.uses == known.uses and known.is_live(either.clock.at)
            assert permitted is house.gate.explain(program, name).allowed
            answers.add(permitted)
    assert answers == {True, False}
    assert_root_is_over_all(house)


def assert_root_is_over_all(house: House) -> None:
    event = last_root(house)
    with house.reading() as connection:
        found = list(states(connection))
    assert event.body["n"] == len(found)
    pairs = {}
    for state in found:
        handle = handle_of(state.opening)
        pairs[state_key(handle)] = sealed_value(handle, state.said)
    assert event.body["root"] == oracle_root(pairs).hex()


def test_a_proof_shows_nothing_of_any_other_recording(told: Story) -> None:
    with told.house.reading() as connection:
        rows = connection.execute(select(tables.recordings)).all()
    data = prove_word(told.house, told.logs, "r2")
    found = check_receipt(data, told.logs.policy())
    shown = repr(found)
    for row in rows:
        for told_of in (f"'{row.id}'", row.title, row.digest, row.audio_digest, row.blob):
            assert (told_of in shown) is (row.id == "r2" and told_of == "'r2'")


def test_a_new_act_shows_in_the_very_next_proof(told: Story) -> None:
    before = claim_of(told, "r2")
    event = refuse(told.house, About(holder="Bo Tarn", recording="r2"), RIVAL)
    after = claim_of(told, "r2")
    assert before.value is not None
    assert after.value is not None
    assert after.value["event"] == event.number > before.value["event"]


def test_proofs_are_the_same_after_a_rebuild(told: Story) -> None:
    before = {name: claim_of(told, name) for name in told.recordings}
    root = last_root(told.house)
    rebuild(told.house)
    assert {name: claim_of(told, name) for name in told.recordings} == before
    assert last_root(told.house) == root


def test_a_recording_that_is_not_there_has_no_word(told: Story) -> None:
    for name in ("r999", "a0", ""):
        with pytest.raises(Unknown, match="no recording"):
            prove_word(told.house, told.logs, name)


# ---- what is kept


def test_only_the_newest_trees_are_kept(told: Story) -> None:
    made = []
    for _ in range(5):
        grant(told.house, ADA, RIVAL)
        event = index_root(told.house)
        assert event is not None
        made.append(str(event.number))
    assert trees(told.house) == made[-3:]
    assert claim_of(told, "r0").kind == "state"


def test_where_the_newest_tree_is_gone_a_new_root_is_made(told: Story) -> None:
    claim = claim_of(told, "r0")
    first = last_root(told.house)
    (told.house.settings.kept / "words" / f"{first.number}.npy").unlink()
    assert claim_of(told, "r0") == claim
    second = last_root(told.house)
    assert second.number > first.number
    assert second.body["root"] == first.body["root"]


def test_a_tree_that_was_tampered_with_is_told_of(told: Story) -> None:
    claim_of(told, "r0")
    path = told.house.settings.kept / "words" / f"{last_root(told.house).number}.npy"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(Tampered, match=f"remove {path.name}"):
        prove_word(told.house, told.logs, "r0")
    path.write_bytes(whole[:-1])
    with pytest.raises(Tampered):
        prove_word(told.house, told.logs, "r0")
    path.unlink()
    assert claim_of(told, "r0").kind == "state"


def test_words_that_change_at_every_try_are_not_proved(
    told: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    about, acts = About(holder="Bo Tarn", recording="r2"), cycle([refuse, lift])

    def changing(house: House) -> Event | None:
        event = index_root(house)
        next(acts)(house, about, RIVAL)
        return event

    monkeypatch.setattr(module, "index_root", changing)
    with pytest.raises(Stale, match="faster"):
        prove_word(told.house, told.logs, "r2")
    # and another recording's, of which these acts say nothing, are
    assert check_receipt(prove_word(told.house, told.logs, "r7"), told.logs.policy()).claim


def test_a_root_that_vanishes_at_every_try_proves_nothing(
    told: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_last_root", lambda _house: None)
    with pytest.raises(Stale, match="faster"):
        prove_word(told.house, told.logs, "r0")


def test_a_platform_without_recordings_has_a_root(house: House) -> None:
    event = index_root(house)
    assert event is not None
    assert event.body == {"head": 1, "n": 0, "root": "00" * 32}
    assert index_root(house) is None
