"""The live answer is the catalogue's, whatever happened and whoever wrote it down."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assent.acts.accounts import Role, open_account
from assent.acts.copies import declare_copy
from assent.acts.expire import expire
from assent.acts.hold import hold, release
from assent.acts.holders import parse_share, set_holders
from assent.acts.house import House
from assent.acts.programs import end, resume, suspend
from assent.acts.publish import accept_terms, make_agreement
from assent.acts.rebuild import differences, findings, rebuild
from assent.acts.say import About, choose, grant, lift, refuse, withdraw
from assent.catalogue.engine import reading
from assent.catalogue.facts import FactReader
from assent.catalogue.rows import read_program
from assent.errors import AssentError, NotPermitted, Stale, Unknown
from assent.gate.snapshot import Snapshot
from assent.gate.word_file import WordFile
from assent.permission.decide import decide
from assent.permission.presets import Preset
from assent.permission.uses import parse_uses
from tests.houses import RIVAL, Clock, add, add_program, agreement_toml, platform, publish_at_last

TOOL = parse_uses(["partner/train-tool"])
ASKED = parse_uses(["partner/train-rival", "partner/analyse"])
ARTISTS = ("Ada Quill", "Bo Tarn", "Cy Vane")
PROGRAMS = ("rival-train", "german")
TERMS = """
id = "terms-{n}"
title = "Terms"
[[clause]]
id = "all"
text = "Sentence."
status = "{status}"
uses = ["partner/*", "platform/*"]
"""

Deed = Callable[[House, Clock], object]


def deeds() -> st.SearchStrategy[Deed]:
    """Give any act, by anybody, about anything."""
    artists, programs = st.sampled_from(ARTISTS), st.sampled_from(PROGRAMS)
    recordings = st.sampled_from([f"r{n}" for n in range(5)])
    uses = st.sampled_from([RIVAL, ASKED, TOOL, ASKED | TOOL])
    about = st.builds(
        About, holder=artists, recording=st.none() | recordings, program=st.none() | programs
    )
    days = st.none() | st.integers(1, 5)
    verbs = st.sampled_from([refuse, withdraw, lift])
    return st.one_of(
        st.builds(_grant, about, uses, days, days),
        st.builds(lambda verb, a, u: lambda house, _: verb(house, a, u), verbs, about, uses),
        st.builds(
            lambda a, p: lambda house, _: choose(house, a, p), artists, st.sampled_from(Preset)
        ),
        st.builds(
            lambda r, u: lambda house, _: hold(house, r, u, "dispute", "desk"), recordings, uses
        ),
        st.builds(lambda n: lambda house, _: release(house, n, "desk"), st.integers(40, 60)),
        st.builds(
            lambda r, o: lambda house, _: declare_copy(house, r, o, "desk"),
            recordings,
            st.none() | recordings,
        ),
        st.builds(lambda a: lambda house, _: accept_terms(house, a, None, a), artists),
        st.builds(_publish, st.sampled_from(["granted", "opt_out", "opt_in", "barred"])),
        st.builds(
            _share,
            recordings,
            st.lists(artists, min_size=1, max_size=3, unique=True),
            st.sampled_from(["world", "DE", "DE FR"]),
        ),
        st.builds(
            lambda verb, p: lambda house, _: verb(house, p, "Kim"),
            st.sampled_from([suspend, resume, end]),
            programs,
        ),
        st.builds(lambda n: lambda _, clock: clock.turn(days=n), st.integers(1, 3)),
        st.just(lambda house, _: expire(house)),
    )


def _grant(about: About, uses: int, since: int | None, until: int | None) -> Deed:
    def do(house: House, clock: Clock) -> object:
        return grant(
            house,
            about,
            uses,
            all_programs=about.program is None,
            since=clock.at + timedelta(days=since) if since else None,
            until=clock.at + timedelta(days=until) if until else None,
        )

    return do


def _publish(status: str) -> Deed:
    def do(house: House, clock: Clock) -> object:
        name = f"{clock.at.timestamp():.3f}"
        return publish_at_last(house, TERMS.format(n=name, status=status))

    return do


def _share(recording: str, artists: list[str], places: str) -> Deed:
    shares = [parse_share(f"{name}={90 // len(artists)}%,owner,{places}") for name in artists]
    return lambda house, _: set_holders(house, recording, shares, "desk")


@pytest.fixture(scope="module")
def populated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with three artists, a label, five recordings and two programs."""
    folder = tmp_path_factory.mktemp("populated")
    with platform(folder / "data") as house:
        for artist in ARTISTS:
            add(house, folder, artist)
        make_agreement(house, agreement_toml(), "desk")
        add(house, folder, "The Lamps", agreement="lantern-1")
        shares = tuple(parse_share(f"{name}=50%") for name in ARTISTS[:2])
        add(house, folder, "Ada Quill", holders=shares)
        add_program(house)
        add_program(
            house, "german", activities='"train-rival", "analyse"', extra='territories = ["DE"]'
        )
    return folder / "data"


