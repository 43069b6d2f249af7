"""Somebody leaves: nothing of them is left, nothing of others changes, and nothing opens.

What must hold is in `leaving.py`; here is who leaves, after what, and what comes in between.
"""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from time import sleep
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from assent.acts import erase as module
from assent.acts.accounts import Role, account_of, find_account, open_account
from assent.acts.claims import Plea, answer_claim, make_claim
from assent.acts.copies import SEVERAL, Suspicion, original_of, suspect
from assent.acts.erase import person
from assent.acts.hold import hold, release
from assent.acts.holders import Share, set_holders
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.programs import approve, end
from assent.acts.publish import make_agreement
from assent.acts.rebuild import findings, rebuild
from assent.acts.receipts import receipt
from assent.acts.reviews import clear, decide
from assent.acts.say import About, grant
from assent.catalogue import engine as databases
from assent.catalogue import tables
from assent.catalogue.cases import Found, State, cases_of, sources
from assent.catalogue.claims import Says, claims
from assent.catalogue.engine import reading
from assent.catalogue.events import read
from assent.errors import NotAllowed, Stale, StorageFailed, Unknown
from assent.gate.gate import Gate
from assent.gate.snapshot import Snapshot
from assent.log.receipt import check_receipt
from assent.permission.uses import ALL
from assent.training.forget import forget
from tests.acts.leaving import Before, check_gone, check_sound, erase_and_check, traces
from tests.acts.stories import PROGRAMS, SEARCH, Story, allowed, more
from tests.houses import RIVAL, agreement_toml

ADA, BO, DI, LABEL = "Ada Quill", "Bo Tarn", "Di Marsh", "Lantern Row"
EVERYBODY = (ADA, BO, "Cy Loom", DI, LABEL, "Wren", "Unknown artist")


# ---- who leaves


def slow(*values: object) -> Any:
    """A case that is left to the slow run."""
    return pytest.param(*values, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("name", "recordings", "held"),
    [
        (BO, {"r2", "r3", "r5", "r11"}, set()),
        (DI, {"r9", "r10"}, {"r4"}),
        (LABEL, {"r8"}, {"r9", "r10"}),
        slow("Wren", set(), {"r1"}),
        slow("Cy Loom", set(), set()),
        slow("Unknown artist", {"r7"}, set()),
    ],
)
def test_whoever_leaves_is_gone_and_nobody_else(
    told: Story, name: str, recordings: set[str], held: set[str]
) -> None:
    meant = person(told.house, name)
    assert set(meant.recordings) == recordings
    erased = erase_and_check(told, name, words=False)
    assert set(erased.held) == held


def test_likewise_on_both_databases(either: Story) -> None:
    meant = person(either.house, ADA)
    # her own, those under her name in which she holds rights, and whatever she alone holds
    assert meant.recordings == {"r0", "r1", "r4", "r6"}
    assert not meant.artists, "r11 bears her name, and is Bo's"
    erased = erase_and_check(either, ADA, words=either.house.engine.dialect.name == "sqlite")
    # her share is in one, the other two are copies of hers
    assert erased.held == ("r3", "r5", "r9")
    with pytest.raises(Unknown):
        forget(either.house, either.logs, ADA, "Lee")


def test_after_any_story_anybody_can_leave(told: Story) -> None:
    leave_by_lot(told, seed=1, people=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 40))
def test_after_any_story_everybody_can_leave(told: Story, seed: int) -> None:
    leave_by_lot(told, seed, people=4)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40, 43))
def test_after_any_story_everybody_can_leave_on_both_databases(either: Story, seed: int) -> None:
    leave_by_lot(either, seed, people=3)


def leave_by_lot(story: Story, seed: int, people: int) -> None:
    chance = Random(seed)
    for name in chance.sample(EVERYBODY, people):
        more(story, chance, 12)
        with suppress(Unknown):  # who left, and was named again by nobody
            erase_and_check(story, name, words=chance.random() < 0.2)


