"""The story: what it says is so, and it breaks off where the platform is not as it must be."""

import csv
import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from shlex import split

import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from assent.acts.audit import audit
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.programs import propose, suspend
from assent.acts.publish import accept_terms, publish_default
from assent.acts.rebuild import as_of, findings
from assent.acts.receipts import receipt
from assent.acts.say import About, choose, grant
from assent.catalogue import tables
from assent.catalogue.cases import waits
from assent.catalogue.events import Event, replay
from assent.catalogue.facts import FactReader
from assent.demo.cast import NO_AI, PROGRAM, PROGRAM_ID, SAYS_NOTHING, SAYS_YES, THIEF
from assent.demo.line import Kind, Line
from assent.demo.story import CHAPTERS, fresh_folder, tell
from assent.errors import BadInput, NotPermitted, StorageFailed, Unknown
from assent.log.receipt import Verdict, check_receipt
from assent.permission.decide import word_of
from assent.permission.presets import Preset
from assent.permission.reasons import Kind as Why
from assent.permission.uses import CONSENT_ONLY, parse_uses
from assent.settings import Settings
from assent.training.verify import verify
from tests.demo.stories import Told, artists_of, tell_on

RIVAL = parse_uses(["partner/train-rival"])
CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "music"


@pytest.fixture
def house(told: Told) -> Iterator[House]:
    house = House.open(Settings(data=told.outcome.folder))
    yield house
    house.close()


def titles(house: House) -> dict[str, str]:
    with house.reading() as connection:
        columns = tables.recordings.c
        rows = connection.execute(select(columns.title, columns.id).order_by(columns.number))
        return {row.title: row.id for row in rows}


def in_manifest(folder: Path) -> list[str]:
    return list(pq.read_table(folder / "manifest.parquet")["title"].to_pylist())


STOLEN = "Mine alone"


def theirs(told: Told, artist: str) -> list[str]:
    return [title for title, whose in artists_of(told.outcome.folder).items() if whose == artist]


def events(house: House, kind: str) -> list[Event]:
    with house.reading() as connection:
        return [event for event in replay(connection) if event.kind == kind]


def test_the_story_is_told_to_its_end(told: Told) -> None:
    assert told.outcome.holds
    assert told.outcome.broken == ""
    assert Kind.BROKEN not in told.kinds()
    headings = [line.text for line in told.lines if line.kind is Kind.HEADING]
    assert len(headings) == len(CHAPTERS) + 1
    assert all(told.under(chapter.title) for chapter in CHAPTERS)


def test_the_first_set_holds_the_first_artists_own_tracks_byte_for_byte(
    told: Told, short_music: Path
) -> None:
    alone = theirs(told, SAYS_YES)[:2]
    first, second = told.outcome.sets
    assert in_manifest(first) == alone
    assert in_manifest(second) == alone[1:]
    for folder, members in ((first, alone), (second, alone[1:])):
        wanted = {sha256(path.read_bytes()).hexdigest() for path in short_music.iterdir()
                  if path.stem in members}  # fmt: skip
        with tarfile.open(folder / "shard-000000.tar") as shard:
            files = [shard.extractfile(m) for m in shard if not m.name.endswith(".json")]
            held = {sha256(file.read()).hexdigest() for file in files if file is not None}
        assert held == wanted
        assert verify(folder).holds


def test_afterwards_the_program_may_use_one_track_alone(told: Told, house: House) -> None:
    ids = titles(house)
    taken, kept, shared = (ids[title] for title in theirs(told, SAYS_YES))
    permitted = house.gate.snapshot.permitted(PROGRAM_ID)
    assert [f"r{number}" for number in permitted.numbers] == [kept]
    assert permitted.of == len(ids) == 10  # nine that were brought, and the thief's
    answers = {r: house.gate.explain(PROGRAM_ID, r) for r in ids.values()}
    assert [r for r, answer in answers.items() if answer.allowed] == [kept]
    assert [(why.kind, why.name) for why in answers[taken].reasons] == [(Why.NOT_GRANTED, SAYS_YES)]
    assert [(w.kind, w.name) for w in answers[shared].reasons] == [(Why.NOT_GRANTED, SAYS_NOTHING)]
    for title in theirs(told, NO_AI):
        kinds = {why.kind for why in answers[ids[title]].reasons}
        assert kinds == {Why.REFUSED, Why.NOT_GRANTED}
    token = house.gate.token(PROGRAM_ID)
    with pytest.raises(NotPermitted):
        house.gate.open(token, taken)


def test_the_wider_terms_opened_no_generative_use_for_anybody(told: Told, house: House) -> None:
    ids = {title: r for title, r in titles(house).items() if title != STOLEN}
    assert len(ids) == 9
    published = events(house, "terms.publish")
    assert len(published) == 2
    at = datetime(2040, 1, 1, tzinfo=UTC)

    def words(until: int) -> dict[str, int]:
        with as_of(house, until) as connection:
            reader = FactReader(connection)
            return {title: word_of(reader.facts(r, None, at)) for title, r in ids.items()}

    accepted = [
        event
        for event in events(house, "terms.accept")
        if event.number > published[1].number and event.by != THIEF
    ]
    before, after = words(published[1].number - 1), words(published[1].number)
    assert before == after
    assert len(accepted) == 1
    clicked = words(accepted[0].number)
    assert {title for title in ids if clicked[title] != after[title]} == set(
        theirs(told, SAYS_NOTHING)
    )
    assert not any(word & CONSENT_ONLY for word in clicked.values())