def answers_of_the_catalogue(house: House, clock: Clock) -> dict[tuple[str, str], bool]:
    with reading(house.engine) as connection:
        reader = FactReader(connection)
        answers = {}
        for name in PROGRAMS:
            program = read_program(connection, name)
            assert program is not None
            for number in range(5):
                facts = reader.facts(f"r{number}", program, clock.at)
                answers[name, f"r{number}"] = decide(facts, program, clock.at).allowed
        return answers


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(deeds(), min_size=1, max_size=3), min_size=1, max_size=6))
def test_after_any_history_point_bulk_and_catalogue_agree(
    populated: Path, tmp_path_factory: pytest.TempPathFactory, history: list[list[Deed]]
) -> None:
    folder = tmp_path_factory.mktemp("history") / "data"
    shutil.copytree(populated, folder, ignore=shutil.ignore_patterns("snapshot"))
    clock = Clock()
    clock.turn(days=1)
    with platform(folder, clock) as house:
        follower = Snapshot(house.engine, house.settings.snapshot, clock)
        for some in history:
            for deed in some:
                with suppress(AssentError):  # what makes no sense here must change nothing
                    deed(house, clock)
            expected = answers_of_the_catalogue(house, clock)
            for snapshot in (house.gate.snapshot, follower):
                snapshot.refresh()
                live = {key: snapshot.allows(*key) for key in expected}
                assert live == expected
                for name in PROGRAMS:
                    permitted = snapshot.permitted(name)
                    bulk = {f"r{number}" for number in permitted.numbers}
                    assert permitted.of == 5
                    assert bulk == {r for p, r in expected if p == name and expected[p, r]}
            explained = {key: house.gate.explain(*key).allowed for key in expected}
            assert explained == expected
        assert differences(house) == []
        follower.close()
    shutil.rmtree(folder.parent)


def test_the_file_of_words_is_made_anew_for_another_history(
    house: House, tmp_path: Path, clock: Clock
) -> None:
    one = add(house, tmp_path, "Ada Quill")
    add_program(house)
    house.gate.snapshot.refresh()
    house.engine.dispose()
    backup = tmp_path / "backup"
    shutil.copytree(house.settings.data, backup)
    grant(house, About(holder="Ada Quill", program="rival-train"), RIVAL)
    grant(house, About(holder="Ada Quill"), RIVAL, all_programs=True)
    assert house.gate.snapshot.permitted("rival-train").numbers.tolist() == [0]
    house.close()
    for name in ("catalogue.sqlite", "catalogue.sqlite-wal", "catalogue.sqlite-shm"):
        (house.settings.data / name).unlink(missing_ok=True)
        if (backup / name).exists():
            shutil.copy(backup / name, house.settings.data / name)

    # as many events as before, but others: nobody has granted anything in this history
    with platform(house.settings.data, clock) as restored:
        with restored.act("desk") as act:
            open_account(act, "Bo Tarn", Role.ARTIST)
        assert not restored.gate.snapshot.allows("rival-train", one)
        assert restored.gate.snapshot.permitted("rival-train").numbers.tolist() == []


def test_the_same_process_notices_an_older_catalogue(house: House, tmp_path: Path) -> None:
    one = add(house, tmp_path, "Ada Quill")
    add_program(house)
    grant(house, About(holder="Ada Quill", program="rival-train"), RIVAL)
    house.gate.snapshot.refresh()
    assert house.gate.snapshot.allows("rival-train", one)
    with platform(tmp_path / "fresh") as other:
        add(other, tmp_path, "Ada Quill")
        add_program(other)
        house.gate.snapshot._engine = other.engine
        house.gate.snapshot.refresh()
        assert not house.gate.snapshot.allows("rival-train", one)