def test_an_account_with_nothing_leaves_as_well(told: Story) -> None:
    with told.house.act("desk") as act:
        open_account(act, "Quiet One", Role.ARTIST)
    erased = erase_and_check(told, "Quiet One", words=False)
    assert (erased.events, erased.recordings, erased.held) == (2, 0, ())


def test_nobody_leaves_twice_nor_by_the_name_of_an_artist(told: Story) -> None:
    before = allowed(told.house)
    for name in ("Nobody", "", "r0", "n0"):
        with pytest.raises(Unknown):
            forget(told.house, told.logs, name, "Lee")
    with pytest.raises(NotAllowed, match=f"{LABEL} speaks"):
        forget(told.house, told.logs, "The Lamps", "Lee")
    assert allowed(told.house) == before
    forget(told.house, told.logs, "  bo   TARN ", "Lee")
    for name in (BO, "bo tarn"):
        with pytest.raises(Unknown, match="nobody"):
            forget(told.house, told.logs, name, "Lee")


def test_who_is_meant_by_an_id_leaves_as_well(told: Story) -> None:
    with told.house.reading() as connection:
        account = find_account(connection, BO)
    erased = forget(told.house, told.logs, account.id, "Lee")
    assert erased.recordings == 4


def test_whoever_erases_themselves_is_not_named_by_it(told: Story) -> None:
    before = Before.of(told, BO, words=False)
    erased = forget(told.house, told.logs, BO, BO)
    check_gone(told, before)
    with told.house.reading() as connection:
        event = read(connection, erased.event.number)
    assert event is not None
    assert event.by.startswith("erased:")
    data = receipt(told.house, told.logs.consent, erased.event.number)
    found = check_receipt(data, told.logs.policy())
    assert (found.reason, found.shown) == ("ok", {})


def test_by_whatever_name_they_wrote_it_is_gone(told: Story) -> None:
    """An account's id and the artists that go with it are names, too."""
    house = told.house
    with house.reading() as connection:
        bo, label = find_account(connection, BO), find_account(connection, LABEL)
    hold(house, "r0", RIVAL, "said by number", bo.id)
    hold(house, "r0", RIVAL, "said by a label's artist", "the lamps")
    erase_and_check(told, BO, words=False)
    set_holders_of_none_but_label(told)
    before = Before.of(told, LABEL, words=False)
    assert any(event.by == "the lamps" for event in before.events.values())
    forget(house, told.logs, LABEL, "Lee")
    check_no_author(told, {"the lamps", "lantern row", label.id})


def set_holders_of_none_but_label(story: Story) -> None:
    """Let the label's artist be credited by nobody else: what Di holds goes first."""
    forget(story.house, story.logs, DI, "Lee")


def check_no_author(story: Story, names: set[str]) -> None:
    with story.house.reading() as connection:
        authors = set(connection.execute(select(tables.events.c.by)).scalars())
    assert not {author.casefold() for author in authors} & names


def test_an_account_that_is_called_like_another_ones_id_keeps_its_acts(told: Story) -> None:
    house = told.house
    with house.reading() as connection:
        bo = find_account(connection, BO)
    other = bo.id.upper()
    told.upload(other)
    number = hold(house, "r0", RIVAL, "by whoever is called so", other).number
    forget(house, told.logs, BO, "Lee")
    with house.reading() as connection:
        event = read(connection, number)
    assert event is not None
    assert event.by == other


# ---- what is left cannot be opened


def test_what_was_held_is_opened_by_nothing_but_a_release(told: Story) -> None:
    house = told.house
    erased = forget(house, told.logs, ADA, "Lee")
    assert "r3" in erased.held
    with house.reading() as connection:
        (number,) = connection.execute(
            select(tables.holds.c.event).where(
                tables.holds.c.recording == "r3", tables.holds.c.uses == ALL
            )
        ).scalars()
        event = read(connection, number)
    assert event is not None
    assert event.body["cause"] == "somebody who held rights in it was erased"
    grant(house, About(holder=BO), RIVAL, all_programs=True)
    assert not allowed(house)[PROGRAMS[0], "r3"]
    set_holders(house, "r3", [Share(name=BO)], "desk")
    assert not allowed(house)[PROGRAMS[0], "r3"]
    release(house, number, "Lee")
    assert allowed(house)[PROGRAMS[0], "r3"]