def test_every_use_is_on_record_and_the_books_are_in_order(told: Told, house: House) -> None:
    ids = titles(house)
    # two programs have looked, the partner's and the platform's own; of any other there is no place
    counted: dict[str, dict[str, int]] = {PROGRAM_ID: {}, "identify": {}}
    for event in events(house, "use"):
        of = counted[event.body["program"]]
        for recording, count, _ in event.body["counts"]:
            of[recording] = of.get(recording, 0) + count
    # each by the first build and the loader; one by the gate, the other by the second build
    assert counted[PROGRAM_ID] == {ids[title]: 3 for title in theirs(told, SAYS_YES)[:2]}
    # each when it came, and the thief's original once more, to look closer
    looks = dict.fromkeys(ids.values(), 1)
    (stolen,) = [event.body for event in events(house, "copy.suspect")]
    assert counted["identify"].pop(stolen["original"]) > looks.pop(stolen["original"])
    assert counted["identify"] == looks
    assert findings(house) == []


def test_nobody_but_the_cast_has_said_anything(told: Told, house: House) -> None:
    with house.reading() as connection:
        names = set(connection.execute(select(tables.accounts.c.name)).scalars())
    assert names == {SAYS_YES, NO_AI, SAYS_NOTHING, "Saltgrass Records", THIEF}
    said = [(event.by, event.body["preset"]) for event in events(house, "statement")]
    assert said == [
        (NO_AI, Preset.NO_AI.value),
        (SAYS_YES, None),
        (SAYS_YES, None),
        (THIEF, None),
    ]


def test_the_stolen_recording_follows_its_original_and_waits(told: Told, house: House) -> None:
    ids = titles(house)
    (case,) = [event.body for event in events(house, "copy.suspect")]
    assert case["recording"] == ids[STOLEN]
    assert case["original"] in {ids[title] for title in theirs(told, NO_AI)}
    assert case["evidence"][0]["finding"] == "the samples agree"
    with house.reading() as connection:
        assert waits(connection, ids[STOLEN])
        reader, at = FactReader(connection), house.clock()
        words = [word_of(reader.facts(case[of], None, at)) for of in ("recording", "original")]
    assert not words[0] & ~words[1]
    assert not words[0] & CONSENT_ONLY


def test_its_last_commands_open_the_shared_track(told: Told, house: House) -> None:
    commands = [split(line.text) for line in told.lines if line.kind is Kind.COMMAND]
    assert all(command[0] == "assent" for command in commands)
    asked, said = commands[0], commands[1]
    recording = titles(house)[theirs(told, SAYS_YES)[2]]
    assert asked[3:] == ["may", recording, "--program", PROGRAM_ID]
    assert not house.gate.explain(PROGRAM_ID, recording).allowed
    holder, use = said[said.index("--artist") + 1], said[said.index("--use") + 1]
    event = grant(house, About(holder=holder, program=PROGRAM_ID), parse_uses([use]))
    house.gate.snapshot.refresh()
    assert house.gate.explain(PROGRAM_ID, recording).allowed
    choose(house, holder, Preset.OWN)  # for the tests that come after
    assert event.body["holder"] is not None
    house.gate.snapshot.refresh()
    assert not house.gate.explain(PROGRAM_ID, recording).allowed


def silent_one_says_yes(house: House) -> None:
    grant(house, About(holder=SAYS_NOTHING, program=PROGRAM_ID), RIVAL)


def silent_one_refuses(house: House) -> None:
    choose(house, SAYS_NOTHING, Preset.NO_AI)


def yes_to_everybody(house: House) -> None:
    grant(house, About(holder=NO_AI), RIVAL, all_programs=True)


def yes_again(house: House) -> None:
    grant(house, About(holder=SAYS_YES, program=PROGRAM_ID), RIVAL)
    with house.reading() as connection:
        taken = connection.execute(select(tables.recordings.c.id).limit(1)).scalar_one()
    grant(house, About(holder=SAYS_YES, recording=taken, program=PROGRAM_ID), RIVAL)


def everybody_accepts(house: House) -> None:
    for name in (SAYS_YES, NO_AI, SAYS_NOTHING):
        accept_terms(house, name, None, name)


def somebody_doctors_a_table(house: House) -> None:
    with house.act("intruder") as act:
        act.connection.exec_driver_sql("UPDATE statements SET grants = 0")