def test_no_catalogue_no_answer(house: House, tmp_path: Path) -> None:
    one = add(house, tmp_path, "Ada Quill")
    add_program(house)
    house.gate.snapshot.refresh()
    house.engine.dispose()
    house.settings.data.joinpath("catalogue.sqlite").write_bytes(b"no database any more")
    for leftover in house.settings.data.glob("catalogue.sqlite-*"):
        leftover.unlink()
    with pytest.raises(Stale):
        house.gate.snapshot.refresh()
    house.gate.snapshot._looked_s = float("-inf")
    with pytest.raises(Stale):
        house.gate.snapshot.allows("rival-train", one)


def test_the_file_grows_under_those_who_have_it_mapped(tmp_path: Path) -> None:
    writer, reader = WordFile(tmp_path), WordFile(tmp_path)
    with writer.writing():
        writer.write([(5, 7)], 6, 1, 11)
    assert (reader.words[5], reader.count, reader.head, reader.mark) == (7, 6, 1, 11)
    with writer.writing():
        writer.write([(1 << 17, 9)], (1 << 17) + 1, 2, 12)
    reader.follow()
    assert (reader.words[5], reader.words[1 << 17], reader.head) == (7, 9, 2)
    with reader.all_words() as words:
        assert len(words) == (1 << 17) + 1
    writer.close()
    reader.close()


def test_a_file_that_is_no_file_of_words_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "words").write_bytes(b"something else")
    file = WordFile(tmp_path)
    assert (file.head, file.count) == (0, 0)
    file.close()


def test_programs_and_words_of_two_heads_never_come_to_a_yes(
    house: House, tmp_path: Path, clock: Clock
) -> None:
    one = add(house, tmp_path, "Ada Quill")
    add_program(house)
    other = House.open(house.settings, clock=clock)
    token = other.gate.token("rival-train")
    assert not other.gate.snapshot.allows("rival-train", one)
    # at every event of this the answer is no; only old programs with new words would say yes
    suspend(house, "rival-train", "Kim")
    grant(house, About(holder="Ada Quill"), RIVAL, all_programs=True)
    house.gate.snapshot.refresh()
    assert not other.gate.snapshot.allows("rival-train", one)
    with pytest.raises(NotPermitted):
        other.gate.open(token, one)
    other.close()


def test_a_writer_that_died_in_the_middle_leaves_no_answer_behind(
    house: House, tmp_path: Path
) -> None:
    one = add(house, tmp_path, "Ada Quill")
    add_program(house)
    assert not house.gate.snapshot.allows("rival-train", one)
    file = house.gate.snapshot._file
    file._front[7] = 1
    file.words[0] = (1 << 60) - 1
    with house.act("desk") as act:
        open_account(act, "Bo Tarn", Role.ARTIST)
    assert not file.is_at(file.head)
    assert house.gate.snapshot.permitted("rival-train").of == 1
    assert file.is_at(house.gate.snapshot.head)


def test_a_damaged_snapshot_opens_no_audio_and_is_mended(house: House, tmp_path: Path) -> None:
    one = add(house, tmp_path, "Ada Quill")
    add_program(house)
    token = house.gate.token("rival-train")
    house.gate.snapshot.refresh()
    house.gate.snapshot._file.words[0] = (1 << 60) - 1
    with pytest.raises(NotPermitted):
        house.gate.open(token, one)
    assert findings(house) == ["the snapshot was not what the catalogue says; it is made anew"]
    assert findings(house) == []
    assert house.gate.snapshot.permitted("rival-train").numbers.tolist() == []
    house.gate.snapshot._file.words[0] = (1 << 60) - 1
    rebuild(house)
    assert house.gate.snapshot.permitted("rival-train").numbers.tolist() == []


def test_what_was_brought_or_proposed_a_moment_ago_is_known_at_once(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = house.gate.snapshot
    snapshot.refresh()
    monkeypatch.setattr("assent.gate.snapshot.FRESH_S", 3600.0)  # it looks by itself no more
    for number in range(3):
        program = add_program(house, f"late-{number}")
        assert snapshot.program(program).id == program
        recording = add(house, tmp_path, "Ada Quill")
        assert snapshot.allows(program, recording) is False
    with pytest.raises(Unknown):
        snapshot.allows("late-0", "r3")