def test_an_agreement_of_the_same_id_opens_nothing_that_stood_under_the_erased_one(
    told: Story,
) -> None:
    house = told.house
    assert told.use(PROGRAMS[0], "r0")
    forget(house, told.logs, LABEL, "Lee")
    make_agreement(
        house,
        agreement_toml(party="Another Label").replace('"platform/search"', '"partner/train-rival"'),
        "desk",
    )
    grant(house, About(holder=DI), RIVAL, all_programs=True)
    for recording in ("r9", "r10"):
        with house.reading() as connection:
            query = select(tables.recordings.c.word).where(tables.recordings.c.id == recording)
            assert connection.execute(query).scalar_one() == 0


def test_nobody_approves_what_they_proposed_before_they_left(told: Story) -> None:
    forget(told.house, told.logs, ADA, "Lee")
    for name in (ADA, "Lee"):
        with pytest.raises(NotAllowed, match="was erased"):
            approve(told.house, "dreamt", name)
    end(told.house, "dreamt", "Lee")
    check_sound(told)


def test_no_id_is_given_twice(told: Story) -> None:
    house = told.house
    with house.reading() as connection:
        old = find_account(connection, BO)
    gone = person(house, BO)
    forget(house, told.logs, BO, "Lee")
    assert findings(house) == []
    # the very same file comes again, under the same name: somebody new, who has said nothing
    again = told.upload(BO, file=told.files[2])
    with house.reading() as connection:
        new = find_account(connection, BO)
        artist = connection.execute(
            select(tables.recordings.c.artist).where(tables.recordings.c.id == again)
        ).scalar_one()
        assert account_of(connection, new.id) == new
    assert new.id != old.id
    assert again not in gone.recordings
    assert again == "r12"
    assert artist not in gone.artists
    assert not allowed(house)[PROGRAMS[0], again]
    rebuild(house)
    assert findings(house) == []
    assert told.upload(BO) == "r13"


def test_uses_of_what_is_gone_are_not_counted_any_more(told: Story) -> None:
    house = told.house
    program = PROGRAMS[0]
    assert told.use(program, "r2", 3)
    assert told.use(program, "r0", 2)
    house.gate.close()
    with house.gate.open(house.gate.token(program), "r2") as stream:  # counted by nobody yet
        stream.read(1)
        forget(house, told.logs, BO, "Lee")
    told.count()
    with house.reading() as connection:
        rows = connection.execute(select(tables.uses.c.recording, tables.uses.c.event)).all()
        body = read(connection, max(row.event for row in rows))
    assert {row.recording for row in rows} == {"r0", "r4", "r6"}
    assert body is not None
    assert told.house.settings.journals.exists()
    assert list(told.house.settings.journals.iterdir()) == []
    check_sound(told)


def test_events_are_never_changed_once_an_erasure_has_come_to_its_end(either: Story) -> None:
    forget(either.house, either.logs, "Cy Loom", "Lee")
    for change in ("UPDATE events SET by = 'x'", "UPDATE events SET opening = NULL"):
        with (
            pytest.raises(IntegrityError, match="never changed"),
            either.house.act("intruder") as act,
        ):
            act.connection.execute(text(change.replace(" by", ' "by"')))
    with either.house.reading() as connection:
        assert connection.execute(select(tables.erasing)).all() == []


# ---- who disputed with them


def suspected(story: Story, recording: str, *originals: str) -> None:
    with story.house.act("machine") as act:
        suspect(act, recording, [Suspicion(original=it, found=Found.CLAIM) for it in originals])