@pytest.mark.parametrize(
    ("at", "intruder", "broken"),
    [
        ("The rules of the house", publish_default, "no terms were in force"),
        ("Ilse Marrowby says nothing", yes_to_everybody, "may still use nothing"),
        (
            "Somebody would like to train on it",
            lambda house: propose(house, PROGRAM, "intruder"),
            "there is a program 'nightjar-rival' already",
        ),
        (
            "It asks for 1 use: a partner may train any other generative model.",
            silent_one_says_yes,
            "an approved program may still use nothing",
        ),
        ("The training set", silent_one_says_yes, "the set holds exactly"),
        ("The training set", silent_one_refuses, "is closed for the reason in the story"),
        ("The training set", lambda house: suspend(house, PROGRAM_ID, "x"), "is suspended"),
        ("Asking all the same", yes_to_everybody, "the gate refuses"),
        ("Asking all the same", lambda house: suspend(house, PROGRAM_ID, "x"), "may use what"),
        ("A yes taken back", lambda house: suspend(house, PROGRAM_ID, "x"), "may use what"),
        ("Wrenna Oake takes", yes_again, "passes over what was taken back"),
        ("The weeks go by", everybody_accepts, "a text that nobody accepted"),
        ("The books", somebody_doctors_a_table, "the platform is in order"),
    ],
)
def test_the_story_breaks_off_where_the_platform_is_not_as_it_must_be(
    short_music: Path,
    tmp_path: Path,
    at: str,
    intruder: Callable[[House], object],
    broken: str,
) -> None:
    told = tell_on(short_music, tmp_path / "platform", at, intruder)
    assert not told.outcome.holds
    assert broken in told.outcome.broken
    assert told.lines[-1].kind is Kind.BROKEN
    assert told.outcome.broken in told.lines[-1].text
    assert told.kinds().count(Kind.BROKEN) == 1


def test_composed_music_needs_nothing_beside_it(tmp_path: Path) -> None:
    lines: list[Line] = []
    outcome = tell(tmp_path / "new" / "platform", say=lines.append, longest_s=2)
    assert outcome.holds
    assert "learnt from nobody" in lines[1].text
    assert in_manifest(outcome.sets[0]) == ["Paper Lanterns", "Slow Ferry"]
    assert len(list((outcome.folder / "story" / "music").iterdir())) == 9


@pytest.mark.skipif(  # not ours to copy in; composed music tells the same story above
    not CORPUS.is_dir(), reason="the corpus of real music is not beside the project"
)
def test_real_music_stands_under_invented_names(tmp_path: Path) -> None:
    told = tell_on(CORPUS, tmp_path / "platform")
    assert told.outcome.holds
    assert "invented" in told.lines[1].text
    with (CORPUS / "index.csv").open(newline="") as file:
        real = {row["artist"] for row in csv.DictReader(file)} - {""}
    assert real
    assert not [name for name in real if name in told.text]
    house = House.open(Settings(data=told.outcome.folder))
    with house.reading() as connection:
        for table in (tables.accounts, tables.artists):
            assert not real & set(connection.execute(select(table.c.name)).scalars())
        licences = set(connection.execute(select(tables.recordings.c.licence)).scalars())
    house.close()
    assert len(theirs(told, SAYS_YES)) == 3
    assert licences
    assert "" not in licences


def test_a_file_that_is_no_music_after_all_ends_the_story(tmp_path: Path) -> None:
    folder = tmp_path / "platform"

    def say(line: Line) -> None:
        if line.text.endswith("bring their music"):
            (folder / "story" / "music" / "second-shift.opus").write_bytes(b"not music")

    outcome = tell(folder, say=say, longest_s=1)
    assert "second-shift.opus can be taken in" in outcome.broken
    assert outcome.sets == ()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(BadInput, match="not empty"):
        tell(tmp_path, say=lambda line: None)
    with pytest.raises(BadInput, match="not empty"):
        tell(tmp_path / "thesis.txt", say=lambda line: None)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed):
        tell(tmp_path / "file" / "platform", say=lambda line: None, longest_s=1)


def test_music_that_is_not_enough_is_said_before_anything_is_made(
    tmp_path: Path, short_music: Path
) -> None:
    with pytest.raises(Unknown, match="no folder"):
        tell(tmp_path / "p", music=tmp_path / "nowhere", say=lambda line: None)
    few = tmp_path / "few"
    few.mkdir()
    for path in sorted(short_music.iterdir())[:3]:
        (few / path.name).write_bytes(path.read_bytes())
        (few / f"again-{path.name}").write_bytes(path.read_bytes())
    (few / "notes.txt").write_text("not music")
    (few / "index.csv").write_bytes(b"\xff\xfe not text")
    with pytest.raises(BadInput, match="has 3 that can be played"):
        tell(tmp_path / "p", music=few, say=lambda line: None)
    assert not (tmp_path / "p").exists()


def test_a_fresh_folder_is_empty() -> None:
    folder = fresh_folder()
    assert list(folder.iterdir()) == []
    folder.rmdir()


def test_the_receipts_of_the_story_hold_and_say_whose_yes_it_was(told: Told, house: House) -> None:
    logs = Logs(house)
    policy = logs.policy()
    yes = next(event for event in events(house, "statement") if event.body["grants"])
    checked = check_receipt(receipt(house, logs.consent, yes.number), policy)
    assert checked.verdict is Verdict.VALID
    assert checked.shown == {"by": SAYS_YES}
    assert any("one letter of it changed: invalid" in line.text for line in told.lines)
    assert list(audit(house, logs)) == []