def test_a_copy_of_several_follows_those_who_are_left_and_stays_closed(either: Story) -> None:
    """Ada's r0 goes; Bo's r2 is the other original of Di's r9, which nobody may open any more."""
    suspected(either, "r9", "r0", "r2")
    with either.house.reading() as connection:
        assert sources(connection, "r9") == ["r1", "r0", "r2"]
    words = either.house.engine.dialect.name == "sqlite"
    erased = erase_and_check(either, ADA, words=words)
    assert erased.held == ("r3", "r5", "r9")
    with either.house.reading() as connection:
        assert sources(connection, "r9") == ["r2"]
        assert original_of(connection, "r9") == "r2"
        held = select(tables.holds.c.cause).where(
            tables.holds.c.recording == "r9", tables.holds.c.lifted.is_(None)
        )
        assert connection.execute(held).scalars().all() == [
            SEVERAL,
            "the original of this copy was erased",
        ]


def test_a_copy_that_its_mask_does_not_show_is_held_as_well(told: Story) -> None:
    """Di's r10 follows Bo's r2 alone, and would be open again once Ada's r0 is no reason."""
    suspected(told, "r10", "r2", "r0")
    with told.house.reading() as connection:
        assert original_of(connection, "r10") == "r2"
    assert "r10" in erase_and_check(told, ADA, words=False).held
    with told.house.reading() as connection:
        assert original_of(connection, "r10") == "r2"


def test_what_was_rejected_holds_nothing_when_its_original_goes(told: Story) -> None:
    suspected(told, "r10", "r2")
    decide(told.house, ("r10", "r2"), State.REJECTED, "two takes", "Kim")
    assert "r10" not in erase_and_check(told, BO, words=False).held
    with told.house.reading() as connection:
        assert cases_of(connection, "r10") == []


def test_claims_and_answers_of_who_leaves_are_gone_and_those_of_others_stay(told: Story) -> None:
    house = told.house
    suspected(told, "r10", "r4")  # r4 is Ada's and Di's, r10 Di's
    claim = make_claim(house, ADA, ("r4", "r10"), Says.MINE, Plea(words="my <stems> show it"))
    before = Before.of(told, DI, words=False)
    forget(house, told.logs, DI, "Lee")
    check_gone(told, before)
    with house.reading() as connection:
        assert claims(connection) == []
        event = read(connection, claim.number)
    assert event is not None
    assert event.erased, "it names a recording that is gone"


def test_an_answer_stays_where_only_the_claimant_leaves_and_answers_nothing_any_more(
    told: Story,
) -> None:
    house = told.house
    suspected(told, "r4", "r3")  # r3 is Bo's and Ada's, r4 Ada's and Di's
    number = make_claim(house, DI, ("r4", "r3"), Says.DIFFERENT, Plea(words="mine <alone>")).number
    answer = answer_claim(house, BO, number, Plea(words="no"), agrees=False).number
    erase_and_check(told, DI, words=False)
    with house.reading() as connection:
        said = read(connection, answer)
        assert claims(connection) == []
        assert connection.execute(select(tables.answers)).all() == []
        assert [case.state for case in cases_of(connection, "r3")] == [State.SUSPECTED]
    assert said is not None
    assert said.body["words"] == "no"


def test_fingerprints_of_what_is_gone_are_gone_and_others_stay(told: Story) -> None:
    house = told.house
    taken = {"design": "quads-1", "frames": 5, "peaks": b"peaks"}
    with house.act("machine") as act:
        for number in range(len(told.recordings)):
            row = tables.fingerprints.insert().values(recording=number, **taken)
            act.connection.execute(row)
    erase_and_check(told, BO, words=False)
    with house.reading() as connection:
        left = connection.execute(select(tables.fingerprints.c.recording)).scalars().all()
    assert set(left) == set(range(len(told.recordings))) - {2, 3, 5, 11}


def test_that_somebody_was_cleared_goes_with_them(told: Story) -> None:
    for _ in range(5):
        suspected(told, told.upload(BO), "r0")
    event = clear(told.house, BO, "a <label>", "Kim")
    assert event.kind == "copies.clear"
    erase_and_check(told, BO, words=False)
    with told.house.reading() as connection:
        gone = read(connection, event.number)
        assert connection.execute(select(tables.clearings)).all() == []
    assert gone is not None
    assert gone.erased


# ---- others who look on


def test_another_snapshot_sees_who_left(told: Story) -> None:
    house = told.house
    other = Snapshot(house.engine, house.settings.snapshot, house.clock)
    before = {name: other.allows(PROGRAMS[0], name) for name in told.recordings}
    assert before["r2"]
    assert before["r0"]
    forget(house, told.logs, BO, "Lee")
    other.refresh()
    assert not other.differs()
    for name in told.recordings:
        assert other.allows(PROGRAMS[0], name) <= before[name]
    assert not other.allows(PROGRAMS[0], "r2")
    assert other.allows(PROGRAMS[0], "r0")
    assert len(other.permitted(PROGRAMS[0]).numbers) < sum(before.values())
    other.close()


HEAD = """
import sys, time
from datetime import datetime
from pathlib import Path
from assent.acts.house import House
from assent.errors import *
from assent.settings import Settings
from tests.houses import Clock, RIVAL
clock = Clock()
clock.at = datetime.fromisoformat(sys.argv[3])
house = House.open(Settings(data=Path(sys.argv[1]), database_url=sys.argv[2]), clock=clock)
"""
ASKING = """
house.gate.snapshot.refresh()
for line in sys.stdin:
    program, recording = line.split()
    print(house.gate.snapshot.allows(program, recording), flush=True)
"""
ACTING = """
from assent.acts.index_root import index_root
from assent.acts.logs import Logs
from assent.acts.say import About, grant, refuse
from assent.training.build import build
print("ready", flush=True)
told, deadline, folder = 0, time.monotonic() + 60, Path(sys.argv[4])
while not (folder / "stop").exists() and time.monotonic() < deadline:
    for holder in ("Ada Quill", "Bo Tarn"):
        for say in (grant, refuse):
            try:
                say(house, About(holder=holder, program="rival-german"), RIVAL)
                told += 1
            except Unknown:
                pass
    try:
        with house.gate.open(house.gate.token("rival-train"), "r2") as audio:
            audio.read(1)
        index_root(house)
        build(house, "rival-train", folder / f"set-{told}", by="Kim")
        Logs(house).publish()
    except (NotPermitted, Stale, Unknown):
        pass
house.close()
print(told)
"""
ERASING = """
from assent.acts.logs import Logs
from assent.training.forget import forget
print("ready", flush=True)
forget(house, Logs(house), "Bo Tarn", "Lee")
house.close()
"""


def process(script: str, story: Story, *more: str) -> "subprocess.Popen[str]":
    settings = story.house.settings
    where = (str(settings.data), settings.database_url, story.clock.at.isoformat())
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", HEAD + script, *where, *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def asked(other: "subprocess.Popen[str]", program: str, recording: str) -> bool:
    assert other.stdin is not None
    assert other.stdout is not None
    other.stdin.write(f"{program} {recording}\n")
    other.stdin.flush()
    return {"True\n": True, "False\n": False}[other.stdout.readline()]


def test_another_process_sees_who_left(told: Story) -> None:
    seen_elsewhere(told)


def test_acts_that_go_on_meanwhile_leave_nothing_of_them(told: Story) -> None:
    left_amid_others(told)


@pytest.mark.slow
def test_other_processes_are_no_trouble_on_both_databases(either: Story) -> None:
    left_amid_others(either)
    for name in (ADA, DI):
        erase_and_check(either, name, words=False)


@pytest.mark.slow
def test_other_processes_see_who_left_on_both_databases(either: Story) -> None:
    seen_elsewhere(either)


def seen_elsewhere(story: Story) -> None:
    other = process(ASKING, story)
    before = {name: asked(other, PROGRAMS[0], name) for name in story.recordings}
    assert before["r2"]
    assert before["r0"]
    forget(story.house, story.logs, BO, "Lee")
    story.house.gate.snapshot.refresh()
    now = {name: asked(other, PROGRAMS[0], name) for name in story.recordings}
    assert now["r0"]
    assert not any(now[name] for name in ("r2", "r3", "r5", "r11"))
    assert all(now[name] <= before[name] for name in now)
    other.communicate()
    assert other.returncode == 0


def left_amid_others(story: Story) -> None:
    before = Before.of(story, BO, words=False)
    other = process(ACTING, story, str(story.folder))
    assert other.stdout is not None
    assert other.stdout.readline() == "ready\n"
    wait_for_events(story, 6)
    forget(story.house, story.logs, BO, "Lee")
    wait_for_events(story, 6)
    (story.folder / "stop").touch()
    said, _ = other.communicate(timeout=60)
    assert other.returncode == 0
    assert int(said) >= 6
    story.count()
    story.logs.publish()
    left = traces(story, before)
    assert not left, left
    check_sound(story)
    assert not [it for it, yes in allowed(story.house).items() if yes and it[1] in {"r2", "r3"}]


def wait_for_events(story: Story, count: int) -> None:
    """Wait until so many more events have happened."""
    with story.house.reading() as connection:
        start = connection.execute(select(tables.events.c.number)).scalars().all()[-1]
    for _ in range(2_000):
        with story.house.reading() as connection:
            if read(connection, start + count) is not None:
                return
        sleep(0.03)
    raise AssertionError("nothing happens")


# ---- what comes in between


def in_between(monkeypatch: pytest.MonkeyPatch, acts: Iterator[Callable[[], object]]) -> None:
    """Have something happen each time that the log was published, while any is left."""
    plain = Logs.publish

    def published(self: Logs, *, again: bool = False) -> Any:
        done = plain(self, again=again)
        act = next(acts, None)
        if act is not None:
            act()
        return done

    monkeypatch.setattr(Logs, "publish", published)


def test_what_they_bring_at_the_last_moment_goes_with_them(
    told: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_between(
        monkeypatch,
        iter(
            [
                lambda: told.upload(BO),
                lambda: told.upload(ADA, (ADA, 10), (BO, 10)),
            ]
        ),
    )
    before = person(told.house, BO)
    erased = forget(told.house, told.logs, BO, "Lee")
    assert erased.recordings == len(before.recordings) + 1
    assert "r13" in erased.held
    with told.house.reading() as connection:
        left = set(connection.execute(select(tables.recordings.c.id)).scalars())
        holders = set(connection.execute(select(tables.holdings.c.holder)).scalars())
    assert "r12" not in left
    assert before.account not in holders
    check_sound(told)


def test_somebody_of_whom_others_speak_without_end_stays(
    told: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = person(told.house, BO)
    with monkeypatch.context() as patch:
        in_between(patch, iter(lambda: lambda: grant(told.house, About(holder=BO), SEARCH), None))
        with pytest.raises(Stale, match="faster"):
            forget(told.house, told.logs, BO, "Lee")
    assert person(told.house, BO) == before
    erase_and_check(told, BO, words=False)


def test_somebody_who_reads_the_database_for_long_is_waited_for_and_told_of(
    told: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was deleted can leave the files only when nobody reads the state before."""
    before = Before.of(told, BO, words=False)
    plain = databases._prepare_sqlite

    def impatient(connection: Any, entry: Any) -> None:
        plain(connection, entry)
        connection.execute("PRAGMA busy_timeout = 50")

    monkeypatch.setattr(databases, "_prepare_sqlite", impatient)
    settings = told.house.settings
    with closing(House.open(settings, clock=told.clock)) as house:
        with reading(told.house.engine) as connection:
            connection.execute(select(tables.events.c.number)).first()
            with pytest.raises(StorageFailed, match="still holds what was deleted"):
                forget(house, Logs(house), BO, "Lee")
            with pytest.raises(StorageFailed, match="still holds"):
                person(house, BO)
        assert traces(told, before)
        with pytest.raises(Unknown):
            person(house, BO)
    told.logs.publish()
    check_gone(told, before)


# ---- killed anywhere


class Died(BaseException):
    """The process is gone."""


STEPS: dict[str, tuple[object, str, int]] = {
    "before anything": (module, "count_uses", 0),
    "before it is published": (Logs, "publish", 0),
    "before it is begun": (module, "_begin", 0),
    "before what is kept": (module, "_blobs", 0),
    "before the holds": (module, "_hold", 0),
    "before events change": (module, "_write", 0),
    "before the tables": (module, "rebuild", 0),
    "after the commit": (Snapshot, "discard", 0),
    "before the audio": (Gate, "forget", 0),
    "within the audio": (Gate, "forget", 2),
    "before the end": (module, "finish", 0),
    "before the sweep": (Gate, "sweep", 0),
    "before the free pages": (module, "compact", 0),
    "before the last word": (Logs, "publish", 1),
}


QUICK = ("before the holds", "after the commit", "within the audio", "before the free pages")
"""Of the others, the slow test tells."""


@pytest.mark.parametrize("step", QUICK)
def test_wherever_it_is_killed_doing_it_again_ends_well(
    told: Story, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    killed_at(told, monkeypatch, step, after=False)


def test_a_doctor_brings_it_to_its_end(told: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    def dying(*asked: Any) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(module, "compact", dying)
        with pytest.raises(Died):
            forget(told.house, told.logs, BO, "Lee")
    unfinished = told.house.settings.data / "erasing"
    assert unfinished.exists()
    assert findings(told.house) == []
    assert not unfinished.exists()


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["", "and one step on"])
@pytest.mark.parametrize("step", STEPS)
def test_likewise_at_every_other_step(
    told: Story, monkeypatch: pytest.MonkeyPatch, step: str, *, after: bool
) -> None:
    killed_at(told, monkeypatch, step, after=after)


def killed_at(story: Story, monkeypatch: pytest.MonkeyPatch, step: str, *, after: bool) -> None:
    before = Before.of(story, BO, words=False)
    owner, name, calls = STEPS[step]
    plain, counted = getattr(owner, name), [calls]

    def dying(*asked: Any, **more: Any) -> Any:
        counted[0] -= 1
        if counted[0] == -1 and not after:
            raise Died
        done = plain(*asked, **more)
        if counted[0] == -1:
            raise Died
        return done

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, dying)
        with pytest.raises(Died):
            forget(story.house, story.logs, BO, "Lee")
    again(story, before)


def again(story: Story, before: Before) -> None:
    """Come back as another process, do it once more, and check that all is well."""
    story.house.close()
    settings = story.house.settings
    with closing(House.open(settings, clock=story.clock)) as house:
        story.house, story.logs = house, Logs(house)
        with suppress(Unknown):  # they are gone already
            forget(house, story.logs, before.meant.name, "Lee")
        story.logs.publish()
        check_gone(story, before)
        assert not (settings.data / "erasing").exists()


@pytest.mark.slow
def test_a_process_that_is_killed_anywhere_leaves_what_can_be_done_again(
    told: Story, tmp_path: Path
) -> None:
    before, chance, outcomes = Before.of(told, BO, words=False), Random(3), set()
    told.house.close()
    shutil.copytree(told.house.settings.data, tmp_path / "template")
    for _ in range(60):
        shutil.rmtree(told.house.settings.data)
        shutil.copytree(tmp_path / "template", told.house.settings.data)
        other = process(ERASING, told)
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        with suppress(subprocess.TimeoutExpired):
            other.wait(chance.uniform(0, 0.6))
        other.kill()
        other.communicate()
        outcomes.add(other.returncode)
        again(told, before)
    assert -signal.SIGKILL in outcomes


def test_an_erasure_that_was_cut_short_is_ended_whoever_is_asked_for_next(
    told: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Before.of(told, BO, words=False)
    with monkeypatch.context() as patch:
        patch.setattr(module, "compact", lambda _engine: (_ for _ in ()).throw(Died))
        with pytest.raises(Died):
            forget(told.house, told.logs, BO, "Lee")
    assert traces(told, before), "what was deleted is still in the file"
    with pytest.raises(Unknown):
        person(told.house, "whoever it is")
    told.logs.publish()
    check_gone(told, before)
